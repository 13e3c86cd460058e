"""The numbering of map tiles: zoom, column, row. Pure.

Tile z/x/y is one of 2^z × 2^z squares of the Web Mercator world, columns from the west and rows
from the north.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from apps.common.http import integer

# Half of the world's width. Units: Mercator metres.
HALF_WORLD_M: Final = 20_037_508.342789244
# The last places of the map, which a tile contains.
MOST_LATITUDE: Final = 85.05
MOST_LONGITUDE: Final = 179.9999
# From here on browsers enlarge the tiles: 0.6 m is one unit of a tile of zoom 14.
MOST_ZOOM: Final = 14


class NotATile(ValueError):
    """The address is no tile: `unreadable` (no numbers) or `outside` (beyond the world's edge)."""


@dataclass(frozen=True)
class Tile:
    """One tile; its box in Mercator metres."""

    z: int
    x: int
    y: int

    @classmethod
    def of(cls, z: str, x: str, y: str) -> Tile:
        """The tile of an address. Raises: NotATile."""
        numbers = integer(z, most=99), integer(x), integer(y)
        if None in numbers:
            raise NotATile("unreadable")
        tile = cls(*(number or 0 for number in numbers))
        if tile.z > MOST_ZOOM or tile.x >= 1 << tile.z or tile.y >= 1 << tile.z:
            raise NotATile("outside")
        return tile

    @property
    def side_m(self) -> float:
        return 2 * HALF_WORLD_M / (1 << self.z)

    @property
    def box(self) -> dict[str, float]:
        """West, south, east and north as parameters of a statement."""
        west = -HALF_WORLD_M + self.x * self.side_m
        north = HALF_WORLD_M - self.y * self.side_m
        return {
            "west": west,
            "south": north - self.side_m,
            "east": west + self.side_m,
            "north": north,
        }

    @property
    def degrees(self) -> Box:
        """West, south, east and north in degrees."""
        box = self.box
        return degrees(box["west"], box["south"], box["east"], box["north"])

    def contains(self, east_m: float, north_m: float) -> bool:
        """Whether a place in Mercator metres is in this tile; every place is in one of its zoom."""
        box = self.box
        return box["west"] <= east_m < box["east"] and box["south"] < north_m <= box["north"]

    def ancestor(self, zoom: int) -> Tile:
        """The tile of a lower zoom that contains this one."""
        step = self.z - zoom
        return Tile(zoom, self.x >> step, self.y >> step)

    def __str__(self) -> str:
        return f"{self.z}/{self.x}/{self.y}"


Box = tuple[float, float, float, float]


def degrees(west: float, south: float, east: float, north: float) -> Box:
    """A box in Mercator metres as degrees."""
    return (*_to_degrees(west, south), *_to_degrees(east, north))


def metres(longitude: float, latitude: float) -> tuple[float, float]:
    """A place as Mercator metres; one beyond the map's edge is at the edge."""
    east, north = min(longitude, MOST_LONGITUDE), max(-MOST_LATITUDE, min(MOST_LATITUDE, latitude))
    up = math.asinh(math.tan(math.radians(north))) / math.pi
    return HALF_WORLD_M * east / 180, HALF_WORLD_M * up


def _to_degrees(east_m: float, north_m: float) -> tuple[float, float]:
    latitude = math.degrees(math.atan(math.sinh(math.pi * north_m / HALF_WORLD_M)))
    return 180 * east_m / HALF_WORLD_M, latitude
