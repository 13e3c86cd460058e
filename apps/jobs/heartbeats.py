"""Heartbeats: whether workers, beat and the sealing round still run in the background.

Beat records its own heartbeat at each turn. The heartbeat of a queue is recorded by a task, so that
a worker that runs but receives no messages (it happens after a broker outage) counts as silent,
too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils import timezone

from apps.common import sql
from apps.common.locks import Lock
from apps.jobs.models import Heartbeat

BEAT: Final = "beat"
SEAL: Final = "seal"
ANCHOR: Final = "anchor"
# Not of a part that runs: a worker finds none of the newest files below its MEDIA_ROOT.
OTHER_MEDIA_ROOT: Final = "other_media_root"
QUEUE: Final = "queue:"
# Heartbeats come every 10 to 30 seconds, anchors every 10 minutes.
ALARM_AFTER: Final = timedelta(minutes=2)
ANCHOR_ALARM_AFTER: Final = timedelta(minutes=30)
PARAMS: Final = {"lock": Lock.JOB.value}


@dataclass(frozen=True)
class Silence:
    """How long one part has been silent; None: it never gave a heartbeat."""

    name: str
    seconds: int | None
    is_alarm: bool

    def as_json(self) -> dict[str, Any]:
        return {"silent_s": self.seconds, "alarm": self.is_alarm}


def of_queue(queue: str) -> str:
    return f"{QUEUE}{queue}"


def record_heartbeat(name: str) -> None:
    """Store the heartbeat of one part. Queries: one."""
    Heartbeat.objects.bulk_create(
        [Heartbeat(name=name, at=timezone.now())],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["at"],
    )


def statement() -> str:
    return sql.text("jobs/read_heartbeats")


def silences(names: Iterable[str], rows: Sequence[tuple[Any, ...]]) -> list[Silence]:
    """How long each of these parts has been silent, from the rows of the statement."""
    known: dict[str, tuple[datetime, datetime]] = {name: (at, now) for name, at, now in rows}
    return [_silence(name, known.get(name)) for name in names]


def is_recent(name: str, rows: Sequence[tuple[Any, ...]]) -> bool:
    """Whether this name was recorded within ALARM_AFTER, from the rows of the statement."""
    return any(one == name and now - at <= ALARM_AFTER for one, at, now in rows)


def _silence(name: str, last: tuple[datetime, datetime] | None) -> Silence:
    if last is None:
        return Silence(name, None, True)
    silent = max(last[1] - last[0], timedelta())
    limit = ANCHOR_ALARM_AFTER if name == ANCHOR else ALARM_AFTER
    return Silence(name, int(silent.total_seconds()), silent > limit)
