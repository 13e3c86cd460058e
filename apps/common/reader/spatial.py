"""Spatial files through pyogrio: layers, attributes as text, coordinates in EPSG:4326.

Reads a batch of features at a time by position. The allowed drivers are named in the child's
environment before this module is imported, and checked again here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pyogrio.errors
import pyogrio.raw
import pyproj
import pyproj.exceptions

from apps.common.reader import geojson, geopackage
from apps.common.reader.refusal import Refusal
from apps.common.reader.workbook import number_text

DRIVERS = {"GPKG", "GeoJSON", "ESRI Shapefile", "OpenFileGDB"}
WGS84 = 4326
BATCH_BYTES = 16 << 20  # of the file, approximately
WHOLE_BYTES = 64 << 20  # a GeoJSON up to this size is read at once
FEWEST = 20
LATITUDE, LONGITUDE = "__latitude", "__longitude"
UNDEFINED = ("Undefined", "unknown", "Unknown engineering", "EngineeringCRS")
BROKEN = (
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    pyogrio.errors.FeatureError,
    pyogrio.errors.FieldError,
    pyogrio.errors.GeometryError,
)

type_points = Callable[[Any, Any], tuple[Any, Any]]


@dataclass(frozen=True)
class Layer:
    """One layer of the file; `crs` is its authority code or WKT, None without one."""

    name: str
    geometry_type: str | None
    fields: tuple[str, ...]
    count: int
    crs: str | None
    seeks: bool


@dataclass(frozen=True)
class Batch:
    """Features in file order: fields as lists of text, geometry as WKB or None."""

    columns: list[list[str]]
    wkb: list[bytes | None]


def check_drivers() -> None:
    """Raises: RuntimeError when this GDAL could open more than we allow."""
    if foreign := set(pyogrio.list_drivers()) - DRIVERS:
        raise RuntimeError(f"drivers that should be skipped: {sorted(foreign)}")


def layers(path: Path) -> list[Layer]:
    """All readable layers."""
    try:
        names = [str(name) for name, _ in pyogrio.list_layers(path)]
        if len(names) > geopackage.MAX_LAYERS:
            raise geopackage.too_many_layers(len(names))
        return [_layer(path, name) for name in names]
    except BROKEN as error:
        raise Refusal("spatial_broken") from error


def layer_named(path: Path, name: str | None) -> Layer:
    """The layer of this name; without a name the first with points, else the first."""
    found = layers(path)
    if not found:
        raise Refusal("no_layers")
    if name is None:
        return next((a for a in found if "Point" in str(a.geometry_type)), found[0])
    for layer in found:
        if layer.name == name:
            return layer
    raise Refusal("layer_unknown", name=name[:80], names=", ".join(a.name for a in found)[:200])


def batches(
    path: Path, layer: Layer, fields: Sequence[str], *, most: int, skip: int = 0
) -> Iterator[Batch]:
    """Features from position `skip` on. Fields are in the requested order."""
    size = _bytes_of(path)
    if layer.seeks:
        most = min(most, max(FEWEST, layer.count * BATCH_BYTES // max(1, size)))
    elif size > WHOLE_BYTES:
        for piece in geojson.pieces(path, BATCH_BYTES, skip):
            yield _batch(piece, None, fields, 0, None)
        return
    else:
        most = max(1, layer.count)
    for start in range(skip, layer.count, most):
        yield _batch(path, layer.name, fields, start, most)


def to_wgs84(layer: Layer) -> type_points | None:
    """The conversion of (x, y) to (longitude, latitude); None when none is needed.

    Raises: Refusal when the layer does not name the reference system of its coordinates.
    """
    if layer.crs is None:
        raise Refusal("crs_missing", layer=layer.name[:80])
    try:
        crs = pyproj.CRS.from_user_input(layer.crs)
        if crs.is_engineering or any(crs.name.startswith(word) for word in UNDEFINED):
            raise Refusal("crs_missing", layer=layer.name[:80])
        if crs.equals(pyproj.CRS.from_epsg(WGS84), ignore_axis_order=True):
            return None
        transformer = pyproj.Transformer.from_crs(crs, WGS84, always_xy=True)
    except pyproj.exceptions.ProjError as error:
        raise Refusal("crs_unknown", layer=layer.name[:80], crs=layer.crs[:60]) from error
    transform: type_points = transformer.transform
    return transform


def _bytes_of(path: Path) -> int:
    inside = path.iterdir() if path.is_dir() else [path]
    return sum(file.stat().st_size for file in inside)


def _layer(path: Path, name: str) -> Layer:
    info = pyogrio.read_info(path, layer=name, force_feature_count=True)
    return Layer(
        name=name,
        geometry_type=info["geometry_type"],
        fields=tuple(map(str, info["fields"])),
        count=int(info["features"]),
        crs=info["crs"],
        # a GeoJSON layer reports that it can, after parsing the whole file again
        seeks=info["driver"] != "GeoJSON" and bool(info["capabilities"]["fast_set_next_by_index"]),
    )


def _batch(
    source: Path | bytes, layer: str | None, fields: Sequence[str], start: int, size: int | None
) -> Batch:
    meta, wkb, data = _read(source, layer, fields, start, size)
    names = list(map(str, meta["fields"]))
    empty = [""] * len(wkb)  # a field that no feature of this piece has
    columns = [_texts(data[names.index(f)]) if f in names else empty for f in fields]
    return Batch(columns, list(wkb))


def _read(
    source: Path | bytes, layer: str | None, fields: Sequence[str], start: int, size: int | None
) -> tuple[dict[str, Any], Any, Any]:
    def read(encoding: str | None) -> tuple[dict[str, Any], Any, Any]:
        meta, _, wkb, data = pyogrio.raw.read(
            source,
            layer=layer,
            encoding=encoding,
            columns=list(dict.fromkeys(fields)),
            force_2d=True,
            skip_features=start,
            max_features=size,
            datetime_as_string=True,
        )
        return meta, wkb if wkb is not None else np.full(len(data[0]) if data else 0, None), data

    try:
        return read(None)
    except UnicodeDecodeError:  # a shapefile that states a wrong encoding
        return read("cp1252")
    except BROKEN as error:
        raise Refusal("spatial_broken") from error


def _texts(values: Any) -> list[str]:
    if values.dtype.kind == "f":
        return [number_text(value) for value in values.tolist()]
    if values.dtype.kind in "iu":
        return list(map(str, values.tolist()))
    return [_text(value) for value in values.tolist()]


def _text(value: Any) -> str:
    if value is None or isinstance(value, bytes):
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    text = str(value)
    return text[:10] if len(text) in (19, 23) and text.endswith(_MIDNIGHT) else text


_MIDNIGHT = ("T00:00:00", "T00:00:00.000")
