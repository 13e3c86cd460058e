"""Numbers as a request gives them: one reading of each kind for every page, filter and form.

`"²".isdigit()` is true, `int()` of five thousand digits raises, `float()` knows `inf` and `nan`:
here all of them are no numbers.
"""

from __future__ import annotations

import math
import re
from typing import Final

# What PostgreSQL's integer and bigint hold.
MOST_INTEGER: Final = 2**31 - 1
MOST_BIGINT: Final = 2**63 - 1
_DECIMAL: Final = re.compile(r"[+-]?\d{1,20}(?:[.,]\d{0,30})?(?:[eE][+-]?\d{1,3})?", re.ASCII)


def whole(text: object, *, most: int = MOST_BIGINT) -> int | None:
    """A whole number from 0 to `most`, written in plain digits; None for anything else."""
    if not isinstance(text, str) or not text.isascii() or not text.isdigit():
        return None
    if len(text) > len(str(most)):
        return None
    number = int(text)
    return number if number <= most else None


def decimal(text: object) -> float | None:
    """A finite number, with a point or a comma; None for anything else."""
    if not isinstance(text, str) or not _DECIMAL.fullmatch(text.strip()):
        return None
    number = float(text.strip().replace(",", "."))
    return number if math.isfinite(number) else None
