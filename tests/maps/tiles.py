"""Tiles of tests: their addresses, and their content as GDAL reads it."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pyogrio
import shapely
from django.test import Client as Browser
from django.utils import timezone

from apps.demo import country
from apps.maps.grid import Tile
from apps.regions.editions import shapes
from apps.regions.models import BoundaryEdition, ShapeSet
from tests.conftest import as_role
from tests.jobs.doing import do


def outlined() -> ShapeSet:
    """The outlines of the toy country's boundaries in force."""
    with as_role("worker"):
        job = shapes.enqueue_shapes(
            edition=BoundaryEdition.objects.earliest("pk"),
            codes=country.CODES.values(),
            by="tests",
            now=timezone.now(),
        )
        assert job is not None
        do(job)
        current = shapes.current_set()
    assert current is not None
    return current


def over(letter: str, zoom: int, east: float = 0.5, north: float = 0.5) -> Tile:
    """The tile of a zoom that contains a point of a letter's square."""
    longitude, latitude = country.at(letter, east, north)
    across = 1 << zoom
    y = (1 - math.asinh(math.tan(math.radians(latitude))) / math.pi) / 2 * across
    return Tile(zoom, int((longitude + 180) / 360 * across), int(y))


def address(layer: str, at: Tile, query: str = "") -> str:
    return f"/tiles/{layer}/{at}.mvt{'?' if query else ''}{query}"


def fetched(browser: Browser, layer: str, at: Tile, query: str = "") -> bytes:
    answer = browser.get(address(layer, at, query))
    assert answer.status_code == 200, answer.content
    return bytes(answer.content)


def read(content: bytes, at: Tile, folder: Path) -> dict[str, list[dict[str, Any]]]:
    """The features of each layer, with their shape in Mercator metres, by GDAL's MVT driver."""
    path = folder / str(at.z) / str(at.x) / f"{at.y}.mvt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    if not content:
        return {}
    found = {}
    for name, _kind in pyogrio.list_layers(path):
        meta, _ids, wkb, fields = pyogrio.raw.read(path, layer=name)
        columns = dict(zip(meta["fields"].tolist(), fields, strict=True))
        assert "3857" in meta["crs"]
        found[name] = [
            {
                "shape": shapely.from_wkb(shape),
                **{key: values[row] for key, values in columns.items()},
            }
            for row, shape in enumerate(wkb)
        ]
    return found
