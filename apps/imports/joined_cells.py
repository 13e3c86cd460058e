"""Splits a cell that holds several of our columns: a point, a birth, RT and RW. No I/O.

Files are split block by block while they are read into staging; the form reads a point in the same
way (`typed_point`). A cell that cannot be split is kept as it was written; the checks report it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from apps.common.text.column_likeness import is_date
from apps.imports import typed_point

LONGEST: Final = 100  # characters; of a longer cell, only a map's link is recognised

type_split = Callable[[str], tuple[str, str] | None]

_DATE = re.compile(
    r"^(?P<place>\D*?)[\s,;/.\-]*"
    r"(?P<date>\d{1,2}[-/. ]+(?:\d{1,2}|[A-Za-z]{3,9})\.?[-/. ]+\d{2,4}"
    r"|\d{4}[-/.]\d{1,2}[-/.]\d{1,2})$"
)
_FINE = re.compile(r"\d[.,]\d{2}|\d\s*°")
_TWO_NUMBERS = re.compile(
    r"^(?:RT)?[\s.:]*(\d{1,3})\s*[/\\\-|,;\s]\s*(?:RW)?[\s.:]*(\d{1,3})$", re.IGNORECASE
)


def point(text: str) -> tuple[str, str] | None:
    """(latitude, longitude) of a cell with both; None if it is not a point."""
    try:
        return typed_point.split(text)
    except typed_point.NotAPoint:
        return None


def birth(text: str) -> tuple[str, str] | None:
    """(place, date) of `Bandung, 12-03-1980`."""
    found = _DATE.match(" ".join(text.split()))
    return (found["place"].strip(" ,;"), found["date"]) if found else None


def neighbourhood(text: str) -> tuple[str, str] | None:
    """(RT, RW) of `003/005`."""
    found = _TWO_NUMBERS.match(text.strip())
    return (found[1], found[2]) if found else None


def is_point(text: str) -> bool:
    """Whether a cell is a point: degrees with decimals or minutes, or a map's link.

    Two arbitrary numbers are not enough.
    """
    if len(text) > LONGEST:
        return typed_point.is_link(text)
    return typed_point.is_link(text) or (bool(_FINE.search(text)) and point(text) is not None)


def is_birth(text: str) -> bool:
    halves = birth(text) if len(text) <= LONGEST else None
    return halves is not None and bool(halves[0]) and is_date(halves[1])


def is_neighbourhood(text: str) -> bool:
    return neighbourhood(text) is not None


# Our columns that one column of a file may hold, in their order, and the function that splits it.
SPLITS: Final[dict[tuple[str, str], type_split]] = {
    ("latitude", "longitude"): point,
    ("birth_place", "birth_date"): birth,
    ("rt", "rw"): neighbourhood,
}


def in_mapping(mapping: Mapping[str, int]) -> dict[tuple[str, str], type_split]:
    """Our columns that a mapping takes from the same column of the file, with their splitter."""
    return {
        (first, second): split
        for (first, second), split in SPLITS.items()
        if first in mapping and mapping[first] == mapping.get(second)
    }


def together(mapping: Mapping[str, int], values: Mapping[str, str]) -> dict[int, str]:
    """The cells of a file's row, by position, from our columns; split cells are joined again."""
    cells = {position: values.get(column) or "" for column, position in mapping.items()}
    for first, second in in_mapping(mapping):
        halves = [values.get(first) or "", values.get(second) or ""]
        sign = "/" if first == "rt" else ", "
        cells[mapping[first]] = sign.join(filter(None, dict.fromkeys(halves)))
    return cells


def split_blocks(
    blocks: Iterable[bytes],
    mapping: Mapping[str, int],
    columns: Sequence[str],
    *,
    before: int = 1,
) -> Iterator[bytes]:
    """Blocks of COPY text with joined cells split.

    `before` is the number of cells before our columns, such as the row number.
    """
    splits = [
        (columns.index(first) + before, columns.index(second) + before, split)
        for (first, second), split in in_mapping(mapping).items()
    ]
    if not splits:
        yield from blocks
        return
    for block in blocks:
        yield b"".join(_split_line(line, splits) for line in block.splitlines(keepends=True))


def _split_line(line: bytes, splits: Sequence[tuple[int, int, type_split]]) -> bytes:
    cells = line.split(b"\t")
    for first, second, split in splits:
        text = cells[first].decode()
        if text and (halves := split(_plain(text))):
            cells[first], cells[second] = (_copied(half) for half in halves)
    return b"\t".join(cells)


def _plain(text: str) -> str:
    """A cell without COPY's escapes: line breaks become blanks."""
    return text.replace("\\n", " ").replace("\\t", " ").replace("\\r", " ").replace("\\\\", "\\")


def _copied(half: str) -> bytes:
    return half.replace("\\", "\\\\").replace("\t", " ").replace("\n", " ").encode()
