"""Finds villages by name, for deliveries without village codes.

Names are compared bare (`proposals_region_name`: without the kind of region, spaces and signs). A
village is found when its name, and the names of district and regency where they are given, fit
exactly one village in force; the province decides between several.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

from apps.common import sql

# The names of an address: village, district, regency, province; empty where the file has none.
Written = tuple[str, str, str, str]
UNKNOWN: Final = "unknown"
AMBIGUOUS: Final = "ambiguous"
KEPT: Final = 400_000


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
            rows = sql.run("reconciliation/deliveries/list_village_names", {"today": self._today})
            for code, *names in rows:
                village, district, regency, province = names
                self._villages[village].append((code, (village, district, regency, province)))
        unheard = {name for place in places for name in place}.difference(self._bare)
        if unheard:
            self._bare |= dict(
                sql.run("reconciliation/deliveries/list_bare_names", {"names": list(unheard)})
            )

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
