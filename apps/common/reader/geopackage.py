"""Checks a GeoPackage's schema before GDAL runs any of it."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

from apps.common.reader.refusal import Refusal

MAX_LAYERS = 50
# A layer has one table, five of its index, three indexes and at most ten triggers.
MAX_ENTRIES = 2_000
# Tables that are not layers.
OWN_TABLES = re.compile(r"(gpkg_|rtree_|sqlite_|fts|qgis_|layer_styles$|ogr_)", re.IGNORECASE)
# Tables that GDAL, QGIS and ArcGIS add to a GeoPackage themselves.
OWN_TRIGGERS = re.compile(
    r"(rtree_|trigger_(insert|delete|update)_feature_count_|gpkg_|fgti_|fgui_|fgdi_)", re.IGNORECASE
)
SAFE_MODULES = re.compile(r"\busing\s+\"?(rtree|rtree_i32|fts[345])\b", re.IGNORECASE)


def inspect(path: Path) -> None:
    """Raises: Refusal for views, foreign triggers, virtual tables with code, and too
    many layers.
    """
    try:
        with sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True) as database:
            database.execute("PRAGMA trusted_schema = OFF")
            rows = database.execute(
                "SELECT type, name, sql FROM sqlite_master LIMIT ?", [MAX_ENTRIES + 1]
            ).fetchall()
            if len(rows) > MAX_ENTRIES:
                raise too_many_layers(None)
            if "gpkg_contents" not in {name for _, name, _ in rows}:
                raise Refusal("not_a_geopackage")
            for kind, name, sql in rows:
                _check(kind, str(name), str(sql or ""))
            named = database.execute(
                "SELECT 1 FROM gpkg_contents LIMIT ?", [MAX_ENTRIES + 1]
            ).fetchall()
    except sqlite3.DatabaseError as error:
        raise Refusal("geopackage_broken") from error
    tables = sum(kind == "table" and not OWN_TABLES.match(str(name)) for kind, name, _ in rows)
    if (count := max(len(named), tables)) > MAX_LAYERS:
        raise too_many_layers(count)


def too_many_layers(count: int | None) -> Refusal:
    """The refusal of too many layers: GDAL opens all of them each time."""
    return Refusal("too_many_layers", count=count or f"> {MAX_LAYERS}", limit=MAX_LAYERS)


def _check(kind: str, name: str, sql: str) -> None:
    is_program = (
        kind == "view"
        or (kind == "trigger" and not OWN_TRIGGERS.match(name))
        or (
            kind == "table"
            and re.match(r"\s*create\s+virtual", sql, re.IGNORECASE) is not None
            and not SAFE_MODULES.search(sql)
        )
    )
    if is_program:
        raise Refusal("geopackage_program", name=name[:80])
