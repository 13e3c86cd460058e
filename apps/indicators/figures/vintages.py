"""Periods of figures and dates of codes, from the texts in which they are given. Pure."""

from __future__ import annotations

import re
from datetime import date

from apps.common.errors import DomainError

_YEAR = r"(?P<year>(?:19|20)\d\d)"
_FORMS = (
    (re.compile(_YEAR), 0),
    (re.compile(rf"{_YEAR}-(?P<part>0[1-9]|1[0-2])"), 1),
    (re.compile(rf"{_YEAR}-?[QqTt](?P<part>[1-4])"), 3),
    (re.compile(rf"{_YEAR}-?[Ss](?P<part>[12])"), 6),
)
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def start_of(period: str) -> tuple[str, date]:
    """(label, first day) of `2021`, `2021-03`, `2021-Q1` or `2021-S1`.

    Raises: `figures_period`.
    """
    text = period.strip()
    for form, months in _FORMS:
        if found := form.fullmatch(text):
            year = int(found["year"])
            if not months:
                return text, date(year, 1, 1)
            part = int(found["part"])
            label = {1: f"{year}-{part:02}", 3: f"{year}-Q{part}", 6: f"{year}-S{part}"}[months]
            return label, date(year, (part - 1) * months + 1, 1)
    raise DomainError("figures_period", period=text[:40])


def day_of(vintage: str) -> date | None:
    """The day on which codes were in force: `2022-02-14`; of a year its last day; else None."""
    if _DAY.fullmatch(vintage):
        try:
            return date.fromisoformat(vintage)
        except ValueError:
            return None
    if re.fullmatch(r"(?:19|20)\d\d", vintage):
        return date(int(vintage), 12, 31)
    return None
