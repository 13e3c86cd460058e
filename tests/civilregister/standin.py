"""The civil register's stand-in as a process of its own, and what it was asked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

ROOT = Path(__file__).resolve().parents[2]
CLIENT, SECRET = "portal-uji", "rahasia-layanan-uji"


class Standin:
    """A running stand-in: its address, ways to go wrong, and its count of requests."""

    def __init__(self, url: str) -> None:
        self.url = url

    def goes_wrong(self, fault: str, times: int = 1_000, at: str = "people") -> None:
        self._call({"fault": fault, "times": times, "at": at})

    def is_well(self) -> None:
        """From now on; what it was asked is counted anew."""
        self._call({"fault": "", "times": 0})

    def asked(self) -> list[int]:
        """How many NIKs each request since then brought."""
        return list(self._call(None)["asked"])

    def _call(self, body: dict[str, Any] | None) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        with urlopen(Request(f"{self.url}/faults", data=data), timeout=5) as answer:
            found: dict[str, Any] = json.loads(answer.read())
            return found


@contextmanager
def standin(people: Path, *more: str) -> Iterator[Standin]:
    """Serve the made-up people of a CSV file until the end of the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "apps.demo.dukcapil", "--people", people, "--faults", *more],
        cwd=ROOT,
        env=os.environ | {"DUKCAPIL_CLIENT": CLIENT, "DUKCAPIL_SECRET": SECRET},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield Standin(process.stdout.readline().strip())
    finally:
        process.kill()
        process.wait()
