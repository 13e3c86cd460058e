"""docs/reliability.md has every bar once, and names only tests that exist."""

from __future__ import annotations

import re

from tests.setup.conftest import CHECKOUT

TEXT = (CHECKOUT / "docs/reliability.md").read_text()
ROW = re.compile(r"^\| (\d+)( ★)? \| (.+?) \| (shown|partly|not yet) \| (.+?) \| (.+?) \|$", re.M)
STARRED = {1, 3, 4, 6, 8, 10, 11, 16, 17, 18, 19, 30, 31, 32, 33, 34, 40, 47, 51, 57}


def test_every_bar_has_its_line() -> None:
    rows = ROW.findall(TEXT)
    assert [int(number) for number, *_rest in rows] == list(range(1, 67))
    assert {int(number) for number, star, *_rest in rows if star} == STARRED


def test_the_bars_that_matter_most_are_shown() -> None:
    """33 and 34 wait for an attack on all that is published together."""
    states = {
        int(number): state for number, star, _what, state, *_rest in ROW.findall(TEXT) if star
    }
    assert {number for number, state in states.items() if state != "shown"} <= {33, 34}


def test_every_shown_bar_names_a_test_or_a_command() -> None:
    for number, _star, _what, state, _figure, by in ROW.findall(TEXT):
        assert state == "not yet" or "`" in by, number


def test_every_named_test_exists() -> None:
    named = re.findall(r"`((?:tests|bin|bench|deploy|apps)/[\w./-]*)(?:::(\w+))?`", TEXT)
    named += re.findall(r"ARGS=\"?((?:tests)/[\w./-]+)()", TEXT)
    assert len(named) > 40
    for path, name in named:
        assert (CHECKOUT / path).exists(), path
        if name:
            assert f"def {name}(" in (CHECKOUT / path).read_text(), f"{path}::{name}"


def test_every_named_file_of_the_security_page_exists() -> None:
    text = (CHECKOUT / "docs/security.md").read_text()
    for path in re.findall(r"`((?:tests|bin|apps|deploy|portal)/[\w./-]*)`", text):
        assert (CHECKOUT / path).exists(), path
