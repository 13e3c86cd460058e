"""Redis has no room: who is signed in works on, nobody signs in, nothing is lost.

The disks of files: tests/proposals/upload/test_no_room.py; of the database:
tests/jobs/test_outage.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

import pytest
import redis

from apps.accounts.models import User
from apps.proposals.models import Batch
from tests.conftest import as_role
from tests.proposals.sending import as_csv, row
from tests.seams.officers import send
from tests.seams.test_redis_away import PAGES, READ_WITHIN_S, WORDS, are_read, asked, waits_for
from tests.stack import Stack, password

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@contextmanager
def full(stack: Stack) -> Iterator[None]:
    """As with `maxmemory` and `noeviction`: what needs room is refused, the rest is answered."""
    client = redis.Redis(unix_socket_path=str(stack.redis.socket))
    client.config_set("maxmemory", 1)
    try:
        yield
    finally:
        client.config_set("maxmemory", 0)
        client.close()


@pytest.mark.long
def test_signed_in_users_work_on_and_a_file_is_read_when_redis_has_room(
    stack: Stack, person: Callable[..., User]
) -> None:
    officers = [stack.visitor(person("regency_officer")) for _ in range(4)]
    with full(stack):
        with ThreadPoolExecutor(len(officers)) as threads:
            for page in PAGES:
                answers = list(threads.map(partial(asked, page=page), officers))
                assert [status for status, _s in answers] == [200] * len(officers), page
        answer = send(officers[0], "usulan.csv", as_csv(row(9001 + n) for n in range(5)), "97.01")
        assert answer.status_code == 200, answer.text[:300]
        with as_role("worker"):
            assert Batch.objects.count() == 1
    waits_for(are_read, READ_WITHIN_S)
    stack.run("status")  # an error where a process has ended


@pytest.mark.long
def test_what_is_tried_while_redis_has_no_room_is_counted_or_refused(
    stack: Stack, person: Callable[..., User]
) -> None:
    officer = person("regency_officer")
    password(officer, WORDS)
    right = {"username": officer.username, "password": WORDS}
    with full(stack):
        assert stack.visitor().post("/accounts/login/", data=right).status_code in (302, 503)
        visitor = stack.visitor()
        wrong = right | {"password": "salah-sekali-ini"}
        tries = [visitor.post("/accounts/login/", data=wrong).status_code for _try in range(6)]
        assert tries[-1] in (429, 503), (tries, stack.errors())
        assert set(tries) <= {200, 429, 503}
        token = visitor.post("/api/oauth/token/", data={"grant_type": "client_credentials"})
        assert token.status_code in (400, 401, 429, 503), token.text[:300]
