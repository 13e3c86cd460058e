"""Spatial files as rows: chosen fields, polygon or line as hex EWKB in EPSG:4326, and a flag.

Rings are passed on unchanged: PostGIS repairs them. The last column says why a shape cannot be
stored as what was asked for: `missing`, `not_polygon`, `not_line`, `unreadable`.
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
LINE, MULTILINE = 1, 5
MISSING, UNREADABLE = "missing", "unreadable"
# By what is asked for: the geometry types that are taken, and the flag of all others.
TAKEN = {"polygon": (POLYGON, MULTIPOLYGON), "line": (LINE, MULTILINE)}


def blocks_of(
    path: Path,
    layer: spatial.Layer,
    fields: Sequence[str],
    skip: int,
    odd: Counter[str],
    wanted: str = "polygon",
) -> Iterator[bytes]:
    """Blocks of COPY text: row number, fields, hex EWKB, flag. Counts the flags in `odd`."""
    transform = spatial.to_wgs84(layer)
    number, lines, size = skip, [], 0
    for batch in spatial.batches(path, layer, fields, most=BATCH, skip=skip):
        shapes, flags = _shapes(batch.wkb, transform, wanted)
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
    wkb: Sequence[bytes | None], transform: spatial.type_points | None, wanted: str
) -> tuple[list[str], list[str]]:
    shapes, flags = _wanted(wkb, wanted)
    if transform is not None:
        shapes = shapely.transform(shapes, transform, interleaved=False)
    _flag_endless(shapes, flags)
    return _hex(shapes), flags


def _wanted(wkb: Sequence[bytes | None], wanted: str) -> tuple[Any, list[str]]:
    shapes = shapely.from_wkb(np.array(wkb, dtype=object), on_invalid="ignore")
    flags = [_flag(shape, raw, wanted) for shape, raw in zip(shapes, wkb, strict=True)]
    kept = [None if flag else _multi(shape) for shape, flag in zip(shapes, flags, strict=True)]
    return np.array(kept, dtype=object), flags


def _flag(shape: Any, raw: bytes | None, wanted: str) -> str:
    if raw is None:
        return MISSING
    if shape is None:
        return UNREADABLE
    kind = shapely.get_type_id(shape)
    if kind not in TAKEN[wanted] and not (kind == COLLECTION and _only(shape, wanted)):
        return f"not_{wanted}"
    return MISSING if shape.is_empty else ""


def _only(shape: Any, wanted: str) -> bool:
    return all(shapely.get_type_id(part) in TAKEN[wanted] for part in shape.geoms)


def _multi(shape: Any) -> Any:
    if shape.geom_type in ("MultiPolygon", "MultiLineString"):
        return shape
    parts = [part for part in shapely.get_parts(shapely.get_parts(shape)) if not part.is_empty]
    is_area = shapely.get_type_id(parts[0]) == POLYGON
    return shapely.multipolygons(parts) if is_area else shapely.multilinestrings(parts)


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
