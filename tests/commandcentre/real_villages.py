"""Real villages as regions with boundaries in force, for tests with real hazards."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pyogrio.raw
import shapely
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon

from apps.regions.models import COUNTRY, Boundary, BoundaryEdition, Level, Region
from tests.base import NOW

Polygons = Mapping[str, Any]


def read_villages(path: Path, layer: str, code_field: str, where: str = "") -> dict[str, Any]:
    """Valid polygons by dotted code."""
    meta, _, geometry, fields = pyogrio.raw.read(
        path, layer=layer, columns=[code_field], where=where or None
    )
    codes = fields[list(meta["fields"]).index(code_field)]
    found = {}
    for code, wkb in zip(codes, geometry, strict=True):
        shape = shapely.make_valid(shapely.force_2d(shapely.from_wkb(wkb)))
        areas = [part for part in shapely.get_parts(shape) if "Polygon" in part.geom_type]
        found[_dotted(str(code))] = shapely.union_all(areas)
    return found


def _dotted(code: str) -> str:
    digits = code.replace(".", "")
    return f"{digits[:2]}.{digits[2:4]}.{digits[4:6]}.{digits[6:]}"


def put_in_force(
    name: str, polygons: Polygons, names: Mapping[str, str] = MappingProxyType({})
) -> None:
    """Store regions of every level (names by code) and an active edition. As the owner."""
    codes = sorted({code[:size] for code in polygons for size in (2, 5, 8, 13)})
    Region.objects.bulk_create(
        Region(
            code=code,
            name=names.get(code, code),
            level=Level.of(code),
            parent_id={2: COUNTRY, 5: code[:2], 8: code[:5], 13: code[:8]}[len(code)],
        )
        for code in sorted(codes, key=len)
    )
    edition = BoundaryEdition.objects.create(
        name=name,
        published_date=NOW.date(),
        status=BoundaryEdition.Status.ACTIVE,
        file_name=name,
        sha256="0" * 64,
        received_at=NOW,
        received_by="tests",
        activated_at=NOW,
        activated_by="tests",
    )
    Boundary.objects.bulk_create(
        Boundary(
            edition=edition,
            region_id=code,
            boundary=_multi(polygon),
            area_m2=1.0,
            is_current=True,
        )
        for code, polygon in polygons.items()
    )


def _multi(polygon: Any) -> MultiPolygon:
    shape = GEOSGeometry(polygon.wkb_hex, srid=4326)
    return shape if isinstance(shape, MultiPolygon) else MultiPolygon(shape, srid=4326)
