"""Jobs that wait too long: unclaimed, with a lost message, or in a queue without a worker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from apps.common import sql
from apps.common.locks import Lock
from apps.jobs import messages
from apps.jobs.models import STALE_AFTER

# The sweeper sends a message for a waiting job every 20 s; a longer wait than this is a fault.
ALARM_AFTER: Final = timedelta(minutes=5)


@dataclass(frozen=True)
class Unclaimed:
    """A job without a worker, and since when."""

    job: int
    label: Any
    queue: str
    since: datetime
    is_overdue: bool


@dataclass(frozen=True)
class Waits:
    """The jobs that wait for a worker, oldest first."""

    jobs: tuple[Unclaimed, ...]
    now: datetime

    @property
    def overdue(self) -> tuple[Unclaimed, ...]:
        return tuple(one for one in self.jobs if one.is_overdue)

    @property
    def oldest(self) -> Unclaimed | None:
        return self.jobs[0] if self.jobs else None

    def brief(self) -> dict[str, Any]:
        """The same for monitoring: numbers, no names."""
        oldest = self.oldest
        return {
            "waiting": len(self.jobs),
            "overdue": len(self.overdue),
            "oldest_s": int((self.now - oldest.since).total_seconds()) if oldest else 0,
            "oldest_kind": str(oldest.label) if oldest else "",
            "oldest_queue": oldest.queue if oldest else "",
            "alarm": bool(self.overdue),
        }


def waits(
    *, now: datetime, ask: Callable[[str, dict[str, Any]], list[tuple[Any, ...]]] | None = None
) -> Waits:
    """`ask` runs the statement on another connection than that of the page. Queries: one."""
    params = {"lock": Lock.JOB.value, "silent": now - STALE_AFTER}
    statement = "jobs/find_unclaimed"
    rows = ask(sql.text(statement), params) if ask else sql.run(statement, params)
    found = tuple(
        Unclaimed(pk, messages.label_of(kind), queue, since, since < now - ALARM_AFTER)
        for pk, kind, queue, since in rows
    )
    return Waits(found, now)
