"""What the code imports stands in the lock files, not only on somebody's machine."""

import ast
import re
import sys
from collections.abc import Mapping
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OWN = {"apps", "portal", "tests", "bench", "manage"}
SERVING = ["requirements.txt"]
CHECKING = ["requirements.txt", "requirements-dev.txt"]


@cache
def distributions() -> Mapping[str, list[str]]:
    """Which distributions bring a module; asking takes a second."""
    return packages_distributions()


def named(files: list[str]) -> set[str]:
    lines = "\n".join((ROOT / name).read_text("utf-8") for name in files).splitlines()
    found = (re.match(r"([A-Za-z0-9._-]+)", line) for line in lines if line[:1].isalnum())
    return {_plain(match[1]) for match in found if match}


def imported(folder: str) -> set[str]:
    modules: set[str] = set()
    for path in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                modules |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                modules.add(node.module.split(".")[0])
    neighbours = {path.stem for path in (ROOT / folder).glob("*.py")}
    return modules - OWN - neighbours - set(sys.stdlib_module_names)


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize(
    ("folder", "files"),
    [("apps", SERVING), ("portal", SERVING), ("tests", CHECKING), ("bench", CHECKING)],
)
@pytest.mark.long
def test_each_imported_library_is_installed_by_set_up(folder, files):
    owners = distributions()
    missing = {
        module
        for module in imported(folder)
        if not {_plain(name) for name in owners.get(module, [])} & named(files)
    }
    assert missing == set()
