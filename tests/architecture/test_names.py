"""Names say what a thing is: standard terms, a verb and an object for a function.

docs/glossary.md has the terms. Only identifiers and names of files are
checked, no sentences.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# A verb alone says nothing of what it does, and cannot be searched for.
BARE_VERBS = {
    *("ask", "bring", "foresee", "give", "know", "look", "place", "ring", "said", "say", "settle"),
    *("sift", "take", "tell", "told", "turn", "weigh"),
}
# Words that stood for a term that exists (glossary: the term).
METAPHORS = {
    *(
        "beside",
        "bell",
        "brakes",
        "decide_lot",
        "doors",
        "doubles",
        "doubts",
        "foreseeing",
        "give_pairs",
    ),
    *("go_on", "house", "keeping", "letters", "lot", "lots", "papers", "ring_on_commit", "shelves"),
    *("candidate", "Candidate", "shelf", "Shelf", "Sign"),
    *("signs", "take_near", "throw_away", "turned_away", "workshop", "Workshop", "Doubt", "Going"),
    *("Kept", "Listed"),
}
# What was done is in the trail under `step`, not under a key of its own.
OTHER_KEYS = {"what", "plan", "wall", "activated"}
# First words of statements, likewise.
STATEMENT_VERBS = (
    "bring_",
    "foresee_",
    "hold_on_",
    "know_",
    "picture_",
    "settle_",
    "sift_",
    "weigh_",
)


def sources() -> list[Path]:
    found = [
        path
        for folder in ("apps", "portal")
        for path in (ROOT / folder).rglob("*.py")
        if "migrations" not in path.parts
    ]
    assert len(found) > 450
    return found


def defined(path: Path) -> Iterator[str]:
    """Names of functions and classes at the top of a module."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name


@pytest.mark.long
def test_no_function_is_a_bare_verb() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in sources()
        for name in defined(path)
        if name.lstrip("_") in BARE_VERBS
    ]
    assert found == []


# Verbs of what asks a person or a service; a job is enqueued.
ASKING_VERBS = ("ask_", "request_")


@pytest.mark.long
def test_a_function_that_enqueues_a_job_says_so() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {node.name}"
        for path in sources()
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef)
        and node.name.lstrip("_").startswith(ASKING_VERBS)
        and "work.enqueue(" in ast.unparse(node)
    ]
    assert found == []


@pytest.mark.long
def test_no_model_has_a_field_or_an_entry_a_key_that_is_a_metaphor() -> None:
    fields = re.compile(r"^    (?:doubles|verdict) = models", re.MULTILINE)
    keys = re.compile(r"""\bdoor="|step="(?:go_on_anyway|throw_away)\"""")
    written = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in sources()}
    assert [name for name, text in written.items() if keys.search(text)] == []
    # a verdict is that of a point
    assert {name for name, text in written.items() if fields.search(text)} == {
        "apps/proposals/models/finding.py",
        "apps/proposals/models/proposal.py",
    }


@pytest.mark.long
def test_no_module_and_no_name_is_a_metaphor() -> None:
    modules = [str(path.relative_to(ROOT)) for path in sources() if path.stem in METAPHORS]
    names = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in sources()
        for name in defined(path)
        if name.lstrip("_") in METAPHORS
    ]
    assert modules + names == []


def test_no_statement_begins_with_a_metaphor() -> None:
    found = [path.stem for path in (ROOT / "apps").rglob("sql/*.sql")]
    assert len(found) > 240
    assert [name for name in found if name.startswith(STATEMENT_VERBS)] == []


def test_no_template_and_no_static_file_is_a_bare_verb_or_a_metaphor() -> None:
    found = [
        path
        for kind in ("templates", "static")
        for path in (ROOT / kind).rglob("*.*")
        if path.is_file()
    ]
    assert len(found) > 200
    # In the names of files a house is a building: a section of the form.
    odd = METAPHORS - {"house"}
    strange = [
        str(path.relative_to(ROOT))
        for path in found
        for name in [path.stem.lstrip("_")]
        if name in BARE_VERBS | odd or not odd.isdisjoint(name.split("_"))
    ]
    assert strange == []


def test_the_glossary_names_code_that_exists() -> None:
    lines = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").splitlines()
    cells = [line.split("|")[2] for line in lines if line.startswith("| ") and "`" in line]
    named = {name for cell in cells for name in re.findall(r"`([A-Za-z_.]+)`", cell)}
    assert len(named) > 110
    files = {
        ".".join(path.relative_to(ROOT / "apps").with_suffix("").parts).removesuffix(".__init__")
        for path in sources()
        if path.is_relative_to(ROOT / "apps")
    } | {"portal.tasks", "commandcentre_usable_stock"}
    words = set(re.findall(r"\w+", "\n".join(path.read_text("utf-8") for path in sources())))

    def is_there(name: str) -> bool:
        start, _dot, last = name.rpartition(".")
        is_module = any(f".{file}".endswith(f".{name}") for file in files)
        in_module = any(f".{file}".endswith(f".{start}") for file in files) and last in words
        in_class = start in words and last in words
        return is_module or (in_module or in_class if start else name in words)

    assert sorted(name for name in named if not is_there(name)) == []


@pytest.mark.long
def test_what_was_done_is_in_the_trail_under_one_key() -> None:
    found = {
        str(path.relative_to(ROOT / "apps"))
        for path in sources()
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and ast.unparse(call.func) == "record.entry"
        and call.args
        and ast.unparse(call.args[0]) in ("Action.CHANGE", "Action.DECIDE")
        and not OTHER_KEYS.isdisjoint(key.arg for key in call.keywords)
    }
    assert found == set()
