"""Finds the present regions that codes of a named system and date mean.

Codes come dotted or plain, with two to ten digits, as text or as numbers that went through a
spreadsheet. Digits of two systems look alike and mean different places, so a code is only ever read
in the system that its source names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from apps.indicators.figures.vintages import day_of
from apps.regions.models import CodeSystem, ForeignCode, Region

UNKNOWN: Final = "figure_code_unknown"
ENDED: Final = "figure_code_ended"
OTHER_DATE: Final = "figure_code_other_date"
SEVERAL: Final = "figure_code_several"
# Digits of a code at each level: province, regency, district (BPS: seven), village.
_LENGTHS: Final[dict[str, tuple[int, ...]]] = {
    CodeSystem.KEMENDAGRI: (2, 4, 6, 10),
    CodeSystem.BPS: (2, 4, 7, 10),
}
_FLOAT = re.compile(r"(\d+)\.0+")
_SIGNS = re.compile(r"[\s.'’`\-]")


@dataclass(frozen=True)
class Meaning:
    """The present region of a code, or why there is none; `later` are those that it became."""

    region: str = ""
    fault: str = ""
    later: tuple[str, ...] = ()


class Codes:
    """The codes of one system at one date. Queries: two, or three for another system's codes."""

    def __init__(self, system: str, vintage: str, today: date) -> None:
        self._lengths = _LENGTHS.get(system, _LENGTHS[CodeSystem.KEMENDAGRI])
        self._at = day_of(vintage)
        self._known: dict[str, set[str]] = {}
        self._ended: dict[str, str] = {}
        self._periods: dict[str, tuple[date | None, date | None]] = {}
        rows = Region.objects.values_list(
            "code", "digits", "valid_from", "valid_until", "successor_id"
        )
        for code, digits, start, end, successor in rows:
            self._periods[code] = (start, end)
            if end is not None and end <= today:
                self._ended[code] = successor or ""
            if system != CodeSystem.BPS:
                self._known.setdefault(digits, set()).add(code)
        if system == CodeSystem.BPS:
            self._read_foreign(system, vintage)

    def _read_foreign(self, system: str, vintage: str) -> None:
        rows = ForeignCode.objects.filter(system=system)
        if vintage and (named := rows.filter(vintage=vintage)).exists():
            rows = named
        for digits, code in rows.values_list("code", "region_id"):
            self._known.setdefault(digits, set()).add(code)

    def meaning(self, text: str) -> Meaning:
        """The region that a code means today."""
        digits = self._digits(text)
        found = {self._present(code) for code in self._known.get(digits, ())} - {""}
        if not found:
            fault = ENDED if self._known.get(digits) else UNKNOWN
            return Meaning(fault=fault)
        if len(found) > 1:
            return Meaning(fault=SEVERAL, later=tuple(sorted(found)))
        if self._at and not any(self._was_valid(code) for code in self._known[digits]):
            return Meaning(fault=OTHER_DATE, later=tuple(found))
        return Meaning(found.pop())

    def _digits(self, text: str) -> str:
        whole = _FLOAT.fullmatch(text.strip())
        digits = whole[1] if whole else _SIGNS.sub("", text)
        # a province among regencies: 1100, or 11.00
        while len(digits) in self._lengths[1:]:
            shorter = self._lengths[self._lengths.index(len(digits)) - 1]
            if set(digits[shorter:]) != {"0"}:
                break
            digits = digits[:shorter]
        return digits

    def _present(self, code: str) -> str:
        """The code of today; "" where it ended without one successor."""
        seen = {code}
        while code in self._ended:
            code = self._ended[code]
            if code in seen:
                return ""
            seen.add(code)
        return code

    def _was_valid(self, code: str) -> bool:
        start, end = self._periods.get(code, (None, None))
        at = self._at
        assert at is not None
        return (start is None or start <= at) and (end is None or at < end)
