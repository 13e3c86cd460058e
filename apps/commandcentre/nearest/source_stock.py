"""What an operator weighs between sources beside their distance: for how long their stock covers
the need, what of it expires, how old the figure is; and who has not reported any stock.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import numpy as np
from django.db.models import Exists, OuterRef
from django.utils import timezone

from apps.commandcentre.models import Facility, StockItem
from apps.commandcentre.nearest import places, search
from apps.common import sql

# Facilities that keep relief goods: one of them without any stock line has not reported.
KEEPERS: Final = (Facility.Kind.LUMBUNG, Facility.Kind.WAREHOUSE, Facility.Kind.CENTRE)
# So many of them are named for a village.
MOST: Final = 2


@dataclass(frozen=True)
class StockDetail:
    """`expires` is the last usable day of the batch that expires first, None where all keep;
    `moved_at` when goods last came, left or were counted otherwise. A reservation tells nothing of
    what is on the shelf.
    """

    expires: date | None
    moved_at: datetime | None


def details_of(facilities: Collection[int], goods: Sequence[str]) -> dict[int, StockDetail]:
    """Facility → what is known of its stock of some goods (codes). Queries: one, or none."""
    if not facilities or not goods:
        return {}
    rows = sql.run(
        "commandcentre/nearest/read_stock_details",
        {
            "facilities": sorted(facilities),
            "goods": list(goods),
            "today": timezone.localdate(),
        },
    )
    return {number: StockDetail(expires, moved_at) for number, expires, moved_at in rows}


@dataclass(frozen=True)
class Unreported:
    """A facility that keeps goods and has not reported any stock. distance_m is on the sphere."""

    facility: Facility
    distance_m: float


def unreported_near(homes: search.Places) -> list[tuple[Unreported, ...]]:
    """For each place (at most `search.ON_A_PAGE`) the nearest facilities without any stock line,
    with the penalty for sea crossings. Queries: three, or one.
    """
    silent = Facility.objects.filter(is_active=True, kind__in=KEEPERS)
    silent = silent.exclude(Exists(StockItem.objects.filter(facility=OuterRef("pk"))))
    numbers, stores = places.sources(list(silent.values_list("pk", flat=True)))
    if not numbers or not len(homes):
        return [()] * len(homes)
    found = search.rank(
        stores,
        homes,
        stock=np.zeros((len(stores), 0), dtype=np.int64),
        need=np.zeros((len(homes), 0), dtype=np.int64),
        k=MOST,
        penalty_m=places.crossing_penalty_m(),
        regency_first=False,
    )
    used = {numbers[place] for place in found.source.ravel().tolist() if place >= 0}
    facilities = Facility.objects.in_bulk(used)
    return [
        tuple(
            Unreported(facilities[numbers[place]], metres)
            for place, metres in zip(row.tolist(), far.tolist(), strict=True)
            if place >= 0
        )
        for row, far in zip(found.source, found.distance_m, strict=True)
    ]
