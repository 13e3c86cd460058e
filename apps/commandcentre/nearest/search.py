"""The nearest sufficient sources of many villages at once. Pure: numpy and a k-d tree.

Distances are on the sphere of the earth's mean radius; they differ from geodesic ones by at most
0.56 %. Two places on different islands are a sea crossing apart, which adds a stated penalty.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

# IUGG mean radius.
EARTH_RADIUS_M: Final = 6_371_008.8
# Where the island is not known.
NO_ISLAND: Final = -1
# So many nearest sources are looked at first, and four times as many when these are too few.
FIRST_LOOK: Final = 32


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
    Cost: 10,000 villages and 5,000 sources in half a second (bench/nearest.py).
    """
    found = Ranked(
        np.full((len(villages), k), -1, dtype=np.int64),
        np.full((len(villages), k), np.inf),
        np.zeros((len(villages), k), dtype=np.int8),
    )
    if not len(sources) or not len(villages):
        return found
    from scipy.spatial import cKDTree  # noqa: PLC0415  large, for who ranks sources only

    tree, rows = cKDTree(sources.vectors), np.arange(len(villages))
    places = villages.vectors
    look = min(FIRST_LOOK, len(sources))
    while rows.size:
        chord, near = tree.query(places[rows], k=look, workers=-1)
        done = _take_best(
            found,
            rows,
            near.reshape(rows.size, look),
            chord.reshape(rows.size, look),
            sources,
            villages,
            stock,
            need,
            penalty_m,
        )
        rows = rows[~done] if look < len(sources) else rows[:0]
        look = min(look * 4, len(sources))
    if regency_first:
        _prefer_regency(found, sources, villages, stock, need, penalty_m)
    return found


def _take_best(
    found: Ranked,
    rows: Integers,
    near: Integers,
    chord: Floats,
    sources: Places,
    villages: Places,
    stock: Integers,
    need: Integers,
    penalty_m: float,
) -> NDArray[np.bool_]:
    """Write the best of the sources that were looked at. True where no other can be better: the
    last one taken, with its penalty, is nearer than the farthest that was looked at.
    """
    k = found.source.shape[1]
    metres = _arc_m(chord)
    crossings = _crossings(sources.island[near], villages.island[rows][:, None])
    enough = (stock[near] >= need[rows][:, None, :]).all(axis=2)
    price = np.where(enough, metres + crossings * float(penalty_m), np.inf)
    order = np.argsort(price, axis=1, kind="stable")[:, :k]
    best = np.take_along_axis(price, order, axis=1)
    width = order.shape[1]
    is_found = np.isfinite(best)
    found.source[rows, :width] = np.where(is_found, np.take_along_axis(near, order, axis=1), -1)
    found.distance_m[rows, :width] = np.where(
        is_found, np.take_along_axis(metres, order, axis=1), np.inf
    )
    found.crossings[rows, :width] = np.where(
        is_found, np.take_along_axis(crossings, order, axis=1), 0
    )
    if width < k:
        return np.zeros(rows.size, dtype=np.bool_)
    done: Any = best[:, -1] <= metres[:, -1]
    return np.asarray(done, dtype=np.bool_)


def _prefer_regency(
    found: Ranked,
    sources: Places,
    villages: Places,
    stock: Integers,
    need: Integers,
    penalty_m: float,
) -> None:
    """Put the sufficient sources of a village's own regency before the others."""
    k = found.source.shape[1]
    for regency in np.intersect1d(villages.regency, sources.regency):
        own = np.flatnonzero(sources.regency == regency)
        rows = np.flatnonzero(villages.regency == regency)
        part = Places(*(value[own] for value in _columns(sources)))
        homes = Places(*(value[rows] for value in _columns(villages)))
        metres, crossings = (value.T for value in distance_matrix(part, homes))
        enough = (stock[own][None, :, :] >= need[rows][:, None, :]).all(axis=2)
        others = np.isin(found.source[rows], own) | (found.source[rows] < 0)
        source = np.hstack([np.broadcast_to(own, metres.shape), found.source[rows]])
        distance = np.hstack([metres, found.distance_m[rows]])
        crossed = np.hstack([crossings, found.crossings[rows]])
        price = np.hstack(
            [
                np.where(enough, metres + crossings * float(penalty_m) - _FAR_M, np.inf),
                np.where(
                    others, np.inf, found.distance_m[rows] + found.crossings[rows] * penalty_m
                ),
            ]
        )
        order = np.argsort(price, axis=1, kind="stable")[:, :k]
        is_found = np.isfinite(np.take_along_axis(price, order, axis=1))
        found.source[rows] = np.where(is_found, np.take_along_axis(source, order, axis=1), -1)
        found.distance_m[rows] = np.where(
            is_found, np.take_along_axis(distance, order, axis=1), np.inf
        )
        found.crossings[rows] = np.where(is_found, np.take_along_axis(crossed, order, axis=1), 0)


# Farther than any distance with penalties: what is put before the others.
_FAR_M: Final = 1e9


def _columns(places: Places) -> tuple[Any, ...]:
    return places.longitude, places.latitude, places.island, places.regency


def _arc_m(chord: Floats) -> Floats:
    """Metres on the sphere between the ends of a chord of the unit sphere."""
    arc: Floats = 2 * EARTH_RADIUS_M * np.arcsin(np.clip(chord / 2, 0.0, 1.0))
    return arc


def _crossings(one: Integers, other: Integers) -> NDArray[np.int8]:
    """1 where both islands are known and differ, else 0."""
    is_crossing = (one != other) & (one != NO_ISLAND) & (other != NO_ISLAND)
    return is_crossing.astype(np.int8)
