"""Files of offices for the tests: CSV with our headings, written and imported."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

from apps.imports.office_imports import Import, Imported
from tests.base import NOW
from tests.commandcentre.resources.places import BY
from tests.conftest import as_role


def write(
    folder: Path, rows: Sequence[Mapping[str, str]], base: Mapping[str, str], name: str = "data.csv"
) -> Path:
    """A CSV with the columns of `base`; each row says what is different."""
    path = folder / name
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(base))
        writer.writeheader()
        writer.writerows({**base, **row} for row in rows)
    return path


def run(
    do: Callable[..., Imported], path: Path, *, now: datetime = NOW, **options: Any
) -> Imported:
    with as_role("worker"):
        return do(Import(path, by=BY, now=now, **options))


def codes(done: Imported) -> dict[int, set[str]]:
    """Line of the file → codes of its findings."""
    found: dict[int, set[str]] = {}
    for one in done.findings:
        found.setdefault(done.file.line_of(one.row), set()).add(one.code)
    return found


def listed(done: Imported) -> list[dict[str, str]]:
    """The list beside the file."""
    assert done.listed is not None
    return list(csv.DictReader(StringIO(done.listed.read_text("utf-8-sig"))))
