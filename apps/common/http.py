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
