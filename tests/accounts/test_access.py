"""Scopes, and the two gates."""

import pytest
from django.db import IntegrityError, connection, transaction

from apps.accounts import access
from apps.accounts.access import Scope
from apps.accounts.roles import Permission
from apps.proposals.models import Batch
from tests.base import NOW
from tests.personas import grant

pytestmark = pytest.mark.django_db


def test_scope_keeps_only_the_widest_regions():
    assert Scope.of_codes(["97.01.01.2001", "97.01", "98"]).prefixes == ("97.01", "98")


def test_national_scope_contains_every_region_and_the_country_itself():
    scope = Scope.of_codes(["ID", "97.01"])
    assert scope.is_national
    assert scope.contains("98.02.01.2001")
    assert scope.contains("ID")


def test_a_regency_does_not_contain_its_province():
    assert not Scope.of_codes(["97.01"]).contains("97")


def test_verifier_may_verify_in_the_own_regency_only(person):
    verifier = person("verifier")
    assert access.may(verifier, Permission.VERIFY_PROPOSAL, "97.01.02.2001")
    assert not access.may(verifier, Permission.VERIFY_PROPOSAL, "97.02.01.2001")
    assert not access.may(verifier, Permission.ENDORSE_PROPOSAL)


def test_two_roles_of_the_regional_chain_are_refused_by_the_database(person, role):
    verifier = person("verifier")
    with role("owner"), pytest.raises(IntegrityError), transaction.atomic():
        grant(verifier, "regency_officer", "98.01")


def test_a_regional_role_beside_a_national_one_is_refused_by_the_database(person, role):
    determiner = person("determiner")
    with role("owner"), pytest.raises(IntegrityError), transaction.atomic():
        grant(determiner, "verifier", "97.01")


def test_one_person_may_hold_two_national_roles(person, role):
    determiner = person("determiner")
    with role("owner"):
        grant(determiner, "steward", "ID")
    assert access.may(determiner, Permission.DETERMINE_PROPOSAL, "ID")


@pytest.fixture
def batches(person, role):
    officer = person("regency_officer")
    with role("owner"):
        for region in ("97.01", "97.02", "98.01"):
            Batch.objects.create(region_id=region, user=officer, received_at=NOW)


def seen() -> set[str]:
    return set(Batch.objects.values_list("region_id", flat=True))


def test_without_a_scope_the_web_role_sees_nothing(batches):
    assert seen() == set()


def test_the_second_gate_shows_the_own_regency_even_without_within(batches, person, gate):
    gate(person("verifier"))
    assert seen() == {"97.01"}


@pytest.mark.parametrize("setting", ["", "%", "9%", "97.0", "_", "97.01%", "NULL"])
def test_a_strange_scope_shows_nothing(batches, setting):
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('portal.proposal_scope', %s, true)", [setting])
    assert seen() == set()


def test_the_country_sees_every_batch(batches, person, gate):
    gate(person("pusdatin_verifier"))
    assert seen() == {"97.01", "97.02", "98.01"}
