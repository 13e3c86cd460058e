"""An agency sends one row, gets the findings of the very same checks, and reads them again."""

import base64
import json

import pytest
from django.db import connection
from django.test import Client as Browser

from apps.audit.models import Entry
from apps.demo import country
from apps.proposals.models import Batch, Proposal, RegisteredMatch
from apps.registry.reading import access_trail
from tests import workers
from tests.conftest import as_role
from tests.personas import agency_client
from tests.proposals.registered import registered

pytestmark = pytest.mark.django_db(transaction=True)
VILLAGE = country.CODES["A"]
LONGITUDE, LATITUDE = country.at("A")
ROW = {
    "nik": "9701011201889001",
    "kk": "9701010101209002",
    "name": "CONTOH SATU",
    "programme": "PKH",
    "birth_date": "12-01-1988",
    "sex": "L",
    "village_code": VILLAGE,
    "latitude": str(LATITUDE),
    "longitude": str(LONGITUDE),
}


class Caller:
    """An agency's program: a token, and JSON both ways."""

    def __init__(self, region: str, scope: str = "proposals:write proposals:read") -> None:
        with as_role("owner"):
            client, secret = agency_client(region)
        self.browser = Browser()
        pair = base64.b64encode(f"{client.client_id}:{secret}".encode()).decode()
        answer = self.browser.post(
            "/api/oauth/token/",
            {"grant_type": "client_credentials", "scope": scope},
            headers={"Authorization": f"Basic {pair}"},
        )
        self.client = client
        self.token = answer.json()["access_token"]

    def send(self, **changes):
        return self.browser.post(
            "/api/v1/proposals/",
            json.dumps(ROW | changes),
            "application/json",
            headers={"Authorization": f"Bearer {self.token}"},
        )

    def read(self, reference):
        return self.browser.get(
            f"/api/v1/proposals/{reference}/", headers={"Authorization": f"Bearer {self.token}"}
        )


@pytest.fixture(scope="module")
def _module_worker(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), workers.worker("interactive") as process:
        yield process


@pytest.fixture
def caller(_module_worker):
    return Caller("97.01")


@pytest.mark.long
def test_a_good_row_becomes_a_proposal_with_its_verdict(caller):
    answer = caller.send()
    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert (body["verdict"], body["village_code"]) == ("inside", VILLAGE)
    assert caller.read(body["id"]).json() == body


@pytest.mark.long
def test_a_faulty_row_is_answered_with_every_finding_in_words(caller):
    answer = caller.send(nik="12345", birth_date="31-02-1988")
    assert answer.status_code == 422
    findings = {finding["code"]: finding for finding in answer.json()["findings"]}
    assert {"nik_length", "date_impossible"} <= set(findings)
    assert findings["nik_length"]["severity"] == "error"
    assert "5" in findings["nik_length"]["message"]
    assert findings["nik_length"]["remedy"]


def test_an_agency_is_asked_why_and_answers(caller):
    registered(nik=ROW["nik"], name="KARTINI", sex="L")
    held = caller.send(name="BUKAN ORANGNYA")
    said = {one["code"]: one for one in held.json()["findings"]}
    assert (held.status_code, held.json()["status"]) == (422, "held")
    assert "PENJELASAN IDENTITAS" in said["registered_other"]["remedy"]
    assert "KARTINI" not in held.content.decode()
    sent = caller.send(name="BUKAN ORANGNYA", identity_note="Nama di KTP lama, surat desa ada")
    assert sent.status_code == 201, sent.content
    with as_role("worker"):
        assert RegisteredMatch.objects.get().likely == "other"


def test_a_village_outside_the_agencys_region_is_a_finding_not_a_proposal(caller):
    answer = caller.send(village_code=country.CODES["I"])
    assert answer.status_code == 422
    assert "village_outside_scope" in {f["code"] for f in answer.json()["findings"]}


def test_another_agency_of_the_same_region_cannot_read_it(caller):
    reference = caller.send().json()["id"]
    other = Caller("98.01")
    foreign, missing = other.read(reference), other.read(10**9)
    assert foreign.status_code == missing.status_code == 404
    assert foreign.content == missing.content


def test_without_the_scope_to_write_nothing_is_taken(_module_worker):
    reader = Caller("97.01", scope="proposals:read")
    assert reader.send().status_code == 403
    with as_role("owner"):
        assert not Batch.objects.exists()


def test_a_client_that_was_ended_fails_at_the_next_call(caller):
    with as_role("owner"):
        caller.client.is_active = False
        caller.client.save()
    assert caller.send().status_code == 401


def test_a_missing_column_is_named_before_any_check(caller):
    answer = caller.browser.post(
        "/api/v1/proposals/",
        "{}",
        "application/json",
        headers={"Authorization": f"Bearer {caller.token}"},
    )
    assert answer.status_code == 400
    assert {"nik", "village_code"} <= {error["attr"] for error in answer.json()["errors"]}


def test_reading_is_on_record_under_the_clients_name(caller):
    reference = caller.send().json()["id"]
    caller.read(reference)
    entries = Entry.objects.filter(subject=f"proposals.Batch:{reference}", action="read")
    assert [entry.actor for entry in entries] == [f"client:{caller.client.pk}"] * 2


def test_who_is_registered_under_the_nik_finds_each_answer_that_told_of_them(caller):
    person = registered(nik=ROW["nik"], name="KARTINI", sex="L")
    held = caller.send(name="BUKAN ORANGNYA")
    assert "registered_other" in {one["code"] for one in held.json()["findings"]}
    caller.read(held.json()["id"])
    with as_role("owner"):
        told = [entry for entry in access_trail(person) if entry.action == "read"]
    assert [entry.actor for entry in told] == [f"client:{caller.client.pk}"] * 2


def test_the_proposal_waits_for_the_verifier(caller):
    caller.send()
    with as_role("owner"):
        assert Proposal.objects.get().status == Proposal.Status.SUBMITTED
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM proposals_proposal")
        assert cursor.fetchone() == (0,)  # the web role without a scope
