"""Spatial files as rows: the attributes, then latitude and longitude of each feature's point."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from apps.common.reader import spatial

BATCH = 5_000
PSEUDO_COLUMNS = (spatial.LATITUDE, spatial.LONGITUDE)


def header_of(layer: spatial.Layer) -> list[str]:
    return [*layer.fields, *PSEUDO_COLUMNS]


def rows_of(path: Path, layer: spatial.Layer, skip: int = 0) -> Iterator[list[list[str]]]:
    """Rows in chunks, as wide as `header_of`. Features without a single point have both cells
    empty.
    """
    transform = spatial.to_wgs84(layer)
    for batch in spatial.batches(path, layer, layer.fields, most=BATCH, skip=skip):
        places = _places(batch.wkb, transform)
        yield [list(row) for row in zip(*batch.columns, *places, strict=True)]


def _places(
    wkb: Sequence[bytes | None], transform: spatial.type_points | None
) -> tuple[list[str], list[str]]:
    points = [_single(shape) for shape in shapely.from_wkb(wkb, on_invalid="ignore")]
    x, y = shapely.get_x(points), shapely.get_y(points)
    if transform is not None:
        known = np.isfinite(x) & np.isfinite(y)
        x[known], y[known] = transform(x[known], y[known])
    return _texts(y), _texts(x)


def _single(shape: Any) -> Any:
    if shape is None or shape.is_empty:
        return None
    if shape.geom_type == "MultiPoint" and len(shape.geoms) == 1:
        return shape.geoms[0]
    return shape if shape.geom_type == "Point" else None


def _texts(values: Any) -> list[str]:
    return [repr(v) if np.isfinite(v) else "" for v in values.tolist()]
