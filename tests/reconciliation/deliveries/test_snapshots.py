"""The register as a source: its picture holds the active persons, and only changes are written."""

from __future__ import annotations

import pytest

from apps.reconciliation.deliveries import snapshots
from apps.reconciliation.linkage.comparisons import name_key
from apps.reconciliation.models import Dataset, Record
from apps.registry.models import Person
from tests.base import NOW
from tests.conftest import as_role
from tests.reconciliation.sample_deliveries import held
from tests.registry.people import a_change, a_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    with as_role("worker"):
        return [
            a_person(name=f"Contoh {word}", programme="PKH") for word in ("Satu", "Dua", "Tiga")
        ]


def picture() -> Dataset:
    with as_role("worker"):
        return snapshots.snapshot_register(now=NOW, by_name="tests")


def test_the_picture_holds_what_the_register_says_of_a_person(people):
    dataset = picture()
    assert (dataset.source_id, dataset.number, dataset.counts["new"]) == ("REGISTER", 1, 3)
    record = next(r for r in held(dataset) if r.source_ref == str(people[0].pk))
    person = people[0]
    assert (record.nik, record.name, record.birth_date) == (
        person.nik,
        person.name,
        person.birth_date,
    )
    assert (record.kk, record.village_code) == (person.family.kk, person.village_id)
    assert record.programmes == ["PKH"]
    assert record.name_key == name_key(person.name)


def test_a_picture_in_which_nothing_changed_is_the_last_one(people):
    first = picture()
    assert picture() == first
    assert Dataset.objects.count() == 1


def test_only_what_changed_is_written_and_the_former_picture_is_still_told(people):
    first = picture()
    with as_role("worker"):
        Person.objects.filter(pk=people[0].pk).update(name="Contoh Baru", change=a_change())
        Person.objects.filter(pk=people[1].pk).update(
            status=Person.Status.REMOVED, change=a_change()
        )
        a_person(name="Contoh Empat")
    second = picture()
    assert second.counts == {"rows": 3, "new": 1, "changed": 1, "gone": 1, "unchanged": 1}
    with as_role("worker"):
        assert Record.objects.count() == 5
    assert {r.name for r in held(second)} == {"Contoh Baru", "Contoh Tiga", "Contoh Empat"}
    assert {r.name for r in held(first)} == {"Contoh Satu", "Contoh Dua", "Contoh Tiga"}


def test_an_enrolment_that_ended_changes_the_record(people):
    picture()
    with as_role("worker"):
        people[2].enrolments.update(active_until=NOW.date(), change=a_change())
    second = picture()
    assert second.counts["changed"] == 1
    assert next(r for r in held(second) if r.source_ref == str(people[2].pk)).programmes == []
