"""Nothing is defined that nothing uses: a name that occurs once in all sources is a definition.

Uses in tests do not count. What a framework calls is known by the base class that declares it.
"""

from __future__ import annotations

import ast
import importlib
import re
from collections import Counter
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("apps", "portal")
SOURCES = (*PACKAGES, "templates", "static", "bin", "bench", "deploy")
SUFFIXES = {".py", ".html", ".txt", ".sql", ".js", ".service", ".toml", ""}
# Read by Django under these names.
READ_BY_NAME = {"settings.py", "urls.py", "apps.py", "formats.py"}
# Decorators that give a name no use; any other registers what it decorates.
PLAIN = {"property", "staticmethod", "classmethod", "cache", "cached_property", "dataclass"}
# Found by drf-spectacular among the subclasses of its extensions; asked of a user by Django.
CALLED_FROM_OUTSIDE = {"AgencyScheme", "ColumnSchema", "USERNAME_FIELD", "is_anonymous"}
# Called by names that are put together: by forms, by the admin's pages, by the backup's verbs.
PUT_TOGETHER = r"(clean|do)_|has_\w+_permission$|default_site$|get_help_text$|Command$|__\w+__$"
PUT_TOGETHER += r"|_(prepare|follow|verify|examine|note_drill)$"
# Written for tests: the demo's data, which models hold personal data.
FOR_TESTS = {"write_crosswalk", "personal_models"}


def modules() -> Iterator[Path]:
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            if "migrations" not in path.parts and path.name not in READ_BY_NAME:
                yield path


def words() -> Counter[str]:
    counted: Counter[str] = Counter()
    for folder in SOURCES:
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in SUFFIXES and path.is_file() and "migrations" not in path.parts:
                counted.update(re.findall(r"\w+", path.read_text("utf-8", "ignore")))
    return counted


def definitions(body: list[ast.stmt], within: str = "") -> Iterator[tuple[str, str]]:
    """(the class around it, name) of everything a module defines, in classes too."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            if all(map(_is_plain, node.decorator_list)):
                yield within, node.name
            if isinstance(node, ast.ClassDef) and node.name not in ("Meta", "Media"):
                yield from definitions(node.body, f"{within}.{node.name}".lstrip("."))
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = (name for target in targets for name in ast.walk(target))
            yield from ((within, name.id) for name in names if isinstance(name, ast.Name))


def _is_plain(decorator: ast.expr) -> bool:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return isinstance(called, ast.Name) and called.id in PLAIN


def is_called_by_a_framework(path: Path, within: str, name: str) -> bool:
    """Whether a base class that is not ours declares the name; a value of an enumeration counts."""
    if not within:
        return False
    found: Any = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    for part in within.split("."):
        found = getattr(found, part)
    foreign = (base for base in found.__mro__ if not base.__module__.startswith(PACKAGES))
    return issubclass(found, Enum) or any(name in vars(base) for base in foreign)


@pytest.mark.long
def test_every_name_is_used() -> None:
    counted = words()
    assert counted["registry"] > 100
    dead = [
        f"{path.relative_to(ROOT)}: {within}.{name}".replace(": .", ": ")
        for path in modules()
        for within, name in definitions(ast.parse(path.read_text()).body)
        if counted[name] == 1
        and name not in CALLED_FROM_OUTSIDE | FOR_TESTS
        and not re.match(PUT_TOGETHER, name)
        and not is_called_by_a_framework(path, within, name)
    ]
    assert dead == []
