"""A plain drawing of an area as SVG: degrees become units, polygons become paths. Pure.

North is up; degrees of longitude are shortened by the cosine of the middle latitude.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, cos, radians

METRES_PER_DEGREE = 111_320
# Lengths of the scale bar, in metres.
LENGTHS = [factor * 10**power for power in range(1, 7) for factor in (1, 2, 5)]
# The narrowest area that is drawn, in degrees: about ten metres.
NARROWEST = 1e-4
# A square of the grid has at least so many units.
LEAST_SQUARE = 30

Point = tuple[float, float]


@dataclass(frozen=True)
class Frame:
    """How degrees become units of a drawing, and the size of the drawing."""

    west: float
    north: float
    unit: float
    squeeze: float
    left: float
    margin: float
    width: float
    height: float

    @classmethod
    def around(
        cls, boxes: Iterable[tuple[float, float, float, float]], width: float, most_height: float
    ) -> Frame:
        """The frame for boxes (west, south, east, north), at least one, with a margin around."""
        wests, souths, easts, norths = zip(*boxes, strict=True)
        west, south, east, north = min(wests), min(souths), max(easts), max(norths)
        margin = width / 24
        squeeze = cos(radians((north + south) / 2))
        wide, high = max((east - west) * squeeze, NARROWEST), max(north - south, NARROWEST)
        unit = min((width - 2 * margin) / wide, (most_height - 2 * margin) / high)
        left = (width - wide * unit) / 2
        return cls(west, north, unit, squeeze, left, margin, width, high * unit + 2 * margin)

    def at(self, x: float, y: float) -> Point:
        """The place of a point in the drawing."""
        return (
            self.left + (x - self.west) * self.squeeze * self.unit,
            self.margin + (self.north - y) * self.unit,
        )

    def path(self, rings: Iterable[Sequence[Point]]) -> str:
        """A polygon as the `d` of a path; points that fall on the one before are left out."""
        parts = []
        for ring in rings:
            points = [f"{x:.1f} {y:.1f}" for x, y in (self.at(*point) for point in ring)]
            kept = points[:1] + [b for a, b in pairwise(points) if a != b]
            if len(kept) > 2:
                parts.append(f"M{'L'.join(kept)}Z")
        return "".join(parts)

    def scale_bar(self) -> tuple[int, float]:
        """Its length in metres and in units: at most a quarter of the drawing."""
        per_metre = self.unit / METRES_PER_DEGREE
        metres = max((one for one in LENGTHS if one * per_metre < self.width / 4), default=1)
        return metres, metres * per_metre

    def grid(self) -> tuple[int, str]:
        """The width of a square in metres, and the lines as the `d` of a path."""
        per_metre = self.unit / METRES_PER_DEGREE
        metres = next((one for one in LENGTHS if one * per_metre >= LEAST_SQUARE), LENGTHS[-1])
        step = metres * per_metre
        across = range(1, ceil(self.width / step))
        down = range(1, ceil(self.height / step))
        lines = [f"M{n * step:.1f} 0v{self.height:.0f}" for n in across]
        lines += [f"M0 {n * step:.1f}h{self.width:.0f}" for n in down]
        return metres, "".join(lines)

    def degrees(self) -> tuple[float, float, float, float]:
        """West, south, east and north of the whole drawing."""
        wide, high = self.squeeze * self.unit, self.unit
        west, north = self.west - self.left / wide, self.north + self.margin / high
        return west, north - self.height / high, west + self.width / wide, north


def box_of(rings: Iterable[Sequence[Point]]) -> tuple[float, float, float, float]:
    """West, south, east and north of a polygon."""
    points = [point for ring in rings for point in ring]
    xs, ys = [x for x, _y in points], [y for _x, y in points]
    return min(xs), min(ys), max(xs), max(ys)
