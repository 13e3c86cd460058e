"""CSV in the forms that offices send: any encoding, separator, quoting and line length."""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TextIO

from apps.common.reader.copytext import ROWS_AT_ONCE
from apps.common.reader.refusal import Refusal

SEPARATORS = ",;\t|"
HEAD_CHARS = 65_536
CELL_LIMIT = 32_767  # the limit of a spreadsheet cell
READ_BYTES = 1 << 20
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)


@dataclass(frozen=True)
class Dialect:
    """The format of a file: detected once, then used for every reading."""

    encoding: str
    separator: str
    has_separator_line: bool


def dialect_of(path: Path) -> Dialect:
    """Encoding from the whole file, separator from its beginning."""
    encoding = _encoding_of(path)
    with path.open(encoding=encoding, newline="", errors="strict") as file:
        head = file.read(HEAD_CHARS)
    first, _, rest = head.partition("\n")
    if mark := _SEPARATOR_LINE.fullmatch(first.strip()):
        return Dialect(encoding, mark[1], has_separator_line=True)
    is_whole = len(head) < HEAD_CHARS
    return Dialect(encoding, _separator_of(head, is_whole), has_separator_line=False)


def rows_of(path: Path, dialect: Dialect) -> Iterator[list[list[str]]]:
    """Rows in chunks, including the header. Raises: Refusal for quotes that never close."""
    with path.open(encoding=dialect.encoding, newline="", buffering=READ_BYTES) as file:
        if dialect.has_separator_line:
            file.readline()
        yield from _chunks(file, dialect)


def count_lines(path: Path) -> int:
    """The number of lines, a hundred times faster than reading rows; a cell of two lines counts
    twice.
    """
    with path.open("rb") as file:
        return sum(piece.count(b"\n") for piece in iter(lambda: file.read(READ_BYTES), b""))


def _chunks(file: TextIO, dialect: Dialect) -> Iterator[list[list[str]]]:
    csv.field_size_limit(CELL_LIMIT)
    reader = csv.reader(file, delimiter=dialect.separator)
    number = 0
    while True:
        chunk: list[list[str]] = []
        try:
            chunk.extend(islice(reader, ROWS_AT_ONCE))
        except csv.Error as error:
            raise Refusal("csv_broken_quotes", line=reader.line_num) from error
        if not chunk:
            return
        number += len(chunk)
        yield chunk


def _encoding_of(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(4)
    for bom, name in BOMS:
        if start.startswith(bom):
            return name if _decodes(path, name) else _refuse_encoding()
    for name in ("utf-8", "cp1252"):
        if _decodes(path, name):
            return name
    return _refuse_encoding()


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as file:
        try:
            while piece := file.read(READ_BYTES):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _refuse_encoding() -> str:
    raise Refusal("encoding_unreadable")


def _separator_of(head: str, is_whole: bool) -> str:
    """The separator with which most of the first rows are as wide as the first.

    If the first row has only one cell, it is a title or has another separator. Then the most
    frequent width counts.
    """
    lines = head.splitlines(keepends=True)
    lines = lines if is_whole or len(lines) < 2 else lines[:-1]
    best, best_score = ",", (0.0, 0)
    for separator in SEPARATORS:
        try:
            rows = [row for row in islice(csv.reader(lines, delimiter=separator), 50) if any(row)]
        except csv.Error:
            continue
        width = _width_of(rows)
        if width < 2:
            continue
        share = sum(len(row) == width for row in rows) / len(rows)
        if (share, width) > best_score:
            best, best_score = separator, (share, width)
    return best


def _width_of(rows: list[list[str]]) -> int:
    if not rows or len(rows[0]) > 1:
        return len(rows[0]) if rows else 0
    wide = Counter(len(row) for row in rows if len(row) > 1)
    return max(wide, key=lambda width: (wide[width], width)) if wide else 0
