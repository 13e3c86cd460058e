"""Reads a column of figures, in which thousands and decimals may be written in two ways. Pure.

One cell alone does not tell whether `18.980` is nineteen or nineteen thousand; the column does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from apps.common.text.headings import plain
from apps.imports.cells import Unreadable

# What tables write where there is no figure.
_NOTHING: Final = frozenset(("", "na", "nan", "null", "none", "tidakada", "tidaktersedia", "ttd"))
_SIGN = re.compile(r"[-−–](?=[\d.,])")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_EXPONENT = re.compile(r"\d(?:\.\d+)?[eE][+-]?\d{1,2}")
_PERCENT = re.compile(r"\s*(%|persen)$", re.I)
_GROUPED = re.compile(r"[1-9]\d{0,2}([.,])\d{3}(?:\1\d{3})*")
MOST_DIGITS: Final = 14


@dataclass(frozen=True)
class Writing:
    """How a column writes its numbers: which sign certainly separates decimals, which thousands."""

    decimals: frozenset[str]
    thousands: frozenset[str]

    @property
    def is_mixed(self) -> bool:
        """Whether one sign separates decimals in one cell and thousands in another."""
        return len(self.decimals) > 1 or bool(self.decimals & self.thousands)


def is_nothing(text: str) -> bool:
    """Whether a cell says that there is no figure: empty, `-`, `n.a.`, `…`."""
    return plain(text) in _NOTHING


def writing_of(cells: Iterable[str]) -> Writing:
    """How the certain cells of a column write their numbers."""
    decimals, thousands = set[str](), set[str]()
    for text in cells:
        signs = _separators_in(text)
        if signs is not None:
            decimals |= {sign for sign, meaning in signs.items() if meaning == "decimal"}
            thousands |= {sign for sign, meaning in signs.items() if meaning == "thousands"}
    return Writing(frozenset(decimals), frozenset(thousands))


def read_number(text: str, writing: Writing, *, is_whole: bool = False) -> Decimal:
    """The number of a cell, as its column writes numbers. `is_whole`: the column counts things.

    Raises: Unreadable: `number`, `ambiguous`, `large`.
    """
    bare = _bare(text)
    if _EXPONENT.fullmatch(bare.lstrip("-")):
        number = Decimal(bare)
        if number.adjusted() >= MOST_DIGITS:
            raise Unreadable("large")
        return number
    sign, digits = ("-", bare[1:]) if bare.startswith("-") else ("", bare)
    if not _NUMBER.fullmatch(digits):
        raise Unreadable("number")
    signs = _separators_in(text)
    if signs is None:
        raise Unreadable("number")
    unclear = next((one for one, meaning in signs.items() if meaning == "unclear"), "")
    if unclear:
        signs = {unclear: _meaning(unclear, writing, is_whole=is_whole)}
    for one, meaning in signs.items():
        digits = digits.replace(one, "." if meaning == "decimal" else "")
    if len(digits.partition(".")[0]) > MOST_DIGITS:
        raise Unreadable("large")
    return Decimal(sign + digits)


def _meaning(sign: str, writing: Writing, *, is_whole: bool) -> str:
    """What a sign before exactly three digits means in its column. Raises: Unreadable."""
    other = "," if sign == "." else "."
    as_decimal = sign in writing.decimals or other in writing.thousands
    as_thousands = sign in writing.thousands or other in writing.decimals
    if as_decimal and not as_thousands:
        return "decimal"
    if (as_thousands and not as_decimal) or (is_whole and not as_decimal):
        return "thousands"
    raise Unreadable("ambiguous")


def _bare(text: str) -> str:
    bare = "".join(_PERCENT.sub("", text.strip()).split())
    return _SIGN.sub("-", bare, count=1) if _SIGN.match(bare) else bare


def _separators_in(text: str) -> dict[str, str] | None:
    """The separators of a cell: sign → `decimal`, `thousands` or `unclear`; None for no number."""
    digits = _bare(text).lstrip("-")
    if not _NUMBER.fullmatch(digits):
        return None
    points, commas = digits.count("."), digits.count(",")
    if not points and not commas:
        return {}
    if points and commas:
        last = max(digits.rfind("."), digits.rfind(","))
        decimal, thousands = digits[last], "," if digits[last] == "." else "."
        whole = digits[:last]
        if decimal in whole or not _GROUPED.fullmatch(whole):
            return None
        return {thousands: "thousands", decimal: "decimal"}
    sign = "." if points else ","
    is_grouped = bool(_GROUPED.fullmatch(digits))
    if points + commas > 1:
        return {sign: "thousands"} if is_grouped else None
    return {sign: "unclear" if is_grouped else "decimal"}


def is_number(text: str) -> bool:
    """Whether a cell holds a number in any writing."""
    return _separators_in(text) is not None or bool(_EXPONENT.fullmatch(_bare(text).lstrip("-")))
