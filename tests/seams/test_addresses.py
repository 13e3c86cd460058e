"""Where a request comes from, at the real server: nobody gains tries by a header of their own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
import requests
from django.conf import settings
from redis import Redis

from apps.accounts.models import User
from apps.audit.models import Action, Entry
from tests.conftest import as_role
from tests.stack import Stack

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
LIMIT = settings.SIGN_IN_FAILURES_PER_ADDRESS


@pytest.fixture(autouse=True)
def _counts_of_others(stack: Stack) -> Iterator[None]:
    """Tries from this address count in no other test."""
    with Redis.from_url(stack.redis.url) as counted:
        forget(counted)
        yield
        forget(counted)


def forget(counted: Redis) -> None:
    for key in counted.scan_iter("*sign-in:*"):
        counted.delete(key)


def forged(turn: int) -> dict[str, str]:
    address = f"203.0.113.{turn}"
    return {
        "X-Forwarded-For": address,
        "X-Real-IP": address,
        "X-Client-IP": address,
        "Forwarded": f"for={address}",
    }


@pytest.mark.long
def test_wrong_passwords_under_forged_addresses_are_stopped(stack: Stack) -> None:
    visitor = stack.visitor()
    statuses = [
        visitor.post(
            "/accounts/login/",
            data={"username": f"siapa-{turn}", "password": "salah"},
            headers=forged(turn),
        ).status_code
        for turn in range(LIMIT + 1)
    ]
    assert statuses == [200] * LIMIT + [429]
    with as_role("owner"):
        failed = Entry.objects.filter(action=Action.SIGN_IN_FAILED)
        assert set(failed.values_list("address", flat=True)) == {"127.0.0.1"}


@pytest.mark.long
def test_wrong_secrets_at_the_token_endpoint_too(stack: Stack) -> None:
    with requests.Session() as caller:
        statuses = [
            caller.post(
                f"{stack.address}/api/oauth/token/",
                data={
                    "grant_type": "client_credentials",
                    "scope": "proposals:read",
                    "client_id": f"kein-{turn}",
                    "client_secret": "salah",
                },
                headers=forged(turn),
                timeout=30,
            ).status_code
            for turn in range(LIMIT + 1)
        ]
    assert statuses == [401] * LIMIT + [429]


@pytest.mark.long
def test_the_log_names_the_address_that_counts_and_no_query(
    stack: Stack, person: Callable[..., User]
) -> None:
    before = len(stack.log("web"))
    visitor = stack.visitor(person("regency_officer"))
    visitor.get(
        "/proposals/batches/?q=RAHASIAWATI+PUTRI",
        headers=forged(9)
        | {"X-Request-ID": "RAHASIAWATI-ini", "X-Correlation-ID": "RAHASIAWATI-itu"},
    )
    said = stack.log("web")[before:]
    lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    ours = [line for line in lines if "/proposals/batches/" in line.get("request", "")]
    assert ours
    assert {line["ip"] for line in ours} == {"127.0.0.1"}
    assert "RAHASIAWATI" not in said
    assert "203.0.113" not in said


@pytest.mark.long
def test_a_refused_page_is_one_line_without_a_traceback(
    stack: Stack, person: Callable[..., User]
) -> None:
    visitor = stack.visitor(person("regency_officer"))
    before = len(stack.log("web"))
    assert visitor.get("/status/").status_code == 403
    said = stack.log("web")[before:]
    assert "Forbidden" in said
    assert "Traceback" not in said
