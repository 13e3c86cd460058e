"""The bounds of the rules are in `proposals.rules` and `registry.models.rules` alone, and reach the
statements from there.
"""

from __future__ import annotations

import ast
import re
from datetime import date
from pathlib import Path

import pytest

from apps.proposals import rules
from apps.registry.models import rules as registry_rules
from tests.architecture.statements import APPS, files, name_of

SOURCE = Path(rules.__file__).read_text()
# Severities and the catalogue itself.
NO_BOUNDS = {"NOTE", "WARNING", "ERROR", "RULES"}
# Texts that statements may not write out: a number of years, and a list of kinds.
AGE = re.compile(r"interval '\d+ years?'", re.IGNORECASE)
KINDS = re.compile(r"ARRAY\[\s*\d")
# Bounds that are no other number by chance, and those that are only within the app of the rules.
ANYWHERE = {*rules.FILLERS} | {
    str(year) for year in (rules.FIRST_YEAR, rules.LAST_YEAR, registry_rules.FIRST_BIRTH_YEAR)
}
OWN = ANYWHERE | {str(rules.OLDEST_YEARS), str(rules.LONGEST_PREGNANCY.days)}


def constants() -> list[str]:
    found = [
        name.id
        for node in ast.parse(SOURCE).body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        for name in ast.walk(target)
        if isinstance(name, ast.Name) and name.id.isupper() and not name.id.startswith("_")
    ]
    return [name for name in found if name not in NO_BOUNDS]


def named_in_bounds() -> set[str]:
    body = next(
        node
        for node in ast.parse(SOURCE).body
        if isinstance(node, ast.FunctionDef) and node.name == "bounds"
    )
    return {node.id for node in ast.walk(body) if isinstance(node, ast.Name)}


def parameters(statement: Path) -> set[str]:
    return set(re.findall(r"%\((\w+)\)s", statement.read_text()))


def handed_over(name: str) -> set[str]:
    """Names of the parameters under which code passes this constant to statements."""
    code = "\n".join(path.read_text() for path in APPS.rglob("*.py"))
    return set(re.findall(rf'"(\w+)": rules\.{name}\b', code))


def without_comments(statement: Path) -> str:
    return re.sub(r"--.*", "", statement.read_text())


@pytest.mark.parametrize("name", constants())
def test_each_bound_reaches_a_statement(name: str) -> None:
    if name in named_in_bounds():
        return  # the next test follows it from there
    passed = handed_over(name)
    assert passed
    known = set().union(*map(parameters, files()))
    assert passed - known == set()


def test_each_bound_of_the_faults_is_a_parameter_that_the_statement_reads() -> None:
    asked = parameters(APPS / "proposals/checks/sql/find_faults.sql")
    assert set(rules.bounds(date(2026, 11, 28))) - asked == set()


@pytest.mark.parametrize("name", registry_rules.group_bounds())
def test_each_bound_of_a_group_is_a_parameter_of_statements(name: str) -> None:
    assert len([path for path in files() if name in parameters(path)]) >= 2


def test_no_statement_writes_a_bound_out_again() -> None:
    repeated = {
        (name_of(statement), value)
        for statement in files()
        for value in (OWN if statement.is_relative_to(APPS / "proposals") else ANYWHERE)
        if re.search(rf"\b{value}\b", without_comments(statement))
    }
    assert repeated == set()


def test_no_statement_writes_an_age_or_kinds_of_ppks() -> None:
    repeated = {
        name_of(statement)
        for statement in files()
        if AGE.search(without_comments(statement)) or KINDS.search(without_comments(statement))
    }
    assert repeated == set()
