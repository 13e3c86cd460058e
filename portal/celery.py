"""The queue. Three queues: `interactive` for one row that somebody waits for, `batches` for the
rest, `rounds` for what must not wait behind either: the sealer, the anchors and the sweeper.

A lost message loses nothing: the sweeper sends one again for each job that waits.
"""

import os
import sys
from datetime import timedelta
from pathlib import PurePath

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
# The package imports this module, whoever serves: only Celery's own processes are workers.
if "celery" in PurePath(sys.argv[0]).parts:
    os.environ.setdefault("PORTAL_DATABASE_ROLE", "worker")

from typing import Any  # noqa: E402 (after the environment)

from celery import Celery  # noqa: E402 (after the environment)
from celery.schedules import crontab  # noqa: E402 (after the environment)
from celery.signals import (  # noqa: E402 (after the environment)
    beat_init,
    celeryd_init,
    task_success,
)

app = Celery("portal")
# lazily, since the settings import this package
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# Each has a worker of its own (bin/run), which gives a sign of life.
QUEUES = ("interactive", "batches", "rounds")
# Rounds whose last success is told, too.
ROUNDS = {"apps.audit.tasks.seal": "seal", "apps.audit.tasks.anchor": "anchor"}

# A beat that was away rings once, not once for every missed turn.
ONCE = {"queue": "interactive", "expires": 10}
ROUND = {"queue": "rounds", "expires": 10}
app.conf.beat_scheduler = "portal.clock:Clock"
app.conf.beat_schedule = {
    f"sign-{queue}": {
        "task": "portal.tasks.give_sign",
        "schedule": timedelta(seconds=20),
        "kwargs": {"queue": queue},
        "options": {"queue": queue, "expires": 20},
    }
    for queue in QUEUES
} | {
    "sweep": {"task": "portal.tasks.sweep", "schedule": timedelta(seconds=10), "options": ROUND},
    "hourly": {
        "task": "portal.tasks.hourly",
        "schedule": crontab(minute=5),
        "options": {"queue": "interactive", "expires": 1800},
    },
    "seal": {"task": "apps.audit.tasks.seal", "schedule": timedelta(seconds=10), "options": ROUND},
    # behind the batches, for nobody waits for it
    "tidy": {
        "task": "portal.tasks.tidy",
        "schedule": timedelta(hours=1),
        "options": {"queue": "batches", "expires": 3600},
    },
    "anchor": {
        "task": "apps.audit.tasks.anchor",
        "schedule": timedelta(minutes=10),
        "options": ROUND,
    },
    # what was endorsed meanwhile is known to the civil register before Pusdatin looks at it
    "ask_civil": {
        "task": "apps.proposals.tasks.ask_civil",
        "schedule": timedelta(minutes=3),
        "options": ONCE,
    },
    # who was decreed may stand in the register already
    "compare_after_decrees": {
        "task": "apps.reconciliation.tasks.compare_after_decrees",
        "schedule": timedelta(minutes=5),
        "options": ONCE,
    },
    "sweep_uploads": {
        "task": "apps.proposals.tasks.sweep_uploads",
        "schedule": timedelta(hours=1),
        "options": ONCE,
    },
}


@task_success.connect
def _note_round(sender: Any = None, **_: Any) -> None:
    """A round of the trail that succeeded is a sign of life, which its own app knows nothing of."""
    if (name := ROUNDS.get(getattr(sender, "name", ""))) is not None:
        from apps.jobs import heartbeats  # noqa: PLC0415 (needs a ready registry)

        heartbeats.record_heartbeat(name)


@celeryd_init.connect
def _worker_starts(**_: object) -> None:
    from portal import startup  # noqa: PLC0415 (needs the settings, which import this package)

    startup.check_settings("worker")
    startup.check_role("worker")


@beat_init.connect
def _beat_starts(**_: object) -> None:
    from portal import startup  # noqa: PLC0415 (needs the settings, which import this package)

    startup.check_settings("worker")
    startup.check_role("worker", uses_database=False)
