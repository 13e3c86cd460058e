"""A statement about many rows cannot forget the planner: its header says how it is planned."""

import re
from pathlib import Path

import pytest

from apps.common import sql
from apps.proposals.checks import batch_check, location
from tests.architecture.statements import APPS, files, name_of

WRITES = re.compile(r"^\s*(?:\w+ AS \(\s*)?(INSERT|UPDATE|DELETE|CREATE UNLOGGED)\b", re.MULTILINE)
PLAN = re.compile(r"^-- Plan: (by rows|by key|one table)$", re.MULTILINE)


def statements() -> list[str]:
    return [name_of(path) for path in files()]


def planned_as_a_whole() -> str:
    """The check of a batch and the import of an edition set the planner for all they run."""
    sources = [batch_check.__file__, location.__file__, *map(str, APPS.glob("regions/**/*.py"))]
    return "\n".join(Path(source).read_text(encoding="utf-8") for source in sources)


def test_every_statement_that_writes_says_how_it_is_planned():
    elsewhere = planned_as_a_whole()
    silent = [
        name
        for name in statements()
        if WRITES.search(sql.text(name))
        and not PLAN.search(sql.text(name))
        and f'"{name}"' not in elsewhere
    ]
    assert silent == []


def test_there_are_such_statements():
    assert sum(sql.BY_ROWS in sql.text(name) for name in statements()) > 10


def test_a_statement_that_is_planned_by_its_rows_does_not_run_without_their_number():
    with pytest.raises(TypeError, match="give `rows`"):
        sql.run("proposals/review/decide_rows", {})
