"""The sources at one moment, read once for all that a page ranks: places, stock, and what else an
operator weighs: what of the stock expires, how old its figure is, who has not reported any.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import numpy as np
from django.utils import timezone

from apps.commandcentre.exposure import needs
from apps.commandcentre.models import Facility, Good
from apps.commandcentre.nearest import places, search
from apps.common import sql

# The goods that anybody is counted to need, by code: columns of the stock.
GOODS: Final = tuple(sorted({rate.good for rate in needs.RATES}))
# Facilities that keep relief goods: one of them without any stock line has not reported.
KEEPERS: Final = (Facility.Kind.LUMBUNG, Facility.Kind.WAREHOUSE, Facility.Kind.CENTRE)
# So many of those are named for a village.
MOST_UNREPORTED: Final = 2


@dataclass(frozen=True)
class StockDetail:
    """`expires` is the last usable day of the batch that expires first, None where all keep;
    `moved_at` when goods last came, left or were counted otherwise. A reservation tells nothing of
    what is on the shelf.
    """

    expires: date | None
    moved_at: datetime | None


@dataclass(frozen=True)
class Unreported:
    """A facility that keeps goods and has not reported any stock. distance_m is on the sphere."""

    facility: Facility
    distance_m: float


class Snapshot:
    """Facilities with usable stock (`numbers`, at the places `stores`), their units of `GOODS` in
    `stock` (facilities x goods). `is_detailed`: also those that have not reported any stock, and
    the details of what is asked for. Facilities, details, names and places of villages are read
    when they are first needed. Queries: two at first.
    """

    def __init__(self, *, is_detailed: bool = False) -> None:
        self.is_detailed = is_detailed
        self.numbers, self.stores, silent = places.known_sources(KEEPERS if is_detailed else ())
        self._silent_numbers, self._silent = silent
        self.stock = self._read_stock()
        self._facilities: dict[int, Facility] = {}
        self._details: dict[int, StockDetail] = {}
        self._names: dict[str, str] = {}
        self._villages: tuple[dict[str, int], search.Places] | None = None

    def _read_stock(self) -> search.Integers:
        stock = np.zeros((len(self.numbers), len(GOODS)), dtype=np.int64)
        row = {number: place for place, number in enumerate(self.numbers)}
        column = {good: place for place, good in enumerate(GOODS)}
        for number, good, quantity in sql.run(
            "commandcentre/nearest/read_usable", {"goods": list(GOODS)}
        ):
            if number in row:
                stock[row[number], column[good]] = quantity
        return stock

    def facilities(self, numbers: Collection[int]) -> dict[int, Facility]:
        """Some facilities by number. Queries: one for those that were not read yet, or none."""
        if missing := set(numbers) - self._facilities.keys():
            self._facilities |= Facility.objects.in_bulk(missing)
        return self._facilities

    def details(self, numbers: Collection[int]) -> dict[int, StockDetail]:
        """Facility → what is known of its stock; nothing without `is_detailed`. Queries: one for
        those that were not read yet, or none.
        """
        missing = set(numbers) - self._details.keys()
        if self.is_detailed and missing:
            asked = {
                "facilities": sorted(missing),
                "goods": list(GOODS),
                "today": timezone.localdate(),
            }
            for number, *known in sql.run("commandcentre/nearest/read_stock_details", asked):
                self._details[number] = StockDetail(*known)
        return self._details

    def good_names(self) -> dict[str, str]:
        """Code → name. Queries: one, then none."""
        if not self._names:
            self._names = dict(Good.objects.filter(code__in=GOODS).values_list("code", "name"))
        return self._names

    def villages(self, codes: Sequence[str]) -> tuple[list[str], search.Places]:
        """As `places.villages`; those that were among the first ones asked for are not read again.
        Queries: one, or none.
        """
        known = self._villages
        if known is not None and known[0].keys() >= set(codes):
            row_of, whole = known
            found = sorted(code for code in codes if row_of[code] >= 0)
            return found, search.part_of(whole, [row_of[code] for code in found])
        found, homes = places.villages(codes)
        if known is None:
            row_of = dict.fromkeys(codes, -1) | {code: row for row, code in enumerate(found)}
            self._villages = row_of, homes
        return found, homes

    def rank_unreported(self, homes: search.Places) -> tuple[list[list[int]], list[list[float]]]:
        """For each place (at most `search.ON_A_PAGE`) the numbers of the nearest facilities that
        have not reported any stock, and their metres; none without `is_detailed`.
        """
        if not self._silent_numbers or not len(homes):
            return [[]] * len(homes), [[]] * len(homes)
        found = search.rank(
            self._silent,
            homes,
            stock=np.zeros((len(self._silent), 0), dtype=np.int64),
            need=np.zeros((len(homes), 0), dtype=np.int64),
            k=MOST_UNREPORTED,
            penalty_m=places.crossing_penalty_m(),
            regency_first=False,
        )
        is_found = found.source >= 0
        return (
            [
                [self._silent_numbers[place] for place in row[some].tolist()]
                for row, some in zip(found.source, is_found, strict=True)
            ],
            [row[some].tolist() for row, some in zip(found.distance_m, is_found, strict=True)],
        )
