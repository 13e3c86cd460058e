"""The sums of the coverage: stored by regency for the editions in force, so that no page reads
every village.

They are made of the numbers that are shown. Where the maps hide more of a regency, its sums are
stale at once: a page adds up the villages of that regency until they are stored again.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction
from django.db.models import Q

from apps.accounts.access import Scope
from apps.common import locks, sql
from apps.common.locks import Lock
from apps.indicators.models import PocketEdition, PocketSum
from apps.indicators.pockets.activation import InForce, editions_in_force
from apps.indicators.pockets.coverage import PLACES, Origin, Selection
from apps.indicators.states import PROGRAMME
from apps.regions.models import prefix_of

# In the summary of an edition: the programmes that reach anybody. Without it what is hidden of the
# programmes was not chosen by the tree of regions.
PROGRAMMES: Final = "programmes"
REGENCY_LENGTH: Final = 5
NATIONAL: Final = Scope(("",))


@dataclass(frozen=True)
class Side:
    """Sums over the villages in pockets, or outside, of the numbers that are shown."""

    is_in: bool | None
    villages: int
    families: int
    enrolled: int
    without_programme: int
    without_proposal: int
    located: int
    inside: int
    near_border: int
    suppressed: int


@dataclass(frozen=True)
class ProgrammeLine:
    """Persons of a programme against the registered persons of the same villages."""

    programme: str
    is_in: bool | None
    enrolled: int
    registered: int
    suppressed: int

    @property
    def percent(self) -> float | None:
        return 100 * self.enrolled / self.registered if self.registered else None


@dataclass(frozen=True)
class Sums:
    """The sums in pockets, outside, and where it is not said, if there are such villages."""

    sides: list[Side]
    programmes: list[ProgrammeLine]


def sums_of(in_force: InForce, selection: Selection, scope: Scope) -> Sums:
    """The sums of the villages of a scope and region, whatever sides are chosen.

    A village that a programme does not reach counts with nobody in it; the programmes are those
    that reach anybody in the country. Queries: two at most.
    """
    if in_force.computed is None or selection.is_nothing or not scope:
        return Sums([], [])
    published = in_force.published if selection.by == Origin.PUBLISHED else None
    rows = _rows(in_force.computed, published, prefix_of(selection.region), scope)
    known = in_force.computed.summary.get(PROGRAMMES, [])
    by_side = {is_in: [row for row in rows if row.is_in is is_in] for is_in in PLACES.values()}
    sides = {is_in: found for is_in, found in by_side.items() if found or is_in is not None}
    return Sums(
        [_side(is_in, found) for is_in, found in sides.items()],
        [
            _line(programme, is_in, found)
            for programme in known
            for is_in, found in by_side.items()
            if found
        ],
    )


def are_due() -> bool:
    """Whether sums of the editions in force are not stored, or stale. Queries: three at most."""
    in_force = editions_in_force()
    if in_force.computed is None:
        return False
    states = set(PocketSum.objects.values_list("computed", "published", "is_stale").distinct())
    is_current = {(computed, published) for computed, published, is_stale in states if not is_stale}
    missing = {_key(pair) for pair in _pairs(in_force)} - is_current
    is_stale = any(is_stale for _computed, _published, is_stale in states)
    return is_stale or (bool(missing) and in_force.computed.villages.exists())


@transaction.atomic
def store_due_sums() -> int:
    """Store the sums of the editions in force that are not stored, or stale; those of others go.
    Returns how many were stored. Locks: what is hidden. Queries: two, and three for each pair.
    """
    locks.hold(Lock.HIDDEN)
    pairs = _pairs(editions_in_force())
    others = ~Q(pk__in=[])
    for computed, published in pairs:
        others &= ~Q(computed=computed, published=published)
    PocketSum.objects.filter(others).delete()
    stored = 0
    for computed, published in pairs:
        own = PocketSum.objects.filter(computed=computed, published=published)
        stale = own.filter(is_stale=True).values_list("regency", flat=True)
        regencies = sorted(set(stale)) if own.exists() else None
        if regencies != []:
            own.filter(regency__in=regencies or []).delete()
            rows = _add_up(computed, published, regencies=regencies)
            stored += len(PocketSum.objects.bulk_create(rows))
    return stored


def mark_stale(editions: Collection[int], villages: Iterable[str]) -> None:
    """The sums with these villages are stored no more. Queries: one."""
    regencies = {code[:REGENCY_LENGTH] for code in villages}
    rows = PocketSum.objects.filter(computed__in=editions, regency__in=regencies)
    rows.update(is_stale=True)


def _pairs(in_force: InForce) -> list[tuple[PocketEdition, PocketEdition | None]]:
    """Our edition in force with its own pockets, and with BIG's."""
    if in_force.computed is None:
        return []
    published = [in_force.published] if in_force.published is not None else []
    return [(in_force.computed, one) for one in (None, *published)]


def _key(pair: tuple[PocketEdition, PocketEdition | None]) -> tuple[int, int | None]:
    computed, published = pair
    return computed.pk, published.pk if published is not None else None


def _rows(
    computed: PocketEdition, published: PocketEdition | None, region: str, scope: Scope
) -> Sequence[PocketSum]:
    """The sums by regency, or of parts of regencies."""
    if len(region) > REGENCY_LENGTH or any(len(one) > REGENCY_LENGTH for one in scope.prefixes):
        return _add_up(computed, published, region=region, scope=scope)
    stored = list(
        PocketSum.objects.filter(
            scope.query("regency"),
            computed=computed,
            published=published,
            regency__startswith=region,
        )
    )
    if not stored:
        return _add_up(computed, published, region=region, scope=scope)
    if stale := sorted({row.regency for row in stored if row.is_stale}):
        stored = [row for row in stored if row.regency not in stale]
        stored += _add_up(computed, published, region=region, scope=scope, regencies=stale)
    return stored


def _add_up(
    computed: PocketEdition,
    published: PocketEdition | None,
    *,
    region: str = "",
    scope: Scope = NATIONAL,
    regencies: list[str] | None = None,
) -> list[PocketSum]:
    """The sums of the villages, by regency and side, not stored."""
    params = {
        "computed": computed.pk,
        "published": published.pk if published is not None else None,
        "prefixes": list(scope.prefixes),
        "region": region,
        "regencies": regencies,
        "programme": PROGRAMME,
    }
    return [
        PocketSum(
            computed=computed,
            published=published,
            **dict(zip(PocketSum.SUMS, sums, strict=True)),
            by_programme=json.loads(by_programme),
            left_out=json.loads(left_out),
        )
        for *sums, by_programme, left_out in sql.run("indicators/pockets/sum_villages", params)
    ]


def _side(is_in: bool | None, rows: Sequence[PocketSum]) -> Side:
    return Side(
        is_in=is_in,
        villages=sum(row.villages for row in rows),
        families=sum(row.families for row in rows),
        enrolled=sum(row.enrolled for row in rows),
        without_programme=sum(row.not_enrolled for row in rows),
        without_proposal=sum(row.not_proposed for row in rows),
        located=sum(row.located for row in rows),
        inside=sum(row.inside for row in rows),
        near_border=sum(row.near_border for row in rows),
        suppressed=sum(row.suppressed for row in rows),
    )


def _line(programme: str, is_in: bool | None, rows: Sequence[PocketSum]) -> ProgrammeLine:
    left_out: list[Any] = [row.left_out.get(programme, (0, 0)) for row in rows]
    return ProgrammeLine(
        programme,
        is_in,
        enrolled=sum(row.by_programme.get(programme, 0) for row in rows),
        registered=sum(row.persons for row in rows) - sum(persons for _n, persons in left_out),
        suppressed=sum(row.persons_suppressed for row in rows) + sum(n for n, _p in left_out),
    )
