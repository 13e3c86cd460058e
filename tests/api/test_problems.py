"""Every refusal of the API is a problem of RFC 9457; nothing odd in a body is a fault."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError
from django.test import Client as Browser
from rest_framework.request import Request

from apps.api import views
from apps.api.problems import ProblemHandler
from tests.api.test_proposals import ROW, Caller

pytestmark = pytest.mark.django_db
PATH = "/api/v1/proposals/"


@pytest.fixture
def caller(monkeypatch: pytest.MonkeyPatch) -> Caller:
    monkeypatch.setattr(views, "WAIT_S", 0)  # no worker: the answer comes at once
    return Caller("97.01")


def post(caller: Caller, body: Any, content_type: str = "application/json") -> Any:
    browser = Browser(raise_request_exception=False)
    return browser.post(
        PATH, body, content_type, headers={"Authorization": f"Bearer {caller.token}"}
    )


def told(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    found: dict[str, Any] = answer.json()
    assert (found["status"], found["type"]) == (status, "about:blank")
    assert found["title"] and found["detail"]
    return found


@pytest.mark.parametrize("path", ["/api/", "/api/v1/", "/api/v2/proposals/", "/api/v1/x/?a=%25"])
def test_an_address_that_does_not_exist_is_a_problem(path: str) -> None:
    told(Browser().get(path), 404)


def test_a_number_that_is_none_of_ones_own_is_a_problem(caller: Caller) -> None:
    for number in (1, 10**18, 10**30, "9" * 5000):
        told(caller.read(number), 404)


def test_a_missing_column_is_named(caller: Caller) -> None:
    found = told(post(caller, "{}"), 400)
    assert {"nik", "village_code"} <= {error["attr"] for error in found["errors"]}


def test_without_a_token_without_the_scope_and_with_another_method(caller: Caller) -> None:
    told(Browser().get(f"{PATH}1/"), 401)
    reader = Caller("97.02", scope="proposals:read")
    told(post(reader, json.dumps(ROW)), 403)
    told(Browser().delete(PATH), 405)
    told(post(caller, "a=b", "application/x-www-form-urlencoded"), 415)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("[" * 30_000, "deep"),
        ('{"nik":' * 10_000, "deep"),
        ('{"nik": "\\u0000"}', "characters"),
        ('{"\\ud800": "1"}', "characters"),
        ('{"latitude": 1e400}', "characters"),
        ('{"latitude": NaN}', "syntax"),
        (b'{"name": "\xff\xfe"}', "syntax"),
        ("9" * 5000, "syntax"),
        ("{", "syntax"),
    ],
)
def test_a_body_that_cannot_be_stored_is_refused(caller: Caller, body: Any, code: str) -> None:
    assert told(post(caller, body), 400)["errors"][0]["code"] == code


@pytest.mark.parametrize("body", ["", "[]", "null", "7", '"a"', '[{"nik": "1"}]'])
def test_a_body_that_is_no_row_is_refused(caller: Caller, body: str) -> None:
    told(post(caller, body), 400)


@pytest.mark.parametrize("column", ["village_code", "nik", "latitude", "birth_date", "name"])
@pytest.mark.parametrize(
    "value", ["\u202e", "9" * 300, "²", "inf", "%", "\U0010ffff", 10**30, -1.5e300, True, [], {}]
)
@pytest.mark.long
def test_odd_values_of_a_column_are_findings_or_refusals(
    caller: Caller, column: str, value: Any
) -> None:
    assert post(caller, json.dumps(ROW | {column: value})).status_code in (202, 400)


@pytest.mark.parametrize("away", [OperationalError, InterfaceError])
def test_a_database_that_is_away_is_503_and_says_when_to_come_again(
    away: type[Exception], rf: Any
) -> None:
    context: Any = {"request": Request(rf.get("/"))}
    answer = ProblemHandler(away("host 10.1.2.3"), context).run()
    assert answer is not None
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert answer.data["errors"][0]["code"] == "unavailable"
    assert "10.1.2.3" not in json.dumps(answer.data)


def test_a_fault_tells_its_number_and_nothing_else(rf: Any) -> None:
    request = rf.get("/")
    request.request_id = "number-of-the-log"
    context: Any = {"request": Request(request)}
    answer = ProblemHandler(KeyError("9701010101909001"), context).run()
    assert answer is not None
    assert answer.status_code == 500
    assert "number-of-the-log" in answer.data["detail"]
    assert "9701010101909001" not in json.dumps(answer.data)
