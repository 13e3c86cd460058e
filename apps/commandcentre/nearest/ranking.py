"""For each affected village the nearest facilities that have enough for it, now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from django.conf import settings

from apps.commandcentre.exposure import assessment as assessments
from apps.commandcentre.models import Assessment, Facility
from apps.commandcentre.nearest import places, search
from apps.common import sql

# Days of need that a source must cover to be sufficient, and how many sources are named.
DAYS: Final = 3
MOST: Final = 5


@dataclass(frozen=True)
class Source:
    """A facility with enough for a village. distance_m is on the sphere; each of the `crossings`
    counts as `settings.SEA_CROSSING_PENALTY_KM` more.
    """

    facility: Facility
    distance_m: float
    crossings: int
    is_own_regency: bool


@dataclass(frozen=True)
class VillageSources:
    """The sufficient sources of one village, best first. Without any, `lacks` are the codes of the
    goods of which no facility has enough; empty if only no facility has all of them together.
    """

    village: str
    needs: Mapping[str, int]
    sources: tuple[Source, ...]
    lacks: tuple[str, ...]
    is_place_known: bool


def sources_of(
    assessment: Assessment, *, codes: Sequence[str] | None = None, days: int = DAYS
) -> dict[str, VillageSources]:
    """The sources of the affected villages with registered people (or of those among `codes`).

    Queries: six. Cost: that of `search.rank`, and of reading places and stock.
    """
    needs = assessments.needs_of_villages(assessment.pk, days)
    if codes is not None:
        needs = {code: needs[code] for code in codes if code in needs}
    goods = sorted({good for wanted in needs.values() for good in wanted})
    known, homes = places.villages(sorted(needs))
    numbers, stores = places.sources()
    stock = _stock(numbers, goods)
    wanted = np.array(
        [[needs[code].get(good, 0) for good in goods] for code in known], dtype=np.int64
    ).reshape(len(known), len(goods))
    found = search.rank(
        stores,
        homes,
        stock=stock,
        need=wanted,
        k=MOST,
        penalty_m=places.crossing_penalty_m(),
        regency_first=settings.SAME_REGENCY_FIRST,
    )
    facilities = Facility.objects.in_bulk(
        [numbers[place] for place in np.unique(found.source) if place >= 0]
    )
    most = stock.max(axis=0, initial=0)
    ranked = {code: row for row, code in enumerate(known)}
    return {
        code: VillageSources(
            code,
            needs[code],
            _sources(found, ranked[code], numbers, facilities, stores, homes)
            if code in ranked
            else (),
            tuple(
                good for place, good in enumerate(goods) if needs[code].get(good, 0) > most[place]
            ),
            code in ranked,
        )
        for code in needs
    }


def _stock(numbers: Sequence[int], goods: Sequence[str]) -> search.Integers:
    """Usable units (facilities x goods)."""
    stock = np.zeros((len(numbers), len(goods)), dtype=np.int64)
    row = {number: place for place, number in enumerate(numbers)}
    column = {good: place for place, good in enumerate(goods)}
    for number, good, quantity in sql.run(
        "commandcentre/nearest/read_usable", {"goods": list(goods)}
    ):
        if number in row:
            stock[row[number], column[good]] = quantity
    return stock


def _sources(
    found: search.Ranked,
    row: int,
    numbers: Sequence[int],
    facilities: Mapping[int, Facility],
    stores: search.Places,
    homes: search.Places,
) -> tuple[Source, ...]:
    return tuple(
        Source(
            facilities[numbers[place]],
            float(found.distance_m[row, rank]),
            int(found.crossings[row, rank]),
            bool(stores.regency[place] == homes.regency[row]),
        )
        for rank, place in enumerate(found.source[row])
        if place >= 0
    )
