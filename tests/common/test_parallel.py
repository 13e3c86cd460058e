"""Two connections at work at the same time begin, fail and end together."""

import threading
import time

import pytest
from django.db import DatabaseError, connection, transaction

from apps.common.parallel import run_concurrently
from tests.limits import within


def ask(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()


def backend():
    return ask("SELECT pg_backend_pid()")[0]


def test_both_work_at_the_same_time_on_connections_of_their_own(transactional_db):
    seen = []
    both = threading.Barrier(2, timeout=30)  # one after the other would never meet here

    def work():
        seen.append(backend())
        both.wait()

    with run_concurrently(work):
        work()
    assert len(set(seen)) == 2


def test_the_body_can_wait_for_the_other_to_end(transactional_db):
    done = []
    with run_concurrently(lambda: done.append(ask("SELECT 1 FROM pg_sleep(0.2)"))) as wait:
        wait()
        assert done == [(1,)]


def test_a_failure_of_the_concurrent_work_is_raised_in_the_caller(transactional_db):
    with (
        pytest.raises(DatabaseError, match="division by zero"),
        run_concurrently(lambda: ask("SELECT 1/0")),
    ):
        ask("SELECT 1")


@pytest.mark.timed
def test_when_the_body_fails_the_other_is_cancelled_and_its_connection_closed(transactional_db):
    pids = []

    def long():
        pids.append(backend())
        ask("SELECT pg_sleep(30)")

    started = time.monotonic()
    with pytest.raises(KeyError), run_concurrently(long):
        ask("SELECT pg_sleep(0.2)")
        raise KeyError
    assert time.monotonic() - started < within(10)
    alive = ask(f"SELECT count(*) FROM pg_stat_activity WHERE pid = {pids[0]} AND state = 'active'")
    assert alive == (0,)


def test_inside_a_transaction_it_works_before_the_body_on_the_same_connection(transactional_db):
    seen = []
    with transaction.atomic(), run_concurrently(lambda: seen.append(backend())):
        assert seen == [backend()]
