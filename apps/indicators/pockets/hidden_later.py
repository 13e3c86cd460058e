"""What the thematic maps hide after an edition of ours was computed: hidden in it, too, and with it
in its differences, cells, counts and lists, in the transaction that hides it in the maps.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.casework import worklists as lists
from apps.casework.models import Worklist
from apps.common import locks, sql
from apps.common.locks import Lock
from apps.indicators.models import PocketEdition
from apps.indicators.pockets import asked_pairs, coverage_sums
from apps.indicators.pockets.disclosure import SAME_NUMBERS
from apps.indicators.states import PROGRAMME


@dataclass
class Lost:
    """What of an edition is not said any more: villages, those among them that were pockets, the
    counted families of these, and cells.
    """

    unsaid: int = 0
    pockets: int = 0
    counted: int = 0
    cells: int = 0


def follow_maps(
    *, now: datetime, villages: Collection[str] | None = None, edition: PocketEdition | None = None
) -> int:
    """Hide in every edition of ours, or in one, what the thematic maps hide of villages.

    `villages` are those of which they hide more; without them all are compared. The counted
    families go with the numbers of which they tell (`disclosure._tells`), and with these whether a
    village is a pocket: its cells, and its difference unless BIG says that it is one. Returns the
    number of villages that changed. Locks: what is hidden, the lists that lose a village. Queries:
    six, one for each edition in which something is not said any more, five for the lists.
    Cost: see `follow_maps.sql`.
    """
    locks.hold(Lock.HIDDEN)
    pairs = [(table, column) for table, columns in SAME_NUMBERS.items() for column in columns]
    params = {
        "villages": None if villages is None else sorted(villages),
        "edition": edition.pk if edition is not None else None,
        "tables": [table for table, _ in pairs],
        "columns": [column for _, column in pairs],
        "programme": PROGRAMME,
    }
    changed = sql.run("indicators/pockets/follow_maps", params)
    if not changed:
        return 0
    pairs_changed = _columns((number, village) for number, village, *_more in changed)
    coverage_sums.mark_stale(set(pairs_changed["editions"]), pairs_changed["villages"])
    _follow_differences(pairs_changed, now)
    lost: dict[int, Lost] = defaultdict(Lost)
    unsaid = list[tuple[int, str]]()
    for number, village, is_pocket_lost, is_unsaid, counted in changed:
        if is_unsaid:
            unsaid.append((number, village))
            lost[number].unsaid += 1
            lost[number].pockets += is_pocket_lost
            lost[number].counted += counted if is_pocket_lost else 0
    if unsaid:
        for number, cells in sql.run("indicators/pockets/follow_cells", _columns(unsaid)):
            lost[number].cells = cells
        _count_what_is_said(lost)
    return len(changed)


def _columns(pairs: Iterable[tuple[int, str]]) -> dict[str, list[Any]]:
    """Villages, each with its edition, as two parameters."""
    known = list(pairs)
    return {"editions": [one for one, _ in known], "villages": [code for _, code in known]}


def _follow_differences(changed: Mapping[str, list[Any]], now: datetime) -> None:
    """Hide the same in the differences; the lists that lose a village are counted again."""
    asked = sql.column("indicators/pockets/find_ending", changed)
    lists.lock(asked)
    sql.run("indicators/pockets/follow_villages", changed)
    closed = Worklist.objects.filter(pk__in=asked, closed_at__isnull=False)
    kept = list(closed.values_list("pk", flat=True))
    asked_pairs.recount(asked, now)
    lists.close(kept, now)  # those of other editions, with open questions


def _count_what_is_said(lost: Mapping[int, Lost]) -> None:
    """The counts of an edition are of what is said of it (adr/0030)."""
    editions = PocketEdition.objects.select_for_update().filter(
        pk__in=lost, summary__has_key="villages"
    )
    for edition in editions.order_by("pk"):
        less = lost[edition.pk]
        edition.summary["villages"] -= less.pockets
        edition.summary["unsaid"] = edition.summary.get("unsaid", 0) + less.unsaid
        edition.summary["areas"] -= less.cells
        edition.summary["in_pockets"] = edition.summary.get("in_pockets", 0) - less.counted
        edition.save(update_fields=["summary"])
