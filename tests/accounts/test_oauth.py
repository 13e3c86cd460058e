"""Tokens for agencies: one flow, stated scopes, fifteen minutes, nothing stored in clear."""

import hashlib
from base64 import b64encode
from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.urls import Resolver404, resolve
from django.utils import timezone
from oauth2_provider.models import AccessToken
from oauth2_provider.oauth2_backends import get_oauthlib_core

from apps.audit.models import Action, Entry
from tests.personas import agency_client

pytestmark = pytest.mark.django_db
URL = "/api/oauth/token/"
ASK = {"grant_type": "client_credentials", "scope": "proposals:write"}


@pytest.fixture
def client_and_secret(role):
    with role("owner"):
        return agency_client()


def ask(client, secret, **data):
    basic = b64encode(f"{client.client_id}:{secret}".encode()).decode()
    return Browser().post(URL, ASK | data, headers={"Authorization": f"Basic {basic}"})


def accepted(rf, token):
    request = rf.get("/api/v1/proposals/", headers={"Authorization": f"Bearer {token}"})
    return get_oauthlib_core().verify_request(request, scopes=[])


def test_a_client_gets_a_token_of_fifteen_minutes_with_the_scope_it_asked_for(client_and_secret):
    answer = ask(*client_and_secret).json()
    assert answer["expires_in"] == 900
    assert answer["scope"] == "proposals:write"
    assert "refresh_token" not in answer


def test_the_agency_is_the_principal_of_the_token(client_and_secret):
    ask(*client_and_secret)
    assert AccessToken.objects.get().application.agency == client_and_secret[0].agency


def test_only_the_checksum_of_a_token_is_stored(client_and_secret):
    token = ask(*client_and_secret).json()["access_token"]
    stored = AccessToken.objects.get()
    assert token not in (stored.token, str(stored.__dict__))
    assert stored.token_checksum == hashlib.sha256(token.encode()).hexdigest()


def test_no_scope_asked_is_no_scope_given(client_and_secret):
    answer = ask(*client_and_secret, scope="")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


def test_a_scope_that_the_client_was_not_given_is_refused(client_and_secret, role):
    client, secret = client_and_secret
    with role("owner"):
        client.allowed_scopes = ["proposals:read"]
        client.save(update_fields=["allowed_scopes"])
    assert ask(client, secret).json()["error"] == "invalid_scope"


@pytest.mark.parametrize(
    "flow",
    ["password", "authorization_code", "refresh_token", "", "x"]
    + ["urn:ietf:params:oauth:grant-type:device_code"],
)
def test_no_other_flow_answers(client_and_secret, flow):
    answer = ask(*client_and_secret, grant_type=flow, username="x", password="y", code="z")
    assert answer.status_code in (400, 401)
    assert not AccessToken.objects.exists()


def test_a_wrong_secret_is_refused_and_leaves_an_entry_without_it(client_and_secret):
    answer = ask(client_and_secret[0], "bukan-rahasianya")
    assert answer.status_code == 401
    entry = Entry.objects.get(action=Action.SIGN_IN_FAILED)
    assert "bukan-rahasianya" not in str(entry.__dict__)


def test_an_unknown_client_is_refused(client_and_secret):
    client, secret = client_and_secret
    client.client_id = "tidak-ada"
    assert ask(client, secret).status_code == 401


def test_a_nul_in_the_body_is_refused(client_and_secret):
    answer = Browser().post(URL, ASK | {"client_id": "a\0b", "client_secret": "x"})
    assert answer.status_code == 400


def test_thirty_wrong_secrets_in_a_minute_close_the_address_not_the_client(
    client_and_secret, settings
):
    client, secret = client_and_secret
    settings.SIGN_IN_FAILURES_PER_ADDRESS = 3
    statuses = [ask(client, f"salah-{turn}").status_code for turn in range(4)]
    assert statuses == [401] * 3 + [429]
    assert ask(client, secret)["Retry-After"]
    settings.TRUSTED_PROXIES = 1
    elsewhere = {"client_id": client.client_id, "client_secret": secret}
    answer = Browser().post(URL, ASK | elsewhere, headers={"X-Forwarded-For": "203.0.113.9"})
    assert answer.status_code == 200


def test_tokens_that_are_given_do_not_count(client_and_secret, settings):
    settings.SIGN_IN_FAILURES_PER_ADDRESS = 2
    assert {ask(*client_and_secret).status_code for _ in range(5)} == {200}


@pytest.mark.parametrize("ended", ["client", "agency"])
def test_a_disabled_client_or_agency_gets_no_token(client_and_secret, role, ended):
    client, secret = client_and_secret
    disable(client, ended, role)
    assert ask(client, secret).status_code == 401


@pytest.mark.parametrize("ended", ["client", "agency"])
def test_a_token_dies_with_its_client_or_agency_at_the_next_call(
    client_and_secret, role, rf, ended
):
    token = ask(*client_and_secret).json()["access_token"]
    assert accepted(rf, token)[0]
    disable(client_and_secret[0], ended, role)
    assert not accepted(rf, token)[0]


def test_a_token_is_over_after_its_time(client_and_secret, rf):
    token = ask(*client_and_secret).json()["access_token"]
    AccessToken.objects.update(expires=timezone.now() - timedelta(seconds=1))
    assert not accepted(rf, token)[0]


def test_a_token_in_the_address_is_not_read(client_and_secret, rf):
    token = ask(*client_and_secret).json()["access_token"]
    request = rf.get(f"/api/v1/proposals/?access_token={token}")
    assert not get_oauthlib_core().verify_request(request, scopes=[])[0]


def test_a_client_ends_its_own_token(client_and_secret, rf):
    client, secret = client_and_secret
    token = ask(client, secret).json()["access_token"]
    data = {"token": token, "client_id": client.client_id, "client_secret": secret}
    assert Browser().post("/api/oauth/revoke/", data).status_code == 200
    assert not accepted(rf, token)[0]


def test_a_given_token_is_in_the_audit_trail(client_and_secret):
    ask(*client_and_secret)
    entry = Entry.objects.get(action=Action.SIGN_IN)
    assert entry.actor == f"client:{client_and_secret[0].pk}"
    assert entry.details == {"channel": "oauth", "scope": "proposals:write"}


@pytest.mark.parametrize("name", ["authorize", "introspect", "applications", "device", "register"])
def test_other_pages_of_the_oauth_package_do_not_exist(name):
    with pytest.raises(Resolver404):
        resolve(f"/api/oauth/{name}/")


def disable(client, ended, role):
    with role("owner"):
        row = client if ended == "client" else client.agency
        row.is_active = False
        row.save(update_fields=["is_active"])


# --- wrong requests and revocations ---


REVOKE = "/api/oauth/revoke/"


def failures():
    return Entry.objects.filter(action=Action.SIGN_IN_FAILED)


@pytest.mark.parametrize(
    "wrong",
    [{"scope": "everything"}, {"scope": ""}, {"grant_type": "password"}, {"grant_type": ""}],
)
def test_a_wrong_request_counts_like_a_wrong_password(client_and_secret, settings, wrong):
    settings.SIGN_IN_FAILURES_PER_ADDRESS = 3
    statuses = [ask(*client_and_secret, **wrong).status_code for _ in range(4)]
    assert statuses[-1] == 429
    assert 429 not in statuses[:3]


def test_many_wrong_requests_are_one_entry_a_minute(client_and_secret, settings):
    settings.SIGN_IN_FAILURES_PER_ADDRESS = 5
    for _ in range(8):
        ask(*client_and_secret, scope="proposals:everything")
    entry = failures().get()
    assert entry.subject == f"accounts.Client:{client_and_secret[0].pk}"
    assert entry.details == {"channel": "oauth", "error": "invalid_scope"}


def test_the_failures_of_another_client_have_an_entry_of_their_own(client_and_secret, role):
    with role("owner"):
        other, _secret = agency_client("98.01")
    ask(client_and_secret[0], "salah")
    ask(other, "salah")
    assert failures().count() == 2


def test_clients_that_do_not_exist_share_one_entry(client_and_secret):
    client, secret = client_and_secret
    for name in ("a", "b", "c"):
        client.client_id = name
        ask(client, secret)
    assert failures().get().subject == ""


def revoke(client, secret, token):
    data = {"token": token, "client_id": client.client_id, "client_secret": secret}
    return Browser().post(REVOKE, data)


def test_wrong_revocations_count_and_write_one_entry_a_minute(client_and_secret, settings):
    settings.SIGN_IN_FAILURES_PER_ADDRESS = 3
    client, _secret = client_and_secret
    statuses = [revoke(client, "salah", "x").status_code for _ in range(5)]
    assert statuses == [401] * 3 + [429] * 2
    assert failures().count() == 1


def test_revoking_what_is_no_token_of_ones_own_counts_and_is_answered_alike(
    client_and_secret, settings, role
):
    settings.SIGN_IN_FAILURES_PER_ADDRESS = 3
    client, secret = client_and_secret
    with role("owner"):
        other, other_secret = agency_client("98.01")
    foreign = ask(other, other_secret).json()["access_token"]
    answers = [revoke(client, secret, token) for token in ("x", foreign, "\u202e")]
    assert {(one.status_code, one.content) for one in answers} == {(200, b"")}
    assert revoke(client, secret, "x").status_code == 429
    assert failures().get().details["error"] == "no_such_token"
    assert AccessToken.objects.count() == 1


def test_ending_ones_own_tokens_does_not_count_and_is_on_record(client_and_secret, settings):
    settings.SIGN_IN_FAILURES_PER_ADDRESS = 2
    for _ in range(4):
        token = ask(*client_and_secret).json()["access_token"]
        assert revoke(*client_and_secret, token).status_code == 200
    ended = Entry.objects.filter(action=Action.SIGN_OUT)
    assert {one.actor for one in ended} == {f"client:{client_and_secret[0].pk}"}
    assert ended.count() == 4
    assert not failures().exists()


@pytest.mark.parametrize("header", ["Basic ////", "Basic", "Basic YQBiOmM=", "Bearer x", "x"])
@pytest.mark.parametrize("path", [URL, REVOKE])
def test_an_odd_header_is_a_wrong_request(header, path):
    answer = Browser().post(path, ASK | {"token": "x"}, headers={"Authorization": header})
    assert answer.status_code in (400, 401)
