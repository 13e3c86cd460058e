"""Finds the villages that a file means, by their codes or their names.

Names are compared bare (`regions_bare_name`: without the kind of region, spaces and signs). A
village is found when its name, and the names of district and regency where they are given, fit
exactly one village in force; the province decides between several.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from apps.common import sql
from apps.imports.cells import Unreadable
from apps.regions.models import CodeSystem, ForeignCode, Level, Region

# The names of an address: village, district, regency, province; empty where the file has none.
Written = tuple[str, str, str, str]
UNKNOWN: Final = "unknown"
AMBIGUOUS: Final = "ambiguous"
KEPT: Final = 400_000
CODE_DIGITS: Final = 10
CODE_FAULT: Final = "village_code_unknown"
NAME_FAULTS: Final = {
    UNKNOWN: "village_name_unknown_here",
    AMBIGUOUS: "village_name_ambiguous",
}


class Places:
    """Looks each distinct spelling up once. Queries: one at first, then one for new names."""

    def __init__(self, today: date) -> None:
        self._today = today
        self._villages: dict[str, list[tuple[str, Written]]] = {}
        self._bare: dict[str, str] = {"": ""}
        self._codes: dict[Written, tuple[str, str]] = {}

    def codes(self, places: Sequence[Written]) -> list[tuple[str, str]]:
        """For each place the village's code and "", or "" and the reason."""
        new = set(places).difference(self._codes)
        if new:
            if max(len(self._codes), len(self._bare)) >= KEPT:
                self._codes, self._bare, new = {}, {"": ""}, set(places)
            self._learn(new)
            self._codes.update((place, self._code(place)) for place in new)
        return [self._codes[place] for place in places]

    def _learn(self, places: Iterable[Written]) -> None:
        if not self._villages:
            self._villages = defaultdict(list)
            rows = sql.run("imports/list_village_names", {"today": self._today})
            for code, *names in rows:
                village, district, regency, province = names
                self._villages[village].append((code, (village, district, regency, province)))
        unheard = {name for place in places for name in place}.difference(self._bare)
        if unheard:
            self._bare |= bare_names(unheard)

    def _code(self, place: Written) -> tuple[str, str]:
        village, district, regency, province = (self._bare[name] for name in place)
        found = [
            (code, names[3])
            for code, names in self._villages.get(village, ())
            if district in ("", names[1]) and regency in ("", names[2])
        ]
        if len(found) > 1:
            found = [one for one in found if one[1] == province]
            if len(found) != 1:
                return "", AMBIGUOUS
        return (found[0][0], "") if found else ("", UNKNOWN)


def bare_names(names: Iterable[str]) -> dict[str, str]:
    """Each name of a region in the form in which names are compared. Queries: one."""
    return dict(sql.run("imports/list_bare_names", {"names": list(names)}))


def resolve(
    rows: Sequence[Mapping[str, str]], *, system: str, today: date
) -> list[tuple[str, str]]:
    """For each row (`village_code` and the names of an address) the village, and what is wrong.

    The name is asked where there is no code or an unknown one. The second value is "" or the code
    of a finding (`imports.messages`): a row without a village has one unless it names none.
    Queries: at most five. Cost: 84,000 villages 1 s, once.
    """
    known = codes_by_digits(system) if any(row["village_code"] for row in rows) else {}
    found: list[tuple[str, str]] = []
    for row in rows:
        text = row["village_code"]
        try:
            found.append((read_code(known, text) if text else "", ""))
        except Unreadable:
            found.append(("", CODE_FAULT))
    named = [at for at, row in enumerate(rows) if row["village_name"] and not found[at][0]]
    if named:
        written = [
            (row["village_name"], row["district_name"], row["regency_name"], row["province_name"])
            for row in (rows[at] for at in named)
        ]
        for at, (code, why) in zip(named, Places(today).codes(written), strict=True):
            found[at] = code, found[at][1] or NAME_FAULTS.get(why, "")
    return found


def column_of(fault: str) -> str:
    """The column that a finding of `resolve` is about."""
    return "village_code" if fault == CODE_FAULT else "village_name"


def read_code(known: Mapping[str, str], text: str) -> str:
    """The village of a code in any notation. `known` is from `codes_by_digits`.

    Raises: Unreadable.
    """
    bare = "".join(filter(str.isdigit, text))
    # a number that went through a spreadsheet
    code = known.get(bare[:CODE_DIGITS] if text.endswith(".0") else bare)
    if code is None:
        raise Unreadable(UNKNOWN)
    return code


def codes_by_digits(system: str) -> dict[str, str]:
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
    if system == CodeSystem.BPS:
        ours = _bps(set(ours.values()))
    return {digits: _today(code, later) for digits, code in ours.items()} if later else ours


def _bps(known: set[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    several: set[str] = set()
    rows = ForeignCode.objects.filter(system=CodeSystem.BPS)
    for digits, code in rows.values_list("code", "region_id"):
        if code in known and found.setdefault(digits, code) != code:
            several.add(digits)
    return {digits: code for digits, code in found.items() if digits not in several}


def _today(code: str, later: dict[str, str]) -> str:
    seen = {code}
    while (follower := later.get(code)) and follower not in seen:
        seen.add(code := follower)
    return code
