"""What the tests of full size measured, in one table at the end of the run.

`figure("10,000 rows determined", 3.4, "s", "≤ 5")` in a test: it is printed at once, too. The
figures travel with the test's report, so that they come from every process of a run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from typing import Any, Final

import pytest

PROPERTY: Final = "figure"
HEADINGS: Final = ("figure", "value", "unit", "must be", "test")
Figure = Callable[..., None]


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Figure:
    """`figure(name, value, unit, bar)`: a measured number, and what it must be."""
    capture: Any = request.config.pluginmanager.getplugin("capturemanager")

    def note(name: str, value: object, unit: str = "", bar: str = "") -> None:
        row = [name, shown(value), unit, bar]
        request.node.user_properties.append((PROPERTY, row))
        with capture.global_and_fixture_disabled() if capture else nullcontext():
            print(f"\n{name}: {' '.join(part for part in row[1:] if part)}", flush=True)  # noqa: T201

    return note


def shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines of equal columns under their headings."""
    whole = [HEADINGS, *rows]
    widths = [max(len(row[at]) for row in whole) for at in range(len(HEADINGS))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in whole
    ]
    return [lines[0], "  ".join("-" * width for width in widths), *lines[1:]]


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The table, when there is one figure at least."""
    if rows := list(_noted(terminalreporter)):
        terminalreporter.section("figures")
        for line in table(rows):
            terminalreporter.write_line(line)


def _noted(terminalreporter: Any) -> Iterator[list[str]]:
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, ()):
            for name, row in getattr(report, "user_properties", ()):
                if name == PROPERTY and report.when == "call":
                    mark = "" if outcome == "passed" else " FAILED"
                    yield [*row, report.nodeid.removeprefix("tests/") + mark]
