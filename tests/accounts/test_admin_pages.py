"""Users, grants, agencies and clients in the admin: who sees whom, what the buttons do."""

import re

import pytest
from django.contrib.auth import authenticate
from django.test import Client as Browser
from django.utils import timezone

from apps.accounts.models import Agency, Client, Grant, User
from apps.audit.models import Action, Entry
from tests.personas import agency_client, grant

pytestmark = pytest.mark.django_db
USERS, GRANTS, AGENCIES = (
    "/admin/accounts/user/",
    "/admin/accounts/grant/",
    "/admin/accounts/agency/",
)
NEW = {
    "username": "petugas.baru",
    "full_name": "Petugas Baru",
    "nik": "9701010101779001",
    "role": "verifier",
    "region_code": "97.01",
    "until": "2027-06-30",
}


@pytest.fixture
def local(signed_in):
    return signed_in("user_administrator")


@pytest.fixture
def chief(signed_in):
    return signed_in("administrator")


def names(page):
    return {user.username for user in page.context["cl"].result_list}


def shown_secret(page):
    return re.findall(r'class="secret">(.+?)</code>', page.content.decode())[-1]


# --- who sees whom ---


def test_a_user_administrator_sees_the_users_of_the_own_regency(local, person):
    own = [person("verifier"), person("village_officer"), person("user_administrator")]
    person("verifier", "97.02"), person("determiner"), person("administrator")
    assert names(local.get(USERS)) == {user.username for user in own}


def test_the_administrator_sees_everybody(chief, person):
    person("verifier"), person("verifier", "98.01")
    assert len(names(chief.get(USERS))) == 3


@pytest.mark.parametrize("role", ["verifier", "determiner", "data_protection_officer"])
def test_other_roles_see_no_users(signed_in, role):
    browser = signed_in(role)
    for page in (USERS, GRANTS, AGENCIES, "/admin/accounts/client/"):
        assert browser.get(page).status_code == 403


def test_a_user_of_another_regency_is_like_one_who_does_not_exist(local, person):
    foreign = person("verifier", "97.02")
    for page in ("change/", "grant/", "history/"):
        there = local.get(f"{USERS}{foreign.pk}/{page}")
        nowhere = local.get(f"{USERS}999999/{page}")
        # the trail needs a permission of its own, which is asked for first
        expected = 403 if page == "history/" else 404
        assert there.status_code == nowhere.status_code == expected
        assert strip(there) == strip(nowhere)


def strip(page):
    text = page.content.decode()
    text = re.sub(r'nonce="[^"]+"|value="[^"]{64}"', "", text)
    return re.sub(r"/\d+/(change|grant|history)/", "/N/", text)


@pytest.mark.parametrize("verb", ["disable", "enable", "reset_password"])
def test_a_verb_on_a_foreign_user_does_nothing(local, person, verb):
    foreign = person("verifier", "97.02")
    assert local.post(f"{USERS}{foreign.pk}/{verb}/").status_code == 404
    after = User.objects.get(pk=foreign.pk)
    assert (after.is_active, after.password) == (foreign.is_active, foreign.password)


def test_grants_elsewhere_of_an_own_user_are_not_shown(local, person, role):
    both = person("verifier")
    with role("owner"):
        grant(both, "verifier", "98.01")
    assert "98.01" not in local.get(f"{USERS}{both.pk}/change/").content.decode()
    assert "98.01" not in local.get(USERS).content.decode()
    assert "98.01" not in local.get(GRANTS).content.decode()


@pytest.mark.parametrize(
    "guess",
    ["?nik__startswith=97", "?password__startswith=a", "?grants__role=verifier", "?e=1&nik=1"],
)
def test_filters_in_the_address_reveal_nothing(chief, person, guess):
    person("verifier")
    answer = chief.get(USERS + guess)
    assert answer.status_code in (302, 400)


@pytest.mark.parametrize("path", ["abc", "99999999999999999999", "-1", "1/delete", "%F0"])
def test_a_malformed_id_is_not_found(chief, path):
    assert chief.get(f"{USERS}{path}/change/").status_code == 404


def test_a_nik_is_masked(chief, role):
    with role("owner"):
        user = User.objects.create_user("a.b", full_name="A", nik="9701010101909001")
    page = chief.get(f"{USERS}{user.pk}/change/").content.decode()
    assert "9701010101909001" not in page
    assert "970101••••••9001" in page


# --- what the pages do ---


def test_a_new_user_gets_a_grant_and_a_password_shown_once(local):
    page = local.post(f"{USERS}add/", NEW)
    user = User.objects.get(username="petugas.baru")
    assert authenticate(username=user.username, password=shown_secret(page)) == user
    made = user.grants.get()
    assert (made.role, made.region_id) == ("verifier", "97.01")
    assert timezone.localtime(made.active_until).isoformat() == "2027-07-01T00:00:00+07:00"
    assert "no-store" in page["Cache-Control"]


@pytest.mark.parametrize(
    "change",
    [
        {"region_code": "97.02"},
        {"region_code": "ID"},
        {"region_code": "nowhere"},
        {"role": "user_administrator"},
        {"role": "administrator", "region_code": "ID"},
        {"role": "agency"},
        {"username": "a b"},
        {"nik": "123"},
        {"until": "2020-01-01"},
        {"until": ""},
    ],
)
def test_a_refused_new_user_is_not_created_and_the_reason_is_shown(local, change):
    page = local.post(f"{USERS}add/", NEW | change)
    assert page.status_code == 200
    assert page.context["form"].errors
    assert not User.objects.filter(full_name="Petugas Baru").exists()
    assert not Entry.objects.filter(action__in=[Action.GRANT, Action.CREATE]).exists()


def test_no_field_of_a_user_changes_through_a_form(chief, person):
    user = person("verifier")
    before = User.objects.filter(pk=user.pk).values().get()
    fields = {field.name: "1" for field in User._meta.get_fields() if field.concrete}
    assert chief.post(f"{USERS}{user.pk}/change/", fields).status_code == 403
    chief.post(f"{USERS}add/", NEW | fields | {"username": "petugas.baru"})
    assert User.objects.filter(pk=user.pk).values().get() == before


def test_one_more_grant_and_the_refusal_that_names_the_other(local, person):
    user = person("verifier")
    data = {"role": "regency_officer", "region_code": "97.01", "until": "2027-06-30"}
    page = local.post(f"{USERS}{user.pk}/grant/", data)
    assert user.grants.count() == 1
    assert "97.01" in str(page.context["form"].non_field_errors())


def test_the_end_button_of_a_grant(local, person):
    held = person("verifier").grants.get()
    page = local.get(f"{USERS}{held.user_id}/change/").content.decode()
    target = f"{GRANTS}{held.pk}/end/"
    assert target in page
    assert local.get(target).status_code == 405
    assert local.post(target).status_code == 302
    assert not held.user.grants.at(timezone.now()).exists()


def test_ending_a_foreign_grant_is_not_found(local, person):
    held = person("verifier", "97.02").grants.get()
    assert local.post(f"{GRANTS}{held.pk}/end/").status_code == 404
    assert Grant.objects.get(pk=held.pk).is_in_force


def test_buttons_disable_reset_and_enable(chief, person):
    user = person("verifier")
    victim = Browser()
    victim.force_login(user)
    password = shown_secret(chief.post(f"{USERS}{user.pk}/reset_password/"))
    assert authenticate(username=user.username, password=password) == user
    chief.post(f"{USERS}{user.pk}/disable/")
    assert not User.objects.get(pk=user.pk).is_active
    assert victim.get("/admin/jsi18n/").status_code == 302
    chief.post(f"{USERS}{user.pk}/enable/")
    assert User.objects.get(pk=user.pk).is_active


def test_a_button_pressed_too_late_is_explained(chief, person):
    user = person("verifier")
    chief.post(f"{USERS}{user.pk}/disable/")
    page = chief.post(f"{USERS}{user.pk}/disable/", follow=True)
    assert [message.level_tag for message in page.context["messages"]] == ["success", "error"]


def test_a_form_without_the_token_changes_nothing(person):
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(person("administrator"))
    user = person("verifier")
    assert browser.post(f"{USERS}{user.pk}/disable/").status_code == 403
    assert User.objects.get(pk=user.pk).is_active


# --- agencies ---


def test_an_agency_and_its_client_from_nothing_to_a_token(chief):
    facts = {"code": "bps", "name": "BPS", "legal_basis": "UU", "purpose": "Statistik"}
    chief.post(f"{AGENCIES}add/", facts | {"region_code": "97", "until": "2027-06-30"})
    agency = Agency.objects.get(code="bps")
    data = {"name": "uji", "scopes": ["proposals:read"]}
    secret = shown_secret(chief.post(f"{AGENCIES}{agency.pk}/client/", data))
    client = Client.objects.get()
    ask = {"grant_type": "client_credentials", "scope": "proposals:read"}
    ask |= {"client_id": client.client_id, "client_secret": secret}
    assert Browser().post("/api/oauth/token/", ask).json()["expires_in"] == 900
    assert secret not in client.client_secret
    assert secret not in chief.get(f"{AGENCIES}{agency.pk}/change/").content.decode()


@pytest.mark.parametrize("scopes", [[], ["everything"]])
def test_a_client_without_a_known_scope_is_refused(chief, role, scopes):
    with role("owner"):
        client, _secret = agency_client()
    page = chief.post(f"{AGENCIES}{client.agency_id}/client/", {"name": "x", "scopes": scopes})
    assert page.context["form"].errors
    assert Client.objects.count() == 1


def test_a_renewed_secret_ends_the_old_one_and_its_tokens(chief, role):
    with role("owner"):
        client, old = agency_client()
    ask = {"grant_type": "client_credentials", "scope": "proposals:read"}
    ask |= {"client_id": client.client_id}
    Browser().post("/api/oauth/token/", ask | {"client_secret": old})
    new = shown_secret(chief.post(f"/admin/accounts/client/{client.pk}/renew_secret/"))
    assert not client.accesstoken_set.exists()
    assert Browser().post("/api/oauth/token/", ask | {"client_secret": old}).status_code == 401
    assert Browser().post("/api/oauth/token/", ask | {"client_secret": new}).status_code == 200


@pytest.mark.parametrize("what", ["agency", "client"])
def test_a_disabled_agency_or_client_gets_no_token(chief, role, what):
    with role("owner"):
        client, secret = agency_client()
    pk = client.agency_id if what == "agency" else client.pk
    chief.post(f"/admin/accounts/{what}/{pk}/disable/")
    ask = {"grant_type": "client_credentials", "scope": "proposals:read"}
    ask |= {"client_id": client.client_id, "client_secret": secret}
    assert Browser().post("/api/oauth/token/", ask).status_code == 401


def test_lists_ask_the_same_number_of_questions_for_any_number_of_rows(
    chief, person, django_assert_max_num_queries
):
    for regency in ("97.01", "97.02", "98.01", "98.02"):
        for role in ("verifier", "head_of_office", "regency_officer"):
            person(role, regency)
    for page in (USERS, GRANTS, AGENCIES):
        with django_assert_max_num_queries(20):
            assert chief.get(page).status_code == 200


def test_a_region_is_found_by_name_within_what_one_administers(local):
    found = local.get("/places/", {"for": "grant", "region_text": "97.0"}).content.decode()
    assert 'value="97.01"' in found
    assert "97.02" not in found


def test_the_chosen_region_counts_before_the_typed_one(local):
    data = NEW | {"region": "97.01", "region_text": "Kabupaten", "region_code": ""}
    local.post(f"{USERS}add/", data)
    assert Grant.objects.get(user__username="petugas.baru").region_id == "97.01"
