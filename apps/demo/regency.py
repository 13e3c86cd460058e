"""The demo's made-up island regency: 24 villages in 4 districts, and a small neighbour of 4.

It is in the Java Sea, where no real village is, so that it can be used beside the real layer.
Neighbours share every vertex of their border. The shape depends only on the seed.
"""

import math
import random
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np
import shapely
from shapely.geometry import LineString, MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from apps.demo import boundaries
from apps.demo.boundaries import Region, region

SEED = 5
REGENCY, NEIGHBOUR = "97.05", "97.06"
WITHOUT_POLYGON = "97.05.04.2007"  # split off too recently to have been surveyed
WITH_ISLAND = "97.05.03.2001"

CENTRE = (111.60, -5.30)
COLUMNS, ROWS = 7, 4
CELL = 0.026  # degrees, about 2.9 km
GRID = 1e-7  # degrees, about a centimetre: borders are noded on it
# How far a border deviates, as a share of its length; less if borders would cross.
ROUGHNESSES = (0.16, 0.12, 0.08, 0.04)
SHORTEST = 0.00045  # degrees: pieces shorter than twice this (100 m) are not bent further
GAP_RADIUS = 0.0025
ISLAND_RADIUS = 0.007

DISTRICTS = {
    "97.05.01": ("Giripuspa", "Giripuspa Wukirsela Ranujati Gunungsela Watuputri Ngendong"),
    "97.05.02": ("Bumikarsa", "Bumikarsa Kedungarga Sawahkarsa Sendangsela Jatikarsa Ranujati"),
    "97.05.03": ("Labuhanjaya", "Labuhanjaya Muaraintan Rawasela Bantarsela Telagasuta Tegalpuspa"),
    # Two villages with one name in one district, and Ranujati in two districts: names are not keys.
    "97.05.04": ("Kalipuspa", "Kalipuspa Bulakintan Randugati Bulakintan Cemarawangi Sidagati"),
    "97.06.01": ("Lembahsuta", "Lembahsuta Pasirintan Parangsari Karangsuta"),
}
NAMES = {
    "97": "Nusa Barat",
    REGENCY: "Kabupaten Samudrajaya",
    NEIGHBOUR: "Kabupaten Tirtawening",
    WITHOUT_POLYGON: "Sumbergati",
}


def regions() -> list[Region]:
    """The province, two regencies, five districts and 29 villages, one of them without polygon."""
    names = dict(NAMES)
    for district, (name, villages_of) in DISTRICTS.items():
        names[district] = name
        names |= {
            f"{district}.{2001 + i}": village for i, village in enumerate(villages_of.split())
        }
    return [region(code, names[code]) for code in sorted(names, key=lambda code: (len(code), code))]


def villages(seed: int = SEED) -> dict[str, BaseGeometry]:
    """Village polygons (lon, lat) by code: 24 of the regency and 4 of its neighbour."""
    return dict(_built(seed))


def offices(seed: int = SEED) -> dict[str, Point]:
    """The village offices: a point well inside each village's largest part."""
    return {
        code: Point(np.round(shapely.get_coordinates(_middle(polygon))[0], 6))
        for code, polygon in _built(seed).items()
    }


def write_boundaries(path: Path, seed: int = SEED, *, without: Collection[str] = ()) -> int:
    """Write the villages except those in `without`, in BIG's layout; returns the number."""
    drawn = {code: shape for code, shape in villages(seed).items() if code not in without}
    return boundaries.write_boundaries(path, drawn, regions())


@lru_cache(maxsize=4)
def _built(seed: int) -> Mapping[str, BaseGeometry]:
    rng = random.Random(seed)
    codes, cells, gap = _cells(rng)
    for roughness in ROUGHNESSES:
        faces = shapely.get_parts(shapely.polygonize([_roughened(cells, gap, rng, roughness)]))
        if len(faces) == len(cells) + 1:  # crossing borders cut slivers; the extra one is the gap
            break
    polygons = {
        code: faces[np.argmax(shapely.area(shapely.intersection(faces, cell)))]
        for code, cell in zip(codes, cells, strict=True)
    }
    polygons[WITH_ISLAND] = MultiPolygon([polygons[WITH_ISLAND], _island(polygons, rng)])
    return polygons


def _cells(rng: random.Random) -> tuple[list[str], list[Polygon], Polygon]:
    """Voronoi cells of jittered seeds, cut by the coast, and the gap that belongs to
    none of them.
    """
    left, low = CENTRE[0] - COLUMNS * CELL / 2, CENTRE[1] - ROWS * CELL / 2
    spots = {
        _code(column, row): Point(
            left + CELL * (column + 0.5 + rng.uniform(-0.27, 0.27)),
            low + CELL * (row + 0.5 + rng.uniform(-0.27, 0.27)),
        )
        for column in range(COLUMNS)
        for row in range(ROWS)
    }
    coast = _blob(CENTRE, COLUMNS * CELL / 2, ROWS * CELL / 2, rng)
    voronoi = shapely.get_parts(
        shapely.voronoi_polygons(shapely.union_all(list(spots.values())), extend_to=coast)
    )
    cell_of = {
        code: next(cell for cell in voronoi if cell.contains(spot)) for code, spot in spots.items()
    }
    inland = [cell for cell in cell_of.values() if coast.contains(cell)]
    corner = min(
        shapely.get_coordinates(inland[0]).tolist(), key=lambda xy: Point(xy).distance(coast)
    )
    gap = _blob((corner[0], corner[1]), GAP_RADIUS, GAP_RADIUS, rng)
    return list(cell_of), [cell & coast - gap for cell in cell_of.values()], gap


def _code(column: int, row: int) -> str:
    """The code of a cell: three columns and two rows form a district; the last column is the
    neighbour.
    """
    if column == COLUMNS - 1:
        return f"{NEIGHBOUR}.01.{2001 + row}"
    district = 1 + column // 3 + 2 * (row // 2)
    return f"{REGENCY}.{district:02d}.{2001 + column % 3 + 3 * (row % 2)}"


def _blob(middle: tuple[float, float], wide: float, high: float, rng: random.Random) -> Polygon:
    """A rounded box with an irregular outline."""
    waves = [(k, rng.uniform(0.01, 0.035), rng.uniform(0, math.tau)) for k in (3, 5, 7, 9)]
    ring = []
    for step in range(96):
        turn = math.tau * step / 96
        wobble = 1 + sum(size * math.sin(k * turn + start) for k, size, start in waves)
        square = (abs(math.cos(turn)) ** 4 + abs(math.sin(turn)) ** 4) ** -0.25
        ring.append(
            (
                middle[0] + wide * square * wobble * math.cos(turn),
                middle[1] + high * square * wobble * math.sin(turn),
            )
        )
    return Polygon(ring)


def _roughened(
    cells: list[Polygon], gap: Polygon, rng: random.Random, roughness: float
) -> BaseGeometry:
    """The cells' borders as one noded net; each piece is bent once for both neighbours."""
    net = shapely.union_all([cell.boundary for cell in cells] + [gap.boundary], grid_size=GRID)
    pieces = shapely.get_parts(shapely.line_merge(net))
    bent = [LineString(list(_bend(piece, rng, roughness))) for piece in pieces]
    return shapely.union_all(bent, grid_size=GRID)


def _bend(piece: LineString, rng: random.Random, roughness: float) -> Iterator[tuple[float, float]]:
    corners = shapely.get_coordinates(piece.simplify(SHORTEST)).tolist()
    for start, end in zip(corners, corners[1:], strict=False):
        yield from _halved(start, end, rng, roughness)
    yield corners[-1]


def _halved(
    start: list[float], end: list[float], rng: random.Random, roughness: float
) -> Iterator[tuple[float, float]]:
    """Midpoint displacement; yields every vertex but the last."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    if math.hypot(dx, dy) < 2 * SHORTEST:
        yield (start[0], start[1])
        return
    push = rng.uniform(-roughness, roughness)
    middle = [(start[0] + end[0]) / 2 - dy * push, (start[1] + end[1]) / 2 + dx * push]
    yield from _halved(start, middle, rng, roughness)
    yield from _halved(middle, end, rng, roughness)


def _island(polygons: Mapping[str, BaseGeometry], rng: random.Random) -> Polygon:
    """An islet west of the coast of the village that owns it."""
    owner = polygons[WITH_ISLAND].bounds
    land_ends = min(polygon.bounds[0] for polygon in polygons.values())
    middle = (land_ends - 2.5 * ISLAND_RADIUS, (owner[1] + owner[3]) / 2)
    outline = _blob(middle, ISLAND_RADIUS, ISLAND_RADIUS / 2, rng).exterior
    return Polygon(np.round(list(_bend(outline, rng, ROUGHNESSES[0])), 7))


def _middle(polygon: BaseGeometry) -> Point:
    return shapely.maximum_inscribed_circle(
        max(shapely.get_parts(polygon), key=lambda part: part.area), tolerance=1e-4
    ).interpolate(0)
