"""The trail cannot be written: nothing is shown, the answer is a 503 in words, and an alarm."""

from __future__ import annotations

import pytest
from django.db import connection
from structlog.testing import capture_logs

from portal.operations import readiness
from tests.access.objects import made_in
from tests.conftest import as_role
from tests.personas import OWN

pytestmark = pytest.mark.django_db


@pytest.fixture
def proposal():
    with as_role("owner"):
        return made_in(OWN)["proposal"]


@pytest.fixture
def unwritable(proposal):
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute("REVOKE INSERT ON audit_entry FROM portal_web")
        cursor.execute("SET ROLE portal_web")


def test_a_page_about_a_person_answers_503_with_an_explanation_when_the_trail_takes_no_entry(
    proposal, unwritable, signed_in
):
    browser = signed_in("verifier")
    browser.raise_request_exception = False
    with capture_logs() as logs:
        answer = browser.get(f"/proposals/review/{proposal}/", headers={"Accept-Language": "en"})
    assert answer.status_code == 503
    assert answer["Retry-After"]
    text = answer.content.decode()
    assert "cannot record who sees what" in text
    assert "CONTOH" not in text
    alarms = [line for line in logs if line["event"] == "audit_not_writable"]
    assert [line["log_level"] for line in alarms] == ["critical"]


def test_a_refusal_that_cannot_be_recorded_answers_503(unwritable, signed_in):
    browser = signed_in("verifier")
    browser.raise_request_exception = False
    assert browser.get("/proposals/review/999999999/").status_code == 503


def test_the_status_pages_report_a_trail_that_takes_no_entry(unwritable):
    state = readiness.for_people()
    assert not state.can_work
    assert "audit" in state.alarms


def test_a_trail_that_takes_entries_raises_no_alarm(proposal):
    assert "audit" not in readiness.for_people().alarms
