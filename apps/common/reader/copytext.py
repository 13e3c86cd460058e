"""Rows of cells → blocks of PostgreSQL's COPY text format (NULL ''), checked a block at a time.

A clean block (nearly all of them) costs one join and a few searches over its bytes. Only in a block
with a finding are rows checked, and only in an odd row its cells.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter

from apps.common.reader.refusal import Refusal

BLOCK_BYTES = 1 << 20
CELL_CHARS = 1_000
# One odd row costs a close check of this many rows; smaller blocks would cost more calls.
ROWS_AT_ONCE = 64

# Control characters, lone surrogates, and the invisible marks that make equal texts unequal.
_UNWANTED = (
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff"
)
UNWANTED = re.compile(f"[{_UNWANTED}]")
_ODD = re.compile(f"[{_UNWANTED}\\\\\r\n]|[^\\S\t]\t|\t[^\\S\t]|\t'")
# The first bytes of unwanted or white characters beyond ASCII: they need a close check.
_SUSPECT = re.compile(rb"\xc2[\x80-\xa0]|\xe2[\x80\x81]|\xef\xbb|\xe1\x9a|\xe3\x80|\xed[\xa0-\xbf]")
_ODD_BYTES = bytes({*range(32), 0x7F, 0x5C} - {9, 10})
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n"})
# An apostrophe that our own writers (or a spreadsheet) put before = + - @ to prevent a formula.
_TEXT_MARK = re.compile(r"'(?=\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20\u2212])")


class CopyBlocks:
    """Collects rows in the requested column order and emits blocks of about 1 MiB.

    A line is: row number, the requested columns, the number of non-empty cells beyond the header.
    Rows without any text count in the numbering and are not emitted.
    """

    def __init__(
        self,
        *,
        columns: Sequence[int | None],
        width: int,
        emit: Callable[[bytes], None],
        skip_rows: int = 0,
        max_rows: int | None = None,
    ) -> None:
        self.number = self.sent = self.removed_characters = self.cut_cells = self.long_rows = 0
        self._width, self._skip, self._max, self._emit = width, skip_rows, max_rows, emit
        self._has_gaps = None in columns
        self._pick = _picker([width if index is None else index for index in columns])
        self._tabs = len(columns) + 1
        self._block: list[bytes] = []
        self._size = 0

    def add(self, rows: Sequence[list[str]]) -> None:
        """Take the next rows of the file."""
        first = self.number + 1
        self.number += len(rows)
        if self._max is not None and self.number > self._max:
            raise Refusal("too_many_rows", limit=self._max)
        if self.number <= self._skip:
            return
        lines = self._regular(rows, first)
        data = self._plain(lines) if lines is not None else None
        if lines is None or data is None:
            lines, data = self._careful(rows, first)
        self.sent += len(lines)
        self._append(data)

    def close(self) -> dict[str, int]:
        """Emit the remaining rows. Returns the counts of what was found."""
        if self._block:
            self._emit(b"".join(self._block))
            self._block, self._size = [], 0
        return {
            "rows": self.number,
            "sent": self.sent,
            "removed_characters": self.removed_characters,
            "cut_cells": self.cut_cells,
            "long_rows": self.long_rows,
        }

    def _regular(self, rows: Sequence[list[str]], first: int) -> list[str] | None:
        """The lines if every row is as wide as the header, has text and is wanted; else None."""
        is_regular = (
            first > self._skip and set(map(len, rows)) == {self._width} and all(map(any, rows))
        )
        if not is_regular:
            return None
        if self._has_gaps:
            rows = [[*row, ""] for row in rows]
        cells = map("\t".join, map(self._pick, rows))
        return [f"{number}\t{text}\t0" for number, text in enumerate(cells, first)]

    def _careful(self, rows: Sequence[list[str]], first: int) -> tuple[list[str], bytes]:
        """The lines and their bytes, built row by row, and cell by cell if needed."""
        join, strip = "\t".join, str.strip
        picked = list(self._picked(rows, first))
        lines = [f"{number}\t{join(map(strip, cells))}\t{extra}" for number, cells, extra in picked]
        data = self._plain(lines)
        if data is None:
            lines = [self._tidied(line, row) for line, row in zip(lines, picked, strict=True)]
            data = ("\n".join(lines) + "\n" if lines else "").encode()
        return lines, data

    def _picked(
        self, rows: Sequence[list[str]], first: int
    ) -> Iterator[tuple[int, Sequence[str], int]]:
        width, pick, has_gaps, skip = self._width, self._pick, self._has_gaps, self._skip
        for number, row in enumerate(rows, first):
            extra = 0
            if len(row) != width:
                extra = sum(1 for cell in row[width:] if cell.strip())
                self.long_rows += extra > 0
                row = [*row[:width], *[""] * (width - len(row))]
            if number <= skip or not (extra or _has_text("".join(row))):
                continue
            yield number, pick([*row, ""] if has_gaps else row), extra

    def _plain(self, lines: list[str]) -> bytes | None:
        """The lines as bytes if no character in them needs a close check; else None."""
        if not lines:
            return b""
        text = "\n".join(lines) + "\n"
        data = text.encode(errors="surrogatepass")
        if not text.isascii() and _SUSPECT.search(data) and any(map(_ODD.search, lines)):
            return None
        is_plain = (
            data.count(b"\t") == self._tabs * len(lines)
            and data.count(b"\n") == len(lines)
            and len(data.translate(None, _ODD_BYTES)) == len(data)
            and b" \t" not in data
            and b"\t " not in data
            and b"\t'" not in data
            and max(map(len, lines)) <= CELL_CHARS
        )
        return data if is_plain else None

    def _tidied(self, line: str, row: tuple[int, Sequence[str], int]) -> str:
        if line.count("\t") == self._tabs and len(line) <= CELL_CHARS and _is_plain(line):
            return line
        number, cells, extra = row
        tidy = [self._tidy_cell(cell) for cell in cells]
        return "\t".join([str(number), *tidy, str(extra)])

    def _tidy_cell(self, cell: str) -> str:
        text, removed, is_cut = tidied(cell)
        self.removed_characters += removed
        self.cut_cells += is_cut
        return text.translate(_ESCAPES)

    def _append(self, data: bytes) -> None:
        self._block.append(data)
        self._size += len(data)
        if self._size >= BLOCK_BYTES:
            self._emit(b"".join(self._block))
            self._block, self._size = [], 0


def tidied(cell: str) -> tuple[str, int, bool]:
    """(the trimmed cell without unwanted characters, how many those were, whether it
    was too long).
    """
    text, removed = UNWANTED.subn("", cell)
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if _TEXT_MARK.match(text):
        text = text[1:]
    return text[:CELL_CHARS], removed, len(text) > CELL_CHARS


def _has_text(text: str) -> bool:
    return bool(text.strip()) and (text.isprintable() or bool(UNWANTED.sub("", text).strip()))


def _is_plain(line: str) -> bool:
    """Like `not _ODD.search(line)` for nearly every line, ten times faster.

    Printable text holds no unwanted character, and no white space but the plain one.
    """
    return (
        line.replace("\t", "").isprintable()
        and "\\" not in line
        and " \t" not in line
        and "\t " not in line
        and "\t'" not in line
    )


def field(cell: str) -> str:
    """One cell as a field of COPY's text format."""
    return tidied(cell)[0].translate(_ESCAPES)


def tidy_header(cells: Sequence[str]) -> list[str]:
    """Header cells as one line each, without invisible characters."""
    return [" ".join(UNWANTED.sub("", cell).split())[:CELL_CHARS] for cell in cells]


def _picker(indexes: list[int]) -> Callable[[list[str]], Sequence[str]]:
    if len(indexes) == 1:
        only = indexes[0]
        return lambda row: (row[only],)
    return itemgetter(*indexes)
