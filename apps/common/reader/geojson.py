"""A look at a GeoJSON's `crs` members before GDAL follows one: names only, no links, no files."""

from __future__ import annotations

import json
import re
from pathlib import Path

from apps.common.reader.refusal import Refusal

PIECE_BYTES = 1 << 20
CRS_BYTES = 2_048  # a name is short; a longer object is not a name
HEAD_BYTES = 1 << 16
_CRS = re.compile(rb'"crs"\s*:\s*\{')
_FEATURES = re.compile(rb'"(FeatureCollection|Feature|features)"')
_TOPOLOGY = re.compile(rb'"(Topology|esriGeometry\w+)"|"(rings|paths|spatialReference)"\s*:')
_DECODER = json.JSONDecoder()


def looks_like(head: bytes) -> bool:
    return bool(_FEATURES.search(head)) and not _TOPOLOGY.search(head[:HEAD_BYTES])


def inspect(path: Path) -> None:
    """Raises: Refusal when a `crs` is anything but a name."""
    with path.open("rb") as file:
        tail = b""
        while piece := file.read(PIECE_BYTES):
            text = tail + piece
            is_last = len(piece) < PIECE_BYTES
            for found in _CRS.finditer(text):
                if is_last or found.start() < len(text) - CRS_BYTES:
                    _check(text[found.end() - 1 :][:CRS_BYTES])
            tail = text[-CRS_BYTES:]


def _check(text: bytes) -> None:
    try:
        crs, _ = _DECODER.raw_decode(text.decode("utf-8", errors="ignore"))
    except ValueError:
        crs = {}
    kind, inside = crs.get("type"), crs.get("properties")
    is_name = kind == "name" and isinstance(inside, dict) and isinstance(inside.get("name"), str)
    if not is_name:
        raise Refusal("geojson_crs", found=str(kind)[:40])
