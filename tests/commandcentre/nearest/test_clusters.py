"""Clusters of affected villages: against clusters that are computed here, and their sources."""

from __future__ import annotations

import csv
import io
from json import loads

import pytest
from django.urls import reverse
from django.utils import timezone
from pyproj import Geod

from apps.accounts.access import Scope
from apps.audit.models import Action, Entry
from apps.commandcentre.exposure import needs
from apps.commandcentre.models import Assessment, Hazard, VillagePlace
from apps.commandcentre.nearest import clusters, places
from apps.commandcentre.nearest.clusters import Clusters
from apps.commandcentre.readers import EVERYBODY, Reader
from apps.demo.country import CODES
from apps.regions.models import Region
from tests.commandcentre.planning.needs import assessed
from tests.commandcentre.resources.places import facility, good, stocked
from tests.conftest import as_role
from tests.maps.tiles import outlined

pytestmark = pytest.mark.django_db

LETTERS = {code: letter for letter, code in CODES.items()}
PEOPLED = {letter: 20 + number for number, letter in enumerate("ABCDEFGIJKLMNOP")}
GEOD = Geod(ellps="WGS84")
ALL = Reader(Scope(("",)), Scope(("",)))


@pytest.fixture(autouse=True)
def islands() -> None:
    """O and P are on an island of their own; that of M and N is not known."""
    outlined()
    with as_role("worker"):
        places.refresh()
        VillagePlace.objects.update(island=1)
        VillagePlace.objects.filter(village__in=[CODES["O"], CODES["P"]]).update(island=2)
        VillagePlace.objects.filter(village__in=[CODES["M"], CODES["N"]]).update(island=None)


def expected(assessment: Assessment, most_km: float) -> set[str]:
    """Letters of each cluster: pairs by geodesic metres, followed one after the other."""
    codes = assessment.affected.filter(persons__gt=0).values_list("village", flat=True)
    known = {one.village_id: one for one in VillagePlace.objects.filter(village__in=codes)}

    def is_near(one: str, other: str) -> bool:
        if one[:5] != other[:5] or known[one].island != known[other].island:
            return False
        here, there = known[one].place, known[other].place
        return GEOD.inv(here.x, here.y, there.x, there.y)[2] <= most_km * 1_000

    found, left = set(), set(known)
    while left:
        cluster, edge = set(), {min(left)}
        while edge:
            one = edge.pop()
            cluster.add(one)
            edge |= {other for other in left - cluster if is_near(one, other)}
        left -= cluster
        found.add("".join(sorted(LETTERS[code] for code in cluster)))
    return found


def letters(found: Clusters) -> list[str]:
    return ["".join(sorted(LETTERS[v.village_id] for v in one.villages)) for one in found.clusters]


def stock_of(name: str, home: str, units: int) -> None:
    with as_role("owner"):
        store = facility(name, home)
        for code in {rate.good for rate in needs.RATES}:
            stocked(store, units, code)


@pytest.mark.parametrize("most_km", [0.5, 1.2, 1.3, 1.7, 3.0])
def test_clusters_are_those_of_geodesic_metres_within_a_regency_and_an_island(settings, most_km):
    settings.CLUSTER_DISTANCE_KM = most_km
    assessment = assessed(PEOPLED)
    found = clusters.clusters_of(assessment, ALL)
    assert set(letters(found)) == expected(assessment, most_km)
    assert len(found.clusters) == found.count
    assert sum(len(one.villages) for one in found.clusters) == len(PEOPLED)


def test_neighbours_of_another_regency_or_island_are_another_cluster(settings):
    settings.CLUSTER_DISTANCE_KM = 3.0
    found = clusters.clusters_of(assessed(PEOPLED), ALL)
    assert sorted(letters(found)) == ["ABCD", "EFG", "IJKL", "MN", "OP"]


def test_the_most_severe_cluster_comes_first_and_its_most_severe_village(settings):
    settings.CLUSTER_DISTANCE_KM = 3.0
    found = clusters.clusters_of(assessed(PEOPLED, severe="K"), ALL, most=2)
    assert letters(found) == ["IJKL", "ABCD"]
    assert [one.number for one in found.clusters] == [1, 2]
    assert found.count == 5
    assert LETTERS[found.clusters[0].villages[0].village_id] == "K"
    assert found.clusters[0].label == "71–150 cm"


def test_a_source_has_enough_for_the_whole_cluster_not_only_for_each_village(settings):
    """A needs 24 litres a day and B as much: the near store has enough for one of them alone."""
    settings.CLUSTER_DISTANCE_KM = 3.0
    stock_of("Gudang Dekat", "A", 200)
    stock_of("Gudang Jauh", "P", 400)
    assessment = assessed({"A": 20, "B": 20})
    [one] = clusters.clusters_of(assessment, ALL).clusters
    assert one.needs == {"rice": 48, "water": 300, "family_kit": 10, "blanket": 20}
    assert [source.facility.name for source in one.found.sources] == ["Gudang Jauh"]


def test_the_distance_is_from_the_middle_of_the_villages_by_persons(settings):
    settings.CLUSTER_DISTANCE_KM = 3.0
    stock_of("Gudang", "A", 1_000)
    [one] = clusters.clusters_of(assessed({"A": 30, "B": 10}), ALL).clusters
    here, there = (VillagePlace.objects.get(village=CODES[letter]).place for letter in "AB")
    assert one.longitude == pytest.approx((30 * here.x + 10 * there.x) / 40)
    assert one.latitude == pytest.approx((30 * here.y + 10 * there.y) / 40)
    [source] = one.found.sources
    where = source.facility.location
    metres = GEOD.inv(where.x, where.y, one.longitude, one.latitude)[2]
    assert source.distance_m == pytest.approx(metres, rel=0.006)
    assert (source.crossings, source.is_own_regency) == (0, True)


def test_without_a_sufficient_source_it_says_what_is_lacking(settings, signed_in):
    settings.CLUSTER_DISTANCE_KM = 3.0
    stock_of("Gudang", "A", 100)
    assessment = assessed({"A": 20, "B": 20})
    [one] = clusters.clusters_of(assessment, ALL).clusters
    assert one.found.sources == ()
    assert one.found.lacks == (good("water").name,)
    page = signed_in("operator").get(reverse("commandcentre:hazard", args=[assessment.hazard_id]))
    told = " ".join(page.content.decode().split())
    assert f"Tidak ada yang cukup untuk: {good('water').name}." in told


def test_a_village_without_a_place_and_one_with_hidden_counts_are_left_out_and_told(settings):
    settings.CLUSTER_DISTANCE_KM = 3.0
    assessment = assessed({"A": 20, "B": 20, "C": 3, "H": 20})
    with as_role("owner"):
        Region.objects.filter(pk=CODES["H"]).update(office=None)
    every = clusters.clusters_of(assessment, ALL)
    assert (letters(every), every.left_out) == (["ABC"], 1)
    shown = clusters.clusters_of(assessment, EVERYBODY)
    assert (letters(shown), shown.left_out) == (["AB"], 2)


def test_no_village_with_registered_people_is_no_cluster():
    assert clusters.clusters_of(assessed({"A": 0}), ALL) == Clusters((), 0, 0)


def test_page_desk_and_files_show_the_clusters(signed_in, settings):
    settings.CLUSTER_DISTANCE_KM = 3.0
    stock_of("Gudang Kelompok", "P", 400)
    assessment = assessed({"A": 20, "B": 20, "I": 4})
    operator, hazard = signed_in("operator"), assessment.hazard_id
    with as_role("owner"):
        Hazard.objects.update(occurred_at=timezone.now(), received_at=timezone.now())
    page = operator.get(reverse("commandcentre:hazard", args=[hazard])).content.decode()
    assert "Kelompok desa bertetangga" in page
    assert "2 desa" in page
    assert "paling jauh 3 km" in " ".join(page.split())
    desk = operator.get(reverse("commandcentre:board"), {"hazard": hazard}).content.decode()
    assert "Gudang Kelompok" in desk.partition("desk-villages")[2]
    address = reverse("commandcentre:hazard-clusters", args=[hazard, "csv"])
    text = b"".join(operator.get(address, {"days": 1}).streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["kode_desa"].split() for row in rows] == [
        [CODES["A"], CODES["B"]],
        [CODES["I"]],
    ]
    assert rows[0]["kebutuhan"] == "blanket 20; family_kit 10; rice 16; water 100"
    assert (rows[0]["sumber_1"], rows[0]["sumber_2"]) == ("Gudang Kelompok", "")
    assert (rows[0]["jiwa"], rows[0]["hari"], rows[0]["jarak_kelompok_km"]) == ("40", "1", "3.0")
    address = reverse("commandcentre:hazard-clusters", args=[hazard, "geojson"])
    drawn = loads(b"".join(operator.get(address).streaming_content))["features"]
    assert [one["geometry"]["type"] for one in drawn] == ["Point", "Point"]
    assert drawn[0]["properties"]["sumber_1"] == "Gudang Kelompok"
    assert Entry.objects.filter(action=Action.EXPORT).count() == 2
