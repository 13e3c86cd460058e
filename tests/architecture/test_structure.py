"""Where things are: few modules in a folder, one name a module, packages that say what they do."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPS = ROOT / "apps"
MOST_MODULES = 20
# Folders that are above it, until their modules have packages: no more than now.
LARGER = {"demo": 27}
LONGEST_FUNCTION = 60
# Names that every package may have once.
ROLES = {"__init__", "views", "forms", "messages", "jobs"}
# Generated, or laid out by Django.
ELSEWHERE = {"migrations", "management", "commands", "templatetags"}


def modules(app: Path) -> Iterator[Path]:
    return (path for path in app.rglob("*.py") if ELSEWHERE.isdisjoint(path.parts))


def apps() -> list[Path]:
    found = sorted(path.parent for path in APPS.glob("*/__init__.py"))
    assert len(found) >= 13
    return found


@pytest.mark.parametrize("app", apps(), ids=lambda app: app.name)
def test_a_modules_name_is_there_once_in_an_app(app: Path) -> None:
    counted = Counter(path.stem for path in modules(app) if path.stem not in ROLES)
    assert [name for name, count in counted.items() if count > 1] == []


@pytest.mark.parametrize("app", [*apps(), ROOT / "portal"], ids=lambda app: app.name)
def test_a_folder_has_so_few_modules_that_one_reads_their_names(app: Path) -> None:
    folders = Counter(path.parent for path in modules(app) if path.stem != "__init__")
    most = {APPS / name: count for name, count in LARGER.items()}
    assert {str(f): n for f, n in folders.items() if n > most.get(f, MOST_MODULES)} == {}


@pytest.mark.parametrize("app", [*apps(), ROOT / "portal"], ids=lambda app: app.name)
def test_a_package_says_what_it_does(app: Path) -> None:
    packages = [path for path in modules(app) if path.name == "__init__.py"]
    silent = [
        path.parent.name for path in packages if not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert set(silent) <= {app.name, "admin"}


@pytest.mark.long
def test_no_function_is_longer_than_a_page() -> None:
    long = [
        f"{path.relative_to(ROOT)}: {node.name}"
        for app in [*apps(), ROOT / "portal"]
        for path in modules(app)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION
    ]
    assert long == []
