"""Requests of every kind, made from the API's own schema: each answer is one that it tells of.

2,000 in the quick run, 50,000 under `scale`, with three logins and without one. Rows that have the
right form are stored, and nobody waits for their check.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode as Mode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from apps.api import views
from tests.api.test_proposals import Caller
from tests.figures import Figure

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
SCHEMA = "/api/schema/?format=json"
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.unsupported_method,
    checks.allow_header_conformance,
    checks.ignored_auth,
    checks.positive_data_acceptance,
    checks.missing_required_header,
]
SCOPES = {
    "writes and reads": "proposals:write proposals:read",
    "reads": "proposals:read",
    "writes": "proposals:write",
    "nobody": "",
}


@contextmanager
def one_connection() -> Iterator[None]:
    """The test's transaction is that of all requests, as with Django's own test client."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)


@pytest.fixture
def token(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, settings: Any) -> str:
    monkeypatch.setattr(views, "WAIT_S", 0)  # no worker: the answer comes at once
    settings.API_BURST = settings.API_PER_MINUTE = 10**7
    scope = SCOPES[request.param]
    return Caller("97.01", scope=scope).token if scope else ""


def check(token: str, examples: int) -> Counter[int]:
    """How often each status was answered. Raises what a check found."""
    with one_connection():
        return _asked(token, examples)


def _asked(token: str, examples: int) -> Counter[int]:
    app, seen = get_wsgi_application(), Counter[int]()
    # a column of no name of ours may hold anything but a NUL: it is not read
    good = schemathesis.Config.from_dict({"generation": {"allow-x00": False}})
    cases = st.one_of(
        schemathesis.openapi.from_wsgi(SCHEMA, app, config=config).as_strategy(generation_mode=mode)
        for mode, config in ((Mode.POSITIVE, good), (Mode.NEGATIVE, None))
    )
    headers = {"Authorization": f"Bearer {token}"} if token else {}

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def ask(case: Any) -> None:
        response = case.call(headers=headers)
        seen[response.status_code] += 1
        case.validate_response(response, checks=CHECKS, headers=headers)

    ask()
    return seen


SEEN = {
    "writes and reads": {202, 400, 404},
    "reads": {403, 404},
    "writes": {202, 400, 403},
    "nobody": {401},
}


@pytest.mark.parametrize(("token", "seen"), SEEN.items(), indirect=["token"], ids=list(SEEN))
@pytest.mark.long
def test_every_answer_to_two_thousand_requests_is_in_the_schema(token: str, seen: set[int]) -> None:
    assert seen <= set(check(token, 500))


@pytest.mark.scale
@pytest.mark.parametrize("token", SEEN, indirect=True)
def test_every_answer_to_fifty_thousand_requests_is_in_the_schema(
    token: str, figure: Figure
) -> None:
    figure("requests made from the schema, without a fault", check(token, 12_500).total())
