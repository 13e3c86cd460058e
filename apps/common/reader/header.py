"""The header row: found as the first row with text, refused when it is data or not unique."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from apps.common.reader.copytext import tidy_header
from apps.common.reader.refusal import Refusal

MAX_COLUMNS = 200
_NUMBER = re.compile(r"(?!(?:19|20)\d\d$)['\d\s.,:/+\-]*\d['\d\s.,:/+\-]*")  # but no year
_LONG_NUMBER = re.compile(r"\d{10}")


def split(
    lots: Iterator[list[list[str]]], found: dict[str, Any]
) -> tuple[list[str], int, Iterator[list[list[str]]]]:
    """(header, width of its row, the lots under it). Raises: Refusal without a usable header.

    `found` gets `header_line`: 1, or more where empty lines stand above it.
    """
    above = 0
    for lot in lots:
        for index, row in enumerate(lot):
            if any(cell.strip() for cell in row):
                found["header_line"] = above + index + 1
                return checked(row), len(row), _rest(lot[index + 1 :], lots)
        above += len(lot)
    raise Refusal("no_rows")


def checked(row: Sequence[str]) -> list[str]:
    """The header cells, without the empty ones at the end."""
    header = tidy_header(row)
    while header and not header[-1]:
        header.pop()
    names = [name for name in header if name]
    if len(names) < 2 or _is_data(names):
        raise Refusal("no_header", found=", ".join(names[:3])[:80])
    if len(header) > MAX_COLUMNS:
        raise Refusal("too_many_columns", columns=len(header), limit=MAX_COLUMNS)
    if twice := [name for name, count in Counter(map(str.casefold, names)).items() if count > 1]:
        shown = [next(n for n in names if n.casefold() == folded) for folded in twice[:5]]
        raise Refusal("duplicate_header", names=", ".join(shown))
    return header


def _is_data(names: Sequence[str]) -> bool:
    """A NIK among them, or mostly numbers; a year may well be the name of a column."""
    numbers = sum(1 for name in names if _NUMBER.fullmatch(name))
    return numbers * 2 > len(names) or any(_LONG_NUMBER.search(name) for name in names)


def _rest(first: list[list[str]], lots: Iterator[list[list[str]]]) -> Iterator[list[list[str]]]:
    if first:
        yield first
    yield from lots
