"""Rows of values as COPY text, for what an import has read and typed in Python."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def copy_block(rows: Iterable[Sequence[Any]]) -> bytes:
    """One block for `sql.copy_in` with its default text for NULL: None and "" become NULL."""
    lines = ["\t".join(map(_field, row)) for row in rows]
    return "".join(f"{line}\n" for line in lines).encode()


def _field(value: Any) -> str:
    return "" if value is None else str(value).translate(_ESCAPED)
