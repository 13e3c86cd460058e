"""XLSX: looked through as a stream of bytes first, then read by calamine as rows of text."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from apps.common.reader.archive import BROKEN
from apps.common.reader.copytext import ROWS_AT_ONCE
from apps.common.reader.refusal import Refusal

MAX_COLUMNS = 200  # "GR"
MAX_ROWS = 500_000  # under the header; the patterns below say both in letters and digits
PIECE_BYTES = 1 << 20
TAG_BYTES = 1 << 20  # the longest tag: a list of ranges may well have a hundred thousand letters
CELL_TAG_BYTES = 8_192  # of a cell or a row, which have a handful of attributes
EXACT_INTEGERS = 10**15  # Excel keeps fifteen digits
DATA_SHEET = "data"
_FAR_COLUMN = rb"(?:[A-Z]{3,}|[H-Z][A-Z]|G[S-Z])\d+"
_FAR_ROW = (
    rb"[A-Z]+(?:\d{7,}|[6-9]\d{5}|5[1-9]\d{4}|50[1-9]\d{3}|500[1-9]\d\d|5000[1-9]\d|50000[2-9])"
)
# The first place that a cell's tag names, if it is far out, unless the tag holds nothing: office
# suites leave bare formatting (`<c r="XFD1"/>`). Each start is looked at once: no byte costs more
# than a few steps, however long the tag (hence the groups that never give back what they took).
_FAR_CELL = re.compile(
    rb"<(?:\w++:)?+c\s(?>(?:[^<]*?\s)?r\s*+=\s*+[\"']("
    + _FAR_COLUMN
    + rb"|"
    + _FAR_ROW
    + rb")[\"'])"
    rb"[^<>]*+(?<!/)>"
)
_LONG_CELL = re.compile(rb"<(?:\w++:)?+(?:c|row)\s[^<>]{%d}" % CELL_TAG_BYTES)
_NO_CELLS = ("sharedstrings.xml", "styles.xml")


def scan(path: Path, members: list[zipfile.ZipInfo]) -> None:
    """Refuse cells so far out that the parser would have to reserve the space between."""
    with zipfile.ZipFile(path) as archive:
        for member in members:
            name = member.filename.lower()
            if name.endswith(".xml") and not name.endswith(_NO_CELLS):
                _scan_member(archive, member)


def rows_of(path: Path) -> tuple[str, list[str], Iterator[list[list[str]]]]:
    """(name of the sheet read, names of all sheets, its rows as text in lots)."""
    import python_calamine as calamine  # noqa: PLC0415  only this kind of file needs it

    try:
        book = calamine.CalamineWorkbook.from_path(str(path))
        sheet = _sheet_of(book)
    except calamine.PasswordError as error:
        raise Refusal("password_protected") from error
    except (calamine.CalamineError, OSError) as error:
        raise Refusal("workbook_broken") from error
    return sheet.name, list(book.sheet_names), _lots(sheet)


def cell_text(value: Any) -> str:
    """One cell as an officer would have typed it."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return number_text(float(value))
    if isinstance(value, dt.datetime):
        is_day = value.time() == dt.time.min
        return value.date().isoformat() if is_day else value.isoformat(" ", "seconds")
    return value.isoformat() if isinstance(value, dt.date | dt.time) else str(value)


def number_text(value: float) -> str:
    """Plain digits while they are exact; above that Excel's own form, which a check can name."""
    if value != value or value in (float("inf"), float("-inf")):
        return ""
    if abs(value) >= EXACT_INTEGERS:
        mantissa, exponent = f"{value:.5E}".split("E")
        mantissa = mantissa.rstrip("0").rstrip(".")
        return f"{mantissa}E{int(exponent):+03d}"
    return str(int(value)) if value == int(value) else repr(value)


def _scan_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Every tag whole, in pieces of bounded size. Raises: Refusal."""
    try:
        with archive.open(member) as source:
            begun = b""  # a tag whose end is in the next piece
            while piece := source.read(PIECE_BYTES):
                text = begun + piece
                start = text.rfind(b"<")
                begun = text[start:] if start >= 0 and b">" not in text[start:] else b""
                if len(begun) > TAG_BYTES:
                    raise Refusal("workbook_broken")
                _check_tags(text)
    except BROKEN as error:
        raise Refusal("workbook_broken") from error


def _check_tags(text: bytes) -> None:
    if _LONG_CELL.search(text):
        raise Refusal("workbook_broken")
    if found := _FAR_CELL.search(text):
        raise Refusal("sheet_too_far", cell=found[1].decode(), columns=MAX_COLUMNS, rows=MAX_ROWS)


def _sheet_of(book: Any) -> Any:
    """The sheet named DATA, else the first with anything in it."""
    names = [meta.name for meta in book.sheets_metadata if "Work" in str(meta.typ)]
    for name in names:
        if name.strip().casefold() == DATA_SHEET:
            return book.get_sheet_by_name(name)
    for name in names:
        sheet = book.get_sheet_by_name(name)
        if sheet.height:
            return sheet
    raise Refusal("no_rows")


def _lots(sheet: Any) -> Iterator[list[list[str]]]:
    text = cell_text
    before = [""] * (sheet.start[1] if sheet.start else 0)
    rows = sheet.iter_rows()
    while lot := list(islice(rows, ROWS_AT_ONCE)):
        yield [
            before + [value if value.__class__ is str else text(value) for value in row]
            for row in lot
        ]
