"""Points in known places: homes inside a village, and points that a check must report.

Shapely judges every point here in metres, independently of the portal's own check in SQL.
"""

import math
import random
import zlib
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from itertools import islice
from typing import NamedTuple

import numpy as np
import shapely
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

DECIMALS = 6  # about 0.1 m
NEAR_BORDER_M = 50.0  # of this made-up truth; the checks' own is stored with each boundary
MARGIN_M = 30.0  # homes are this far inside, if the village is wide enough
CLEAR_M = 70.0  # points meant to be farther than `near_border` are at least this far
OFFICE_CLEAR_M = 60.0
NEAREST_M, FARTHEST_M = 8.0, 38.0  # how far outside a `near_border` point is
SEARCH_DEGREES = 0.05  # how far around a village open sea is searched
CHUNK = 256
TRIES = 40
LEVEL_LENGTHS = {"district": 8, "regency": 5, "province": 2}
# Lengths of the codes of the area to search, and of the part of it to leave out.
OUTER = {"": 8, "district": 5, "regency": 2, "province": 0}
INNER = {"": 13, "district": 8, "regency": 5, "province": 2}


class Spot(NamedTuple):
    """A point with the verdict that a check must reach. Units: degrees, metres."""

    longitude: float
    latitude: float
    verdict: str
    actual: str = ""
    distance_m: float | None = None
    level: str = ""


def metres_per_degree(latitude: float) -> tuple[float, float]:
    """Length of a degree of longitude and of latitude on the WGS 84 ellipsoid (series to 1e-6)."""
    phi = math.radians(latitude)
    return (
        111412.84 * math.cos(phi) - 93.5 * math.cos(3 * phi) + 0.118 * math.cos(5 * phi),
        111132.954 - 559.822 * math.cos(2 * phi) + 1.175 * math.cos(4 * phi),
    )


def differing_level(code: str, other: str) -> str:
    """The highest level at which two villages differ; empty within one district."""
    for level, length in reversed(LEVEL_LENGTHS.items()):
        if code[:length] != other[:length]:
            return level
    return ""


class Plane:
    """A village projected to a plane around its middle: metres are right to 0.1 % within 50 km."""

    def __init__(self, polygon: BaseGeometry) -> None:
        west, south, east, north = polygon.bounds
        self.origin = np.array([(west + east) / 2, (south + north) / 2])
        self.scale = np.array(metres_per_degree(self.origin[1]))
        self.polygon = shapely.transform(polygon, self.flat)

    def flat(self, degrees: np.ndarray) -> np.ndarray:
        return (degrees - self.origin) * self.scale

    def degrees(self, metres: np.ndarray) -> np.ndarray:
        """Points with the typed decimals, without those that happen to look coarse."""
        points = np.round(metres / self.scale + self.origin, DECIMALS)
        coarse = np.abs(np.round(points, 3) - points) < 10**-DECIMALS / 2
        return points[~coarse.any(axis=1)]

    def distance_m(self, longitude: float, latitude: float) -> float:
        return float(self.polygon.distance(Point(self.flat(np.array([longitude, latitude])))))

    @cached_property
    def inner(self) -> BaseGeometry:
        """The village without the strip along its border; a very small village is kept complete."""
        for margin in (MARGIN_M, 10.0, 3.0):
            inner = self.polygon.buffer(-margin)
            if inner.area > self.polygon.area / 10:
                return inner
        return self.polygon


class Places:
    """The villages of a country, and points in or around them."""

    def __init__(
        self,
        villages: Mapping[str, BaseGeometry],
        seed: int,
        offices: Mapping[str, Point] | None = None,
    ) -> None:
        self.villages = villages
        self.offices = offices or {}
        self._seed = seed
        self._codes = sorted(villages)
        self._tree = shapely.STRtree([villages[code] for code in self._codes])
        self._planes: dict[str, Plane] = {}
        self._streams: dict[tuple[str, str], Iterator[tuple[float, float]]] = {}

    def plane(self, code: str) -> Plane:
        if code not in self._planes:
            self._planes[code] = Plane(self.villages[code])
        return self._planes[code]

    def judge(self, code: str, longitude: float, latitude: float) -> Spot:
        """The verdict of a point for the village that is claimed for it."""
        around = sorted(self._codes[i] for i in self._at(longitude, latitude))
        actual = around[0] if around else ""
        if code not in self.villages:
            return Spot(longitude, latitude, "no_polygon", actual)
        distance_m = self.plane(code).distance_m(longitude, latitude)
        if code in around:
            return Spot(longitude, latitude, "inside", code, 0.0)
        level = differing_level(code, actual) if actual else ""
        if distance_m <= NEAR_BORDER_M:
            verdict = "near_border"
        elif actual:
            verdict = "elsewhere" if level else "neighbour"
        else:
            verdict = "unmapped"
        return Spot(longitude, latitude, verdict, actual, distance_m, level)

    def home(self, code: str) -> tuple[float, float]:
        """A new point inside the village, in no other one, and not at its office."""
        return next(self._stream(code, self._homes))

    def near_border(self, code: str) -> Spot | None:
        """A point 5 to 40 m outside the village, in at most one other."""
        for _ in range(TRIES):
            point = next(self._stream(code, self._border_spots))
            spot = self.judge(code, *point)
            if spot.verdict == "near_border" and len(self._at(*point)) <= 1:
                return spot
        return None

    def within(self, code: str, other: str) -> Spot | None:
        """A point in another village, well away from the claimed village's border."""
        for _ in range(TRIES):
            spot = self.judge(code, *self.home(other))
            if spot.actual == other and (spot.distance_m or 0) > CLEAR_M:
                return spot
        return None

    def other(self, code: str, level: str, rng: random.Random) -> str:
        """Another village that differs from this one at exactly that level; "" if there is none."""
        outer, inner = self._span(code[: OUTER[level]]), self._span(code[: INNER[level]])
        count = len(outer) - len(inner)
        if not count:
            return ""
        index = outer.start + rng.randrange(count)
        return self._codes[index + len(inner) if index >= inner.start else index]

    def _span(self, prefix: str) -> range:
        """The index range of the villages of an area in the sorted codes."""
        return range(bisect_left(self._codes, prefix), bisect_left(self._codes, prefix + "~"))

    def unmapped(self, code: str) -> Spot | None:
        """A point in no village, and with none within metres of it."""
        for point in islice(self._stream(code, self._open_spots), TRIES):
            spot = self.judge(code, *point)
            if spot.verdict == "unmapped" and (spot.distance_m or 0) > CLEAR_M:
                return spot
        return None

    def coarse(self, code: str) -> tuple[float, float] | None:
        """A point inside on the grid of three decimals (110 m); the same one a few times, then
        None.
        """
        return next(self._stream(code, self._coarse_points), None)

    def _at(self, longitude: float, latitude: float) -> np.ndarray:
        return self._tree.query(Point(longitude, latitude), predicate="intersects")

    def _stream(
        self, code: str, points: Callable[[str, np.random.Generator], Iterator[tuple[float, float]]]
    ) -> Iterator[tuple[float, float]]:
        key = (code, points.__name__)
        if key not in self._streams:
            # The seed contains purpose and village, so that villages do not depend on each other.
            rng = np.random.default_rng(
                [self._seed, *map(zlib.crc32, (code.encode(), key[1].encode()))]
            )
            self._streams[key] = points(code, rng)
        return self._streams[key]

    def _homes(self, code: str, rng: np.random.Generator) -> Iterator[tuple[float, float]]:
        plane = self.plane(code)
        inner = self._own(code)
        shapely.prepare(inner)
        low, high = np.reshape(inner.bounds, (2, 2))
        while True:
            metres = rng.uniform(low, high, (CHUNK, 2))
            metres = metres[shapely.contains_xy(inner, metres)]
            yield from map(tuple, plane.degrees(metres).tolist())

    def _own(self, code: str) -> BaseGeometry:
        """The inner part of the village without overlaps and without the surroundings of its
        office.
        """
        plane = self.plane(code)
        inner = plane.inner
        others = [
            shapely.transform(self.villages[self._codes[i]], plane.flat)
            for i in self._tree.query(self.villages[code], predicate="intersects")
            if self._codes[i] != code
        ]
        if code in self.offices:
            office = shapely.transform(self.offices[code], plane.flat)
            others.append(office.buffer(OFFICE_CLEAR_M))
        own = inner
        for other in others:
            if own.intersects(other):  # few do, 30 m inside
                own = own.difference(other.buffer(1))
        return own if own.area > inner.area / 10 else inner

    def _border_spots(self, code: str, rng: np.random.Generator) -> Iterator[tuple[float, float]]:
        plane = self.plane(code)
        border = plane.polygon.boundary
        while True:
            along = rng.uniform(0, max(border.length - 1, 0), CHUNK)
            here, there = (
                shapely.get_coordinates(shapely.line_interpolate_point(border, along + step))
                for step in (0, 1)
            )
            ahead = there - here
            ahead /= np.maximum(np.hypot(ahead[:, 0], ahead[:, 1]), 1e-9)[:, None]
            aside = np.column_stack([ahead[:, 1], -ahead[:, 0]]) * rng.choice([-1, 1], (CHUNK, 1))
            spots = here + aside * rng.uniform(NEAREST_M, FARTHEST_M, (CHUNK, 1))
            away = shapely.distance(plane.polygon, shapely.points(spots))
            spots = spots[(away >= NEAREST_M) & (away <= FARTHEST_M)]
            yield from map(tuple, plane.degrees(spots).tolist())

    def _open_spots(self, code: str, rng: np.random.Generator) -> Iterator[tuple[float, float]]:
        low, high = np.reshape(self.villages[code].bounds, (2, 2))
        clear = CLEAR_M / 110_000
        while True:
            spots = rng.uniform(low - SEARCH_DEGREES, high + SEARCH_DEGREES, (CHUNK, 2))
            taken = self._tree.query(shapely.points(spots), predicate="dwithin", distance=clear)[0]
            free = np.delete(spots, np.unique(taken), axis=0)
            if not len(free):
                return  # there is only land near here
            yield from map(tuple, np.round(free, DECIMALS).tolist())

    def _coarse_points(self, code: str, rng: np.random.Generator) -> Iterator[tuple[float, float]]:
        plane = self.plane(code)
        west, south, east, north = np.array(self.villages[code].bounds) * 1000
        grid = np.stack(
            np.meshgrid(np.arange(math.ceil(west), east), np.arange(math.ceil(south), north)), -1
        ).reshape(-1, 2)
        grid = np.round(grid / 1000, 3)
        grid = grid[shapely.contains_xy(self._own(code), plane.flat(grid))]
        for _ in range(3):
            yield from map(tuple, rng.permutation(grid).tolist())
