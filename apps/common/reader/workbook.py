"""XLSX: scanned as a stream of bytes first, then read by calamine as rows of text."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Iterator
from io import BytesIO
from itertools import chain, islice
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from apps.common.reader.archive import BROKEN
from apps.common.reader.copytext import ROWS_AT_ONCE
from apps.common.reader.refusal import Refusal

MAX_COLUMNS = 200  # "GR"
MAX_ROWS = 500_000  # under the header; the patterns below contain both limits in letters and digits
PIECE_BYTES = 1 << 20
TAG_BYTES = 1 << 20  # the longest tag: a list of ranges may have a hundred thousand letters
CELL_TAG_BYTES = 8_192  # of a cell or a row, which have a handful of attributes
EXACT_INTEGERS = 10**15  # Excel keeps fifteen digits
DATA_SHEET = "data"
_FAR_COLUMN = rb"(?:[A-Z]{3,}|[H-Z][A-Z]|G[S-Z])\d+"
_FAR_ROW = (
    rb"[A-Z]+(?:\d{7,}|[6-9]\d{5}|5[1-9]\d{4}|50[1-9]\d{3}|500[1-9]\d\d|5000[1-9]\d|50000[2-9])"
)
# Text that any of these must contain; searching it is much cheaper than the next two.
_FAR = re.compile(rb"=\s*+[\"'](?:" + _FAR_COLUMN + rb"|" + _FAR_ROW + rb")[\"']")
# The first address that a cell's tag names, if it is far out, unless the cell is empty: office
# suites leave bare formatting (`<c r="XFD1"/>`). Each start is checked once, so no byte costs more
# than a few steps, for a tag of any length (hence the possessive groups).
_FAR_CELL = re.compile(
    rb"<(?:\w++:)?+c\s(?>(?:[^<]*?\s)?r\s*+=\s*+[\"']("
    + _FAR_COLUMN
    + rb"|"
    + _FAR_ROW
    + rb")[\"'])[^<>]*+(?<!/)>"
)
_LONG_CELL = re.compile(rb"<(?:\w++:)?+(?:c|row)\s[^<>]{%d}" % CELL_TAG_BYTES)
_NO_CELLS = ("sharedstrings.xml", "styles.xml")
# Only the beginning of a workbook is read if its sheets are larger than this.
WHOLE_BYTES = 4 << 20
BEGINNING_BYTES = 8 << 20
BEGINNING_ROWS = 300  # more than the lines above a header and the rows that are shown
_ROW_END = re.compile(rb"</(?:\w++:)?+row\s*+>|<(?:\w++:)?+row(?:\s[^<>]*+)?(?<=/)>")
_STRING_END = re.compile(rb"</(?:\w++:)?+si\s*+>|<(?:\w++:)?+si\s*+/>")
_STRING_USED = re.compile(
    rb"\bt\s*+=\s*+[\"']s[\"'][^<>]*+>\s*+<(?:\w++:)?+v(?:\s[^<>]*+)?>\s*+(\d{1,9})\s*+<"
)
_ROOT = re.compile(rb"<(\w++:)?+(worksheet|sst)\b")


def scan(path: Path, members: list[zipfile.ZipInfo]) -> dict[str, int]:
    """Refuse cells so far out that the parser would have to reserve the space between.

    Returns the approximate number of rows of each member, according to its tags.
    """
    rows = {}
    with zipfile.ZipFile(path) as archive:
        for member in members:
            name = member.filename.lower()
            if name.endswith(".xml") and not name.endswith(_NO_CELLS):
                rows[member.filename] = _scan_member(archive, member)
    return rows


def first_rows_of(
    path: Path, rows: dict[str, int]
) -> tuple[str, list[str], Iterator[list[list[str]]], int | None] | None:
    """Like `rows_of`, with only the beginning of the sheets, and the approximate number of rows.

    None if the whole file has to be read: it is small, or its beginning is not sufficient. The
    parser would read every row of the sheet before the first one: seconds for a hundred thousand.
    """
    try:
        kept = _beginnings(path)
        if kept is None:
            return None
        name, names, chunks = rows_of(_packed(kept))
        first = next(chunks, None)
    except (Refusal, *BROKEN):
        return None  # reading the whole file gives a better reason
    if first is None:
        return None
    return name, names, chain([first], chunks), rows.get(_member_of(kept, name))


def rows_of(source: Path | BytesIO) -> tuple[str, list[str], Iterator[list[list[str]]]]:
    """(name of the sheet read, names of all sheets, its rows as text in chunks)."""
    import python_calamine as calamine  # noqa: PLC0415  only this kind of file needs it

    try:
        if isinstance(source, BytesIO):
            book = calamine.CalamineWorkbook.from_filelike(source)
        else:
            book = calamine.CalamineWorkbook.from_path(str(source))
        sheet = _sheet_of(book)
    except calamine.PasswordError as error:
        raise Refusal("password_protected") from error
    except (calamine.CalamineError, OSError) as error:
        raise Refusal("workbook_broken") from error
    return sheet.name, list(book.sheet_names), _chunks(sheet)


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
    """Plain digits while they are exact; above that Excel's own notation, which a check
    can report.
    """
    if value != value or value in (float("inf"), float("-inf")):
        return ""
    if abs(value) >= EXACT_INTEGERS:
        mantissa, exponent = f"{value:.5E}".split("E")
        mantissa = mantissa.rstrip("0").rstrip(".")
        return f"{mantissa}E{int(exponent):+03d}"
    return str(int(value)) if value == int(value) else repr(value)


def _scan_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> int:
    """Check every tag, in pieces of bounded size; returns the rows. Raises: Refusal."""
    rows = 0
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
                rows += _count_rows(text) - _count_rows(begun)
    except BROKEN as error:
        raise Refusal("workbook_broken") from error
    return rows


def _count_rows(text: bytes) -> int:
    return text.count(b"<row ") + text.count(b"<row>") + text.count(b":row ")


def _check_tags(text: bytes) -> None:
    if _may_be_long(text) and _LONG_CELL.search(text):
        raise Refusal("workbook_broken")
    if not _FAR.search(text):
        return
    if found := _FAR_CELL.search(text):
        raise Refusal("sheet_too_far", cell=found[1].decode(), columns=MAX_COLUMNS, rows=MAX_ROWS)


def _may_be_long(text: bytes) -> bool:
    """Whether some stretch contains no start of a tag. A stretch that is too long contains one of
    half its length that begins at a multiple of it.
    """
    step = CELL_TAG_BYTES // 2
    return any(text.find(b"<", at, at + step) < 0 for at in range(0, len(text) - step, step))


def _beginnings(path: Path) -> dict[str, bytes] | None:
    """The members of the workbook, with only the first rows of its large sheets; None
    without any.
    """
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        cut = [
            member.filename
            for member in members
            if member.filename.lower().startswith("xl/worksheets/")
            and member.file_size > WHOLE_BYTES
        ]
        if not cut:
            return None
        kept: dict[str, bytes] = {}
        for member in members:
            name = member.filename.lower()
            if member.filename in cut:
                kept[member.filename] = _beginning(archive, member, _ROW_END, BEGINNING_ROWS)
            elif name.endswith((".xml", ".rels")) and not name.endswith(_NO_CELLS[0]):
                kept[member.filename] = archive.read(member)
        used = [int(found[1]) for text in kept.values() for found in _STRING_USED.finditer(text)]
        for member in members:
            if member.filename.lower().endswith(_NO_CELLS[0]):
                most = max(used, default=0) + 1
                kept[member.filename] = _beginning(archive, member, _STRING_END, most)
    return kept


def _packed(kept: dict[str, bytes]) -> BytesIO:
    copy = BytesIO()
    with zipfile.ZipFile(copy, "w") as out:
        for name, content in kept.items():
            out.writestr(name, content)
    copy.seek(0)
    return copy


def _member_of(kept: dict[str, bytes], sheet: str) -> str:
    """The member that holds a sheet; "" if the workbook does not name it in the usual way."""
    try:
        book = ElementTree.fromstring(kept["xl/workbook.xml"])  # noqa: S314  in the child
        links = ElementTree.fromstring(kept["xl/_rels/workbook.xml.rels"])  # noqa: S314
    except (KeyError, ElementTree.ParseError):
        return ""
    ids = {
        value
        for one in book.iter()
        if one.get("name") == sheet
        for key, value in one.attrib.items()
        if key.endswith("}id")
    }
    targets = [str(link.get("Target")) for link in links.iter() if link.get("Id") in ids]
    return f"xl/{targets[0].removeprefix('/xl/')}" if targets else ""


def _beginning(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, end: re.Pattern[bytes], most: int
) -> bytes:
    """A member up to this many end tags, closed again; all of it if it has fewer.

    Raises: Refusal if they do not come soon enough.
    """
    text, count, at = b"", 0, 0
    with archive.open(member) as source:
        while piece := source.read(PIECE_BYTES):
            text += piece
            for found in end.finditer(text, at):
                count, at = count + 1, found.end()
                if count >= most:
                    return text[:at] + _closed(text)
            if len(text) > BEGINNING_BYTES:
                raise Refusal("workbook_broken")
    return text


def _closed(text: bytes) -> bytes:
    root = _ROOT.search(text)
    if root is None:
        raise Refusal("workbook_broken")
    prefix, name = root[1] or b"", root[2]
    inner = b"</%bsheetData>" % prefix if name == b"worksheet" else b""
    return inner + b"</%b%b>" % (prefix, name)


def _sheet_of(book: Any) -> Any:
    """The sheet named DATA, else the first that is not empty."""
    names = [meta.name for meta in book.sheets_metadata if "Work" in str(meta.typ)]
    for name in names:
        if name.strip().casefold() == DATA_SHEET:
            return book.get_sheet_by_name(name)
    for name in names:
        sheet = book.get_sheet_by_name(name)
        if sheet.height:
            return sheet
    raise Refusal("no_rows")


def _chunks(sheet: Any) -> Iterator[list[list[str]]]:
    text = cell_text
    before = [""] * (sheet.start[1] if sheet.start else 0)
    rows = sheet.iter_rows()
    while chunk := list(islice(rows, ROWS_AT_ONCE)):
        yield [
            before + [value if value.__class__ is str else text(value) for value in row]
            for row in chunk
        ]
