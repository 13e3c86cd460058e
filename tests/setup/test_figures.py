"""The figures of a run stand in one table at its end, those of a test that failed, too."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import figures

ROOT = Path(__file__).resolve().parents[2]
CONFTEST = "from tests.figures import figure, pytest_terminal_summary\n"
TESTS = """
def test_a(figure):
    figure("rows loaded", 1_000_000, "rows", "= 1,000,000")
    figure("first load", 61.2345, "s", "≤ 90")

def test_b(figure):
    figure("annex", 16.0, "s", "< 15")
    assert False

def test_c():
    pass
"""


@pytest.mark.slow
@pytest.mark.parametrize("processes", ["0", "2"])
def test_the_table_of_figures_is_at_the_end(tmp_path: Path, processes: str) -> None:
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_some.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:django", "-n", processes, str(tmp_path)],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1, run.stdout + run.stderr
    table = run.stdout.partition(" figures ")[2]
    lines = [line.split() for line in table.splitlines()]
    assert [
        "rows",
        "loaded",
        "1,000,000",
        "rows",
        "=",
        "1,000,000",
        "test_some.py::test_a",
    ] in lines
    assert ["first", "load", "61.2", "s", "≤", "90", "test_some.py::test_a"] in lines
    assert ["annex", "16", "s", "<", "15", "test_some.py::test_b", "FAILED"] in lines


def test_columns_are_equal_and_numbers_readable() -> None:
    one, other = figures.shown(12345.6), figures.shown(0.0123)
    lines = figures.table([["a", one, "s", "", "x"], ["longer", other, "s", "", "y"]])
    assert lines[2].index("12,346") == lines[3].index("0.0123") == lines[0].index("value")
