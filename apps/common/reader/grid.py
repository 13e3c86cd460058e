"""A grid (ESRI ASCII, GeoTIFF; also packed by gzip) as polygons of classes. Runs in the child.

Each cell belongs to the class whose lower bound it reaches; cells of one class that share a side
are one polygon, along the cells' sides. The answer is COPY text: number, lower bound, hex EWKB in
EPSG:4326, an empty flag; then a summary with the number of cells and the least and greatest value.
"""

from __future__ import annotations

import gc
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import rasterio
import rasterio.features
import shapely
from rasterio.errors import RasterioError
from rasterio.io import MemoryFile
from rasterio.transform import array_bounds

from apps.common.reader import wire
from apps.common.reader.refusal import Refusal

WGS84 = 4326
DRIVERS = ["AAIGrid", "GTiff"]
MOST_CELLS = 25_000_000
MOST_BYTES = 200_000_000
GZIP = b"\x1f\x8b"
TIFF = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
# Rounding of a grid's own program may leave a little less than nought.
NEARLY_ZERO = 0.05


def serve(request: dict[str, Any], missing: list[str]) -> None:
    """Answer one request: `path`, `bounds` (ascending), `greatest` (of a believable value)."""
    gc.disable()
    wire.serve(missing, lambda out: _answer(request, out))


def _answer(request: dict[str, Any], out: wire.Wire) -> None:
    content = _content(Path(request["path"]))
    values, known, transform, crs = _read(content)
    found = values[known]
    if found.size == 0:
        raise Refusal("grid_empty")
    least, greatest = float(found.min()), float(found.max())
    if least < -NEARLY_ZERO:
        raise Refusal("grid_negative", found=round(least, 2), count=int((found < 0).sum()))
    if greatest > request["greatest"]:
        raise Refusal("grid_too_great", found=round(greatest, 2), most=request["greatest"])
    number = 0
    bounds = request["bounds"]
    classes = np.digitize(values, bounds).astype(np.int16)
    classes[~known] = 0
    project = _to_wgs84(crs, transform, values.shape)
    for shape, value in rasterio.features.shapes(
        classes, mask=classes > 0, connectivity=4, transform=transform
    ):
        number += 1
        polygon = shapely.geometry.shape(shape)
        if project is not None:
            polygon = shapely.transform(polygon, project, interleaved=False)
        multi = shapely.set_srid(shapely.multipolygons([polygon]), WGS84)
        text = shapely.to_wkb(multi, hex=True, byte_order=1, include_srid=True, flavor="extended")
        line = f"{number}\t{bounds[int(value) - 1]}\t{text}\t\n"
        out.send(wire.DATA, line.encode())
    summary = {"cells": int(known.sum()), "least": least, "greatest": greatest, "shapes": number}
    out.send_json(wire.SUMMARY, summary)


def _content(path: Path) -> bytes:
    if path.stat().st_size > MOST_BYTES:
        raise Refusal("grid_too_large", limit_mb=MOST_BYTES // 1_000_000)
    content = path.read_bytes()
    if not content.startswith(GZIP):
        return content
    unpacker = zlib.decompressobj(wbits=31)
    try:
        unpacked = unpacker.decompress(content, MOST_BYTES + 1)
    except zlib.error as error:
        raise Refusal("grid_unreadable") from error
    if len(unpacked) > MOST_BYTES:
        raise Refusal("grid_too_large", limit_mb=MOST_BYTES // 1_000_000)
    return unpacked


def _read(content: bytes) -> tuple[Any, Any, Any, Any]:
    """(values, which of them are known, transform, reference system or None)."""
    is_tiff = content.startswith(TIFF)
    if not is_tiff and not content[:200].lstrip().lower().startswith(b"ncols"):
        raise Refusal("grid_without_header")
    ending = ".tif" if is_tiff else ".asc"
    try:
        with (
            MemoryFile(content, ext=ending) as memory,
            memory.open(driver=DRIVERS[is_tiff]) as grid,
        ):
            if grid.width * grid.height > MOST_CELLS:
                raise Refusal("grid_too_many_cells", cells=grid.width * grid.height)
            band = grid.read(1, masked=True).astype(np.float64)
            transform, crs = grid.transform, grid.crs
    except RasterioError as error:
        raise Refusal("grid_unreadable") from error
    if not (transform.a > 0 > transform.e):  # a cell without a size, or not north up
        raise Refusal("grid_unreadable")
    values = np.ma.getdata(band)
    known = ~np.ma.getmaskarray(band) & np.isfinite(values)
    return np.where(known, values, -1.0), known, transform, crs


def _to_wgs84(crs: Any, transform: Any, shape: tuple[int, int]) -> Any:
    """The conversion of (x, y) to degrees; None where they are degrees already."""
    west, south, east, north = array_bounds(*shape, transform)
    if crs is None:
        is_degrees = max(abs(west), abs(east)) <= 180 and max(abs(north), abs(south)) <= 90
        if not is_degrees:
            raise Refusal("grid_without_crs")
        return None
    known = pyproj.CRS.from_user_input(crs.to_wkt())
    if known.equals(pyproj.CRS.from_epsg(WGS84), ignore_axis_order=True):
        return None
    return pyproj.Transformer.from_crs(known, WGS84, always_xy=True).transform
