"""Lines of the shift log as pages show them (`shifts/_entry.html`)."""

from __future__ import annotations

from collections.abc import Iterable

from apps.commandcentre.exposure import worsening
from apps.commandcentre.models import ShiftEntry

LogLine = tuple[ShiftEntry, str]


def lines_of(entries: Iterable[ShiftEntry]) -> list[LogLine]:
    """Each line with what became worse; "" for other lines."""
    return [
        (one, worsening.describe_change(one.worsening, one.at) if one.worsening else "")
        for one in entries
    ]
