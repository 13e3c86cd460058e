"""Where the regions of a thematic map lie: their areas and the places of their names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from apps.common import sql
from apps.common.geo import SRID
from apps.regions.models import Level

# Outlines whose details are as large as a pixel of a sheet.
ZOOMS: Final = {Level.PROVINCE: 5, Level.REGENCY: 5, Level.DISTRICT: 9, Level.VILLAGE: 9}


@dataclass(frozen=True)
class Area:
    """The area of a region as WKB, and the place of its name, both in one projection."""

    wkb: bytes
    x: float
    y: float


def areas(codes: Sequence[str], level: Level, *, srid: int = SRID) -> dict[str, Area]:
    """The areas of regions that have an outline, by code. Queries: one."""
    rows = sql.run("maps/read_areas", {"codes": list(codes), "zoom": ZOOMS[level], "srid": srid})
    return {code: Area(bytes(shape), x, y) for code, shape, x, y in rows}


def places(codes: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Longitude and latitude of regions' names, by code. Queries: one."""
    rows = sql.run("maps/read_places", {"codes": ",".join(codes)})
    return {code: (round(x, 4), round(y, 4)) for code, x, y in rows}
