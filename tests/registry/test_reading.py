"""The register is searched, not browsed; every look is on record; numbers stay masked."""

from datetime import date

import pytest
from django.db import DatabaseError, connection
from django.http import Http404

from apps.audit.models import Action, Entry
from apps.common.errors import DomainError
from apps.registry import reading
from apps.registry.models import Person
from tests.conftest import as_role
from tests.registry.people import a_person

pytestmark = pytest.mark.django_db
BORN = date(1988, 1, 12)


@pytest.fixture
def people(role):
    with role("worker"):
        return {
            region: a_person(f"{region}.01.2001", name=f"ORANG {region}")
            for region in ("97.01", "97.02", "98.01")
        }


@pytest.fixture
def verifier(person, gate):
    user = person("verifier")
    gate(user)
    return user


def test_a_verifier_finds_a_person_of_the_own_regency_by_nik(people, verifier):
    own = people["97.01"]
    assert reading.search(by=verifier, nik=own.nik) == [own]


@pytest.mark.parametrize("region", ["97.02", "98.01"])
def test_a_person_of_another_regency_is_not_found_by_any_criterion(people, verifier, region):
    foreign = people[region]
    assert reading.search(by=verifier, nik=foreign.nik) == []
    assert reading.search(by=verifier, name=foreign.name, birth_date=BORN) == []
    with pytest.raises(Http404):
        reading.open_person(person_id=foreign.pk, by=verifier)


def test_nothing_is_listed_without_criteria(people, verifier):
    with pytest.raises(DomainError, match="^search_empty$"):
        reading.search(by=verifier)
    with pytest.raises(DomainError, match="^search_empty$"):
        reading.search(by=verifier, name="ORANG")


def test_more_than_twenty_hits_show_nothing(role, verifier):
    with role("worker"):
        for _ in range(reading.MOST_HITS + 1):
            a_person(name="NAMA SAMA")
    with pytest.raises(DomainError, match="^too_many_hits$"):
        reading.search(by=verifier, name="NAMA SAMA", birth_date=BORN)


def latest() -> Entry:
    """The newest entry, whoever may read the trail."""
    with as_role("owner"):
        return Entry.objects.latest("pk")


def test_a_search_is_recorded_without_the_number_that_was_searched(people, verifier):
    reading.search(by=verifier, nik=people["97.01"].nik)
    entry = latest()
    assert entry.action == Action.SEARCH
    assert (entry.details["criteria"], entry.details["hits"]) == (["nik"], 1)
    assert entry.details["persons"] == [people["97.01"].pk]
    assert people["97.01"].nik not in str(entry.__dict__)


def test_opening_a_person_leaves_an_entry_before_anything_is_shown(people, verifier):
    own = people["97.01"]
    reading.open_person(person_id=own.pk, by=verifier)
    entry = latest()
    assert (entry.action, entry.subject) == (Action.READ, f"registry.Person:{own.pk}")


def test_if_the_entry_cannot_be_written_nothing_is_shown(people, verifier, role):
    with role("owner"), connection.cursor() as cursor:
        cursor.execute("REVOKE INSERT ON audit_entry FROM portal_web")
    with pytest.raises(DatabaseError):
        reading.open_person(person_id=people["97.01"].pk, by=verifier)


def test_a_number_is_revealed_against_a_reason_only(people, verifier):
    own = Person.objects.get(pk=people["97.01"].pk)
    with pytest.raises(DomainError, match="^no_reason$"):
        reading.reveal(person=own, by=verifier, reason="")
    assert reading.reveal(person=own, by=verifier, reason="complaint") == own.nik
    entry = latest()
    assert (entry.action, entry.reason) == (Action.REVEAL, "complaint")


def test_a_head_of_office_sees_persons_but_no_whole_numbers(people, person, gate):
    head = person("head_of_office")
    gate(head)
    own = reading.open_person(person_id=people["97.01"].pk, by=head)
    with pytest.raises(DomainError, match="^not_allowed$"):
        reading.reveal(person=own, by=head, reason="complaint")
