"""Staging tables: named once, new at the start, gone at the end, kept for work that resumes."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from apps.common import sql
from apps.common.staging import Staging
from tests.conftest import as_role

pytestmark = pytest.mark.django_db(transaction=True)
COLUMNS = {"row_number": "bigint PRIMARY KEY", "name": "text"}


@pytest.fixture(autouse=True)
def worker():
    with as_role("worker"):
        yield
        staging().drop()


def staging(**how) -> Staging:
    return Staging("toy", ["rows", "found"], bare="rows", **how)


def there() -> list[str]:
    return [part for part in ("rows", "found") if sql.exists(staging()[part])]


def fill(tables: Staging, rows: int = 3) -> None:
    tables.create("rows", COLUMNS)
    sql.copy_in(tables["rows"], COLUMNS, [f"{n}\tWARGA {n}\n".encode() for n in range(1, rows + 1)])


def test_each_part_has_a_name_and_may_have_two() -> None:
    tables = Staging(
        "toy",
        ["rows", "found"],
        bare="rows",
        same={"points": "found"},
        others={"people": ("public", "registry_person")},
    )
    assert dict(tables) == {
        "rows": ("staging", "toy"),
        "found": ("staging", "toy_found"),
        "points": ("staging", "toy_found"),
        "people": ("public", "registry_person"),
    }


def test_what_a_killed_worker_left_is_made_again_and_all_of_it_goes_at_the_end() -> None:
    fill(staging(), rows=7)
    with staging() as tables:
        assert there() == []
        fill(tables)
        assert tables.count("rows") == 3
    assert there() == []


def test_work_that_resumes_finds_its_rows_and_drops_them_only_when_it_is_done() -> None:
    with pytest.raises(ConnectionError), staging(resumes=True) as tables:
        fill(tables)
        raise ConnectionError
    with staging(resumes=True) as tables:
        assert sql.filled(tables["rows"], "row_number") == (3, 3)
        assert sql.filled(tables["found"], "row_number") == (0, 0)
    assert there() == []


def test_an_error_leaves_nothing_with_a_transaction_or_without() -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), staging() as tables:
        fill(tables)
        tables.create("rows", COLUMNS)
    assert there() == []
    with pytest.raises(ConnectionError), staging() as tables:
        fill(tables)
        raise ConnectionError
    assert there() == []


def test_tables_of_others_are_named_and_never_dropped() -> None:
    with staging() as tables:
        fill(tables)
        with Staging("toy_more", ["kept"], others={"rows": tables["rows"]}):
            pass
        assert there() == ["rows"]


def test_rows_are_read_in_order_emptied_and_counted() -> None:
    with staging() as tables:
        fill(tables)
        assert sql.read(tables["rows"], "name", "row_number")[0] == ("WARGA 1", 1)
        sql.empty(tables["rows"])
        assert tables.count("rows") == 0


def test_settings_of_a_connection_hold_over_transactions_and_end_with_the_block() -> None:
    def now() -> str:
        return str(sql.call("current_setting", "work_mem"))

    before = now()
    with sql.tuned({"work_mem": "77MB"}):
        with transaction.atomic():
            assert now() == "77MB"
        assert now() == "77MB"
    assert now() == before
    with transaction.atomic():
        sql.set_local({"work_mem": "78MB"})
        assert now() == "78MB"
    assert now() == before


def test_a_function_of_the_database_takes_values_as_parameters() -> None:
    assert sql.call("upper", "'; DROP TABLE x; --") == "'; DROP TABLE X; --"
    assert connection.in_atomic_block is False
