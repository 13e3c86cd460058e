"""Regions and village boundaries of made-up countries, in the layout of BIG's layer."""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyogrio
import shapely
from shapely.geometry import MultiPolygon
from shapely.geometry.base import BaseGeometry

LAYER = "ADMINISTRASI_AR_DESAKEL"
LEVELS = {1: "province", 2: "regency", 3: "district", 4: "village"}
COUNTRY = "ID"


class Region(NamedTuple):
    code: str
    name: str
    level: str
    parent: str


def region(code: str, name: str) -> Region:
    """A region of the tree; its level and parent follow from the dotted code."""
    parts = code.split(".")
    return Region(code, name, LEVELS[len(parts)], ".".join(parts[:-1]) or COUNTRY)


def bps_code(code: str) -> str:
    """A made-up code of the statistics office: ten digits (2+2+3+3), never the ministry's code."""
    province, regency, district, village = code.split(".")
    serial = int(village[1:]) + (500 if village[0] == "1" else 0)
    return f"{province}{regency}{int(district) * 10:03d}{serial:03d}"


def write_boundaries(
    path: Path,
    villages: Mapping[str, BaseGeometry],
    regions: Iterable[Region],
    *,
    layer: str = LAYER,
) -> int:
    """Write the polygons with BIG's attributes; GeoPackage, shapefile or GeoJSON by the extension.

    Shapes: MultiPolygon, EPSG:4326 (lon, lat). Returns the number of villages written.
    """
    names = {each.code: each.name for each in regions}
    codes = sorted(villages)
    rows = [_attributes(code, names) for code in codes]
    polygons = [_as_multi(villages[code]) for code in codes]
    # A GeoPackage contains a date; a fixed one keeps the bytes the same.
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2026-01-01T00:00:00.000Z"})
    try:
        pyogrio.raw.write(
            path,
            geometry=shapely.to_wkb(np.array(polygons, dtype=object)),
            field_data=[np.array([row[field] for row in rows], dtype=object) for field in rows[0]],
            fields=list(rows[0]),
            crs="EPSG:4326",
            geometry_type="MultiPolygon",
            layer=layer,
        )
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})
    return len(codes)


def write_crosswalk(path: Path, regions: Iterable[Region]) -> int:
    """Write the table that joins the statistics office's village codes with the ministry's."""
    villages = [each for each in regions if each.level == "village"]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["kode_bps", "kode_kemendagri", "nama"])
        writer.writerows([bps_code(each.code), each.code, each.name.upper()] for each in villages)
    return len(villages)


def _attributes(code: str, names: Mapping[str, str]) -> dict[str, str | int]:
    district, regency, province = code[:8], code[:5], code[:2]
    return {
        "NAMOBJ": names[code],
        "FCODE": "BA03070040",
        "REMARK": "",
        "METADATA": "",
        "SRS_ID": "SRGI 2013",
        "KDEPUM": code,
        "KDCPUM": district,
        "KDPKAB": regency,
        "KDPPUM": province,
        "KDEBPS": bps_code(code),
        "WADMKD": names[code],
        "WADMKC": names[district],
        "WADMKK": names[regency],
        "WADMPR": names[province],
        "TIPADM": 1,
    }


def _as_multi(polygon: BaseGeometry) -> MultiPolygon:
    return polygon if isinstance(polygon, MultiPolygon) else MultiPolygon([polygon])
