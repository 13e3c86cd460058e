"""Granting roles: who may, to whom, where, for how long; and that it counts at once."""

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from apps.accounts import access
from apps.accounts.models import Agency, Grant, User
from apps.accounts.people import grants
from apps.accounts.roles import LEVEL_OF_ROLE, NATIONAL_ROLES, REGIONAL_ROLES, Permission, Role
from apps.audit.models import Action, Entry
from apps.common.errors import DomainError
from tests.personas import home_of

pytestmark = pytest.mark.django_db
VILLAGE, DISTRICT, REGENCY, PROVINCE = "97.01.01.2001", "97.01.01", "97.01", "97"


@pytest.fixture
def newcomer():
    return User.objects.create_user("newcomer", full_name="Newcomer", nik="9701010101779001")


@pytest.fixture
def administrator(person):
    return person("administrator")


def give(by, user, role="verifier", region=REGENCY, **kwargs):
    now = kwargs.pop("now", timezone.now())
    return grants.grant(user=user, role=role, region_code=region, by=by, now=now, **kwargs)


def refusal(*args, **kwargs):
    with pytest.raises(DomainError) as refused:
        give(*args, **kwargs)
    return refused.value


def test_a_grant_lasts_a_year_unless_said_otherwise(administrator, newcomer):
    now = timezone.now()
    made = give(administrator, newcomer, now=now)
    assert (made.active_from, made.active_until) == (now, now + timedelta(days=365))


@pytest.mark.parametrize(("days", "code"), [(0, "period_over"), (3000, "period_too_long")])
def test_a_period_that_is_over_or_has_no_real_end_is_refused(administrator, newcomer, days, code):
    now = timezone.now()
    until = now + timedelta(days=days)
    assert refusal(administrator, newcomer, now=now, until=until).code == code


@pytest.mark.parametrize("role", NATIONAL_ROLES)
def test_a_national_role_is_granted_for_the_country_alone(administrator, newcomer, role):
    assert refusal(administrator, newcomer, role, REGENCY).code == "national_only"
    assert give(administrator, newcomer, role, "ID").region_id == "ID"


@pytest.mark.parametrize("role", REGIONAL_ROLES)
def test_a_regional_role_is_refused_above_its_own_level(administrator, newcomer, role):
    above = {"village": DISTRICT, "district": REGENCY, "regency": PROVINCE, "province": "ID"}
    region = above[LEVEL_OF_ROLE[role]]
    assert refusal(administrator, newcomer, role, region).code == "level_too_high"


@pytest.mark.parametrize("role", REGIONAL_ROLES)
def test_a_regional_role_is_granted_at_its_own_level_and_below(administrator, newcomer, role):
    assert give(administrator, newcomer, role, home_of(role)).role == role
    assert give(administrator, newcomer, role, "97.02.01.2001").region_id == "97.02.01.2001"


@pytest.mark.parametrize("region", ["97.09", "nowhere", "", "97.01%", "97\0", "97.01.01.2001.1"])
def test_an_unknown_region_is_refused(administrator, newcomer, region):
    assert refusal(administrator, newcomer, region=region).code == "unknown_region"


def test_an_unknown_role_is_refused(administrator, newcomer):
    assert refusal(administrator, newcomer, "king").code == "unknown_role"


@pytest.mark.parametrize("first", REGIONAL_ROLES)
@pytest.mark.parametrize("second", [*REGIONAL_ROLES, Role.DETERMINER])
def test_incompatible_roles_are_refused_naming_the_other_grant(
    administrator, newcomer, first, second
):
    held = give(administrator, newcomer, first, home_of(first))
    if first == second:
        return
    refused = refusal(administrator, newcomer, second, home_of(second, "97.02"))
    assert refused.code == "incompatible"
    assert refused.params["role"] == first.label
    assert refused.params["until"] == held.active_until


def test_the_refusal_says_in_indonesian_and_english_what_prevents_it(administrator, newcomer):
    give(administrator, newcomer, "regency_officer")
    refused = refusal(administrator, newcomer, "verifier")
    with translation.override("en"):
        words = refused.text
    assert "Newcomer is also Regency officer" in words
    assert "97.01" in words


def test_a_regional_role_is_granted_after_the_other_has_ended(administrator, newcomer):
    held = give(administrator, newcomer, "regency_officer")
    grants.end_grant(grant=held, by=administrator, now=timezone.now())
    assert give(administrator, newcomer, "verifier", now=timezone.now())


def test_the_same_grant_twice_is_refused(administrator, newcomer):
    give(administrator, newcomer)
    assert refusal(administrator, newcomer).code == "already_granted"


def test_an_agency_holds_the_agency_role_and_nothing_else(administrator, newcomer):
    agency = Agency.objects.create(code="bps", name="BPS")
    now = timezone.now()
    made = grants.grant(agency=agency, role="agency", region_code="97", by=administrator, now=now)
    assert made.agency == agency
    assert refusal(administrator, newcomer, "agency", "97").code == "wrong_principal"
    with pytest.raises(DomainError):
        grants.grant(agency=agency, role="verifier", region_code=REGENCY, by=None, now=now)


def test_a_disabled_user_gets_no_grant(administrator, newcomer):
    newcomer.is_active = False
    assert refusal(administrator, newcomer).code == "principal_disabled"


# --- who may grant ---


@pytest.mark.parametrize("role", sorted(set(Role) - {"user_administrator", "administrator"}))
def test_other_roles_grant_nothing(person, newcomer, role):
    if role == Role.AGENCY:
        return
    assert refusal(person(role), newcomer).code == "not_yours_to_grant"


def test_nobody_grants_to_themselves(person, administrator):
    assert refusal(administrator, administrator, "steward", "ID").code == "own_grant"
    local = person("user_administrator")
    assert refusal(local, local, "verifier").code == "own_grant"


@pytest.mark.parametrize("role", sorted(grants.DELEGABLE))
def test_a_user_administrator_grants_regional_roles_inside_the_own_regency(person, newcomer, role):
    region = {"village_officer": VILLAGE, "district_monitor": DISTRICT}.get(role, REGENCY)
    assert give(person("user_administrator"), newcomer, role, region)


@pytest.mark.parametrize("region", ["97.02", "98.01", "97.02.01"])
def test_a_user_administrator_grants_nothing_elsewhere(person, newcomer, region):
    refused = refusal(person("user_administrator"), newcomer, "verifier", region)
    assert refused.code == "not_yours_to_grant"


@pytest.mark.parametrize(
    ("role", "region"),
    [("user_administrator", REGENCY), ("province_monitor", REGENCY), ("determiner", "ID")]
    + [("administrator", "ID")],
)
def test_a_user_administrator_grants_no_role_of_an_administrator_or_higher(
    person, newcomer, role, region
):
    refused = refusal(person("user_administrator"), newcomer, role, region)
    assert refused.code == "not_yours_to_grant"


def test_a_user_administrator_reaches_no_user_of_another_regency(person):
    stranger = person("verifier", "97.02")
    refused = refusal(person("user_administrator"), stranger, "verifier", REGENCY)
    assert refused.code == "not_yours_to_grant"


def test_a_user_administrator_ends_grants_in_the_own_regency_only(person):
    local = person("user_administrator")
    own = person("verifier").grants.get()
    grants.end_grant(grant=own, by=local, now=timezone.now())
    with pytest.raises(DomainError):
        grants.end_grant(
            grant=person("verifier", "97.02").grants.get(), by=local, now=timezone.now()
        )


# --- it counts at once ---


def test_an_ended_grant_counts_at_the_next_request(person, administrator):
    verifier = person("verifier")
    assert access.may(User.objects.get(pk=verifier.pk), Permission.VERIFY_PROPOSAL)
    grants.end_grant(grant=verifier.grants.get(), by=administrator, now=timezone.now())
    assert not access.may(User.objects.get(pk=verifier.pk), Permission.VERIFY_PROPOSAL)
    assert not User.objects.get(pk=verifier.pk).is_staff


def test_an_expired_grant_gives_nothing(person):
    verifier = person("verifier")
    Grant.objects.filter(user=verifier).update(active_until=timezone.now())
    assert not access.permissions_of(User.objects.get(pk=verifier.pk))


def test_a_grant_that_begins_tomorrow_gives_nothing_today(person):
    verifier = person("verifier")
    Grant.objects.filter(user=verifier).update(active_from=timezone.now() + timedelta(days=1))
    assert not access.permissions_of(User.objects.get(pk=verifier.pk))


def test_ending_a_grant_twice_is_refused_the_second_time(person, administrator):
    held = person("verifier").grants.get()
    grants.end_grant(grant=held, by=administrator, now=timezone.now())
    with pytest.raises(DomainError) as refused:
        grants.end_grant(grant=held, by=administrator, now=timezone.now())
    assert refused.value.code == "already_ended"
    assert Entry.objects.filter(action=Action.REVOKE).count() == 1


def test_the_scopes_of_a_request_cost_one_query(person, django_assert_num_queries):
    verifier = User.objects.get(pk=person("verifier").pk)
    with django_assert_num_queries(1):
        access.scope_of(verifier, Permission.VIEW_PROPOSAL)
        access.scope_of(verifier, Permission.VIEW_PERSON)
        assert verifier.has_perm("proposals.verify_proposal")
        access.may(verifier, Permission.ENDORSE_PROPOSAL, REGENCY)


def test_granting_and_ending_are_in_the_audit_trail(administrator, newcomer):
    made = give(administrator, newcomer)
    grants.end_grant(grant=made, by=administrator, now=timezone.now())
    entries = Entry.objects.about(f"accounts.User:{newcomer.pk}").order_by("id")
    assert [entry.action for entry in entries] == [Action.GRANT, Action.REVOKE]
    assert {entry.actor for entry in entries} == {f"user:{administrator.pk}"}
    assert {entry.region_code for entry in entries} == {REGENCY}


def test_a_refused_grant_leaves_no_entry(administrator, newcomer):
    refusal(administrator, newcomer, "king")
    assert not Entry.objects.exists()
