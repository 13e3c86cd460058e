"""What docs/architecture.md lists is so: functions and statements exist, moves are allowed."""

from __future__ import annotations

import re
from importlib import import_module
from importlib.util import find_spec
from itertools import pairwise, product
from pathlib import Path

import pytest

from apps.common.states import Moves
from apps.jobs.models import JOB_TRANSITIONS
from apps.proposals.states import BATCH_TRANSITIONS, PROPOSAL_TRANSITIONS

ROOT = Path(__file__).resolve().parents[2]
# The heading of a list of functions → the app whose packages it names without the app.
WAYS = {
    "The functions on a CSV row's way": "proposals",
    "The functions on a typed point's way": "proposals",
    "From an earthquake to whom it affects": "commandcentre",
    "Published figures": "indicators",
}
CHARTS = {
    "batch": BATCH_TRANSITIONS,
    "proposal": PROPOSAL_TRANSITIONS,
    "job": JOB_TRANSITIONS,
}
# What the charts say of several statuses.
SPANS = {
    "submitted … accepted": "submitted | verified | endorsed | accepted",
    "where it came from": "submitted | verified | endorsed | accepted",
    "needs confirmation": "asking",
}
FUNCTION = re.compile(r"`([a-z_]+(?:\.[A-Za-z_]+)+)`")
STATEMENT = re.compile(r"`([a-z_]+)\.sql`")
SCRIPT = re.compile(r"`(static/[a-z_/.]+)`")


def listed(heading: str) -> str:
    """The numbered points under a heading, and what is set under them."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    section = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    points = [line for line in section.splitlines() if re.match(r"\d+\. | +- ", line)]
    assert points, heading
    return "\n".join(points)


def is_there(name: str, app: str) -> bool:
    """Whether a dotted name is a module or something in one: of the app, another app, or portal."""
    starts = ("",) if name.startswith("portal.") else (f"apps.{app}.", "apps.")
    return any(is_whole(f"{start}{name}") for start in starts)


def is_whole(name: str) -> bool:
    module, *rest = name.split(".")
    while rest and hasattr(import_module(module), "__path__"):
        if find_spec(f"{module}.{rest[0]}") is None:
            break
        module = f"{module}.{rest.pop(0)}"
    return not rest or (len(rest) == 1 and hasattr(import_module(module), rest[0]))


@pytest.mark.parametrize(("heading", "app"), WAYS.items())
def test_a_named_function_exists(heading: str, app: str) -> None:
    names = [name for name in FUNCTION.findall(listed(heading)) if not name.endswith(".sql")]
    assert len(names) >= 8
    assert [name for name in names if not is_there(name, app)] == []


@pytest.mark.parametrize(("heading", "app"), WAYS.items())
def test_a_named_statement_or_script_exists(heading: str, app: str) -> None:
    points = listed(heading)
    own = {path.stem for path in (ROOT / "apps" / app).rglob("sql/*.sql")}
    assert sorted(set(STATEMENT.findall(points)) - own) == []
    assert [name for name in SCRIPT.findall(points) if not (ROOT / name).is_file()] == []


def test_a_name_that_nothing_has_is_noticed() -> None:
    assert is_there("checks.batch_check.check_rows", "proposals")
    assert is_there("jobs.work.enqueue", "proposals")
    assert not is_there("checks.batch_check.check_row", "proposals")
    assert not is_there("checks.nothing", "proposals")


def drawn(chart: str) -> set[tuple[str, str]]:
    """The moves of one chart: `a | b → c`, several in a line, its own words in brackets."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    block = text.partition("\n## States\n")[2].split("```")[1]
    own = re.search(rf"^{chart} +((?:.*\n)(?: +.*\n)*)", block, re.MULTILINE)
    assert own, chart
    written = re.sub(r"\([^)]*\)", "", own[1])
    for words, statuses in SPANS.items():
        written = written.replace(words, statuses)
    moves = set()
    for line in re.split(r"[;\n]", written):
        stops = [[one.strip() for one in stop.split("|")] for stop in line.split("→")]
        for before, after in pairwise(stops):
            moves |= set(product(before, after))
    return moves


@pytest.mark.parametrize(("chart", "table"), CHARTS.items())
def test_a_chart_shows_every_move_and_no_other(chart: str, table: Moves) -> None:
    moves = {(str(a), str(b)) for a, after in table.items() for b in after if a != b}
    assert drawn(chart) == moves
