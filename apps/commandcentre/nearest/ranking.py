"""For each affected village the nearest facilities that have enough for it, now."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from django.conf import settings

from apps.commandcentre.exposure import assessment as assessments
from apps.commandcentre.models import Assessment, Facility
from apps.commandcentre.nearest import places, search
from apps.commandcentre.nearest.snapshot import GOODS, Snapshot, StockDetail, Unreported

# Days of need that a source must cover to be sufficient, and how many sources are named.
DAYS: Final = 3
MOST: Final = 5


@dataclass(frozen=True)
class Source:
    """A facility with enough for a village. distance_m is on the sphere; each of the `crossings`
    counts as `settings.SEA_CROSSING_PENALTY_KM` more. `cover` is how many times it has what is
    needed of the good of which it has least; `stock` is None where no details were asked for.
    """

    facility: Facility
    distance_m: float
    crossings: int
    is_own_regency: bool
    cover: float
    stock: StockDetail | None

    @property
    def cover_floor(self) -> float:
        """`cover` with one digit, never more than there is."""
        return math.floor(self.cover * 10) / 10


@dataclass(frozen=True)
class Sources:
    """The sources that have enough for one need, best first. Without any, `lacks` are the names of
    the goods of which no facility has enough; empty if only no facility has all of them together.
    """

    sources: tuple[Source, ...]
    lacks: tuple[str, ...]


@dataclass(frozen=True)
class VillageSources(Sources):
    """The sufficient sources of one village. `unreported` are the nearest facilities that keep
    goods and have not reported any stock, where details were asked for.
    """

    village: str
    needs: Mapping[str, int]
    is_place_known: bool
    unreported: tuple[Unreported, ...] = ()


def sources_of(
    assessment: Assessment,
    *,
    codes: Sequence[str] | None = None,
    days: int = DAYS,
    snapshot: Snapshot | None = None,
) -> dict[str, VillageSources]:
    """The sources of the affected villages with registered people (or of those among `codes`). With
    a detailed snapshot, of at most `search.ON_A_PAGE` villages, also what else an operator weighs.

    Queries: six; with a snapshot two to five. Cost: that of `search.rank`, and of reading places
    and stock.
    """
    needs = assessments.needs_of_villages(assessment.pk, days)
    if codes is not None:
        needs = {code: needs[code] for code in codes if code in needs}
    now = snapshot or Snapshot()
    known, homes = now.villages(sorted(needs))
    is_known = set(known)
    elsewhere = [code for code in needs if code not in is_known]
    wanted = [needs[code] for code in (*known, *elsewhere)]
    silent, far = now.rank_unreported(homes) if now.is_detailed else ([], [])
    found = zip((*known, *elsewhere), _sources_of_places(homes, wanted, now, silent), strict=True)
    facilities = now.facilities(())
    unreported = {
        code: tuple(map(Unreported, (facilities[one] for one in numbers), metres))
        for code, numbers, metres in zip(known, silent, far, strict=False)
    }
    return {
        code: VillageSources(
            one.sources, one.lacks, code, needs[code], code in is_known, unreported.get(code, ())
        )
        for code, one in found
    }


def sources_of_places(
    homes: search.Places, needs: Sequence[Mapping[str, int]], now: Snapshot
) -> list[Sources]:
    """The sources that have enough of each good (by its code), for each place and what is needed
    there. Needs beyond the places are of villages without one: they get none.

    Queries: one to three, for what the snapshot has not read yet. Cost: that of `search.rank` for a
    page of places, for each page.
    """
    return _sources_of_places(homes, needs, now, [])


def _sources_of_places(
    homes: search.Places,
    needs: Sequence[Mapping[str, int]],
    now: Snapshot,
    others: Sequence[Sequence[int]],
) -> list[Sources]:
    """`others` are facilities that are read with those of the answer."""
    rows = [
        _rank_page(homes, needs, now, slice(first, first + search.ON_A_PAGE))
        for first in range(0, len(homes), search.ON_A_PAGE)
    ]
    found = [row for page in rows for row in page]
    used = {now.numbers[place] for row in found for place, *_rest in row}
    facilities = now.facilities(used.union(*others))
    details = now.details(used)
    most = dict(zip(GOODS, now.stock.max(axis=0, initial=0).tolist(), strict=True))
    found += [[]] * (len(needs) - len(homes))
    is_lacking = any(units > most[good] for one in needs for good, units in one.items())
    names = now.good_names() if is_lacking else {}
    return [
        Sources(
            tuple(
                Source(
                    facilities[now.numbers[place]],
                    metres,
                    crossings,
                    is_own,
                    cover=_cover(now.stock[place], one),
                    stock=details.get(now.numbers[place]),
                )
                for place, metres, crossings, is_own in row
            ),
            tuple(names[good] for good in GOODS if one.get(good, 0) > most[good]),
        )
        for row, one in zip(found, needs, strict=True)
    ]


def _cover(stock: search.Integers, wanted: Mapping[str, int]) -> float:
    """How many times the stock of one facility (by good) has what is needed."""
    times = [
        units / wanted[good]
        for units, good in zip(stock.tolist(), GOODS, strict=True)
        if wanted.get(good)
    ]
    return min(times, default=0.0)


# The place of a source, its metres, crossings, and whether it is of the own regency.
_Found = tuple[int, float, int, bool]


def _rank_page(
    homes: search.Places,
    needs: Sequence[Mapping[str, int]],
    now: Snapshot,
    rows: slice,
) -> list[list[_Found]]:
    """The ranking of so few places that a web process loads no tree for it."""
    page = search.part_of(homes, rows)
    wanted = np.array(
        [[one.get(good, 0) for good in GOODS] for one in needs[rows][: len(page)]], dtype=np.int64
    ).reshape(len(page), len(GOODS))
    found = search.rank(
        now.stores,
        page,
        stock=now.stock,
        need=wanted,
        k=MOST,
        penalty_m=places.crossing_penalty_m(),
        regency_first=settings.SAME_REGENCY_FIRST,
    )
    return [
        [
            (
                int(place),
                float(found.distance_m[row, rank]),
                int(found.crossings[row, rank]),
                bool(now.stores.regency[place] == page.regency[row]),
            )
            for rank, place in enumerate(found.source[row])
            if place >= 0
        ]
        for row in range(len(page))
    ]
