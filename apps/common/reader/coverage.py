"""Polygons that share lines → simplified ones that still share them, and the unions above them.

The file has one line for each polygon: code, its id, WKB in hexadecimal digits, all in metres. The
answer is COPY text: code, zoom, id, shape, label, radius of the label's circle (see
`regions.editions.shapes`). The source has gaps and overlaps between neighbours: they are closed
first, which gives neighbours the same vertices along their border.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from apps.common.reader import wire
from apps.common.reader.copytext import BLOCK_BYTES

SRID = 3857
POLYGON, MULTIPOLYGON = 3, 6
# Parts smaller than a triangle of the tolerance are left out from this zoom down, except the
# largest part of a region: thousands of islets would be drawn as single pixels.
WITHOUT_ISLETS_BELOW = 8
# The circle of a label is found in an outline simplified to this share of its size.
LABEL_DETAIL = 0.02
# Vertices closer than this are one. Units: Mercator metres.
GRID_M = 0.5

Keyed = tuple[list[str], Any]


def serve(request: dict[str, Any], missing: list[str]) -> None:
    """Answer one request; see the module."""
    gc.disable()

    def answer(out: wire.Wire) -> None:
        for block in blocks_of(Path(request["path"]), request["gap_m"], request["bands"]):
            out.send(wire.DATA, block)

    wire.serve(missing, answer)


def blocks_of(path: Path, gap_m: float, bands: Sequence[dict[str, Any]]) -> Iterator[bytes]:
    """Blocks of COPY text for the bands, from the finest to the coarsest."""
    codes, ids, shapes = _read(path)
    known = dict(zip(codes, ids, strict=True))
    covering = codes, _closed(shapes, gap_m)
    labels: dict[str, tuple[str, float]] = {}
    for band in bands:
        covering = _united(covering, band["sizes"][0])
        covering = covering[0], shapely.coverage_simplify(covering[1], band["tolerance_m"])
        for size in band["sizes"]:
            united = _united(covering, size)
            rows = [(code, shape) for code, shape in zip(*united, strict=True) if len(code) == size]
            yield from _copied(rows, band, known, labels)


def _read(path: Path) -> tuple[list[str], list[str], Any]:
    codes, ids, texts = [], [], []
    with path.open(encoding="ascii") as lines:
        for line in lines:
            code, id, text = line.rstrip("\n").split("\t")
            codes.append(code)
            ids.append(id)
            texts.append(text)
    shapes = shapely.from_wkb(np.array(texts, dtype=object))
    return codes, ids, _areas(shapes)


def _areas(shapes: Any) -> Any:
    """Valid polygons: a projection may cross a thin spit that was valid in degrees."""
    odd = ~shapely.is_valid(shapes)
    shapes[odd] = shapely.make_valid(shapes[odd], method="structure", keep_collapsed=False)
    return shapes


def _closed(shapes: Any, gap_m: float) -> Any:
    """The polygons without narrow gaps and overlaps, along common vertices.

    All lines are noded on a grid and cut the plane into faces. A face belongs to the polygon that
    contains it (to the first of several), a narrow one outside all to the nearest. One polygon
    without a face keeps its own outline. GEOS' own cleaner needs the square of the time: 16 s for
    2,654 villages, against 4 s here.
    """
    if shapely.coverage_is_valid(shapes, gap_width=gap_m):
        return shapes
    lines = shapely.union_all(shapely.boundary(shapes), grid_size=GRID_M)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    owner = _owners(faces, shapes, gap_m)
    kept = np.flatnonzero(owner >= 0)
    kept = kept[np.argsort(owner[kept], kind="stable")]
    starts = np.flatnonzero(np.r_[True, np.diff(owner[kept]) != 0]) if len(kept) else kept
    closed = shapes.copy()
    for some in np.split(kept, starts[1:]):
        closed[owner[some[0]]] = _union(faces[some])
    return closed


def _owners(faces: Any, shapes: Any, gap_m: float) -> Any:
    """For each face the index of the polygon to which it belongs, -1 for none."""
    spots = shapely.point_on_surface(faces)
    owner = np.full(len(faces), -1)
    shape, face = shapely.STRtree(spots).query(shapes, predicate="contains")
    last_first = np.argsort(-shape, kind="stable")
    owner[face[last_first]] = shape[last_first]
    gaps = np.flatnonzero(owner < 0)
    width = 2 * shapely.area(faces[gaps]) / shapely.length(faces[gaps])
    narrow = gaps[width < gap_m]
    if len(narrow):
        found, nearest = shapely.STRtree(shapes).query_nearest(spots[narrow], all_matches=False)
        owner[narrow[found]] = nearest
    return owner


def _united(covering: Keyed, size: int) -> Keyed:
    """The polygons by the first `size` characters of their codes, sorted by code."""
    codes, shapes = covering
    if all(len(code) <= size for code in codes):
        return covering
    keys, merged, at = [], [], 0
    for key, members in groupby(code[:size] for code in codes):
        count = len(list(members))
        keys.append(key)
        merged.append(_union(shapes[at : at + count]))
        at += count
    return keys, np.array(merged, dtype=object)


def _union(shapes: Any) -> Any:
    """The union of polygons that share lines."""
    if len(shapes) == 1:
        return shapes[0]
    united = shapely.coverage_union_all(shapes)
    return united if shapely.is_valid(united) else shapely.union_all(shapes)


def _copied(
    rows: Sequence[tuple[str, Any]],
    band: dict[str, Any],
    known: dict[str, str],
    labels: dict[str, tuple[str, float]],
) -> Iterator[bytes]:
    """COPY text of the outlines of one level in one band."""
    lines, size = [], 0
    for code, whole in rows:
        shape = _without_islets(whole, band)
        if shape.is_empty:
            continue
        if code not in labels:
            labels[code] = _label(shape)
        label, radius = labels[code]
        id = known.get(code, "")
        line = f"{code}\t{band['zoom']}\t{id}\t{_hex(_multi(shape))}\t{label}\t{radius:.1f}\n"
        lines.append(line.encode())
        size += len(line)
        if size >= BLOCK_BYTES:
            yield b"".join(lines)
            lines, size = [], 0
    if lines:
        yield b"".join(lines)


def _without_islets(shape: Any, band: dict[str, Any]) -> Any:
    if band["zoom"] >= WITHOUT_ISLETS_BELOW or shapely.get_type_id(shape) == POLYGON:
        return shape
    parts = shapely.get_parts(shape)
    areas = shapely.area(parts)
    return shapely.multipolygons(
        parts[(areas >= band["tolerance_m"] ** 2) | (areas == areas.max())]
    )


def _label(shape: Any) -> tuple[str, float]:
    """The centre of the largest circle inside the largest part, as hex EWKB, and its radius."""
    parts = shapely.get_parts(shape)
    part = parts[shapely.area(parts).argmax()]
    detail = LABEL_DETAIL * float(np.sqrt(part.area))
    plain = shapely.simplify(part, detail)
    circle = shapely.maximum_inscribed_circle(plain if plain.is_valid else part, tolerance=detail)
    centre = shapely.points(shapely.get_coordinates(circle)[0])
    return _hex(centre), float(circle.length)


def _multi(shape: Any) -> Any:
    if shapely.get_type_id(shape) == MULTIPOLYGON:
        return shape
    return shapely.multipolygons(
        [part for part in shapely.get_parts(shape) if shapely.get_type_id(part) == POLYGON]
    )


def _hex(shape: Any) -> str:
    placed = shapely.set_srid(shape, SRID)
    text: str = shapely.to_wkb(
        placed, hex=True, output_dimension=2, byte_order=1, include_srid=True, flavor="extended"
    )
    return text
