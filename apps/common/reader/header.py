"""Finds the header in the first lines, below titles; refuses one that is data or not unique.

It is the first row nearly as wide as the table. Two rows are one header if the lower one names the
parts of the upper one's groups. A row of running numbers below it belongs to it, too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from apps.common.reader.copytext import tidy_header
from apps.common.reader.refusal import Refusal

MAX_COLUMNS = 200
FIRST_LINES = 20  # in which the header is searched
WIDE = 0.6  # of the widest row
_NUMBER = re.compile(r"(?!(?:19|20)\d\d$)['\d\s.,:/+\-]*\d['\d\s.,:/+\-]*")  # but no year
_LONG_NUMBER = re.compile(r"\d{10}")
_COUNT = re.compile(r"\(?(\d{1,3})[).]?")

type_rows = list[list[str]]


@dataclass(frozen=True)
class Table:
    """A header, the width of its row, the chunks under it, and the number of lines above those."""

    header: list[str]
    width: int
    chunks: Iterator[type_rows]
    lines: int


def split(chunks: Iterator[type_rows]) -> Table:
    """The header and what is under it. Raises: Refusal without a usable header."""
    first: type_rows = []
    for chunk in chunks:
        first += chunk
        if len(first) >= FIRST_LINES and any(map(_filled, first)):
            break
    start = next((at for at, row in enumerate(first) if _filled(row)), None)
    if start is None:
        raise Refusal("no_rows")
    row, end = _found(first, start, min(len(first), start + FIRST_LINES))
    if end + 1 < len(first) and _counts(first[end]):
        end += 1
    rest = first[end:]
    return Table(checked(row), len(row), chain([rest] if rest else [], chunks), end)


def _found(rows: type_rows, start: int, stop: int) -> tuple[list[str], int]:
    """The header as one row, and the index of the first row under it."""
    widest = max(len(_filled(row)) for row in rows[start:stop])
    enough = max(2, WIDE * widest)
    last = start  # the row above the data, if no row is wide enough
    for at in range(start, stop):
        below = rows[at + 1] if at + 1 < stop else []
        whole = _joined(rows[at], below)
        if whole and len(_filled(whole)) >= enough:
            return whole, at + 2
        if _is_data(_filled(rows[at])):
            break
        if len(_filled(rows[at])) >= enough:
            return rows[at], at + 1
        last = at if _filled(rows[at]) else last
    return rows[last], last + 1


def _joined(upper: list[str], lower: list[str]) -> list[str] | None:
    """Two rows as one header if the lower one names the parts of the upper one's groups; else None.

    A part's heading is its own name with its group behind it: `Tanggal (Lahir)`.
    """
    if not _filled(upper) or len(_filled(lower)) < 2 or _is_data(_filled(lower)):
        return None
    width = max(len(upper), len(lower))
    above, under = ([c.strip() for c in row] + [""] * (width - len(row)) for row in (upper, lower))
    end = max(at for at in range(width) if above[at] or under[at]) + 1
    is_group = [bool(above[at]) and at + 1 < end and not above[at + 1] for at in range(end)]
    gaps = [at for at in range(end) if not above[at]]
    fits = all(under[at] in ("", above[at]) or not above[at] or is_group[at] for at in range(end))
    if not gaps or not fits or not all(under[at] for at in gaps):
        return None
    groups: list[str] = []
    for at in range(end):
        groups.append(above[at] or (groups[-1] if groups else ""))
    names = [under[at] or above[at] for at in range(end)]
    twice = Counter(map(str.casefold, names))
    is_needed = not all(under[:end])  # else the lower row is a header of its own
    return [
        f"{name} ({group})" if name != group and (is_needed or twice[name.casefold()] > 1) else name
        for name, group in zip(names, groups, strict=True)
    ]


def _filled(row: Sequence[str]) -> list[str]:
    return [cell for cell in row if cell.strip()]


def _counts(row: Sequence[str]) -> bool:
    """Whether a row only numbers the columns: 1, 2, 3 …"""
    found = [_COUNT.fullmatch(cell.strip()) for cell in _filled(row)]
    numbers = [int(one[1]) for one in found if one]
    is_whole = len(numbers) == len(found) and len(numbers) > 2
    return is_whole and numbers == list(range(1, len(numbers) + 1))


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
    """Whether the names contain a NIK or are mostly numbers; a year may be the name of a column."""
    numbers = sum(1 for name in names if _NUMBER.fullmatch(name))
    return numbers * 2 > len(names) or any(_LONG_NUMBER.search(name) for name in names)
