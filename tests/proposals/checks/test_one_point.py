"""One point is judged as it would be among others: the same texts, over rows and over values."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.db import connection

from apps.demo import country
from apps.proposals.checks import location
from apps.regions.models import Boundary
from apps.regions.placing import Verdict
from tests.conftest import as_role

pytestmark = pytest.mark.django_db
PARTS = ("points", "findings", "located", "strays", "placed")
TABLES = {part: ("staging", f"one_point_{part}") for part in PARTS}
LETTERS = [*country.CODES, ""]
# (row number, claimed village or "", longitude, latitude)
Spot = tuple[int, str, float, float]


@pytest.fixture
def islands() -> None:
    """G has an island and a bay: its boundary is of two polygons."""
    west, south = country.at("G", 0, 0)
    mainland = Polygon.from_bbox((west, south, west + 0.006, south + 0.01))
    island = Polygon.from_bbox((west + 0.008, south + 0.002, west + 0.0095, south + 0.006))
    with as_role("owner"):
        Boundary.objects.filter(region_id=country.CODES["G"]).update(
            boundary=MultiPolygon(mainland, island, srid=4326)
        )


@pytest.mark.parametrize("count", [500, pytest.param(5_000, marks=pytest.mark.scale)])
@pytest.mark.usefixtures("islands")
@pytest.mark.long
def test_a_point_alone_is_judged_as_among_others(count: int) -> None:
    drawn = spots(count)
    placed, told = judged_together(drawn)
    differing = []
    for number, village, longitude, latitude in drawn:
        alone = location.examine_point(longitude, latitude, village)
        place = (
            alone.verdict,
            alone.distance_m,
            alone.actual_village_code,
            alone.edition_id,
            alone.is_beyond,
        )
        findings = {one.code: one.params for one in alone.findings}
        if (place, findings) != (placed[number], told.get(number, {})):
            differing.append((drawn[number], place, placed[number], findings, told.get(number)))
    assert not differing, differing[:3]
    assert_everything_was_drawn(placed, told)


def assert_everything_was_drawn(placed: dict[int, Any], told: dict[int, Any]) -> None:
    """The points are of every kind, so that equal results say something."""
    assert {place[0] for place in placed.values()} == {"", *Verdict.values}
    codes = Counter(code for found in told.values() for code in found)
    assert set(codes) == location.OF_ONE_POINT | {"no_point"}


def spots(count: int) -> list[Spot]:
    """Points around the borders of the toy country, written right and in every wrong way."""
    rng = np.random.default_rng(10)
    drawn = []
    for number in range(count):
        letter = LETTERS[rng.integers(len(LETTERS))]
        near = letter or "A"
        east, north = rng.uniform(-0.1, 1.1, 2)
        match number % 8:
            case 0:  # a few metres from an edge
                east = rng.choice([0, 1]) + rng.normal(0, 0.004)
            case 1:
                east, north = 0.5 + rng.normal(0, 0.01, 2)  # where the office is
            case 2:
                near = "~"  # a sea with villages around it
            case 3:
                near = "AHIP"[rng.integers(4)]
            case _:
                pass
        longitude, latitude = country.at(near, float(east), float(north))
        drawn.append((number, country.CODES.get(letter, ""), *written(number, longitude, latitude)))
    return drawn


WRITTEN: dict[int, Callable[[float, float], tuple[float, float]]] = {
    0: lambda longitude, latitude: (latitude, longitude),
    3: lambda longitude, latitude: (longitude, -latitude),
    6: lambda longitude, latitude: (-longitude, latitude),
    9: lambda longitude, latitude: (-longitude, -latitude),
    12: lambda longitude, latitude: (round(longitude, 3), round(latitude, 3)),
    15: lambda longitude, latitude: (round(longitude, 3), float(round(latitude))),
    18: lambda longitude, latitude: (longitude, latitude * 100),
    21: lambda _longitude, _latitude: (0.0, 0.0),
    24: lambda longitude, latitude: (longitude * 10, latitude),
    27: lambda longitude, latitude: (longitude + 0.5, latitude),
}


def written(number: int, longitude: float, latitude: float) -> tuple[float, float]:
    """The point as somebody may have written it; every third one wrong."""
    slip = WRITTEN.get(number % 31)
    return slip(longitude, latitude) if slip else (longitude, latitude)


def judged_together(drawn: list[Spot]) -> tuple[dict[int, Any], dict[int, dict[str, Any]]]:
    """Places and findings by row, of all points as the rows of one file."""
    with as_role("worker"), connection.cursor() as cursor:
        cursor.execute(
            "CREATE UNLOGGED TABLE staging.one_point_points (row_number bigint, village_id varchar,"
            " kk text, longitude float8, latitude float8);"
            "CREATE UNLOGGED TABLE staging.one_point_findings (row_number bigint, code text,"
            " field text, params jsonb)"
        )
        columns = "row_number, village_id, kk, longitude, latitude"
        with cursor.copy(f"COPY staging.one_point_points ({columns}) FROM STDIN") as copy:
            for number, village, longitude, latitude in drawn:
                # of one family: no point of several families is drawn here
                copy.write_row((number, village or None, "1", longitude, latitude))
        location.place_rows(TABLES)
        location.find_misplaced(TABLES, has_points=True)
        cursor.execute(
            "SELECT row_number, verdict, distance_m, actual_village_id, edition_id, is_beyond"
            " FROM staging.one_point_placed"
        )
        placed = {number: tuple(place) for number, *place in cursor.fetchall()}
        cursor.execute("SELECT row_number, code, params FROM staging.one_point_findings")
        told: dict[int, dict[str, Any]] = {}
        for number, code, params in cursor.fetchall():
            known = json.loads(params) if isinstance(params, str) else params
            told.setdefault(number, {})[code] = known
    return placed, told
