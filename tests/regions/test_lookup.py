"""Where a point lies: on the toy country, and against PROJ on the real Yogyakarta layer."""

from __future__ import annotations

import math

import numpy as np
import pyogrio
import pytest
import shapely
from django.contrib.gis.geos import Point
from django.db import connection
from pyproj import Geod

from apps.demo.country import CODES, at
from apps.regions import lookup

WGS84 = Geod(ellps="WGS84")


def spot(*args) -> Point:
    return Point(*at(*args), srid=4326)


@pytest.mark.django_db
class TestToyCountry:
    def test_a_point_in_a_square_lies_in_its_village(self):
        assert lookup.villages_at(spot("A")) == [CODES["A"]]

    def test_a_point_on_the_common_border_lies_in_both_villages(self):
        assert lookup.villages_at(spot("A", 1.0, 0.5)) == [CODES["A"], CODES["B"]]

    def test_a_point_where_villages_overlap_lies_in_both(self):
        assert lookup.villages_at(spot("I", 0.95, 0.5)) == [CODES["I"], CODES["J"]]

    def test_a_point_at_sea_lies_in_no_village_and_has_a_nearest_one(self):
        sea = spot("~", 0.5, 0.9)
        assert lookup.villages_at(sea) == []
        with connection.cursor() as cursor:  # as `regions/locate_strays` asks for many points
            cursor.execute(
                "SELECT code, distance_m FROM regions_nearest_village(%s::geometry)",
                [sea.hexewkb.decode()],
            )
            [(code, distance_m)] = cursor.fetchall()
        assert code == CODES["K"]
        assert distance_m == pytest.approx(110.6, abs=1)

    def test_metres_to_the_border_count_from_inside_and_from_outside(self):
        east = lookup.border_distance_m(CODES["A"], spot("A", 1.1, 0.5))
        inside = lookup.border_distance_m(CODES["A"], spot("A", 0.9, 0.5))
        assert east == pytest.approx(110.3, abs=0.5)
        assert inside == pytest.approx(east, abs=0.1)

    def test_a_village_without_polygon_has_no_distance(self):
        assert lookup.border_distance_m(CODES["H"], spot("A")) is None

    def test_a_former_boundary_is_not_found(self, role):
        with role("worker"), connection.cursor() as cursor:
            cursor.execute(
                "UPDATE regions_boundary SET is_current = false WHERE region_id = %s",
                [CODES["A"]],
            )
        assert lookup.villages_at(spot("A")) == []

    def test_a_regencys_boundary_is_not_found_as_a_village(self, role):
        with role("worker"), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO regions_boundary (edition_id, region_id, name, boundary, area_m2,"
                " is_repaired, repair_change_m2, line_status, tolerance_m, is_current)"
                " SELECT min(edition_id), '97.01', '', ST_Multi(ST_Union(boundary)), 1, false, 0,"
                " '', 50, true FROM regions_boundary WHERE region_id LIKE '97.01%%'"
            )
        assert lookup.villages_at(spot("A")) == [CODES["A"]]


def true_distance_m(border: shapely.Geometry, lon: float, lat: float) -> float:
    """Oracle: the nearest of points a few centimetres apart, by PROJ's geodesic."""
    squeezed = border
    for step in (0.0005, 0.000005, 0.00000005):
        spots = shapely.get_coordinates(shapely.segmentize(squeezed, step))
        shares = np.hypot((spots[:, 0] - lon) * math.cos(math.radians(lat)), spots[:, 1] - lat)
        near = spots[shares <= shares.min() * 1.02 + step]
        metres = WGS84.inv(
            np.full(len(near), lon), np.full(len(near), lat), near[:, 0], near[:, 1]
        )[2]
        best = near[metres.argmin()]
        window = shapely.Point(best).buffer(step * 2)
        squeezed = shapely.intersection(border, window)
    return float(metres.min())


@pytest.mark.django_db
@pytest.mark.slow
def test_metres_are_right_to_one_metre_from_a_hundredth_of_a_metre_to_fifty_kilometres(real_data):
    layer = f"/vsizip/{real_data}/boundaries/batas_desa_34.gdb.zip"
    villages = shapely.from_wkb(pyogrio.raw.read(layer)[2])
    random = np.random.default_rng(7)
    worst = 0.0
    with connection.cursor() as cursor:
        for _number in range(300):
            village = villages[random.integers(len(villages))]
            border = village.boundary
            start = border.interpolate(random.random(), normalized=True)
            lon, lat, _back = WGS84.fwd(
                start.x, start.y, random.uniform(0, 360), 10 ** random.uniform(-2, 4.7)
            )
            cursor.execute(
                "SELECT regions_border_distance_m(%s::geometry, ST_Point(%s, %s, 4326))",
                [
                    shapely.to_wkb(shapely.set_srid(village, 4326), True, include_srid=True),
                    lon,
                    lat,
                ],
            )
            found = cursor.fetchone()[0]
            worst = max(worst, abs(found - true_distance_m(border, lon, lat)))
    assert worst < 1.0
