"""Files of areas and grids over the toy country, written for the tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from shapely.geometry import box, mapping

from apps.demo.country import at

Shape = tuple[Any, dict[str, Any]]


def over(letter: str, east: float = 0.1, north: float = 0.1, size: float = 0.5) -> Any:
    """A rectangle inside a village."""
    return box(*at(letter, east, north), *at(letter, east + size, north + size))


def write_geojson(path: Path, shapes: list[Shape]) -> Path:
    features = [
        {"type": "Feature", "geometry": mapping(shape), "properties": about}
        for shape, about in shapes
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def write_grid(path: Path, rows: list[list[float]], **header: Any) -> Path:
    """An ESRI ASCII grid whose south-west corner is that of G; a cell is a quarter of a village."""
    west, south = at("G", 0, 0)
    known = {
        "ncols": len(rows[0]),
        "nrows": len(rows),
        "xllcorner": west,
        "yllcorner": south,
        "cellsize": 0.0025,
        "NODATA_value": -9999,
    } | header
    lines = [f"{name} {value}" for name, value in known.items() if value is not None]
    lines += [" ".join(map(str, row)) for row in rows]
    path.write_text("\n".join(lines) + "\n")
    return path


def grid_of(*cells: tuple[int, int, float], columns: int = 16, rows: int = 16) -> list[list[float]]:
    """Values of a grid: (column, row from the north, value); everything else is without a value."""
    values = [[-9999.0] * columns for _ in range(rows)]
    for column, row, value in cells:
        values[row][column] = value
    return values
