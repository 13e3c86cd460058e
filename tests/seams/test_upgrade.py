"""Whoever reads while an upgrade runs notices nothing of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction

from apps.accounts.models import User
from portal import privileges
from tests.conftest import as_role
from tests.stack import Stack

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@contextmanager
def reading(role: str, *tables: str) -> Iterator[list[str]]:
    """Somebody else reads again and again; what was refused."""
    known, refused, is_over = connection.settings_dict, [], threading.Event()
    opened = psycopg.connect(
        host=known["HOST"], dbname=known["NAME"], user=f"portal_{role}", autocommit=True
    )

    def read() -> None:
        while not is_over.is_set():
            for table in tables:
                try:
                    opened.execute(f"SELECT FROM {table} LIMIT 1")  # type: ignore[arg-type]
                except psycopg.Error as fault:
                    refused.append(str(fault))

    reader = threading.Thread(target=read)
    reader.start()
    try:
        yield refused
    finally:
        is_over.set()
        reader.join(30)
        opened.close()


def test_nobody_is_refused_while_rights_are_applied() -> None:
    with (
        reading("web", "accounts_user", "jobs_job") as web,
        reading("worker", "proposals_batch", "registry_person") as worker,
        as_role("owner"),
    ):
        for _ in range(3):
            privileges.apply()
    assert web == worker == []


@pytest.mark.long
def test_pages_are_shown_while_an_upgrade_runs(stack: Stack, person: Callable[..., User]) -> None:
    visitor = stack.visitor(person("regency_officer"))
    statuses: list[int] = []
    is_over = threading.Event()

    def look() -> None:
        while not is_over.is_set():
            statuses.append(visitor.get("/proposals/batches/").status_code)

    looking = threading.Thread(target=look)
    looking.start()
    with reading("web", "accounts_user") as web, reading("worker", "jobs_job") as worker:
        done = stack.manage("migrate", role="owner")
        is_over.set()
        looking.join(60)
    assert done.returncode == 0, done.stderr
    assert web == worker == []
    assert statuses
    assert set(statuses) == {200}


def locks(opened: psycopg.Connection[Any], process: int) -> set[str]:
    """What a process has locked of our tables, stronger than a reader does."""
    return {
        f"{name} {mode}"
        for name, mode in opened.execute(
            "SELECT relation::regclass::text, mode FROM pg_locks l JOIN pg_class c"
            " ON c.oid = l.relation WHERE l.pid = %s AND c.relnamespace = 'public'::regnamespace"
            "  AND mode <> 'AccessShareLock'",
            [process],
        )
    }


@pytest.mark.long
def test_rights_lock_no_table() -> None:
    known = connection.settings_dict
    with (
        psycopg.connect(host=known["HOST"], dbname=known["NAME"], user="postgres") as other,
        as_role("owner"),
        connection.cursor() as cursor,
    ):
        cursor.execute("REVOKE SELECT ON accounts_user FROM portal_web")
        cursor.execute("GRANT DELETE ON jobs_job TO portal_web")
        cursor.execute("SELECT pg_backend_pid()")
        (process,) = cursor.fetchone()
        with transaction.atomic():
            privileges.apply()
            held = locks(other, process)
            cursor.execute("SELECT has_table_privilege('portal_web', 'accounts_user', 'SELECT')")
            assert cursor.fetchone() == (True,)
    assert held == set()
