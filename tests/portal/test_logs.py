"""What a log line says and leaves out, and that a log does not grow for ever."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from portal import logs

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("GET /places/?q=SITI+AMINAH", "GET /places/?[left out]"),
        ("https://a.example/x/?next=/y/&q=SITI more", "https://a.example/x/?[left out] more"),
        ('bad referer "/x?q=%53ITI"', 'bad referer "/x?[left out]"'),
        ("Is this so? yes=no", "Is this so? yes=no"),
        ("number 9701010201909000", "number [number]"),
    ],
)
def test_queries_stay_out(said: str, kept: str) -> None:
    assert logs.mask_numbers(None, "", {"event": said, "list": [said]}) == {
        "event": kept,
        "list": [kept],
    }


LINES = """
import logging, os, subprocess, sys
from portal import logs
logs.configure({"level": "INFO", "file": sys.argv[1], "bytes": 10_000})
def write(name):
    for number in range(200):
        logging.getLogger("a.test").info("line %s %04d", name, number)
child = os.fork()
write("child" if child == 0 else "parent")
if child:
    os.waitpid(child, 0)
    logging.getLogger("a.test").info("the parent follows where its child has gone")
    subprocess.run(["echo", "said by another program"])
"""


@pytest.mark.slow
def test_a_full_log_is_rotated_for_all_processes(tmp_path: Path) -> None:
    path = tmp_path / "web.log"
    with path.open("ab") as output:
        done = subprocess.run(
            [sys.executable, "-c", LINES, str(path)],
            cwd=ROOT,
            stdout=output,
            stderr=output,
            check=False,
            timeout=60,
        )
    assert done.returncode == 0, path.read_text()[-1000:]
    parts = sorted(tmp_path.iterdir())
    assert 2 < len(parts) <= 1 + logs.KEPT_FILES
    assert all(part.stat().st_size < 15_000 for part in parts)
    told: list[Any] = []
    for part in parts:
        for line in part.read_text().splitlines():
            told += [json.loads(line)["event"]] if line.startswith("{") else [line]
    assert len(told) == len(set(told)) == 402  # nothing lost, nothing twice
    assert "said by another program" in path.read_text()


@pytest.mark.slow
@pytest.mark.long
def test_a_log_keeps_a_bounded_number_of_files(tmp_path: Path) -> None:
    path = tmp_path / "web.log"
    for _ in range(3):
        with path.open("ab") as output:
            subprocess.run(
                [sys.executable, "-c", LINES.replace("10_000", "1_000"), str(path)],
                cwd=ROOT,
                stdout=output,
                stderr=output,
                check=True,
                timeout=60,
            )
    assert len(list(tmp_path.iterdir())) == 1 + logs.KEPT_FILES
