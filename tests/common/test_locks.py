"""Advisory locks: held by a transaction, waited for by the next one, each number used once."""

from __future__ import annotations

import ast
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection, transaction

from apps.common import locks
from apps.common.locks import Lock
from apps.proposals.submitting import submission

APPS = Path(locks.__file__).resolve().parents[1]
# The module, and the statements that lock by a hash or many at once.
TAKE = {"locks.py", "lock_claim.sql", "lock_claims.sql", "lock_regencies.sql"}


def waiting() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)"
        )
        return bool(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_a_lock_without_a_transaction_is_refused() -> None:
    with pytest.raises(RuntimeError, match="REGION_TREE"):
        locks.hold(Lock.REGION_TREE)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("hold", "name"),
    [
        (lambda: submission.lock_regencies([9701]), "REGENCY"),
        (lambda: submission.lock_claim("3404010000000001"), "CLAIM"),
    ],
    ids=["regencies", "a person"],
)
def test_a_lock_of_a_statement_is_refused_likewise(hold: Callable[[], None], name: str) -> None:
    with pytest.raises(RuntimeError, match=name):
        hold()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("first", "second"), [("hold", "hold"), ("hold", "hold_shared")])
def test_the_second_waits_for_the_end_of_the_firsts_transaction(first: str, second: str) -> None:
    held: list[str] = []

    def other() -> None:
        try:
            with transaction.atomic():
                getattr(locks, second)(Lock.BATCH, 7)
                held.append("second")
        finally:
            connection.close()

    thread = threading.Thread(target=other)
    with transaction.atomic():
        getattr(locks, first)(Lock.BATCH, 7)
        thread.start()
        while not waiting():
            thread.join(0.01)
            assert thread.is_alive()
        held.append("first")
    thread.join(10)
    assert held == ["first", "second"]


@pytest.mark.django_db(transaction=True)
def test_shared_locks_and_other_keys_do_not_wait() -> None:
    done = threading.Event()

    def other() -> None:
        try:
            with transaction.atomic():
                locks.hold_shared(Lock.BOUNDARIES)
                locks.hold(Lock.BATCH, 8)
                done.set()
        finally:
            connection.close()

    with transaction.atomic():
        locks.hold_shared(Lock.BOUNDARIES)
        locks.hold(Lock.BATCH, 7)
        thread = threading.Thread(target=other)
        thread.start()
        thread.join(10)
        assert done.is_set()


def test_no_module_takes_an_advisory_lock_by_a_number_of_its_own() -> None:
    found = {
        path.name
        for kind in ("*.py", "*.sql")
        for path in APPS.rglob(kind)
        if "migrations" not in path.parts and "pg_advisory" in path.read_text(encoding="utf-8")
    } | {path.name for path in APPS.rglob("*.py") if "advisory_lock(" in path.read_text()}
    assert found == TAKE


def test_a_statement_that_locks_is_run_only_by_who_asks_for_a_transaction() -> None:
    statements = {path.stem for path in APPS.rglob("sql/*.sql") if path.name in TAKE}
    running: dict[str, bool] = {}
    for path in APPS.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if not any(f"/{name}" in text for name in statements):
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                body = ast.unparse(node)
                for name in statements:
                    if f"/{name}'" in body:
                        running[name] = "locks.require_transaction(" in body
    assert running == dict.fromkeys(statements, True)
