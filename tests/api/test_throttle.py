"""One client's requests: so many at once, so many a minute; counted in one step."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from apps.accounts.limits import attempts
from apps.api import throttle, urls
from tests.api.test_proposals import Caller

pytestmark = pytest.mark.django_db


@pytest.fixture
def caller(settings: Any) -> Caller:
    settings.API_BURST, settings.API_PER_MINUTE = 3, 6
    return Caller("97.01")


def test_what_is_too_much_is_429_and_says_when_to_come_again(caller: Caller) -> None:
    answers = [caller.read(1) for _turn in range(4)]
    assert [one.status_code for one in answers] == [404] * 3 + [429]
    assert 1 <= int(answers[3]["Retry-After"]) <= 10
    assert answers[3]["Content-Type"] == "application/problem+json"


def test_it_counts_a_client_and_not_the_portal(caller: Caller) -> None:
    for _turn in range(4):
        caller.read(1)
    assert Caller("98.01").read(1).status_code == 404


def test_a_refused_request_does_not_lengthen_the_wait(caller: Caller) -> None:
    waits = [int(caller.read(1).headers.get("Retry-After", 0)) for _turn in range(9)]
    assert waits[:3] == [0, 0, 0]
    assert max(waits) <= 10


def test_when_nobody_can_count_nothing_is_taken(caller: Caller, settings: Any) -> None:
    caller.browser.raise_request_exception = False
    attempts.redis.cache_clear()
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    try:
        answer = caller.read(1)
    finally:
        attempts.redis.cache_clear()
    assert answer.status_code == 503
    assert answer["Retry-After"] == "30"
    assert answer.json()["errors"][0]["code"] == "not_counted"


def test_of_fifty_at_the_same_moment_no_more_than_the_burst_pass(settings: Any) -> None:
    settings.API_BURST, settings.API_PER_MINUTE = 5, 1

    class Token:
        application_id = 7

    request: Any = type("Asked", (), {"auth": Token()})()

    def one(_turn: int) -> bool:
        return throttle.ClientThrottle().allow_request(request, None)

    with ThreadPoolExecutor(50) as threads:
        assert sum(threads.map(one, range(50))) == 5


def test_it_is_asked_by_every_view_of_the_agencies() -> None:
    for pattern in urls.v1:
        view: Any = pattern.callback
        assert throttle.ClientThrottle in view.view_class.throttle_classes
