"""Named SQL files and COPY: the only two ways in which heavy statements reach the database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.db import connection
from psycopg import sql
from psycopg.types.json import Jsonb

# Up to so many rows a look-up of each by its key is always right.
FEW_ROWS: Final = 500
# For statements that look at whole tables. Rows are dear to judge and cheap to hand over, which the
# planner's costs do not know.
TUNING: Final = {
    "work_mem": "256MB",
    "max_parallel_workers_per_gather": "2",
    "min_parallel_table_scan_size": "1MB",
    "parallel_setup_cost": "100",
    "parallel_tuple_cost": "0.001",
}
BY_ROWS: Final = "-- Plan: by rows\n"
APPS = Path(__file__).resolve().parent.parent


@cache
def text(name: str) -> str:
    """The statement of `<app>[/<package>]/<verb>_<noun>`, e.g. `proposals/checks/store_held`."""
    folder, _, file = name.rpartition("/")
    return (APPS / folder / "sql" / f"{file}.sql").read_text(encoding="utf-8")


def run(
    name: str,
    params: Mapping[str, Any] | None = None,
    *,
    tables: Mapping[str, tuple[str, ...]] | None = None,
    rows: int | None = None,
) -> list[tuple[Any, ...]]:
    """Run a named statement and return its rows (empty when it gives none).

    Values go in as bound parameters `%(name)s`; `tables` puts quoted identifiers in the place of
    `{name}` and is the only thing that changes the text. `rows` says how many rows the statement
    is about; one whose header says `-- Plan: by rows` does not run without it.
    """
    statement: Any = sql.SQL(text(name))
    if BY_ROWS in text(name) and rows is None:
        raise TypeError(f"{name} is planned by its number of rows: give `rows`")
    if tables is not None:
        parts = {key: sql.Identifier(*value) for key, value in tables.items()}
        statement = statement.format(**parts)
    with connection.cursor() as cursor, _planned_for(cursor, rows or 0):
        cursor.execute(statement, params)
        return cursor.fetchall() if cursor.description else []


def tune() -> None:
    """Until the end of this transaction, its statements look at whole tables."""
    with connection.cursor() as cursor:
        for name, value in TUNING.items():
            cursor.execute("SELECT set_config(%s, %s, true)", [name, value])


@contextmanager
def _planned_for(cursor: Any, rows: int) -> Iterator[None]:
    """No nested loop for a statement about many rows, except look-ups that are written as such.

    Where the statistics call a table empty (its rows came a moment ago), the planner compares every
    row with every other: 55 s for 10,000 decisions instead of half a second.
    """
    if rows <= FEW_ROWS:
        yield
        return
    cursor.execute("SELECT set_config('enable_nestloop', 'off', true)")
    yield
    # after an error the transaction is over, and the setting with it
    cursor.execute("SELECT set_config('enable_nestloop', 'on', true)")


def stage(name: str, table: tuple[str, ...], params: Mapping[str, Any] | None = None) -> None:
    """Keep what a named statement gives in a new unlogged table, and tell the planner of it.

    For statements that are looked at first and acted upon later; their rows are found by look-ups
    that are written as such.
    """
    made = sql.Identifier(*table)
    execute(sql.SQL("CREATE UNLOGGED TABLE {} AS ").format(made) + sql.SQL(text(name)), params)
    execute(sql.SQL("ANALYZE {}").format(made))


def tally(name: str, column: str, params: Mapping[str, Any] | None = None) -> dict[str, int]:
    """How many rows a named statement gives for each value of one of its columns."""
    counted = sql.SQL("SELECT {}, count(*) FROM (").format(sql.Identifier(column))
    counted += sql.SQL(text(name)) + sql.SQL(") AS found GROUP BY 1")
    return dict(select(counted, params))


# --- statements that read the result of others ---
# `steps` are named statements by the name of their result. Each may name the tables and, as
# `{name}`, the results before it; the last one gives what is asked for. So one text serves a table
# of a million rows and a single row that is nowhere stored.


def run_chain(
    steps: Mapping[str, str],
    params: Mapping[str, Any] | None = None,
    *,
    tables: Mapping[str, tuple[str, ...]] | None = None,
) -> list[tuple[Any, ...]]:
    """The rows of the last of several named queries, as one statement."""
    return select(_chained(steps, tables), params)


def create_as(
    table: tuple[str, ...],
    steps: Mapping[str, str],
    params: Mapping[str, Any] | None = None,
    *,
    tables: Mapping[str, tuple[str, ...]] | None = None,
) -> None:
    """Keep the rows of the last of several named queries in a new unlogged table."""
    made = sql.SQL("CREATE UNLOGGED TABLE {} AS ").format(sql.Identifier(*table))
    execute(made + _chained(steps, tables), params)


def insert_from(
    table: tuple[str, ...],
    columns: Iterable[str],
    steps: Mapping[str, str],
    params: Mapping[str, Any] | None = None,
    *,
    tables: Mapping[str, tuple[str, ...]] | None = None,
) -> None:
    """Add the rows of the last of several named queries to a table."""
    into = sql.SQL("INSERT INTO {} ({}) ").format(
        sql.Identifier(*table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    execute(into + _chained(steps, tables), params)


def _chained(
    steps: Mapping[str, str], tables: Mapping[str, tuple[str, ...]] | None
) -> sql.Composable:
    names = {**(tables or {}), **{name: (name,) for name in steps}}
    parts = {key: sql.Identifier(*value) for key, value in names.items()}
    *before, last = (
        (name, sql.SQL(text(statement)).format(**parts)) for name, statement in steps.items()
    )
    if not before:
        return last[1]
    with_ = [sql.SQL("{} AS ({})").format(sql.Identifier(name), body) for name, body in before]
    # a statement may have a WITH of its own, which may not follow another one directly
    asked = sql.SQL("WITH {} SELECT * FROM ({}) AS {}")
    return asked.format(sql.SQL(", ").join(with_), last[1], sql.Identifier(last[0]))


def select(statement: sql.Composable, params: Any = None) -> list[Any]:
    """The rows of a short statement that is made of identifiers or of named ones."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.fetchall()


def json(value: Mapping[str, Any]) -> Jsonb:
    """A mapping as one bound parameter of type jsonb."""
    return Jsonb(dict(value))


def scalar(name: str, params: Mapping[str, Any] | None = None, **kwargs: Any) -> Any:
    """The first column of the first row, or None."""
    rows = run(name, params, **kwargs)
    return rows[0][0] if rows else None


def execute(statement: sql.Composable, params: Any = None) -> None:
    """Run a short statement that is made of identifiers (create or drop a staging table)."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)


def copy_in(
    table: tuple[str, ...], columns: Iterable[str], blocks: Iterable[bytes], *, null: str = ""
) -> int:
    """COPY text blocks into a table; returns the number of rows. `null` is how nothing is written:
    an empty field, unless empty texts are to be told from it."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN WITH (NULL {})").format(
        sql.Identifier(*table), sql.SQL(", ").join(map(sql.Identifier, columns)), sql.Literal(null)
    )
    with connection.cursor() as cursor:
        with cursor.copy(statement) as copy:
            for block in blocks:
                copy.write(block)
        return int(cursor.rowcount)


def rows_out(
    name: str, *, tables: Mapping[str, tuple[str, ...]] | None = None
) -> Iterator[tuple[Any, ...]]:
    """The rows of a named query as they come, all text, none of them kept; nothing else runs on
    this connection until the last is read."""
    statement: Any = sql.SQL(text(name))
    if tables is not None:
        parts = {key: sql.Identifier(*value) for key, value in tables.items()}
        statement = statement.format(**parts)
    with (
        connection.cursor() as cursor,
        cursor.copy(sql.SQL("COPY ({}) TO STDOUT").format(statement)) as copy,
    ):
        yield from copy.rows()


def copy_out(name: str, params: Mapping[str, Any], path: Path, *, as_csv: bool = False) -> int:
    """Write the rows of a named query into a file; returns their number.

    COPY text without a header, or CSV with one.
    """
    form = sql.SQL("WITH (FORMAT csv, HEADER)" if as_csv else "")
    statement = sql.SQL("COPY ({}) TO STDOUT {}").format(sql.SQL(text(name)), form)
    with connection.cursor() as cursor, path.open("wb") as file:
        with cursor.copy(statement, params) as copy:
            for block in copy:
                file.write(block)
        return int(cursor.rowcount)
