"""Sealing: committed entries get their place in the chain, some seconds after their commit.

The window: an entry that is committed but not yet sealed could be removed without a trace in the
chain. It lasts 10 s while the worker runs, and about a second for decisions, grants and exports.
Sealing inside the request would make all requests wait for one row. An entry whose transaction
commits late, with a lower id than others already sealed, is sealed when it appears: positions
follow the order of sealing, not of ids.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import Max

from apps.audit.models import AT_ONCE, Entry, Seal
from apps.common import sql

AT_A_TIME = 10_000
# How many ids before the last sealed one are searched for late commits. Every anchor uses the long
# look; an older entry stays unsealed and the verification reports it.
NO_LOOK = 1_000
SHORT_LOOK = 50_000
LONG_LOOK = 1_000_000


def seal_entries(*, look_back: int = LONG_LOOK) -> int:
    """Seal what is committed; returns the number of entries. Runs as the worker.

    Cost: 90 µs an entry, 0.3 s for the short look back and 1.5 s for the long one.
    """
    sealed = 0
    while fresh := _seal_some(look_back):
        sealed += fresh
    return sealed


def waits_for_anchor() -> bool:
    """Whether a decision, a grant or an export is newer than the last seal."""
    return bool(sql.scalar("audit/find_unanchored", {"actions": list(AT_ONCE)}))


def sealed_after(position: int, *, most: int) -> list[tuple[int, Entry]]:
    """(position, entry) of the sealed entries behind a position, in the order of the chain, at most
    so many. Each committed entry comes exactly once, later ones with lower ids too. Queries: two.
    """
    places = dict(
        Seal.objects.filter(position__gt=position)
        .order_by("position")
        .values_list("position", "entry_id")[:most]
    )
    entries = Entry.objects.in_bulk(places.values())
    return [(place, entries[pk]) for place, pk in places.items() if pk in entries]


def last_position() -> int:
    """The position of the last seal; 0 before the first. Queries: one."""
    return Seal.objects.aggregate(last=Max("position"))["last"] or 0


def _seal_some(look_back: int) -> int:
    with transaction.atomic():
        return int(sql.call("audit_seal_entries", AT_A_TIME, look_back))
