"""A wrong decree of 20,000 persons, compared with a copy of the register from before it."""

from __future__ import annotations

import time

import pytest
from django.db import connection

from apps.registry.models import Change
from apps.registry.reverting import change_reversal
from tests.conftest import as_role
from tests.registry.rows import change, row, write

pytestmark = [pytest.mark.django_db, pytest.mark.scale]

KNOWN, NEW = 15_000, 5_000
TABLES = ("person", "family", "enrolment")
# Bar 52 of docs/reliability.md.
WITHIN_S = 20 * 60


def numbered(number: int, **fields: object) -> dict[str, object]:
    """Four to a family."""
    serial = f"{number:010d}"
    return row(number, nik=f"970101{serial}", kk=f"970102{number // 4:010d}", **fields)


def copied() -> None:
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"CREATE TABLE staging.copy_{table} AS TABLE registry_{table}")


def analysed() -> None:
    """As autovacuum does; tables of one transaction have no statistics yet."""
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"ANALYZE registry_{table}, registry_{table}event")


def differing(table: str) -> int:
    """Rows of the copy that the register does not hold in the same state, whoever wrote them."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM staging.copy_{table} c LEFT JOIN registry_{table} r USING (id)"
            " WHERE to_jsonb(r) - 'change_id' - 'origins'"
            " IS DISTINCT FROM to_jsonb(c) - 'change_id' - 'origins'"
        )
        (count,) = cursor.fetchone()
    return int(count)


def test_a_wrong_decree_of_twenty_thousand_is_taken_back_within_minutes(figure):
    write("load", *(numbered(n) for n in range(KNOWN)))
    with as_role("owner"):
        copied()
    wrong, _counts = write(
        "88/HUK/2026",
        *(numbered(n, kind="correction", name=f"SALAH {n}") for n in range(KNOWN // 3)),
        *(numbered(n, kind="removal", reason="moved") for n in range(KNOWN // 3, KNOWN)),
        *(numbered(n) for n in range(KNOWN, KNOWN + NEW)),
    )
    with as_role("owner"):
        assert differing("person") == KNOWN
        analysed()
    found: list[object] = []
    begun = time.perf_counter()
    with as_role("worker"):
        counts = change_reversal.revert(
            change=change("88/HUK/2026", "proposals", Change.Kind.ANNULMENT),
            wrong=wrong,
            listing=found.extend,
        )
    taken = time.perf_counter() - begun
    figure("a decree of 20,000 taken back", taken, "s", f"≤ {WITHIN_S}")
    assert taken <= WITHIN_S
    assert counts["persons_removed"] == NEW
    assert counts["persons_left"] == 0
    assert len(found) >= KNOWN + NEW
    with as_role("owner"):
        assert {table: differing(table) for table in TABLES} == dict.fromkeys(TABLES, 0)
