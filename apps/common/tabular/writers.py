"""Rows → CSV, XLSX and GeoJSON, streamed. No text in them can become a formula or a link.

Values of a number type stay numbers, except those that a spreadsheet would round (a NIK).
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import xlsxwriter

from apps.common.errors import DomainError
from apps.common.reader.copytext import UNWANTED

ROWS_AT_ONCE = 500
SHEET_ROWS = 1_048_576
CELL_CHARS = 32_767
EXACT_INTEGERS = 10**15
_LIVE = frozenset([*"=+-@\u2212\t\r\n"])

type_row = Sequence[Any]


def inert(value: str) -> str:
    """Text that no spreadsheet reads as a formula. Our reader removes the apostrophe again."""
    seen = UNWANTED.sub("", value).lstrip()[:1]
    is_live = value[:1] in _LIVE or unicodedata.normalize("NFKC", seen)[:1] in _LIVE
    return "'" + value if value and is_live else value


def csv_blocks(
    rows: Iterable[type_row], header: Sequence[str], *, delimiter: str = ",", bom: bool = True
) -> Iterator[bytes]:
    """The file in pieces, for a streaming response. Excel needs the BOM to detect UTF-8."""
    rows = iter(rows)
    chunk: Iterable[type_row] = [header]
    start = "\ufeff" if bom else ""
    while chunk:
        text = io.StringIO(start, newline="")
        text.seek(0, io.SEEK_END)
        csv.writer(text, delimiter=delimiter).writerows(
            [_csv_cell(value) for value in row] for row in chunk
        )
        yield text.getvalue().encode()
        start, chunk = "", list(islice(rows, ROWS_AT_ONCE))


def write_csv(
    rows: Iterable[type_row],
    header: Sequence[str],
    fileobj: BinaryIO,
    *,
    delimiter: str = ",",
    bom: bool = True,
) -> None:
    """Write the whole file."""
    for block in csv_blocks(rows, header, delimiter=delimiter, bom=bom):
        fileobj.write(block)


def write_xlsx(
    rows: Iterable[type_row],
    header: Sequence[str],
    fileobj: BinaryIO,
    *,
    sheet: str = "DATA",
    scratch: Path | None = None,
) -> int:
    """Write one sheet row by row; returns the number of rows. `scratch` is for temporary parts."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        **({"tmpdir": str(scratch)} if scratch else {}),
    }
    with xlsxwriter.Workbook(fileobj, options) as book:
        page = book.add_worksheet(sheet)
        page.freeze_panes(1, 0)
        bold = book.add_format({"bold": True})
        for column, name in enumerate(header):
            page.write_string(0, column, inert(name), bold)
        number = 0
        for number, row in enumerate(rows, 1):
            if number >= SHEET_ROWS:
                raise DomainError("too_many_rows_for_xlsx", limit=SHEET_ROWS - 1)
            for column, value in enumerate(row):
                _write_cell(page, number, column, value)
        return number


def geojson_blocks(features: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """A FeatureCollection in pieces. A feature: `geometry` (mapping, GeoJSON text or None),
    `properties`, optionally `id`.
    """
    features = iter(features)
    start = '{"type":"FeatureCollection","features":[\n'
    while chunk := list(islice(features, ROWS_AT_ONCE)):
        yield (start + ",\n".join(map(_feature, chunk))).encode()
        start = ",\n"
    yield b"\n]}\n" if start == ",\n" else (start + "]}\n").encode()


def write_geojson(features: Iterable[Mapping[str, Any]], fileobj: BinaryIO) -> None:
    """Write the whole file."""
    for block in geojson_blocks(features):
        fileobj.write(block)


def _csv_cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float | Decimal):
        return value
    return inert(_text(value))


def _write_cell(page: Any, row: int, column: int, value: Any) -> None:
    if value is None or value == "":
        return
    is_number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    if is_number and abs(value) < EXACT_INTEGERS and value == value:
        page.write_number(row, column, value)
    elif is_number:
        page.write_string(row, column, str(value))
    else:
        page.write_string(row, column, inert(_text(value))[:CELL_CHARS])


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, dt.datetime):
        return value.isoformat(" ", "seconds")
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def _feature(feature: Mapping[str, Any]) -> str:
    geometry = feature.get("geometry")
    shape = geometry if isinstance(geometry, str) else _json(geometry)
    identity = f'"id":{_json(feature["id"])},' if feature.get("id") is not None else ""
    properties = _json(feature.get("properties") or {})
    return f'{{"type":"Feature",{identity}"geometry":{shape},"properties":{properties}}}'


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_text)
