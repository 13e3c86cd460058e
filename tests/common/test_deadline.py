"""What waits for the database ends with its time, and the connection with it."""

from __future__ import annotations

import time
from contextvars import copy_context

import psycopg
import pytest
from django.db import connection

from apps.common import deadline
from apps.common.deadline import BoundedConnection, TimeIsOver
from tests.limits import within


@pytest.fixture
def bounded(db: None) -> BoundedConnection:
    return BoundedConnection.connect(**connection.get_connection_params())


@pytest.mark.timed
def test_a_statement_that_takes_too_long_ends_with_its_connection(bounded):
    began = time.monotonic()
    with deadline.within(0.3), pytest.raises(TimeIsOver):
        bounded.execute("SELECT pg_sleep(20)")
    assert time.monotonic() - began < within(2)
    assert bounded.closed
    with pytest.raises(psycopg.OperationalError):
        bounded.execute("SELECT 1")


@pytest.mark.long
def test_a_statement_past_its_deadline_ends_in_the_database(bounded):
    (pid,) = bounded.execute("SELECT pg_backend_pid()").fetchone()
    with deadline.within(0.2), pytest.raises(TimeIsOver):
        bounded.execute("SELECT pg_sleep(20)")
    until = time.monotonic() + 8
    with connection.cursor() as cursor:
        while True:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute("SELECT FROM pg_stat_activity WHERE pid = %s", [pid])
            if not cursor.fetchall():
                return
            assert time.monotonic() < until
            time.sleep(0.2)


def test_statements_in_time_or_without_a_deadline_are_not_cut(bounded):
    with deadline.within(5):
        assert bounded.execute("SELECT 1").fetchone() == (1,)
        assert 4 < deadline.left_s() <= 5
    assert deadline.left_s() is None
    assert bounded.execute("SELECT pg_sleep(0.2), 2").fetchone()[1] == 2
    bounded.close()


def test_the_shorter_time_counts():
    with deadline.within(1):
        with deadline.within(60):
            assert deadline.left_s() <= 1
        with deadline.within(0):
            assert deadline.is_over()
        assert not deadline.is_over()


def test_a_request_does_not_limit_the_next():
    def request():
        deadline.begin(0)
        return deadline.is_over()

    assert copy_context().run(request)
    assert deadline.left_s() is None
