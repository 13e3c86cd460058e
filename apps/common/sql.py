"""The only module that opens a cursor: named statements, COPY, staging tables, settings.

A statement is a `.sql` file of its own. A statement that is made of identifiers (create, count or
drop a table, call a function of the database) has a function here instead.
`tests/architecture/test_statements.py` lists the few modules that need a connection of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from itertools import count as count_up
from pathlib import Path
from typing import Any, Final

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from psycopg import sql
from psycopg.types.json import Jsonb

# A table: its schema and its name.
Table = tuple[str, ...]
Tables = Mapping[str, Table]

# For at most this many rows a look-up of each by its key is always right.
FEW_ROWS: Final = 500
# For statements that read whole tables. Checking rows is expensive and passing them on is cheap,
# which the planner's costs do not reflect.
TUNING: Final = {
    "work_mem": "256MB",
    "max_parallel_workers_per_gather": "2",
    "min_parallel_table_scan_size": "1MB",
    "parallel_setup_cost": "100",
    "parallel_tuple_cost": "0.001",
}
BY_ROWS: Final = "-- Plan: by rows\n"
# Rows that `stream` fetches at once.
ROWS_AT_ONCE: Final = 2_000
APPS = Path(__file__).resolve().parent.parent


# --- named statements ---


@cache
def text(name: str) -> str:
    """The statement of `<app>[/<package>]/<verb>_<noun>`, e.g. `proposals/checks/store_held`.

    Those of the project package begin with `portal/`.
    """
    folder, _, file = name.rpartition("/")
    root = APPS.parent if name.startswith("portal/") else APPS
    return (root / folder / "sql" / f"{file}.sql").read_text(encoding="utf-8")


def run(
    name: str,
    params: Mapping[str, Any] | None = None,
    *,
    tables: Tables | None = None,
    rows: int | None = None,
) -> list[tuple[Any, ...]]:
    """Run a named statement and return its rows (empty if it returns none).

    Values are bound parameters `%(name)s`. `tables` replaces `{name}` by quoted identifiers;
    nothing else changes the text. `rows` is the number of rows that the statement processes; a
    statement whose header says `-- Plan: by rows` does not run without it.
    """
    if BY_ROWS in text(name) and rows is None:
        raise TypeError(f"{name} is planned by its number of rows: give `rows`")
    with connection.cursor() as cursor, _planned_for(cursor, rows or 0):
        cursor.execute(_named(name, tables), params)
        return cursor.fetchall() if cursor.description else []


def scalar(name: str, params: Mapping[str, Any] | None = None, **kwargs: Any) -> Any:
    """The first column of the first row, or None."""
    rows = run(name, params, **kwargs)
    return rows[0][0] if rows else None


def column(name: str, params: Mapping[str, Any] | None = None, **kwargs: Any) -> list[Any]:
    """The first column of every row."""
    return [row[0] for row in run(name, params, **kwargs)]


def stream(name: str, params: Mapping[str, Any] | None = None) -> Iterator[tuple[Any, ...]]:
    """The rows of a named query as they are read, ROWS_AT_ONCE of them in memory.

    Only within a transaction; other statements may run meanwhile.
    """
    with connection.chunked_cursor() as cursor:
        cursor.execute(_named(name, None), params)
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            yield from rows


def tally(name: str, column: str, params: Mapping[str, Any] | None = None) -> dict[str, int]:
    """How many rows a named statement returns for each value of one of its columns."""
    counted = sql.SQL("SELECT {}, count(*) FROM (").format(sql.Identifier(column))
    counted += sql.SQL(text(name)) + sql.SQL(") AS found GROUP BY 1")
    return dict(_rows(counted, params))


def call(function: str, *values: Any) -> Any:
    """The value that a function of the database returns; None if it returns nothing."""
    given = sql.SQL(", ").join([sql.Placeholder()] * len(values))
    rows = _rows(sql.SQL("SELECT {}({})").format(sql.Identifier(function), given), values)
    return rows[0][0] if rows else None


def json(value: Mapping[str, Any]) -> Jsonb:
    """A mapping as one bound parameter of type jsonb."""
    return Jsonb(dict(value))


# --- statements that read the result of others ---
# `steps` are named statements by the name of their result. Each may name the tables and, as
# `{name}`, the results before it; the last one is the final result. The same text works for a table
# of a million rows and for a single row that is not stored.


def run_chain(
    steps: Mapping[str, str],
    params: Mapping[str, Any] | None = None,
    *,
    tables: Tables | None = None,
) -> list[tuple[Any, ...]]:
    """The rows of the last of several named queries, run as one statement."""
    return _rows(_chained(steps, tables), params)


def create_as(
    table: Table,
    steps: Mapping[str, str],
    params: Mapping[str, Any] | None = None,
    *,
    tables: Tables | None = None,
    rows: int = 0,
) -> None:
    """Store the rows of the last of several named queries in a new unlogged table.

    `rows` is the number of rows that they process, as for `run`.
    """
    made = sql.SQL("CREATE UNLOGGED TABLE {} AS ").format(sql.Identifier(*table))
    with connection.cursor() as cursor, _planned_for(cursor, rows):
        cursor.execute(made + _chained(steps, tables), params)


def insert_from(
    table: Table,
    columns: Iterable[str],
    steps: Mapping[str, str],
    params: Mapping[str, Any] | None = None,
    *,
    tables: Tables | None = None,
) -> None:
    """Add the rows of the last of several named queries to a table."""
    into = sql.SQL("INSERT INTO {} ({}) ").format(sql.Identifier(*table), _list(columns))
    _run(into + _chained(steps, tables), params)


def run_over(
    rows: QuerySet[Any, Any], name: str, params: Mapping[str, Any] | None = None
) -> list[tuple[Any, ...]]:
    """The rows of a named query that reads a queryset under the name `selected`, as one statement.

    The queryset is one of `values_list` with names; geometries in it are bytes, so pass numbers.
    Returns nothing where the queryset is known to be empty.
    """
    try:
        text_of_rows, values = rows.query.sql_with_params()
    except EmptyResultSet:
        return []
    numbers = count_up()
    named = re.sub(r"%[%s]", lambda one: f"%(row{next(numbers)})s" if one[0] == "%s" else "%%",
                   text_of_rows)  # fmt: skip
    bound = {f"row{number}": value for number, value in enumerate(values)}
    asked = sql.SQL("WITH selected AS ({}) SELECT * FROM ({}) AS found")
    return _rows(asked.format(sql.SQL(named), sql.SQL(text(name))), {**bound, **(params or {})})


# --- settings of the connection ---


def set_local(settings: Mapping[str, str]) -> None:
    """Apply settings until the end of this transaction. Queries: one."""
    _set(settings, is_local=True)


def tune() -> None:
    """Plan statements for whole tables until the end of this transaction."""
    set_local(TUNING)


@contextmanager
def tuned(settings: Mapping[str, str]) -> Iterator[None]:
    """Apply settings to this connection during the body, also across transactions; then
    reset them.
    """
    _set(settings, is_local=False)
    try:
        yield
    finally:
        if connection.connection is not None and not connection.connection.closed:
            _run(
                sql.SQL("; ").join(
                    sql.SQL("RESET {}").format(sql.Identifier(name)) for name in settings
                )
            )


def read_snapshot_only() -> None:
    """Make this transaction, which has run no query yet, read-only on one snapshot."""
    _run(sql.SQL("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))


# --- tables that are made for one piece of work (`common.staging`) ---


def exists(table: Table) -> bool:
    """Whether a table of this name exists."""
    return call("to_regclass", ".".join(table)) is not None


def create(table: Table, columns: Mapping[str, str]) -> None:
    """Make an empty unlogged table; `columns` are the types (with constraints) by name."""
    shapes = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind))
        for name, kind in columns.items()
    )
    _run(sql.SQL("CREATE UNLOGGED TABLE {} ({})").format(sql.Identifier(*table), shapes))


def create_like(table: Table, model: Table) -> None:
    """Make an empty unlogged table with the columns of another one."""
    made = sql.SQL("CREATE UNLOGGED TABLE {} (LIKE {})")
    _run(made.format(sql.Identifier(*table), sql.Identifier(*model)))


def stage(name: str, table: Table, params: Mapping[str, Any] | None = None) -> None:
    """Store the rows of a named statement in a new unlogged table, and update its statistics.

    For rows that are first examined and used later; they are found by look-ups that are written as
    such.
    """
    made = sql.SQL("CREATE UNLOGGED TABLE {} AS ").format(sql.Identifier(*table))
    _run(made + sql.SQL(text(name)), params)
    analyze(table)


def analyze(table: Table, *columns: str) -> None:
    """Update the planner's statistics of a table, or of some of its columns."""
    named = sql.SQL(" ({})").format(_list(columns)) if columns else sql.SQL("")
    _run(sql.SQL("ANALYZE {}").format(sql.Identifier(*table)) + named)


def count(table: Table) -> int:
    """How many rows a table holds."""
    rows = _rows(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(*table)))
    return int(rows[0][0])


def filled(table: Table, key: str) -> tuple[int, int]:
    """The number of rows of a table and the greatest key; (0, 0) if it is empty."""
    if not exists(table):
        return 0, 0
    asked = sql.SQL("SELECT count(*), coalesce(max({}), 0) FROM {}")
    found = _rows(asked.format(sql.Identifier(key), sql.Identifier(*table)))[0]
    return int(found[0]), int(found[1])


def read(table: Table, *columns: str) -> list[tuple[Any, ...]]:
    """Some columns of every row of a table, ordered by the first of them."""
    asked = sql.SQL("SELECT {} FROM {} ORDER BY 1")
    return _rows(asked.format(_list(columns), sql.Identifier(*table)))


def drop(*tables: Table) -> None:
    """Drop the tables that exist, with the views on them."""
    if tables:
        gone = sql.SQL(", ").join(sql.Identifier(*table) for table in tables)
        _run(sql.SQL("DROP TABLE IF EXISTS {} CASCADE").format(gone))


def empty(table: Table) -> None:
    """Remove every row of a table."""
    _run(sql.SQL("DELETE FROM {}").format(sql.Identifier(*table)))


def comment(table: Table, words: str) -> None:
    """Store a comment on a table."""
    written = sql.SQL("COMMENT ON TABLE {} IS {}")
    _run(written.format(sql.Identifier(*table), sql.Literal(words)))


# --- COPY ---


def copy_in(
    table: Table, columns: Iterable[str], blocks: Iterable[bytes], *, null: str = ""
) -> int:
    """COPY text blocks into a table; returns the number of rows. `null` is the text for NULL: by
    default an empty field; another text if empty strings must stay distinct from NULL.
    """
    statement = sql.SQL("COPY {} ({}) FROM STDIN WITH (NULL {})").format(
        sql.Identifier(*table), _list(columns), sql.Literal(null)
    )
    with connection.cursor() as cursor:
        with cursor.copy(statement) as copy:
            for block in blocks:
                copy.write(block)
        return int(cursor.rowcount)


def rows_out(name: str, *, tables: Tables | None = None) -> Iterator[tuple[Any, ...]]:
    """The rows of a named query as they arrive, all as text, none of them kept. No other statement
    can run on this connection until the last row is read.
    """
    statement = sql.SQL("COPY ({}) TO STDOUT").format(_named(name, tables))
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
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


# --- implementation ---


def _named(name: str, tables: Tables | None) -> sql.Composable:
    statement = sql.SQL(text(name))
    if tables is None:
        return statement
    return statement.format(**{key: sql.Identifier(*value) for key, value in tables.items()})


def _chained(steps: Mapping[str, str], tables: Tables | None) -> sql.Composable:
    names = {**(tables or {}), **{name: (name,) for name in steps}}
    parts = {key: sql.Identifier(*value) for key, value in names.items()}
    *before, last = (
        (name, sql.SQL(text(statement)).format(**parts)) for name, statement in steps.items()
    )
    if not before:
        return last[1]
    with_ = [sql.SQL("{} AS ({})").format(sql.Identifier(name), body) for name, body in before]
    # a statement may have a WITH of its own, which must not directly follow another one
    asked = sql.SQL("WITH {} SELECT * FROM ({}) AS {}")
    return asked.format(sql.SQL(", ").join(with_), last[1], sql.Identifier(last[0]))


def _list(names: Iterable[str]) -> sql.Composable:
    return sql.SQL(", ").join(map(sql.Identifier, names))


def _rows(statement: sql.Composable, params: Any = None) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.fetchall()


def _run(statement: sql.Composable, params: Any = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)


def _set(settings: Mapping[str, str], *, is_local: bool) -> None:
    asked = sql.SQL(
        "SELECT set_config(name, value, %s) FROM unnest(%s::text[], %s::text[]) AS s (name, value)"
    )
    _run(asked, [is_local, list(settings), list(settings.values())])


@contextmanager
def _planned_for(cursor: Any, rows: int) -> Iterator[None]:
    """No nested loop for a statement about many rows, except look-ups that are written as such.

    If the statistics show a table as empty (its rows are new), the planner compares every row with
    every other: 55 s for 10,000 decisions instead of half a second.
    """
    if rows <= FEW_ROWS:
        yield
        return
    cursor.execute("SELECT set_config('enable_nestloop', 'off', true)")
    yield
    # after an error the transaction is over, and with it the setting
    cursor.execute("SELECT set_config('enable_nestloop', 'on', true)")
