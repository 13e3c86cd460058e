"""Places of villages and islands: from the outlines in force, computed anew when they change."""

from __future__ import annotations

import pytest

from apps.commandcentre.models import IslandPiece, VillagePlace
from apps.commandcentre.nearest import places
from apps.demo.country import CODES
from apps.regions.models import Boundary, Region
from portal import tasks
from tests.commandcentre.resources.places import facility
from tests.conftest import as_role
from tests.maps.tiles import outlined

pytestmark = pytest.mark.django_db


def test_each_village_gets_a_point_inside_it_and_the_island_it_is_on():
    outlined()
    with as_role("worker"):
        tasks.refresh_places()
    assert IslandPiece.objects.exists()
    for one in Boundary.objects.filter(is_current=True, region__in=CODES.values()):
        known = VillagePlace.objects.get(village=one.region_id)
        assert one.boundary.contains(known.place)
        assert known.island is not None


def test_places_are_computed_once_for_the_same_boundaries():
    outlined()
    with as_role("worker"):
        assert places.refresh()
        assert not places.refresh()


def test_another_island_is_a_sea_crossing_away():
    """The same village as an island of its own: cut from the land that the outlines gave."""
    outlined()
    with as_role("owner"):
        where = facility("Gudang Uji", "A")
    with as_role("worker"):
        places.refresh()
    metres, crossings = places.distance_matrix([where.pk], [CODES["A"], CODES["B"]])
    assert (crossings == 0).all()
    assert metres[0, 0] < metres[0, 1]
    with as_role("worker"):
        VillagePlace.objects.filter(village=CODES["B"]).update(island=999_999)
    assert places.distance_matrix([where.pk], [CODES["A"], CODES["B"]])[1].tolist() == [[0, 1]]


def test_a_village_without_border_and_office_is_infinitely_far():
    with as_role("owner"):
        where = facility("Gudang Uji", "A")
        Boundary.objects.filter(region=CODES["B"], is_current=True).update(is_current=False)
        Region.objects.filter(pk=CODES["B"]).update(office=None)
    metres, _crossings = places.distance_matrix([where.pk], [CODES["A"], CODES["B"]])
    assert metres[0, 0] < 10_000
    assert metres[0, 1] == float("inf")
