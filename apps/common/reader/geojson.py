"""Checks a GeoJSON's `crs` members before GDAL follows one: only names, no links, no files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from apps.common.reader.refusal import Refusal

PIECE_BYTES = 1 << 20
CRS_BYTES = 2_048  # a name is short; a longer object is not a name
HEAD_BYTES = 1 << 16
_CRS = re.compile(rb'"crs"\s*:\s*\{')
_FEATURES = re.compile(rb'"(FeatureCollection|Feature|features)"')
_TOPOLOGY = re.compile(rb'"(Topology|esriGeometry\w+)"|"(rings|paths|spatialReference)"\s*:')
_DECODER = json.JSONDecoder()
_FEATURES_START = re.compile(r'"features"\s*:\s*\[')
_BETWEEN = frozenset(" \t\r\n,")
READ_CHARS = 8 << 20
FEATURE_CHARS = 64 << 20  # the largest province at full resolution stays below


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


def pieces(path: Path, piece_bytes: int, skip: int = 0) -> Iterator[bytes]:
    """The features of a large collection as collections of about `piece_bytes`, in one pass.

    GDAL would parse the whole file again for every batch. Raises: Refusal when the file is cut off.
    """
    features: list[str] = []
    size = 0
    for number, text in enumerate(_features(path)):
        if number < skip:
            continue
        features.append(text)
        size += len(text)
        if size >= piece_bytes:
            yield _collection(features)
            features, size = [], 0
    if features:
        yield _collection(features)


def _features(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8-sig") as file:
        text = file.read(READ_CHARS)
        start = _FEATURES_START.search(text)
        if start is None:
            raise Refusal("spatial_broken")
        at = start.end()
        while True:
            while at < len(text) and text[at] in _BETWEEN:
                at += 1
            if text.startswith("]", at):
                return
            try:
                _, end = _DECODER.raw_decode(text, at)
            except (ValueError, RecursionError) as error:
                more = file.read(READ_CHARS)
                if not more or len(text) - at > FEATURE_CHARS:
                    raise Refusal("spatial_broken") from error
                text, at = text[at:] + more, 0
                continue
            yield text[at:end]
            at = end


def _collection(features: list[str]) -> bytes:
    return ('{"type":"FeatureCollection","features":[' + ",".join(features) + "]}").encode()


def _check(text: bytes) -> None:
    try:
        crs, _ = _DECODER.raw_decode(text.decode("utf-8", errors="ignore"))
    except ValueError:
        crs = {}
    kind, inside = crs.get("type"), crs.get("properties")
    is_name = kind == "name" and isinstance(inside, dict) and isinstance(inside.get("name"), str)
    if not is_name:
        raise Refusal("geojson_crs", found=str(kind)[:40])
