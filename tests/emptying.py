"""The test database between tests that commit: empty but for the toy country.

A test that commits leaves rows in a few tables. They are deleted, and the rows that every test
finds (`tests.base`) are put back where one changed them, from copies made once a session. Emptying
every table and loading the country again takes half a second, this a few hundredths.
"""

from __future__ import annotations

from typing import Any

import psycopg
from django.core.cache import cache
from django.db import OperationalError, connection

from tests import base

ATTEMPTS = 5
# Filled by migrating.
KEPT_TABLES = {
    *("django_migrations", "django_content_type"),
    *("registry_programme", "commandcentre_good", "indicators_indicator"),
}
UNTOUCHED = {"django_migrations", "django_content_type"}
COPIES = "tests_base"
VACUUMED_ABOVE_BYTES = 4_000_000
# Rows of the base that are missing or differ, and rows that it has not.
CHANGED = """
SELECT EXISTS (SELECT FROM (SELECT t::text FROM {table} AS t
                            EXCEPT ALL SELECT b::text FROM {copy} AS b) AS more)
    OR EXISTS (SELECT FROM (SELECT b::text FROM {copy} AS b
                            EXCEPT ALL SELECT t::text FROM {table} AS t) AS less)
"""


def start() -> None:
    """Empty the database of what a run left that was broken off, load the country, copy it."""
    cache.clear()
    _empty()
    base.load()
    with _superuser() as link:
        link.execute(f"DROP SCHEMA IF EXISTS {COPIES} CASCADE")
        link.execute(f"CREATE SCHEMA {COPIES}")
        for table in _filled(link, _tables()):
            link.execute(f"CREATE TABLE {COPIES}.{table} AS TABLE public.{table}")
        # those of columns: the number of a partition is not given twice, for its table stays
        link.execute(
            f"CREATE TABLE {COPIES}.of_sequences AS"
            " SELECT sequencename::text AS name, start_value, last_value"
            " FROM pg_sequences WHERE schemaname = 'public' AND EXISTS ("
            " SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND deptype IN ('a', 'i')"
            " AND objid = format('public.%I', sequencename)::regclass)"
        )


def restore() -> None:
    """After a test that commits: the database as `start` left it."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with _superuser() as link, link.transaction():
                large = _restore(link)
        except psycopg.OperationalError:  # one of two in a deadlock with a page that still asked
            if attempt == ATTEMPTS:
                raise
        else:
            break
    with _superuser() as link:
        for table in large:
            link.execute(f"VACUUM {table}")
        for (name,) in link.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'staging'"):
            # of killed workers, or of one about to end
            link.execute(f'DROP TABLE IF EXISTS staging."{name}"')
    # numbers of rows are given again: who has one open belongs to the former row
    cache.clear()


def _restore(link: psycopg.Connection[Any]) -> list[str]:
    """Returns the tables that grew large."""
    tables = _tables()
    # no trigger and no reference is asked: what is deleted here is deleted whole
    link.execute("SET LOCAL session_replication_role = replica")
    link.execute("SET LOCAL lock_timeout = '30s'")
    link.execute(f"LOCK TABLE {', '.join(tables)} IN SHARE ROW EXCLUSIVE MODE")
    copied = {
        name
        for (name,) in link.execute(
            "SELECT tablename::text FROM pg_tables WHERE schemaname = %s", [COPIES]
        )
    }
    filled = _filled(link, tables)
    for table in filled:
        if table not in copied:
            link.execute(f"DELETE FROM {table}")
    for table in set(tables) & copied:
        copy = f"{COPIES}.{table}"
        if link.execute(CHANGED.format(table=table, copy=copy)).fetchone() == (True,):
            columns = _columns(link, table)
            link.execute(f"DELETE FROM {table}")
            link.execute(
                f"INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE"
                f" SELECT {columns} FROM {copy}"
            )
    link.execute(
        "SELECT setval(format('public.%I', s.sequencename)::regclass,"
        " coalesce(c.last_value, s.start_value), c.last_value IS NOT NULL)"
        f" FROM pg_sequences AS s JOIN {COPIES}.of_sequences AS c ON c.name = s.sequencename"
        " WHERE s.schemaname = 'public' AND s.last_value IS DISTINCT FROM c.last_value"
    )
    sizes = "SELECT pg_relation_size(%s::regclass) > %s"
    return [
        table
        for table in filled
        if link.execute(sizes, [table, VACUUMED_ABOVE_BYTES]).fetchone() == (True,)
    ]


def _filled(link: psycopg.Connection[Any], tables: list[str]) -> list[str]:
    asked = " UNION ALL ".join(
        f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})" for table in tables
    )
    return [name for (name,) in link.execute(asked)]


def _columns(link: psycopg.Connection[Any], table: str) -> str:
    """All that are not computed from others."""
    found = link.execute(
        "SELECT string_agg(format('%%I', attname), ', ' ORDER BY attnum) FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
        [table],
    ).fetchone()
    assert found is not None
    return str(found[0])


def _tables() -> list[str]:
    return [
        name
        for name in connection.introspection.django_table_names(only_existing=True)
        if name not in UNTOUCHED
    ]


def _superuser() -> psycopg.Connection[Any]:
    known = connection.settings_dict
    return psycopg.connect(
        host=known["HOST"],
        port=known["PORT"] or None,
        dbname=known["NAME"],
        user="postgres",
        autocommit=True,
    )


def _empty() -> None:
    """Empty every table of the models; only here may the audit trail be truncated."""
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        for table in ("audit_entry", "audit_seal"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {table}_no_truncate")
        _truncate(cursor, [name for name in _tables() if name not in KEPT_TABLES])
        for table in ("audit_entry", "audit_seal"):
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER {table}_no_truncate")


def _truncate(cursor: Any, tables: list[str]) -> None:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            cursor.execute(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE")
        except OperationalError:
            if attempt == ATTEMPTS:
                raise
        else:
            return
