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
    return [Outline(code, _rings(json.loads(shape)), edition) for code, shape, edition in rows]


def _rings(shape: dict[str, Any]) -> list[list[tuple[float, float]]]:
    parts = shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]
    return [[(x, y) for x, y, *_z in ring] for part in parts for ring in part]
