"""One way to the database: `common.sql` opens the cursors, statements are files with a header."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.common import sql
from tests.architecture.statements import files, name_of

ROOT = Path(__file__).resolve().parents[2]
# Modules that speak to PostgreSQL themselves, and why.
EXCEPTIONS = {
    "apps/common/sql.py": "the one way",
    "portal/privileges.py": "GRANT and REVOKE take no parameters; runs as the owner, on migrating",
    "portal/operations/readiness.py": "looks over a connection of its own, beside a used up pool",
    "portal/startup.py": "looks before Django has a connection",
}
OPENS = {"cursor", "chunked_cursor"}
# A statement of a staging table's life outside `common.sql` or a named file.
TABLES = re.compile(r"\b(CREATE (UNLOGGED|TEMPORARY) TABLE|DROP TABLE|ANALYZE|TRUNCATE)\b")


def sources() -> Iterator[tuple[str, ast.Module]]:
    found = [
        path
        for folder in ("apps", "portal")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "migrations" not in path.parts
    ]
    assert len(found) > 450
    for path in found:
        yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def attributes(module: ast.Module) -> set[str]:
    """Names of the methods that a module calls."""
    calls = (node.func for node in ast.walk(module) if isinstance(node, ast.Call))
    return {call.attr for call in calls if isinstance(call, ast.Attribute)}


@pytest.mark.long
def test_no_module_but_one_opens_a_cursor() -> None:
    opening = {path for path, module in sources() if OPENS & attributes(module)}
    assert opening - EXCEPTIONS.keys() == set()


@pytest.mark.long
def test_no_module_but_one_puts_statements_together() -> None:
    """psycopg's composition of identifiers: `from psycopg import sql`."""
    composing = {
        path
        for path, module in sources()
        for node in ast.walk(module)
        if isinstance(node, ast.ImportFrom)
        and node.module in {"psycopg", "psycopg.sql"}
        and (node.module == "psycopg.sql" or any(one.name == "sql" for one in node.names))
    }
    assert composing - EXCEPTIONS.keys() == set()


@pytest.mark.long
def test_tables_are_made_and_dropped_by_no_text_in_python() -> None:
    found = {
        path
        for path, module in sources()
        for node in ast.walk(module)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and TABLES.search(node.value)
    }
    assert found - EXCEPTIONS.keys() == set()


@pytest.mark.long
def test_every_exception_is_one_still() -> None:
    speaking = {
        path
        for path, module in sources()
        if (OPENS | {"execute"}) & attributes(module) and path in EXCEPTIONS
    }
    assert speaking == EXCEPTIONS.keys()


def test_every_statement_has_a_header() -> None:
    silent = [name for path in files() if not sql.text(name := name_of(path)).startswith("--")]
    assert silent == []


@pytest.mark.long
def test_every_statement_is_run_by_its_name() -> None:
    """A file that no module names is dead; a name without a file fails only when it is run."""
    names = {name_of(path) for path in files()}
    said = {
        node.value
        for _path, module in sources()
        for node in ast.walk(module)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert names - said == set()
