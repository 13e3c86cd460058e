"""Codes that files use, read once for a whole delivery: villages in either system, programmes."""

from __future__ import annotations

from apps.regions.models import ForeignCode, Level, Region
from apps.registry.models import Programme


def villages(system: str) -> dict[str, str]:
    """Ten digits → our code of the village that they mean today.

    Digits that mean several villages are left out. A code that a decree ended is resolved to its
    successor, where it has one.
    """
    rows = Region.objects.filter(level=Level.VILLAGE).values_list("digits", "code", "successor_id")
    ours, later = {}, {}
    for digits, code, successor in rows:
        ours[digits] = code
        if successor:
            later[code] = successor
    if system == ForeignCode.System.BPS:
        ours = _bps(set(ours.values()))
    return {digits: _today(code, later) for digits, code in ours.items()} if later else ours


def programmes() -> dict[str, str]:
    """Names of programmes in capitals, synonyms among them → their codes."""
    known: dict[str, str] = {}
    for code, synonyms in Programme.objects.values_list("code", "synonyms"):
        known |= dict.fromkeys((name.upper() for name in (code, *synonyms)), code)
    return known


def _bps(known: set[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    several: set[str] = set()
    rows = ForeignCode.objects.filter(system=ForeignCode.System.BPS)
    for digits, code in rows.values_list("code", "region_id"):
        if code in known and found.setdefault(digits, code) != code:
            several.add(digits)
    return {digits: code for digits, code in found.items() if digits not in several}


def _today(code: str, later: dict[str, str]) -> str:
    seen = {code}
    while (follower := later.get(code)) and follower not in seen:
        seen.add(code := follower)
    return code
