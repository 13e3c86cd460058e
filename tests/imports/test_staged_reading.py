"""From a file into a table: in chunks, each noted with its rows, continued after a kill."""

from __future__ import annotations

import pytest
from django.db import connection

from apps.common import sql, tabular
from apps.common.staging import Staging
from apps.imports import staged_reading
from tests.conftest import as_role

pytestmark = pytest.mark.django_db(transaction=True)
ROWS = 40_000
COLUMNS = {"row_number": "bigint", "name": "text", "extra": "int"}


@pytest.fixture
def stream(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("nama,umur\n" + "".join(f"{'x' * 100} {n},7\n" for n in range(ROWS)))

    def read(skip=0):
        return tabular.stream(path, tabular.FileKind(tabular.Format.CSV), [0], skip_rows=skip)

    return read


@pytest.mark.slow
def test_reading_continues_after_the_rows_that_were_noted(stream):
    noted: list[int] = []
    with as_role("worker"), Staging("test_reading", ["rows"]) as staging:
        table = staging["rows"]
        staging.create("rows", COLUMNS)
        read = staged_reading.chunks(stream(), 1_000)
        first = next(staged_reading.copy_chunks(table, COLUMNS, read, noted.append))
        assert (noted, staging.count("rows")) == ([first], first)
        assert 1_000 <= first < ROWS
        assert staged_reading.position(table, "row_number", first) == (first, first)
        assert staged_reading.position(table, "row_number", first + 1) == (0, 0)
        rest = staged_reading.chunks(stream(first), 1_000)
        total = first + sum(staged_reading.copy_chunks(table, COLUMNS, rest, noted.append))
        assert (total, sum(noted), staging.count("rows")) == (ROWS, ROWS, ROWS)


@pytest.mark.slow
def test_a_chunk_that_cannot_be_noted_is_not_in_the_table(stream):
    def note(_rows: int) -> None:
        raise RuntimeError("gone")

    with as_role("worker"), Staging("test_reading", ["rows"]) as staging:
        staging.create("rows", COLUMNS)
        read = staged_reading.chunks(stream(), 1_000)
        with pytest.raises(RuntimeError):
            list(staged_reading.copy_chunks(staging["rows"], COLUMNS, read, note))
        assert sql.filled(staging["rows"], "row_number") == (0, 0)
    assert not connection.in_atomic_block
