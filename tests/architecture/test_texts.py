"""Texts keep their word: each has its Indonesian, and names only labels that are on the screen."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MARKED = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy"}
TRANSLATE = re.compile(r"""\{%-?\s*translate\s+(?:"([^"]*)"|'([^']*)')""")
TEXT = r'".*?"(?:\n".*?")*'
ENTRY = re.compile(
    rf"^msgid ({TEXT})\n(?:msgid_plural ({TEXT})\n)?msgstr(?:\[0\])? ({TEXT})$",
    re.MULTILINE | re.DOTALL,
)
# What a text puts in quotation marks and calls a label: it begins like one.
QUOTED = re.compile(r'[“"]([A-Z][\w ,–-]{2,50})[”"]')
# Quoted as an example of what somebody writes, or a word of the browser.
NO_LABELS = {"BIG 2026-07", "Location", "Lokasi"}


@cache
def catalogue() -> dict[str, str]:
    text = (ROOT / "locale/id/LC_MESSAGES/django.po").read_text("utf-8")
    found: dict[str, str] = {}
    for block in text.split("\n\n"):
        for entry in ENTRY.findall(block):
            ours, plural, theirs = (ast.literal_eval(f"({part})") if part else "" for part in entry)
            found |= {ours: theirs, plural: theirs}
    return found


def used() -> dict[str, str]:
    """Marked text → the file where it stands."""
    found = {}
    for source in [*ROOT.glob("apps/**/*.py"), *ROOT.glob("portal/**/*.py")]:
        if "migrations" in source.parts:
            continue
        for node in ast.walk(ast.parse(source.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
                given = node.args[0]
                if node.func.id in MARKED and isinstance(given, ast.Constant):
                    found[str(given.value)] = source.name
    for page in ROOT.glob("templates/**/*.html"):
        for double, single in TRANSLATE.findall(page.read_text("utf-8")):
            found[double or single] = page.name
    return found


@pytest.mark.long
def test_every_text_has_its_indonesian():
    known = catalogue()
    assert len(known) > 1500
    lacking = {text: at for text, at in used().items() if not known.get(text)}
    assert lacking == {}


@pytest.mark.parametrize("language", ["en", "id"])
def test_a_label_that_a_text_names_is_on_the_screen(language):
    known = catalogue()
    texts = [one for one in (known if language == "en" else known.values()) if one]
    labels = {one.lower() for one in texts} | {"kemendagri", "bps"}
    wrong = {
        (label, text[:90])
        for text in texts
        for label in QUOTED.findall(text)
        if label not in NO_LABELS and not any(one.startswith(label.lower()) for one in labels)
    }
    assert wrong == set()
