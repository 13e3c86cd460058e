"""Our picture of the pockets as a file for BIG: a GeoPackage with the villages and the cells."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyogrio
import shapely
from django.template.loader import render_to_string
from shapely.geometry import MultiPolygon, shape

from apps.indicators.models import PocketEdition
from apps.indicators.pockets import open_features
from apps.indicators.pockets.open_features import COLLECTIONS, MOST, Feature, Query

# The columns of each layer, and which of them are numbers.
COLUMNS: Final = {
    open_features.VILLAGES: (
        *("kode_desa", "desa", "kabupaten", "keluarga", "jiwa", "keluarga_dihitung"),
        *("per_km2", "persen", "disamarkan", "edisi", "tanggal", "batas"),
    ),
    open_features.CELLS: (*("keluarga_dihitung", "jiwa", "per_km2", "edisi", "tanggal", "batas"),),
}
NUMBERS: Final = frozenset(("keluarga", "jiwa", "keluarga_dihitung", "per_km2", "persen"))
FLAGS: Final = frozenset(("disamarkan",))


def write_geopackage(edition: PocketEdition) -> bytes:
    """The whole file, with the method in words. What is not shown is empty, and `disamarkan` says
    so; the area of a village without a boundary is empty, too.

    Cost: one query for a thousand features.
    """
    words = render_to_string("indicators/pockets/_method.txt", {"edition": edition})
    method = " ".join(words.split())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "kantong.gpkg"
        for collection in COLLECTIONS:
            found = list(_features(edition, collection))
            shapes = [_multi(one["geometry"]) if one["geometry"] else None for one in found]
            names = COLUMNS[collection]
            pyogrio.raw.write(
                path,
                shapely.to_wkb(np.array(shapes, dtype=object)),
                [_column(name, found) for name in names],
                list(names),
                layer=collection.replace("-", "_"),
                driver="GPKG",
                geometry_type="MultiPolygon",
                crs="EPSG:4326",
                append=path.exists(),
                layer_metadata={"DESCRIPTION": method},
            )
        return path.read_bytes()


def _features(edition: PocketEdition, collection: str) -> Iterator[Feature]:
    """All features of a collection, page by page."""
    offset, matched = 0, 1
    while offset < matched:
        query = Query(limit=MOST, offset=offset)
        matched, found = open_features.read_features(edition, collection, query)
        yield from found
        offset += MOST


def _multi(geometry: dict[str, Any]) -> MultiPolygon:
    found = shape(geometry)
    return found if isinstance(found, MultiPolygon) else MultiPolygon([found])


def _column(name: str, features: list[Feature]) -> Any:
    values = [one["properties"][name] for one in features]
    if name in FLAGS:
        return np.array(values, dtype=bool)
    if name in NUMBERS:
        return np.array([np.nan if one is None else one for one in values], dtype=float)
    return np.array([str(one or "") for one in values], dtype=object)
