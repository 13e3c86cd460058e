"""Boundary files as rows: chosen fields, the polygon as hex EWKB in EPSG:4326, and a flag.

Rings are passed on unchanged: PostGIS repairs them. The last column says why a shape cannot be
stored as a polygon: `missing`, `not_polygon`, `unreadable`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from apps.common.reader import spatial
from apps.common.reader.copytext import BLOCK_BYTES, field

BATCH = 1_000
POLYGON, MULTIPOLYGON, COLLECTION = 3, 6, 7
MISSING, NOT_POLYGON, UNREADABLE = "missing", "not_polygon", "unreadable"


def blocks_of(
    path: Path, layer: spatial.Layer, fields: Sequence[str], skip: int, odd: Counter[str]
) -> Iterator[bytes]:
    """Blocks of COPY text: row number, fields, hex EWKB, flag. Counts the flags in `odd`."""
    transform = spatial.to_wgs84(layer)
    number, lines, size = skip, [], 0
    for batch in spatial.batches(path, layer, fields, most=BATCH, skip=skip):
        shapes, flags = _shapes(batch.wkb, transform)
        odd.update(flag for flag in flags if flag)
        odd["rows"] += len(flags)
        columns = [map(field, column) for column in batch.columns]
        for *texts, shape, flag in zip(*columns, shapes, flags, strict=True):
            number += 1
            line = "\t".join([str(number), *texts, shape or "", flag or ""]) + "\n"
            lines.append(line.encode())
            size += len(line)
            if size >= BLOCK_BYTES:
                yield b"".join(lines)
                lines, size = [], 0
    if lines:
        yield b"".join(lines)


def _shapes(
    wkb: Sequence[bytes | None], transform: spatial.type_points | None
) -> tuple[list[str], list[str]]:
    shapes, flags = _polygons(wkb)
    if transform is not None:
        shapes = shapely.transform(shapes, transform, interleaved=False)
    _flag_endless(shapes, flags)
    return _hex(shapes), flags


def _polygons(wkb: Sequence[bytes | None]) -> tuple[Any, list[str]]:
    shapes = shapely.from_wkb(np.array(wkb, dtype=object), on_invalid="ignore")
    flags = [_flag(shape, raw) for shape, raw in zip(shapes, wkb, strict=True)]
    kept = [None if flag else _multi(shape) for shape, flag in zip(shapes, flags, strict=True)]
    return np.array(kept, dtype=object), flags


def _flag(shape: Any, raw: bytes | None) -> str:
    if raw is None:
        return MISSING
    if shape is None:
        return UNREADABLE
    kind = shapely.get_type_id(shape)
    if kind not in (POLYGON, MULTIPOLYGON) and not (kind == COLLECTION and _only_areas(shape)):
        return NOT_POLYGON
    return MISSING if shape.is_empty else ""


def _only_areas(shape: Any) -> bool:
    return all(shapely.get_type_id(part) in (POLYGON, MULTIPOLYGON) for part in shape.geoms)


def _multi(shape: Any) -> Any:
    if shape.geom_type == "MultiPolygon":
        return shape
    parts = shapely.get_parts(shapely.get_parts(shape))
    return shapely.multipolygons([part for part in parts if not part.is_empty])


def _flag_endless(shapes: Any, flags: list[str]) -> None:
    """Flag coordinates that are not finite numbers (from the file, or after a failed
    projection).
    """
    coordinates, owner = shapely.get_coordinates(shapes, return_index=True)
    for index in np.unique(owner[~np.isfinite(coordinates).all(axis=1)]).tolist():
        shapes[index], flags[index] = None, UNREADABLE


def _hex(shapes: Any) -> list[str]:
    placed = shapely.set_srid(shapes, spatial.WGS84)
    texts = shapely.to_wkb(
        placed, hex=True, output_dimension=2, byte_order=1, include_srid=True, flavor="extended"
    )
    return [text or "" for text in texts.tolist()]
