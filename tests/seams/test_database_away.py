"""The database freezes, or crashes again and again: every page is answered, nothing is lost."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

import pytest
from django.conf import settings
from django.db import connection, transaction

from apps.accounts.models import User
from apps.proposals.models import Batch
from tests.conftest import as_role
from tests.limits import within
from tests.stack import Stack, Visitor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
PAGES = ("/", "/proposals/batches/", "/proposals/batches/upload/")
WITHIN_S = 10.0


def asked(page: str, visitor: Visitor) -> tuple[int, float, str]:
    began = time.monotonic()
    answer = visitor.get(page)
    return answer.status_code, time.monotonic() - began, answer.text


def of_web() -> list[int]:
    """The database's own processes that work for the served portal."""
    with as_role("owner"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
            " AND usename = 'portal_web' AND pid <> pg_backend_pid()"
        )
        return [pid for (pid,) in cursor.fetchall()]


@contextmanager
def stopped(pids: list[int]) -> Iterator[None]:
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


@pytest.mark.timed
@pytest.mark.long
def test_connections_that_hang_are_answered_for_in_words_and_replaced(
    stack: Stack, person: Callable[..., User]
) -> None:
    officer = person("regency_officer")
    visitors = [stack.visitor(officer) for _ in range(12)]
    with ThreadPoolExecutor(len(visitors)) as threads:
        list(threads.map(partial(asked, "/"), visitors))
        assert len(of_web()) >= 2
        with stopped(of_web()):
            answers = list(threads.map(partial(asked, "/proposals/batches/"), visitors))
            # those that hung are thrown away: who comes now finds one that works
            after = asked("/proposals/batches/", visitors[0])
    assert max(seconds for _status, seconds, _text in answers) < within(WITHIN_S)
    assert {status for status, _s, _t in answers} <= {200, 503}
    refused = [text for status, _s, text in answers if status == 503]
    assert refused
    assert all("Traceback" not in text and "</html>" in text for text in refused)
    assert after[0] == 200
    assert {asked(page, visitors[1])[0] for page in PAGES} == {200}


@pytest.mark.timed
def test_who_finds_no_free_connection_is_told_after_four_seconds(
    stack: Stack, person: Callable[..., User]
) -> None:
    """All connections of the pool wait for a table that another transaction holds."""
    officer = person("regency_officer")
    pool = settings.WEB_POOL
    visitors = [stack.visitor(officer) for _ in range(pool["max_size"] + 4)]
    page = "/proposals/batches/"
    assert asked(page, visitors[0])[0] == 200
    with (
        ThreadPoolExecutor(len(visitors)) as threads,
        as_role("owner"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"LOCK TABLE {Batch._meta.db_table} IN ACCESS EXCLUSIVE MODE")
        answers = list(threads.map(partial(asked, page), visitors))
    assert {status for status, _s, _t in answers} == {503}
    assert all("Traceback" not in text and "</html>" in text for _status, _s, text in answers)
    waited = sorted(seconds for _status, seconds, _text in answers)
    # four had no connection; the others had one, and the table's lock for five seconds
    assert pool["timeout"] - 0.5 <= waited[0] <= waited[3] < within(pool["timeout"] + 0.9)
    assert waited[-1] < within(WITHIN_S)
    assert {asked(page, visitor)[0] for visitor in visitors[:3]} == {200}
