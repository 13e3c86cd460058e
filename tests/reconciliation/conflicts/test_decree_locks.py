"""A lock does not bind a decree; the decree's page says which locked values it changed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.audit.models import Entry
from apps.jobs import work
from apps.proposals.decree import determination
from apps.proposals.models import Decree
from apps.reconciliation.survivorship import field_rules
from apps.registry.models import Person
from tests.base import NOW
from tests.conftest import as_role
from tests.personas import persona
from tests.proposals import factory
from tests.registry.people import a_change, a_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    """Three registered persons whose names a decree is to correct."""
    with as_role("owner"):
        return [
            a_person(
                name=f"CONTOH {letter}", nik=factory.nik_of(number), birth_date=date(1990, 1, 2)
            )
            for number, letter in enumerate("ABC", 1)
        ]


def locked(person: Person, field: str):
    with as_role("owner"):
        return field_rules.lock(
            person=person, field=field, reason="Akta dilihat", by=persona("steward"),
            now=timezone.now(),
        )  # fmt: skip


def a_decree(rows: int = 3, kind: str = "correction") -> Decree:
    with as_role("owner"):
        batch = factory.batch(persona("regency_officer"), status="submitted")
        accepter, determiner = persona("pusdatin_verifier"), persona("determiner")
    factory.proposals(
        *(batch, rows),
        kind=kind,
        status="accepted",
        step_by=accepter,
        identity_note="KTP lama memakai nama kecil",
    )
    with as_role("worker"):
        decree, job = determination.enqueue_decree(
            number="88/HUK/2026", date=date(2026, 11, 20), region_code="97", by=determiner, now=NOW,
            civil_reason="Dukcapil belum dapat ditanya.",
        )  # fmt: skip
        with work.claimed(job.pk, job.kind) as lease:
            determination.determine(lease)
    with as_role("owner"):
        return Decree.objects.get(pk=decree.pk)


def shown(browser, decree):
    return browser.get(reverse("admin:proposals_decree_change", args=[decree.pk]))


def listed(answer):
    """(person, field, before, after) of the page's part."""
    return [
        (row.person.pk, row.lock.field, row.before, row.after)
        for part in answer.context["sections"]
        for row in part.data.rows
    ]


def test_a_decree_changes_a_locked_value_and_its_page_says_so(signed_in, people):
    first, second, third = people
    locked(first, "name")
    locked(first, "birth_date")  # which stays as it was
    locked(second, "mother_name")  # which was empty
    decree = a_decree()
    with as_role("owner"):
        assert Person.objects.get(pk=first.pk).name == "WARGA 1"
    answer = shown(signed_in("determiner"), decree)
    assert listed(answer) == [
        (first.pk, "name", "CONTOH A", "WARGA 1"),
        (second.pk, "mother_name", "", "IBU"),
    ]
    text = answer.content.decode()
    assert "Akta dilihat" in text
    assert first.nik not in text and third.name not in text


def test_a_new_proposal_writes_over_no_lock_for_it_changes_nobody(signed_in, people):
    first, second, _third = people
    locked(first, "name")
    answer = shown(signed_in("determiner"), a_decree(kind="new"))
    with as_role("owner"):
        assert Person.objects.get(pk=first.pk).name == "CONTOH A"
        assert Person.objects.get(pk=second.pk).mother_name == "IBU"  # a gap that was filled
    assert listed(answer) == []


def test_what_came_after_the_decree_does_not_change_what_its_page_says(signed_in, people):
    first, second, _third = people
    locked(first, "name")
    decree = a_decree()
    with as_role("owner"):
        person = Person.objects.get(pk=first.pk)
        person.name, person.change = "CONTOH BARU", a_change()
        person.save(update_fields=["name", "change"])
        lock = locked(second, "name")
        type(lock).objects.filter(pk=lock.pk).update(at=decree.in_force_at + timedelta(minutes=1))
    assert listed(shown(signed_in("determiner"), decree)) == [
        (first.pk, "name", "CONTOH A", "WARGA 1")
    ]


def test_a_lock_that_was_lifted_before_is_no_lock(signed_in, people):
    lock = locked(people[0], "name")
    with as_role("owner"):
        type(lock).objects.update(lifted_at=NOW - timedelta(days=1), at=NOW - timedelta(days=2))
    assert shown(signed_in("determiner"), a_decree()).context["sections"] == []


def test_whose_locked_value_was_looked_at_finds_it_on_record(signed_in, people):
    locked(people[0], "name")
    decree = a_decree()
    shown(signed_in("determiner"), decree)
    with as_role("owner"):
        seen = Entry.objects.about(f"registry.Person:{people[0].pk}").filter(action="read")
        assert [one.details for one in seen] == [{"decree": decree.pk}]
        assert not Entry.objects.about(f"registry.Person:{people[1].pk}").exists()
