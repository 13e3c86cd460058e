"""The queue and the schedule. Five queues: `interactive` for one row that a user waits for,
`batches` for other work, `rounds` for work that must not wait behind either: the sealer, the
anchors and the sweeper. `hazards` is from a feed to the alarm on the board; its worker has threads,
so that a source that does not answer holds only its own feed. `relief` is what operators of the
command centre wait for: plans and the files of offices. It is apart from `hazards`, because a
solver that computes holds the threads beside it, and has two processes.

A lost message loses no work: the sweeper sends one again for each waiting job.
"""

import os
import sys
from datetime import timedelta
from pathlib import PurePath

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
# Every process imports this module through the package; only Celery's own processes are workers.
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

from portal.queues import QUEUES  # noqa: E402 (after the environment)

app = Celery("portal")
# lazily, because the settings import this package
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# Rounds whose last success is also reported.
ROUNDS = {"portal.tasks.seal": "seal", "portal.tasks.anchor": "anchor"}


def _entry(
    name: str, schedule: timedelta | crontab, queue: str, expires_s: int = 10, **more: Any
) -> dict[str, Any]:
    """An entry for one function of `portal.tasks`. A message that no worker took in time is
    dropped: after an outage of beat one message is sent, not one for each missed turn.
    """
    return {
        "task": f"portal.tasks.{name}",
        "schedule": schedule,
        "options": {"queue": queue, "expires": expires_s},
        **more,
    }


app.conf.beat_scheduler = "portal.clock:Clock"
# All periodic work. It has no jobs; for long work it enqueues a job.
app.conf.beat_schedule = {
    **{
        f"heartbeat-{queue}": _entry(
            "store_heartbeat", timedelta(seconds=20), queue, 20, kwargs={"queue": queue}
        )
        for queue in QUEUES
    },
    "sweep": _entry("sweep", timedelta(seconds=10), "rounds"),
    "seal": _entry("seal", timedelta(seconds=10), "rounds"),
    "watch_canaries": _entry("watch_canaries", timedelta(seconds=20), "rounds", 20),
    # a house is on no map for longer than this because two files came at the same moment
    "judge_places": _entry("judge_places", timedelta(seconds=10), "rounds"),
    "anchor": _entry("anchor", timedelta(minutes=10), "rounds"),
    "hourly": _entry("hourly", crontab(minute=5), "interactive", 1800),
    # behind the batches, because no user waits for it
    "tidy": _entry("tidy", timedelta(hours=1), "batches", 3600),
    # the civil register's answers are there before Pusdatin looks at the endorsed rows
    "ask_civil": _entry("ask_civil", timedelta(minutes=3), "interactive"),
    # a newly decreed person may be in the register already
    "compare_after_decrees": _entry("compare_after_decrees", timedelta(minutes=5), "interactive"),
    # each feed has its own interval; a new earthquake is seen soon after it is published
    "poll_feeds": _entry("poll_feeds", timedelta(seconds=10), "hazards"),
    # an alarm that nobody took on for five minutes goes to the duty
    "escalate_hazards": _entry("escalate_hazards", timedelta(seconds=15), "hazards"),
    # each service of figures has its own interval, mostly a day
    "ask_services": _entry("ask_services", timedelta(minutes=5), "batches", 300),
    # the pages rank by the islands of the boundaries in force, also before the first plan
    "refresh_places": _entry("refresh_places", timedelta(minutes=1), "batches", 60),
    "refresh_coverage": _entry("refresh_coverage", timedelta(minutes=1), "batches", 60),
    "refresh_measures": _entry("refresh_measures", timedelta(minutes=1), "batches", 60),
    # nobody waits for the first count of the country after a start, or after a quiet hour
    "refresh_map_counts": _entry("refresh_map_counts", timedelta(minutes=1), "batches", 60),
    "sweep_uploads": _entry("sweep_uploads", timedelta(hours=1), "interactive"),
}


@task_success.connect
def _note_round(sender: Any = None, **_: Any) -> None:
    """Record the heartbeat of a successful round of the trail; the audit app does not know
    heartbeats.
    """
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
