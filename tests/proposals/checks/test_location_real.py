"""Verdicts and metres on the real Yogyakarta layer, against shapely and pyproj."""

import sys

import numpy as np
import pyogrio
import pyproj
import pytest
import shapely
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
from django.db import connection

from apps.common.staging import SCHEMA
from apps.proposals.checks import location
from apps.regions.models import Boundary, BoundaryEdition, Level, Region
from tests.base import NOW
from tests.conftest import as_role

POINTS = 20_000
TOLERANCE_M = 50.0
GEOD = pyproj.Geod(ellps="WGS84")


@pytest.fixture(scope="module")
def layer(real_data):
    """Village polygons by dotted code, valid ones as they are, others made valid."""
    path = real_data / "boundaries" / "village_34.gpkg"
    meta, _, geometry, fields = pyogrio.raw.read(path, layer="desa")
    names = list(meta["fields"])
    codes = fields[next(i for i, name in enumerate(names) if is_code(fields[i]))]
    polygons = {}
    for code, wkb in zip(codes, geometry, strict=True):
        shape = shapely.make_valid(shapely.force_2d(shapely.from_wkb(wkb)))
        parts = [p for p in shapely.get_parts(shape) if p.geom_type in ("Polygon", "MultiPolygon")]
        polygons[dotted(code)] = shapely.union_all(parts)
    return polygons


def is_code(values):
    return all(
        isinstance(value, str) and len(value.replace(".", "")) == 10 for value in values[:20]
    )


def dotted(code):
    digits = code.replace(".", "")
    return f"{digits[:2]}.{digits[2:4]}.{digits[4:6]}.{digits[6:]}"


def claims(polygons, rng):
    """Random points over and around the province, claimed for a village at random or at hand."""
    codes = sorted(polygons)
    bounds = shapely.total_bounds([polygons[code] for code in codes])
    west, south, east, north = bounds
    x = rng.uniform(west - 0.05, east + 0.05, POINTS).round(6)
    y = rng.uniform(south - 0.05, north + 0.05, POINTS).round(6)
    tree = shapely.STRtree([polygons[code] for code in codes])
    near = tree.nearest(shapely.points(x, y))
    claimed = [codes[i] for i in near]
    for i in range(0, POINTS, 4):
        claimed[i] = codes[rng.integers(len(codes))]
    for i in range(1, POINTS, 4):  # a stone's throw from the border of the claimed village
        ring = polygons[claimed[i]].boundary
        spot = shapely.line_interpolate_point(ring, rng.uniform(0, 1), normalized=True)
        x[i] = round(shapely.get_x(spot) + rng.normal(0, 0.0006), 6)
        y[i] = round(shapely.get_y(spot) + rng.normal(0, 0.0006), 6)
    return claimed, x, y, tree, codes


def metres(polygon, x, y):
    """Geodesic distance to the border: in an azimuthal plane around the point it is true."""
    plane = pyproj.Proj(proj="aeqd", lat_0=y, lon_0=x, ellps="WGS84")
    flat = shapely.transform(polygon.boundary, lambda c: np.column_stack(plane(c[:, 0], c[:, 1])))
    return flat.distance(shapely.Point(0, 0))


def expected(polygons, claimed, x, y, tree, codes):
    point = shapely.Point(x, y)
    polygon = polygons[claimed]
    if polygon.covers(point):
        return "inside", 0.0
    distance = metres(polygon, x, y)
    if distance <= TOLERANCE_M:
        return "near_border", distance
    around = [codes[i] for i in tree.query(point, predicate="intersects")]
    if not around:
        return "unmapped", distance
    same = any(code[:8] == claimed[:8] for code in around)
    return ("neighbour" if same else "elsewhere"), distance


@pytest.mark.scale
@pytest.mark.django_db
def test_verdicts_and_metres_agree_with_shapely_and_pyproj(layer):
    rng = np.random.default_rng(34)
    with as_role("owner"):
        load(layer)
    claimed, x, y, tree, codes = claims(layer, rng)
    found = located(claimed, x, y)
    differing = []
    worst = 0.0
    for i in range(POINTS):
        verdict, distance = expected(layer, claimed[i], x[i], y[i], tree, codes)
        is_on_the_line = abs(distance - TOLERANCE_M) < 0.05
        if found[i][0] != verdict and not is_on_the_line:
            differing.append((i, claimed[i], x[i], y[i], found[i], verdict, distance))
        worst = max(worst, abs(found[i][1] - distance))
    said = f"{POINTS} points, {len(differing)} verdicts differ, metres within {worst:.3f}\n"
    sys.stdout.write(said)
    assert len(differing) <= POINTS // 1000, differing[:10]
    assert worst < 1.0


def load(polygons):
    """The province as the only edition in force: the toy country lies in its sea."""
    Boundary.objects.update(is_current=False)
    parents = {code[:n] for code in polygons for n in (2, 5, 8)}
    regions = [
        Region(
            code=code, name=code, level=Level.of(code), parent_id=code.rpartition(".")[0] or "ID"
        )
        for code in sorted(parents | set(polygons), key=len)
    ]
    Region.objects.bulk_create(regions, ignore_conflicts=True)
    edition = BoundaryEdition.objects.create(
        name="Real",
        published_date="2023-09-28",
        status="active",
        file_name="village_34.gpkg",
        sha256="2",
        received_at=NOW,
        received_by="t",
    )
    Boundary.objects.bulk_create(
        Boundary(
            edition=edition,
            region_id=code,
            boundary=multi(GEOSGeometry(shape.wkb_hex, srid=4326)),
            area_m2=1,
            is_current=True,
        )
        for code, shape in polygons.items()
    )


def multi(shape):
    return shape if shape.geom_type == "MultiPolygon" else MultiPolygon(shape, srid=4326)


def located(claimed, x, y):
    """(verdict, metres) of each point, by the statements of the checks."""
    names = ("points", "located", "strays", "placed")
    tables = {name: (SCHEMA, f"real_{name}") for name in names}
    with as_role("worker"), connection.cursor() as cursor:
        cursor.execute(
            "CREATE UNLOGGED TABLE staging.real_points (row_number bigint, village_id varchar,"
            " kk text, longitude float8, latitude float8)"
        )
        with cursor.copy(
            "COPY staging.real_points (row_number, village_id, kk, longitude, latitude) FROM STDIN"
        ) as copy:
            for i, code in enumerate(claimed):
                copy.write_row((i, code, str(i), float(x[i]), float(y[i])))
        location.place_rows(tables)
        cursor.execute("SELECT row_number, verdict, distance_m FROM staging.real_placed")
        return {number: (verdict, distance) for number, verdict, distance in cursor.fetchall()}
