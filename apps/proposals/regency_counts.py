"""Counts of proposals that are kept by regency: after a change only its regency is counted again.

In a country whose offices work all day each minute changes some regencies, and hardly ever many.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any, Final

import numpy as np
from django.core.cache import cache
from django.db.models import Q
from django.utils import timezone

from apps.common.soft_cache import one_at_a_time
from apps.proposals.models import RegencyChange

# Above so many changed regencies all rows are counted, which then is faster.
MOST_CHANGED: Final = 60
KEEP_S: Final = 600
Version = tuple[int, int, str]
# Numbers by what they count, of each regency.
ByRegency = Mapping[str, Mapping[Hashable, int]]


def changed(known: Mapping[str, Version], versions: Mapping[str, Version]) -> set[str]:
    """The regencies that changed between two readings of `RegencyChange.versions_of`."""
    return {one for one in {*known, *versions} if known.get(one) != versions.get(one)}


def under(codes: Collection[str]) -> Q:
    """The rows of some regions above villages, by an index."""
    ranges = (Q(village_id__gte=f"{code}.", village_id__lt=f"{code}/") for code in sorted(codes))
    return reduce(or_, ranges)


@dataclass(frozen=True)
class RegencyCounts:
    """Numbers of regencies (rows) and of what they count (columns), and the version of each
    regency of which they are. As one array they are read in a millisecond.
    """

    versions: Mapping[str, Version]
    regencies: list[str]
    keys: list[Hashable]
    numbers: np.ndarray[Any, Any]
    at: datetime

    def sums(self) -> dict[Any, int]:
        sums = self.numbers.sum(axis=0, dtype=np.int64).tolist()
        return {key: number for key, number in zip(self.keys, sums, strict=True) if number}

    def without(self, regencies: Collection[str]) -> ByRegency:
        return {
            code: {key: n for key, n in zip(self.keys, row.tolist(), strict=True) if n}
            for code, row in zip(self.regencies, self.numbers, strict=True)
            if code not in regencies
        }


def last(key: str) -> RegencyCounts | None:
    """What was counted last under a key, be it of now or not. Queries: none."""
    found: RegencyCounts | None = cache.get(f"counts:regencies:{key}")
    return found


def counted(key: str, prefixes: Collection[str], count: Callable[[Q], ByRegency]) -> RegencyCounts:
    """The counts of the rows of a scope as they are now. `key` names the scope and the rows;
    `count` counts those of a condition.

    Those who ask at the same moment wait for one of them. Queries: one, and those of `count` after
    a change.
    """
    versions = RegencyChange.objects.versions_of(prefixes)
    if (kept := last(key)) is not None and kept.versions == versions:
        return kept
    with one_at_a_time(f"counts:regencies:{key}"):
        if (kept := last(key)) is not None and kept.versions == versions:
            return kept
        # the versions are older than the counts: what ends meanwhile is counted again
        touched = changed(kept.versions if kept else {}, versions)
        if kept is None or len(touched) > MOST_CHANGED:
            found = _packed(count(Q()), versions)
        else:
            found = _packed({**kept.without(touched), **count(under(touched))}, versions)
        cache.set(f"counts:regencies:{key}", found, KEEP_S)
    return found


def keep(key: str) -> None:
    """Keep what was counted for another KEEP_S."""
    cache.touch(f"counts:regencies:{key}", KEEP_S)


def _packed(counts: ByRegency, versions: Mapping[str, Version]) -> RegencyCounts:
    keys = list(dict.fromkeys(key for numbers in counts.values() for key in numbers))
    place = {key: nth for nth, key in enumerate(keys)}
    numbers = np.zeros((len(counts), len(keys)), dtype=np.uint32)
    for row, own in zip(numbers, counts.values(), strict=True):
        for key, number in own.items():
            row[place[key]] = number
    return RegencyCounts(versions, list(counts), keys, numbers, timezone.now())
