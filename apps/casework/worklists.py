"""Work-lists: create, count answers, close.

The app that owns the questions passes their number. It locks the lists before any change.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from apps.casework.models import Worklist
from apps.common import sql


@dataclass(frozen=True)
class WantedList:
    """A required list: questions of a kind about a region, with a due date."""

    kind: str
    region: str
    due_date: date


def open_lists(*, subject: str, wanted: Collection[WantedList], now: datetime) -> int:
    """Create the lists that do not exist; existing ones are not changed. Returns how many were
    made.

    Queries: one, or none.
    """
    if not wanted:
        return 0
    return int(
        sql.scalar(
            "casework/open_worklists",
            {
                "subject": subject,
                "kinds": [one.kind for one in wanted],
                "regions": [one.region for one in wanted],
                "due": [one.due_date for one in wanted],
                "now": now,
            },
            rows=len(wanted),
        )
    )


def lock(ids: Collection[int]) -> None:
    """Lock these lists until the end of the transaction, so that answers are counted one by one."""
    list(Worklist.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))


def close(ids: Collection[int], now: datetime) -> None:
    """Close these lists though not all is answered: nobody asks any more. The caller holds them."""
    Worklist.objects.filter(pk__in=ids, closed_at__isnull=True).update(closed_at=now)


def count(counts: Mapping[int, tuple[int, int]], now: datetime) -> None:
    """Set (questions, answered) of these lists; close finished ones, reopen unfinished ones.

    Queries: one, or none. The caller has locked the lists before it counted.
    """
    if not counts:
        return
    sql.run(
        "casework/count_worklists",
        {
            "ids": list(counts),
            "totals": [total for total, _done in counts.values()],
            "done": [done for _total, done in counts.values()],
            "now": now,
        },
        rows=len(counts),
    )
