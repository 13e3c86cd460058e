"""What the disk does not give is missing: never the fault of the file, never "open it in Excel"."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from apps.common.tabular import FileKind, FileRefused, Format, peek, sniff
from tests.common import files

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", ["nowhere.xlsx", "nowhere.csv", "nowhere.gpkg"])
def test_a_file_that_is_not_there(tmp_path: Path, name: str) -> None:
    with pytest.raises(FileRefused) as refused:
        sniff(tmp_path / name)
    assert refused.value.code == "file_missing"


def children() -> set[str]:
    return {
        child
        for task in Path("/proc/self/task").iterdir()
        for child in (task / "children").read_text().split()
    }


@pytest.mark.parametrize("kind", [Format.XLSX, Format.CSV])
def test_a_file_that_goes_before_the_child_has_opened_it(tmp_path: Path, kind: Format) -> None:
    path = tmp_path / f"a.{kind.value}"
    if kind == Format.XLSX:
        files.xlsx(path, [["NIK"], ["1"]])
    else:
        path.write_text("NIK\n1\n")
    before, is_over = children(), threading.Event()

    def take_away() -> None:
        while not is_over.is_set() and children() <= before:
            time.sleep(0.001)
        path.unlink()

    taking = threading.Thread(target=take_away)
    taking.start()
    try:
        with pytest.raises(FileRefused) as refused:
            peek(path, FileKind(kind))
    finally:
        is_over.set()
        taking.join(10)
    assert refused.value.code == "file_missing"
