"""Every file of the corpus is refused in words or read, in bounds, and reaches nothing (bar 40).

Some kinds in the quick run, all of them under `scale`; through the served portal they go in
`tests/seams/test_hostile_uploads.py`.
"""

from __future__ import annotations

import resource
import socket
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from django.utils import translation

from apps.common.tabular import ROW_FILE, FileRefused, inspect_file, stream
from apps.common.tabular.messages import MESSAGES
from tests.common import files
from tests.common.bad_files import CORPUS, ROWS, SECRET, Traps
from tests.figures import Figure

WITHIN_S: Final = 60.0
NEXT_WITHIN_S: Final = 10.0
MEMORY_BYTES: Final = 1 << 30
READ: Final = "read"
QUICK: Final = (
    "xlsx cut at 0.5",
    "csv of NULs",
    "csv, a quote never closed",
    "xlsx, an entity of a file",
    "zip that lies, size 1000",
    "VRT of SECRET named .geojson",
    "geojson, crs of type link in escapes",
    "gpkg, an endless view",
    "shapefile, two billion rows",
    "PDF and table in one",
)


@dataclass
class Trap:
    """A server that knows whether anybody called, and the file that nobody may read."""

    server: socket.socket
    traps: Traps

    def was_asked(self) -> bool:
        try:
            self.server.accept()[0].close()
        except TimeoutError:
            return False
        return True


@pytest.fixture
def trap(tmp_path: Path) -> Iterator[Trap]:
    secret = tmp_path / "rahasia.csv"
    secret.write_text(f"nik,nama\n1,{SECRET}\n")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        url = f"http://127.0.0.1:{server.getsockname()[1]}/data"
        yield Trap(server, Traps(url, secret))


def outcome_of(path: Path, scratch: Path) -> tuple[str, str]:
    """(`read` or the code of the refusal, all that was read) as upload and worker read it."""
    try:
        kind, look = inspect_file(path, path.name, limits=ROW_FILE.look(), scratch=scratch)
        blocks = stream(path, kind, range(len(look.header)), scratch=scratch)
        return READ, f"{look}" + b"".join(blocks).decode()
    except FileRefused as refused:
        texts = []
        for language in ("id", "en"):
            with translation.override(language):
                texts.append(refused.text)
        assert refused.code in MESSAGES
        assert texts[0] != texts[1], refused.code
        assert all(len(text) > 30 and "%(" not in text for text in texts), texts
        return refused.code, "".join(texts)


def check(name: str, folder: Path, trap: Trap) -> tuple[str, float]:
    """What became of a file of the corpus, and its seconds."""
    folder.mkdir()
    scratch = folder / "scratch"
    scratch.mkdir()
    path = CORPUS[name](folder, trap.traps)
    began = time.monotonic()
    code, shown = outcome_of(path, scratch)
    seconds = time.monotonic() - began
    assert SECRET not in shown
    assert not trap.was_asked()
    assert list(scratch.iterdir()) == []
    return code, seconds


def test_the_corpus_holds_two_hundred_files() -> None:
    assert len(CORPUS) >= 200
    assert set(QUICK) <= set(CORPUS)


@pytest.mark.parametrize("name", QUICK)
@pytest.mark.long
def test_a_bad_file_is_refused_in_words_or_read(name: str, tmp_path: Path, trap: Trap) -> None:
    _code, seconds = check(name, tmp_path / "berkas", trap)
    assert seconds < WITHIN_S


@pytest.mark.scale
def test_every_bad_file_is_refused_in_words_or_read(
    tmp_path: Path, trap: Trap, figure: Figure
) -> None:
    codes: Counter[str] = Counter()
    took: dict[str, float] = {}
    good = files.xlsx(tmp_path / "baik.xlsx", ROWS)
    next_s = 0.0
    for number, name in enumerate(CORPUS):
        code, took[name] = check(name, tmp_path / str(number), trap)
        codes[code] += 1
        if number % 10 == 0 or took[name] > 5:
            began = time.monotonic()
            assert outcome_of(good, tmp_path)[0] == READ
            next_s = max(next_s, time.monotonic() - began)
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    slowest = max(took, key=lambda name: took[name])
    figure("bad files", len(CORPUS), "", "≥ 200")
    figure("bad files: refused in words, by so many codes", len(codes) - (READ in codes))
    figure("bad files: of them read as what they are", codes[READ])
    figure(f"bad files: slowest ({slowest})", took[slowest], "s", f"≤ {WITHIN_S:.0f}")
    figure("bad files: the next good one", next_s, "s", f"≤ {NEXT_WITHIN_S:.0f}")
    figure("bad files: memory of the largest child", most / 2**20, "MiB", "≤ 1,024")
    assert took[slowest] <= WITHIN_S
    assert next_s <= NEXT_WITHIN_S
    assert most <= MEMORY_BYTES
