"""Every refusal has a text with its parameters, and every text is raised somewhere."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.utils import translation

from apps.common import errors
from apps.common.errors import DomainError, catalogue_of, known_codes

ROOT = Path(__file__).resolve().parents[2]
PLACEHOLDER = re.compile(r"%\((\w+)\)")
# The reader runs in a child of its own; its codes and parameters come back as a FileRefused.
BASES = {"DomainError", "FileRefused", "Refusal"}
# Parts of the code before the text is put together: "reader_" and the child's death.
COMPOSED = {"reader_": ("clock", "memory", "crash")}
# Added where a FileRefused or a job passes by.
ADDED = {"filename", "found"}


@dataclass(frozen=True)
class Site:
    where: str
    package: str
    code: str
    params: frozenset[str]
    is_open: bool  # `**params` says more than the call shows


def trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted((ROOT / "apps").rglob("*.py")):
        if not {"migrations", "demo"} & set(path.parts):
            yield path, ast.parse(path.read_text("utf-8"))


def classes() -> dict[str, tuple[str, ast.FunctionDef | None]]:
    """Name of each kind of refusal → its code and its own constructor."""
    found: dict[str, tuple[str, ast.FunctionDef | None]] = dict.fromkeys(BASES, ("", None))
    for _round in range(3):
        for _path, tree in trees():
            for node in ast.walk(tree):
                if isinstance(node, ast.ClassDef) and any(
                    isinstance(base, ast.Name) and base.id in found for base in node.bases
                ):
                    code, made = "", None
                    for part in node.body:
                        if isinstance(part, ast.Assign) and isinstance(part.value, ast.Constant):
                            code = str(part.value.value)
                        if isinstance(part, ast.FunctionDef) and part.name == "__init__":
                            made = part
                    if node.name not in BASES:
                        found[node.name] = (code, made)
    return found


def codes_in(given: ast.expr) -> Iterator[str]:
    """The codes that an argument may be; a key of a dictionary is none."""
    if isinstance(given, ast.Constant):
        yield str(given.value)
    elif isinstance(given, ast.IfExp):
        yield from codes_in(given.body)
        yield from codes_in(given.orelse)


def sites() -> list[Site]:
    known, found = classes(), []
    for path, tree in trees():
        where = path.relative_to(ROOT)
        package = ".".join(where.parent.parts)
        for node in ast.walk(tree):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Name | ast.Attribute):
                call = ast.Call(func=node.exc, args=[], keywords=[], lineno=node.lineno)
            elif isinstance(node, ast.Call):
                call = node
            else:
                continue
            name = getattr(call.func, "id", getattr(call.func, "attr", ""))
            if name not in known:
                continue
            code, made = known[name]
            codes = [code]
            if call.args and made is None:
                codes = list(codes_in(call.args[0]))
            params = frozenset(keyword.arg for keyword in call.keywords if keyword.arg)
            is_open = made is not None or any(keyword.arg is None for keyword in call.keywords)
            found += [
                Site(f"{where}:{call.lineno}", package, code, params, is_open)
                for code in codes
                if code
            ]
    return found


SITES = sites()


def test_every_refusal_has_a_text():
    assert len(SITES) > 250
    lacking = {
        site.where: site.code
        for site in SITES
        if catalogue_of(site.code) is None
        and site.code not in COMPOSED
        and "picture" not in site.where
    }
    assert lacking == {}


def test_every_refusal_gives_the_parameters_of_its_text():
    wrong = {}
    for site in SITES:
        catalogue = catalogue_of(site.code)
        if catalogue is None or site.is_open:
            continue
        wanted = set(PLACEHOLDER.findall(str(catalogue.texts[site.code])))
        if lacking := wanted - site.params - set(catalogue.defaults) - ADDED:
            wrong[site.where] = (site.code, lacking)
    assert wrong == {}


def test_a_text_is_of_the_package_that_refuses_or_of_one_below():
    wrong = {
        (site.where, site.code)
        for site in SITES
        if (catalogue := catalogue_of(site.code)) is not None
        and catalogue.package.split(".")[:2] != site.package.split(".")[:2]
        and catalogue.package != "apps.common.tabular"
        # the register refuses a merge; what it means is told where duplicates are reviewed
        and not (site.package == "apps.registry" and "duplicates" in catalogue.package)
    }
    assert wrong == set()


@pytest.mark.long
def test_every_text_is_raised_somewhere():
    """By its code as a constant of the code: a few are chosen from a table before."""
    constants = {
        str(node.value)
        for path, tree in trees()
        if path.name != "messages.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    composed = {f"{head}{part}" for head, parts in COMPOSED.items() for part in parts}
    assert known_codes() - constants - composed == set()


@pytest.mark.parametrize("language", ["en", "id"])
def test_a_text_can_be_said_in_each_language(language):
    """The same placeholders in both: one that only the translation has would never be filled."""
    for code in known_codes():
        catalogue = catalogue_of(code)
        assert catalogue is not None
        with translation.override(None):
            wanted = set(PLACEHOLDER.findall(str(catalogue.texts[code])))
        with translation.override(language):
            said = errors.text(code, dict.fromkeys(wanted, "x"))
        assert "%(" not in said and "–x" not in said, code


def test_days_numbers_and_codes_are_shown_in_the_language_of_the_reader():
    closed = {"name": "2026-11", "closed": "2026-11-05", "next": "2026-12", "opens": "2026-12-01"}
    with translation.override("id"):
        assert "5 Nov 2026" in errors.text("cycle_closed", closed)
        assert "1.234.567" in errors.text("selection_changed", {"expected": 1_234_567, "now": 2})
    with translation.override("en"):
        said = errors.text("already_decided", {"who": "Ani", "when": "x", "to": "verified"})
    assert "Verified" in said


def test_a_refusal_without_a_text_or_a_parameter_is_told_and_logged(caplog):
    assert "no_such_code" in errors.text("no_such_code", {})
    assert "–" in errors.text("selection_changed", {"expected": 1})


def test_what_a_log_shows_of_a_refusal_is_its_code_alone():
    refused = DomainError("username_taken", username="siti")
    assert str(refused) == "username_taken"
    assert "siti" not in repr(refused)
    assert "siti" in refused.text
