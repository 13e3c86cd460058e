"""Two areas meet or cover each other; where GEOS gives up, the statement goes on."""

import pytest
from django.db import InternalError, connection, transaction

pytestmark = pytest.mark.django_db

SQUARE = "POLYGON((0 0,2 0,2 2,0 2,0 0))"
WITHIN = "POLYGON((0.5 0.5,1.5 0.5,1.5 1.5,0.5 1.5,0.5 0.5))"
ACROSS = "POLYGON((1 1,3 1,3 3,1 3,1 1))"
APART = "POLYGON((8 8,9 8,9 9,8 9,8 8))"
# two parts that overlap, along whose common border the other area lies
OVERLAPPING = "MULTIPOLYGON(((0 0,2 0,2 2,0 2,0 0)),((1 0,3 0,3 2,1 2,1 0)))"
ALONG = "POLYGON((0.5 0,2.5 0,2.5 1,0.5 1,0.5 0))"


def asked(function: str, area: str, shape: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {function}(ST_GeomFromText(%s, 4326), ST_GeomFromText(%s, 4326))",
            [area, shape],
        )
        [(answer,)] = cursor.fetchall()
        return bool(answer)


@pytest.mark.parametrize(
    ("shape", "meets", "covers"),
    [(WITHIN, True, True), (ACROSS, True, False), (APART, False, False)],
)
def test_areas_meet_and_cover_as_geos_says(shape, meets, covers):
    assert asked("regions_areas_meet", SQUARE, shape) is meets
    assert asked("regions_area_covers", SQUARE, shape) is covers


def test_where_geos_gives_up_the_areas_meet_and_nothing_is_covered():
    with pytest.raises(InternalError, match="TopologyException"), transaction.atomic():
        asked("ST_Covers", OVERLAPPING, ALONG)
    assert asked("regions_areas_meet", OVERLAPPING, ALONG) is True
    assert asked("regions_area_covers", OVERLAPPING, ALONG) is False
    assert asked("regions_areas_meet", OVERLAPPING, APART) is False
