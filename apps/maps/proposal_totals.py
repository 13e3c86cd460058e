"""Proposals with a point per region and verdict, of one selection: what tiles of counts show.

The counts of each regency are kept with its version. After a change only the regencies that it
touched are counted again: in a country whose offices work all day, each minute changes some.

The cache holds the counts of one region as bytes, and a tile reads those of its regions. As 7,285
lists they made every few tiles of districts start Python's garbage collector over all objects of
the process, for 130 ms.
"""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final

from django.core.cache import cache
from django.db.models import Count, Sum, Value
from django.db.models.functions import Substr

from apps.accounts.access import Scope
from apps.common.soft_cache import one_at_a_time
from apps.proposals import maps, regency_counts
from apps.proposals.models import ProposalQuerySet, RegencyChange, Verdict

# Code lengths of the regions whose totals are kept; villages are counted by the tile.
KEPT_SIZES: Final = (2, 5, 8)
PROVINCE: Final = 2
REGENCY: Final = 5
KEEP_S: Final = 3_600
# From best to worst. What cannot be checked is less urgent than what fits.
VERDICTS: Final = [
    verdict.value
    for verdict in (
        *(Verdict.NO_POINT, Verdict.NO_POLYGON, Verdict.INSIDE, Verdict.NEAR_BORDER),
        *(Verdict.NEIGHBOUR, Verdict.ELSEWHERE, Verdict.UNMAPPED),
    )
]

# One number for each of VERDICTS.
NUMBERS: Final = struct.Struct(f"<{len(VERDICTS)}I")

Counts = Mapping[str, list[int]]
PackedCounts = Mapping[str, bytes]
Rows = Callable[[], ProposalQuerySet]


@dataclass(frozen=True)
class CountedAt:
    """Counts by district, and the version of each regency of which they are."""

    versions: Mapping[str, regency_counts.Version]
    by_district: PackedCounts


@dataclass(frozen=True)
class Totalled:
    """All rows of a selection in a scope; `key` names it at its version, `lasting_key` without."""

    scope: Scope
    rows: Rows
    key: str
    lasting_key: str


def totals(of: Totalled, codes: Collection[str], size: int) -> Counts:
    """The counts of these regions of one code length; those without a point are left out.

    All regions are counted once for all tiles of a version, also where a map asks for several at
    the same moment. Cost: 0.4 s for a million proposals the first time. Queries: none, else two.
    """
    kept_key = f"counts:proposals:{of.key}"
    found: PackedCounts | None = cache.get(f"{kept_key}:{size}")
    if found is None:
        with one_at_a_time(kept_key):
            found = cache.get(f"{kept_key}:{size}")
            if found is None:
                every = by_size(_by_district(of))
                kept = {f"{kept_key}:{one}": counts for one, counts in every.items()}
                cache.set_many(kept, KEEP_S)
                found = every[size]
    return {code: list(NUMBERS.unpack(found[code])) for code in codes if code in found}


def keep(of: Totalled) -> None:
    """Count now what `totals` would count when it is asked, and keep it for another KEEP_S.

    Queries: one or two after a change, else none.
    """
    totals(of, (), PROVINCE)
    for key in (_last_key(of), *(f"counts:proposals:{of.key}:{size}" for size in KEPT_SIZES)):
        cache.touch(key, KEEP_S)


def _last_key(of: Totalled) -> str:
    return f"counts:proposals:last:{of.lasting_key}"


def _by_district(of: Totalled) -> PackedCounts:
    key = _last_key(of)
    # before the counting: a change that ends meanwhile is counted again the next time
    versions = RegencyChange.objects.versions_of(of.scope.prefixes)
    last: CountedAt | None = cache.get(key)
    changed = regency_counts.changed(last.versions if last else {}, versions)
    if last is None or len(changed) > regency_counts.MOST_CHANGED:
        counts = packed_counts(count(of.rows(), KEPT_SIZES[-1]))
    else:
        counts = {
            code: each for code, each in last.by_district.items() if code[:REGENCY] not in changed
        }
        if changed:
            counts |= packed_counts(
                count(of.rows().filter(regency_counts.under(changed)), KEPT_SIZES[-1])
            )
    cache.set(key, CountedAt(versions, counts), KEEP_S)
    return counts


def packed_counts(counts: Counts) -> dict[str, bytes]:
    """The counts as the cache holds them."""
    return {code: NUMBERS.pack(*each) for code, each in counts.items()}


def count(rows: ProposalQuerySet, size: int) -> dict[str, list[int]]:
    """Counts by verdict, in the order of VERDICTS, per region of a code length. Queries: one."""
    grouped = (
        rows.annotate(code=Substr("village_id", Value(1), Value(size)))
        .values_list("code", "verdict")
        .annotate(count=Count("pk"))
    )
    counts: dict[str, list[int]] = defaultdict(lambda: [0] * len(VERDICTS))
    for code, verdict, number in grouped:
        counts[code][VERDICTS.index(verdict)] += number
    return dict(counts)


@dataclass(frozen=True)
class Mean:
    """Counts by verdict of one region, and the mean of its points: longitude, latitude."""

    counts: list[int]
    place: tuple[float, float]


def means(
    rows: ProposalQuerySet, provinces: Collection[str], size: int, key: str
) -> Mapping[str, Mean]:
    """Counts of the regions of these provinces that have points. `key` names the selection at its
    version. Queries: one, or none.
    """
    kept_key = f"counts:proposals:{key}:means:{size}"
    found: Mapping[str, Mean] | None = cache.get(kept_key)
    if found is None:
        with one_at_a_time(kept_key):
            found = cache.get(kept_key)
            if found is None:
                found = _means(rows, provinces, size)
                cache.set(kept_key, found, KEEP_S)
    return found


def _means(rows: ProposalQuerySet, provinces: Collection[str], size: int) -> dict[str, Mean]:
    grouped = (
        rows.filter(regency_counts.under(provinces))
        .annotate(code=Substr("village_id", Value(1), Value(size)))
        .values_list("code", "verdict")
        .annotate(count=Count("pk"), x=Sum(maps.X("location")), y=Sum(maps.Y("location")))
    )
    counts: dict[str, list[int]] = defaultdict(lambda: [0] * len(VERDICTS))
    sums: dict[str, tuple[float, float]] = defaultdict(lambda: (0.0, 0.0))
    for code, verdict, number, x, y in grouped:
        counts[code][VERDICTS.index(verdict)] += number
        sums[code] = sums[code][0] + x, sums[code][1] + y
    return {
        code: Mean(each, (sums[code][0] / sum(each), sums[code][1] / sum(each)))
        for code, each in counts.items()
    }


def by_size(finest: PackedCounts) -> dict[int, PackedCounts]:
    """The counts of each of KEPT_SIZES; each size is the sum of the one below it.

    The bytes of a region are added as one whole number: no count reaches into the next one's.
    """
    every = {KEPT_SIZES[-1]: finest}
    for size in KEPT_SIZES[-2::-1]:
        sums: dict[str, int] = defaultdict(int)
        for code, counts in finest.items():
            sums[code[:size]] += int.from_bytes(counts, "little")
        finest = {code: each.to_bytes(NUMBERS.size, "little") for code, each in sums.items()}
        every[size] = finest
    return every
