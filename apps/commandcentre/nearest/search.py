"""The nearest sufficient sources of many villages at once. Pure: numpy and a k-d tree.

Distances are on the sphere of the earth's mean radius; they differ from geodesic ones by at most
0.56 %. Two places on different islands are a sea crossing apart, which adds a stated penalty.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

# IUGG mean radius.
EARTH_RADIUS_M: Final = 6_371_008.8
# Where the island is not known.
NO_ISLAND: Final = -1
# The group of sources that are in none; villages in none have another number.
NO_GROUP: Final = -2
# So many nearest sources are looked at first, and four times as many when these are too few.
FIRST_LOOK: Final = 16
# Pairs of a village and a source that are all compared; the villages of a page always are, so that
# a web process loads no tree (40 MB).
MOST_COMPARED: Final = 250_000
ON_A_PAGE: Final = 25
# A group of more sources gets a tree of its own.
MOST_PAIRED: Final = 32


@dataclass(frozen=True)
class Places:
    """Places of the earth: longitude and latitude in degrees, island (NO_ISLAND: not known) and a
    number for the regency, all of one length.
    """

    longitude: Floats
    latitude: Floats
    island: Integers
    regency: Integers

    @property
    def vectors(self) -> Floats:
        """Unit vectors (n x 3)."""
        east, north = np.radians(self.longitude), np.radians(self.latitude)
        return np.column_stack(
            [np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)]
        )

    def __len__(self) -> int:
        return int(self.longitude.size)


@dataclass(frozen=True)
class Ranked:
    """The best sources of each village (V x k): places of sources (-1: none), metres, crossings."""

    source: Integers
    distance_m: Floats
    crossings: NDArray[np.int8]


def part_of(whole: Places, rows: slice | Sequence[int]) -> Places:
    """Some of the places."""
    return Places(
        whole.longitude[rows], whole.latitude[rows], whole.island[rows], whole.regency[rows]
    )


def distance_matrix(sources: Places, villages: Places) -> tuple[Floats, NDArray[np.int8]]:
    """(metres, crossings) of every source (S) to every village (D)."""
    chord = np.linalg.norm(sources.vectors[:, None, :] - villages.vectors[None, :, :], axis=2)
    return _arc_m(chord), _crossings(sources.island[:, None], villages.island[None, :])


def rank(
    sources: Places,
    villages: Places,
    *,
    stock: Integers,
    need: Integers,
    k: int,
    penalty_m: float,
    regency_first: bool,
) -> Ranked:
    """The k nearest sources whose stock (S x G) covers all that a village needs (V x G).

    In order of metres plus penalties; with `regency_first` those of the own regency come before.
    Exact without looking at far sources: a crossing costs the same wherever it is, so one of the
    best is among the k nearest that have enough, or among the k nearest of those that are reached
    without a crossing. The same holds within the own regency.
    Cost: 10,000 villages and 5,000 sources in a quarter of a second (bench/nearest.py).
    """
    if not len(sources) or not len(villages):
        return _nothing(len(villages), k)
    search = _Search(sources.vectors, villages.vectors, stock, need, k)
    candidates = [search.nearest(np.arange(len(sources)), np.arange(len(villages)))]
    whole = np.zeros(len(sources), dtype=np.int64), np.zeros(len(villages), dtype=np.int64)
    groups = [whole]
    if regency_first:
        groups.append((sources.regency, villages.regency))
        candidates.append(search.nearest_in_groups(*groups[1]))
    if penalty_m > 0:
        for of_source, of_village in groups:
            for pair in _reached_by_land(sources, villages, of_source, of_village):
                candidates.append(search.nearest_in_groups(*pair))
    return _best(
        np.hstack(candidates), sources, villages, k, float(penalty_m), regency_first=regency_first
    )


def _nothing(villages: int, k: int) -> Ranked:
    return Ranked(
        np.full((villages, k), -1, dtype=np.int64),
        np.full((villages, k), np.inf),
        np.zeros((villages, k), dtype=np.int8),
    )


def _reached_by_land(
    sources: Places, villages: Places, of_source: Integers, of_village: Integers
) -> Iterator[tuple[Integers, Integers]]:
    """Groups in which nobody crosses the sea, inside given ones: the same island, and the sources
    whose island is not known.
    """
    islands = max(int(sources.island.max()), int(villages.island.max())) + 2
    is_known = sources.island != NO_ISLAND
    yield (
        np.where(is_known, of_source * islands + sources.island + 1, NO_GROUP),
        np.where(villages.island != NO_ISLAND, of_village * islands + villages.island + 1, -3),
    )
    if not is_known.all():
        yield np.where(is_known, NO_GROUP, of_source), of_village


class _Search:
    """The sources that have enough for villages, nearest first, by unit vectors (n x 3)."""

    def __init__(
        self, sources: Floats, villages: Floats, stock: Integers, need: Integers, k: int
    ) -> None:
        self.sources, self.villages, self.k = sources, villages, k
        self._stock, self._need = np.ascontiguousarray(stock.T), np.ascontiguousarray(need.T)

    def nearest(self, pool: Integers, rows: Integers) -> Integers:
        """The k nearest of `pool` that have enough for each of the villages `rows` (-1: none), in
        any order.
        """
        if rows.size <= ON_A_PAGE or pool.size * rows.size <= MOST_COMPARED:
            return self._compared(pool, rows)
        from scipy.spatial import cKDTree  # noqa: PLC0415  large, for whole hazards only

        found = np.full((rows.size, self.k), -1, dtype=np.int64)
        tree, left = cKDTree(self.sources[pool]), np.arange(rows.size)
        look = min(FIRST_LOOK, pool.size)
        while left.size:
            _chord, near = tree.query(self.villages[rows[left]], k=look, workers=-1)
            near = pool[near.reshape(left.size, look)]
            enough = self._enough(near, rows[left][:, None])
            place = np.cumsum(enough, axis=1)
            one, at = np.nonzero(enough & (place <= self.k))
            found[left[one], place[one, at] - 1] = near[one, at]
            left = left[place[:, -1] < self.k] if look < pool.size else left[:0]
            look = min(look * 4, pool.size)
        return found

    def _compared(self, pool: Integers, rows: Integers) -> Integers:
        """The same by every distance: for few villages quicker than a tree."""
        found = np.full((rows.size, self.k), -1, dtype=np.int64)
        gap = np.square(self.villages[rows][:, None, :] - self.sources[pool][None, :, :]).sum(
            axis=2
        )
        gap[~self._enough(pool[None, :], rows[:, None])] = np.inf
        width = min(self.k, pool.size)
        near = np.argpartition(gap, width - 1, axis=1)[:, :width]
        is_found = np.isfinite(np.take_along_axis(gap, near, axis=1))
        found[:, :width] = np.where(is_found, pool[near], -1)
        return found

    def nearest_in_groups(self, of_source: Integers, of_village: Integers) -> Integers:
        """The k nearest that have enough, of the sources of each village's own group."""
        found = np.full((of_village.size, self.k), -1, dtype=np.int64)
        order = np.argsort(of_source, kind="stable")
        groups = of_source[order]
        first = np.searchsorted(groups, of_village, side="left")
        count = np.searchsorted(groups, of_village, side="right") - first
        self._pair(found, np.flatnonzero((count > 0) & (count <= MOST_PAIRED)), order, first, count)
        for group in np.unique(of_village[count > MOST_PAIRED]):
            rows = np.flatnonzero(of_village == group)
            found[rows] = self.nearest(np.flatnonzero(of_source == group), rows)
        return found

    def _pair(
        self, found: Integers, rows: Integers, order: Integers, first: Integers, count: Integers
    ) -> None:
        """Small groups: every village with every source of its group, at once."""
        sizes = count[rows]
        one = np.repeat(np.arange(rows.size), sizes)
        step = np.arange(one.size) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        village, source = rows[one], order[first[rows[one]] + step]
        enough = self._enough(source, village)
        village, source = village[enough], source[enough]
        gap = np.square(self.villages[village] - self.sources[source]).sum(axis=1)
        nearest = np.lexsort((gap, village))
        village, source = village[nearest], source[nearest]
        place = np.arange(village.size) - np.searchsorted(village, village, side="left")
        kept = place < self.k
        found[village[kept], place[kept]] = source[kept]

    def _enough(self, source: Integers, village: Integers) -> NDArray[np.bool_]:
        """Whether a source has all that a village needs; the arguments are broadcast."""
        enough = np.ones(np.broadcast_shapes(source.shape, village.shape), dtype=np.bool_)
        for has, needs in zip(self._stock, self._need, strict=True):
            enough &= has[source] >= needs[village]
        return enough


def _best(
    candidates: Integers,
    sources: Places,
    villages: Places,
    k: int,
    penalty_m: float,
    *,
    regency_first: bool,
) -> Ranked:
    """The k best of some sources of each village (V x C, -1: none; some twice)."""
    found = _nothing(len(villages), k)
    near = np.sort(candidates, axis=1)
    is_one = near >= 0
    is_one[:, 1:] &= near[:, 1:] != near[:, :-1]
    gap = sources.vectors[near] - villages.vectors[:, None, :]
    metres = _arc_m(np.sqrt(np.square(gap).sum(axis=2)))
    crossings = _crossings(sources.island[near], villages.island[:, None])
    price = np.where(is_one, metres + crossings * penalty_m, np.inf)
    if regency_first:
        price += np.where(sources.regency[near] == villages.regency[:, None], 0.0, _FAR_M)
    order = np.argsort(price, axis=1, kind="stable")[:, :k]
    width = order.shape[1]
    is_found = np.isfinite(np.take_along_axis(price, order, axis=1))
    for kept, values in (
        (found.source, near),
        (found.distance_m, metres),
        (found.crossings, crossings),
    ):
        some = np.take_along_axis(values, order, axis=1)
        kept[:, :width] = np.where(is_found, some, kept[:, :width])
    return found


# Farther than any distance with penalties: what comes after the own regency.
_FAR_M: Final = 1e9


def _arc_m(chord: Floats) -> Floats:
    """Metres on the sphere between the ends of a chord of the unit sphere."""
    arc: Floats = 2 * EARTH_RADIUS_M * np.arcsin(np.clip(chord / 2, 0.0, 1.0))
    return arc


def _crossings(one: Integers, other: Integers) -> NDArray[np.int8]:
    """1 where both islands are known and differ, else 0."""
    is_crossing = (one != other) & (one != NO_ISLAND) & (other != NO_ISLAND)
    return is_crossing.astype(np.int8)
