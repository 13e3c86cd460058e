"""Redis is killed, wiped, frozen: who is signed in works on, nobody signs in, nothing is lost."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

import pytest

from apps.accounts.models import User
from apps.jobs.models import Job
from apps.proposals.models import Batch
from portal.operations import readiness
from tests.conftest import as_role
from tests.limits import within
from tests.proposals.sending import as_csv, row
from tests.seams.officers import send
from tests.stack import Stack, Visitor, password

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
WORDS = "kata-sandi-uji-coba"
PAGES = ("/", "/proposals/batches/", "/proposals/batches/upload/", "/accounts/profile/")
# what a page may take while the cache is looked for in vain
SOON_S = 5.0
# from the moment that Redis is back until the files that came meanwhile are read
READ_WITHIN_S = 45.0


@contextmanager
def away(stack: Stack) -> Iterator[None]:
    """Killed, and what it held wiped."""
    stack.redis.kill()
    try:
        yield
    finally:
        stack.redis.start()


@contextmanager
def frozen(stack: Stack) -> Iterator[None]:
    """It takes connections and answers nothing."""
    process = stack.redis.process
    assert process is not None
    process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        process.send_signal(signal.SIGCONT)


def asked(visitor: Visitor, page: str) -> tuple[int, float]:
    began = time.monotonic()
    status = visitor.get(page, follow=True).status_code
    return status, time.monotonic() - began


def are_read() -> bool:
    with as_role("worker"):
        return not Batch.objects.exclude(status="ready").exists()


def waits_for(what: Callable[[], bool], seconds: float) -> float:
    began = time.monotonic()
    while not what():
        assert time.monotonic() - began < seconds, list(Job.objects.values("kind", "status"))
        time.sleep(0.2)
    return time.monotonic() - began


@pytest.mark.parametrize("fault", [frozen, away])
@pytest.mark.timed
@pytest.mark.long
def test_signed_in_users_work_on_and_files_are_read_when_redis_is_back(
    stack: Stack, person: Callable[..., User], fault: Callable[..., Iterator[None]]
) -> None:
    officers = [stack.visitor(person("regency_officer")) for _ in range(4)]
    watcher = stack.visitor(person("province_monitor"))
    assert watcher.get("/").status_code == 200

    with fault(stack):
        with ThreadPoolExecutor(len(officers)) as threads:
            for page in PAGES:
                answers = list(threads.map(partial(asked, page=page), officers))
                assert [status for status, _s in answers] == [200] * len(officers), page
                assert max(seconds for _status, seconds in answers) < within(SOON_S), page
        # the counts that the home page keeps are made anew
        assert asked(watcher, "/")[0] == 200
        for number, officer in enumerate(officers):
            began, rows = time.monotonic(), as_csv(row(9001 + 5 * number + n) for n in range(5))
            answer = send(officer, f"usulan-{number}.csv", rows, "97.01")
            assert answer.status_code == 200, answer.text[:300]
            assert time.monotonic() - began < within(SOON_S)
        with as_role("worker"):
            assert Batch.objects.count() == len(officers)

    if fault is away:  # a bell that was rung into a frozen Redis may be heard, or not
        waits_for(are_read, READ_WITHIN_S)


@pytest.mark.timed
@pytest.mark.long
def test_readyz_answers_in_two_seconds_when_the_counters_and_the_queue_hang(stack: Stack) -> None:
    visitor = stack.visitor()
    with frozen(stack):
        time.sleep(readiness.KEPT_S + 0.1)  # not the answer of a moment ago
        for _turn in range(3):
            began = time.monotonic()
            answer = visitor.get("/readyz")
            assert time.monotonic() - began < within(2)
            assert answer.status_code == 200
            assert {"broker", "counters"} <= set(answer.json()["alarms"])


def test_nobody_signs_in_uncounted_and_signing_in_works_again_at_once(
    stack: Stack, person: Callable[..., User]
) -> None:
    officer = person("regency_officer")
    password(officer, WORDS)
    visitor = stack.visitor()
    form = {"username": officer.username, "password": WORDS}
    with away(stack):
        answer = visitor.post("/accounts/login/", data=form)
        assert answer.status_code == 503
        assert answer.headers["Retry-After"]
        assert "Coba lagi" in answer.text
        token = visitor.post("/api/oauth/token/", data={"grant_type": "client_credentials"})
        assert token.status_code == 503
    assert visitor.post("/accounts/login/", data=form).status_code == 302
