"""Outlines of an area for a drawing of its own: simplified polygons and the middles of regions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from apps.common import sql

# More villages than this are not drawn: the drawing would have more lines than room.
MOST_OUTLINES = 500
# The drawing is so many units wide; a detail smaller than one of them is not seen.
UNITS_ACROSS = 700
# Limit of a village with its neighbours, uncompressed.
SURROUNDINGS_BYTES = 60_000
# By how much their lines are simplified, in degrees: 2 m first, 1 km last.
TOLERANCES = (0.00002, 0.00005, 0.0001, 0.0002, 0.0005, 0.002, 0.01)


@dataclass(frozen=True)
class Middle:
    """Where a region lies, in degrees."""

    x: float
    y: float
    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True)
class Outline:
    """A village's polygon: rings of (longitude, latitude)."""

    code: str
    rings: list[list[tuple[float, float]]]
    edition: str


def middles(codes: Sequence[str], code_length: int) -> dict[str, Middle]:
    """Region code → where it lies, for the regions of a level under these codes. Queries: one."""
    asked = {"scope": list(codes), "code_length": code_length}
    rows = sql.run("regions/find_middles", asked)
    return {code: Middle(*place) for code, *place, _villages in rows}


def of_villages(codes: Sequence[str], width: float) -> list[Outline]:
    """The villages under these codes; none where there are more than MOST_OUTLINES.

    `width` is the drawing's, in degrees. Queries: one.
    """
    rows = sql.run(
        "regions/draw_area",
        {
            "scope": list(codes),
            "tolerance": width / UNITS_ACROSS,
            "digits": 5,
            "most": MOST_OUTLINES,
        },
    )
    return [Outline(code, rings(json.loads(shape)), edition) for code, shape, edition in rows]


def surroundings(
    code: str, *, most_bytes: int = SURROUNDINGS_BYTES, tolerance: float = TOLERANCES[0]
) -> dict[str, Any]:
    """A village, its neighbours and the sea for a small map, simplified until they fit; by
    `tolerance` at least, in degrees.

    Returns `{"type": "FeatureCollection", …}` with `sea` (a geometry), `office` (longitude,
    latitude) and `frame` (west, south, east, north); each None where it is not known. Queries: one
    to seven, of some 20 ms each.
    """
    drawn: dict[str, Any] = {}
    for allowed in TOLERANCES:
        if allowed < tolerance:
            continue
        found = sql.scalar("regions/draw_surroundings", {"code": code, "tolerance": allowed})
        drawn = json.loads(found) if isinstance(found, str) else found
        if len(json.dumps(drawn, separators=(",", ":"))) <= most_bytes:
            break
    return drawn


def rings(shape: dict[str, Any]) -> list[list[tuple[float, float]]]:
    """The rings of a polygon in GeoJSON."""
    parts = shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]
    return [[(x, y) for x, y, *_z in ring] for part in parts for ring in part]
