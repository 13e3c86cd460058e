"""Who saw me: searches, lists, uploaded rows, files and maps lead to the person, by index."""

from __future__ import annotations

import time
from datetime import date

import pytest
from django.contrib.gis.geos import Point
from django.db import connection

from apps.audit.models import Action, Entry
from apps.demo import country
from apps.proposals.access import trail
from apps.proposals.models import HeldRow, Verdict
from apps.registry import reading
from apps.registry.models import Person
from tests.base import NOW
from tests.conftest import as_role
from tests.proposals import factory
from tests.registry.people import a_change, a_person

pytestmark = pytest.mark.django_db
NIK = "9701011201889001"


@pytest.fixture
def one() -> Person:
    with as_role("owner"):
        return a_person(name="SATU ORANG", nik=NIK)


@pytest.fixture
def officer(person):
    return person("regency_officer")


def actions(one: Person) -> list[str]:
    with as_role("owner"):
        return [str(entry.action) for entry in reading.access_trail(one)]


def test_a_search_and_a_colleagues_page_tell_whom_they_showed(one, person, signed_in):
    browser = signed_in("verifier")
    browser.post("/admin/registry/person/", {"nik": NIK})
    with as_role("owner"):
        sister = Person.objects.create(
            family=one.family,
            village_id=one.village_id,
            nik="9701015201889003",
            name="SAUDARA",
            birth_date=date(1988, 1, 12),
            change=a_change(),
        )
    browser.get(f"/admin/registry/person/{sister.pk}/change/")
    assert actions(one) == [Action.READ, Action.SEARCH]


def test_lists_rows_files_and_maps_of_ones_proposals_are_found_by_the_nik(one, officer, signed_in):
    batch = factory.batch(officer, rows_read=3)
    spot = Point(*country.at("A"), srid=4326)
    factory.proposals(batch, 1, status="submitted", nik=NIK, location=spot, verdict=Verdict.INSIDE)
    with as_role("worker"):
        HeldRow.objects.create(
            batch=batch, row_number=7, village_code=one.village_id, values={"nik": NIK}
        )
    browser = signed_in("regency_officer")
    browser.get("/proposals/review/")
    browser.get(f"/proposals/review/picked/?at={batch.proposals.get().pk}")
    browser.get(f"/proposals/batches/{batch.pk}/held/")
    browser.get(f"/proposals/batches/{batch.pk}/points.json")
    assert actions(one) == [Action.READ] * 4
    other = a_stranger()
    assert actions(other) == []


def a_stranger() -> Person:
    with as_role("owner"):
        return a_person(name="ORANG LAIN", nik="9701015201889002")


def test_a_map_of_many_points_is_found_by_ones_place(one, officer, signed_in, monkeypatch):
    monkeypatch.setattr(trail, "MOST_KEYS", 0)
    batch = factory.batch(officer)
    factory.proposals(
        batch, 1, status="submitted", nik=NIK, verdict=Verdict.INSIDE,
        location=Point(*country.at("A"), srid=4326),
    )  # fmt: skip
    browser = signed_in("regency_officer")
    browser.get("/tiles/proposals/12/3299/2136.mvt")
    assert len(actions(one)) == 1
    browser.get("/tiles/proposals/12/3299/2135.mvt")  # the next tile, without a point
    browser.get("/tiles/proposals/11/1649/1068.mvt")  # a count
    assert len(actions(one)) == 1
    elsewhere = signed_in("verifier", "98.01")  # sees no row of this regency
    elsewhere.get("/tiles/proposals/12/3299/2136.mvt")
    assert len(actions(one)) == 1


def test_the_data_protection_officer_reads_it_without_seeing_proposals(one, officer, signed_in):
    factory.proposals(factory.batch(officer), 1, status="submitted", nik=NIK)
    signed_in("regency_officer").get("/proposals/review/")
    watching = signed_in("data_protection_officer")
    page = watching.get(f"/admin/registry/person/{one.pk}/history/").content.decode()
    assert "Regency_Officer-97.01" in page


def test_it_is_found_by_its_indexes(one):
    with as_role("owner"):
        rows = reading.access_trail(one).order_by()
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
        plan = rows.explain()
    assert "audit_entry_persons" in plan
    assert "Seq Scan" not in plan


@pytest.mark.scale
def test_a_million_entries_tell_who_saw_one_person(one, officer, figure):
    many = (
        "INSERT INTO audit_entry (at, action, actor, actor_name, subject, subject_name,"
        " region_code, reason, request_id, details) SELECT %s, 'read', 'user:' || n %% 500, '', "
        " CASE n %% 3 WHEN 0 THEN 'registry.Person:' || n WHEN 1 THEN 'proposals.Selection'"
        " ELSE 'proposals.Batch:' || n %% 900 END, '', '97.01', '', '',"
        " CASE n %% 3 WHEN 1 THEN jsonb_build_object('proposals', ARRAY[n, n + 1, n + 2, n + 3])"
        " WHEN 2 THEN jsonb_build_object('rows', ARRAY[n %% 1000])"
        " ELSE jsonb_build_object('persons', ARRAY[n, n + 7]) END"
        " FROM generate_series(1, 1000000) AS n"
    )
    factory.proposals(factory.batch(officer), 1, status="submitted", nik=NIK)
    with as_role("owner"):
        with connection.cursor() as cursor:
            cursor.execute(many, [NOW])
            cursor.execute("ANALYZE audit_entry")
        began = time.monotonic()
        found = list(reading.access_trail(one))
        seconds = time.monotonic() - began
        assert Entry.objects.count() >= 1_000_000
    figure("who saw one person, among 1,000,000 entries", seconds, "s", "≤ 60")
    assert found
    assert seconds <= 60
