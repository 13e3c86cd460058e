"""Values of a request: one parser for each kind of number, for every page, filter and form.

`"²".isdigit()` is true, `int()` of five thousand digits raises, and `float()` accepts `inf` and
`nan`. Here none of them is a number.
"""

from __future__ import annotations

import math
import re
from typing import Final, overload

# The limits of PostgreSQL's integer and bigint.
MOST_INTEGER: Final = 2**31 - 1
MOST_BIGINT: Final = 2**63 - 1
# May be a thousand, or one with three decimals: 1.000. What begins with 0 is none of thousands.
_AMBIGUOUS: Final = re.compile(r"[+-]?[1-9]\d{0,2}(?:[.,]\d{3})+", re.ASCII)
_DECIMAL: Final = re.compile(r"[+-]?\d{1,20}(?:[.,]\d{0,30})?(?:[eE][+-]?\d{1,3})?", re.ASCII)


@overload
def integer(text: object, *, most: int = ..., default: None = None) -> int | None: ...
@overload
def integer(text: object, *, most: int = ..., default: int) -> int: ...
def integer(text: object, *, most: int = MOST_BIGINT, default: int | None = None) -> int | None:
    """A whole number from 0 to `most`, written in plain digits; `default` for anything else."""
    if not isinstance(text, str) or not text.isascii() or not text.isdigit():
        return default
    if len(text) > len(str(most)):
        return default
    number = int(text)
    return number if number <= most else default


def decimal(text: object) -> float | None:
    """A finite number, with a point or a comma; None for anything else."""
    if not isinstance(text, str) or not _DECIMAL.fullmatch(text.strip()):
        return None
    number = float(text.strip().replace(",", "."))
    return number if math.isfinite(number) else None


def unambiguous_decimal(text: object) -> float | None:
    """The same for what people write: None also for `1.000`, a thousand to most who write it."""
    if isinstance(text, str) and _AMBIGUOUS.fullmatch(text.strip()):
        return None
    return decimal(text)


def plain_number(value: float) -> str:
    """A number as addresses and fields have it, so that it is read again: all its digits, no
    separators of thousands, and never three decimals alone.
    """
    text = f"{value:.15f}" if abs(value) < 1 else f"{value:.15g}"
    if "e" in text:
        return text
    whole, _point, end = text.partition(".")
    end = end.rstrip("0")
    return f"{whole}.{end}{'0' * (len(end) == 3)}" if end else whole
