"""Blocks of the reader as columns of text, and the counts of what they hold. Pure.

A block is some thousand rows of COPY text (`tabular.stream`); as one list per column it is handled
in C, and only irregular cells one by one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

UNKNOWN_KEPT: Final = 200
UNKNOWN_MOST: Final = 50_000  # distinct values counted at most; a column with more is wrong
# The share of unreadable cells above which a column holds something else than it was taken for.
REFUSED_ABOVE: Final = 0.5
FEW: Final = 20  # rows; fewer prove nothing
_ESCAPE: Final = re.compile(r"\\(.)")
_ESCAPED: Final = {"\\": "\\", "n": "\n"}

Column = list[str]


@dataclass(frozen=True)
class Block:
    """The cells of a block of rows: our column → its cells, in the order of `rows` (their numbers).

    `beyond` counts rows with cells beyond the header. `longest` is a length that no cell exceeds.
    `is_escaped`: some cells hold backslashes, and were written in one line.
    """

    rows: Column
    given: dict[str, Column]
    beyond: int
    longest: int
    is_escaped: bool


def read_block(data: bytes, wanted: Sequence[str], *, keeps_lines: bool = False) -> Block:
    """A block as columns; `wanted` are our columns in the order in which they are read.

    A cell of several lines is one line, unless they are kept.
    """
    width = len(wanted) + 2  # the row's number, and cells beyond the header
    text = data.decode()
    flat = text.replace("\n", "\t").split("\t")
    flat.pop()
    rows = flat[0::width]
    given = {name: flat[at::width] for at, name in enumerate(wanted, start=1)}
    is_escaped = "\\" in text
    if is_escaped:
        read = _with_lines if keeps_lines else _unescaped
        given = {name: list(map(read, column)) for name, column in given.items()}
    beyond = len(rows) - flat[width - 1 :: width].count("0")
    return Block(rows, given, beyond, max(map(len, text.split("\n"))), is_escaped)


def _unescaped(cell: str) -> str:
    """The cell's text as in the file, on one line."""
    if "\\" not in cell:
        return cell
    return _ESCAPE.sub(lambda found: "\\" if found[1] == "\\" else " ", cell)


def _with_lines(cell: str) -> str:
    """The cell's text as in the file, with its lines."""
    return _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], " "), cell)


@dataclass(frozen=True)
class WrongColumn:
    """A column of which `odd` of `rows` filled cells are unreadable."""

    column: str
    odd: int
    rows: int


@dataclass
class Tally:
    """Counts of a load: rows, empty cells by column, odd ones by column and kind.

    `beyond` counts rows with more cells than the header has columns.
    """

    rows: int = 0
    beyond: int = 0
    missing: Counter[str] = field(default_factory=Counter)
    odd: Counter[str] = field(default_factory=Counter)
    villages: Counter[str] = field(default_factory=Counter)

    def add(self, block: Block) -> None:
        """Count the rows of a block and their empty cells."""
        self.rows += len(block.rows)
        self.beyond += block.beyond
        for name, column in block.given.items():
            if empty := len(column) - len(list(filter(None, column))):
                self.missing[name] += empty

    def state(self) -> dict[str, Any]:
        """The tally as JSON, so that a resumed load continues counting."""
        unknown = dict(self.villages.most_common(UNKNOWN_KEPT))
        if len(self.villages) > UNKNOWN_MOST:
            self.villages = Counter(unknown)
        return {
            "rows": self.rows,
            "beyond": self.beyond,
            "missing": dict(self.missing),
            "odd": dict(self.odd),
            "villages": unknown,
        }

    @classmethod
    def of(cls, state: Mapping[str, Any]) -> Tally:
        return cls(
            *(state.get(name, 0) for name in ("rows", "beyond")),
            *(Counter(state.get(name, {})) for name in ("missing", "odd", "villages")),
        )

    def odd_of(self, column: str) -> int:
        return sum(count for name, count in self.odd.items() if name.split(":")[0] == column)

    def wrong_column(self, columns: Iterable[str]) -> WrongColumn | None:
        """The first of these columns that mostly holds what is unreadable as it; usually None."""
        for column in columns:
            filled, odd = self.rows - self.missing[column], self.odd_of(column)
            if filled >= FEW and odd > filled * REFUSED_ABOVE:
                return WrongColumn(column, odd, filled)
        return None
