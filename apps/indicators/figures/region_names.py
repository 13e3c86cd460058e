"""Finds the present regions that the names of a row mean.

Names are no keys: Kabupaten Bandung and Kota Bandung differ by their kind alone, agencies write the
one without a kind, and provinces were divided since. A name is only taken where it fits exactly one
region of the kind that is written, in the province that is written or in one that was part of it.
Everything else is a planner's to confirm, with likely regions.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from rapidfuzz import fuzz

from apps.imports.villages import bare_names
from apps.indicators.models import KnownName
from apps.regions.models import LEVEL_BY_LENGTH, Level, Region

UNKNOWN: Final = "figure_name_unknown"
AMBIGUOUS: Final = "figure_name_ambiguous"
OTHER_KIND: Final = "figure_name_other_kind"
PARENT_UNKNOWN: Final = "figure_parent_unknown"
# Said, and the row is taken.
OTHER_PROVINCE: Final = "figure_name_other_province"
CONFIRMED: Final = "figure_name_confirmed"

NAME_COLUMNS: Final = {
    "province_name": Level.PROVINCE,
    "regency_name": Level.REGENCY,
    "district_name": Level.DISTRICT,
    "village_name": Level.VILLAGE,
}
LENGTHS: Final = {level: length for length, level in LEVEL_BY_LENGTH.items()}
# A province and the one that it was divided from (laws of 1999 to 2022).
DIVIDED_FROM: Final = {
    "93": "91", "94": "91", "95": "91", "96": "92", "92": "91", "65": "64", "76": "73", "21": "14",
    "19": "16", "36": "32", "75": "71", "82": "81",
}  # fmt: skip
# Former and short names of provinces, as compared → the name in the region tree, as compared.
_FORMER_PROVINCES: Final = {
    "NANGGROEACEHDARUSSALAM": "ACEH", "DAERAHISTIMEWAACEH": "ACEH", "NAD": "ACEH",
    "DISTAACEH": "ACEH", "IRIANJAYA": "PAPUA", "IRIANJAYABARAT": "PAPUABARAT",
    "BANGKABELITUNG": "KEPULAUANBANGKABELITUNG", "BABEL": "KEPULAUANBANGKABELITUNG",
}  # fmt: skip
_CAPITAL: Final = ("DAERAHKHUSUSIBUKOTA", "DAERAHKHUSUS", "DAERAHISTIMEWA", "DKI", "DKJ", "DI")
_ISLANDS = re.compile(r"\bKEP(?:\.\s*|\s+)", re.I)
_CITY = re.compile(r"^\s*(?:KOTA|KOTAMADYA|KODYA)\b", re.I)
_REGENCY = re.compile(r"^\s*(?:KABUPATEN|KAB)\b", re.I)
CITY, REGENCY = "city", "regency"
_FIRST_CITY: Final = 71
LIKELY: Final = 70.0
MOST_CANDIDATES: Final = 8


@dataclass(frozen=True)
class FoundRegion:
    """The region of a row, and what is to be said of it; without a region, likely ones."""

    region: str = ""
    code: str = ""
    candidates: tuple[str, ...] = ()
    key: str = ""
    level: str = ""


@dataclass(frozen=True)
class _Named:
    code: str
    bare: str
    kind: str


class Names:
    """The names of all regions down to a level, those of ended codes under their successors.

    Queries: three, and one for the names of a file.
    """

    def __init__(self, lowest: Level, today: date, *, writes_kinds: bool) -> None:
        """`writes_kinds`: the file writes `Kota` before the names of cities, so that a name
        without a kind means a regency.
        """
        self._writes_kinds = writes_kinds
        levels = [one for one in NAME_COLUMNS.values() if LENGTHS[one] <= LENGTHS[lowest]]
        rows = Region.objects.filter(level__in=levels).values_list(
            "code", "name", "valid_until", "successor_id"
        )
        self.names: dict[str, str] = {}
        former: list[tuple[str, str, str]] = []
        for code, name, end, successor in rows:
            if end is None or end > today:
                self.names[code] = name
            elif successor:
                former.append((code, name, successor))
        texts = {*self.names.values(), *(name for _code, name, _later in former)}
        self._bare: dict[str, str] = {"": ""}
        self.learn(texts)
        self._inside: dict[str, list[_Named]] = defaultdict(list)
        for code, name in self.names.items():
            self._inside[_parent(code)].append(self._named(code, code, name))
        for code, name, successor in former:
            if successor in self.names:
                self._inside[_parent(code)].append(self._named(successor, code, name))
        self._confirmed = dict(KnownName.objects.values_list("name_key", "region_id"))
        self._provinces = {_short(one.bare): one.code for one in self._inside[""]}

    def learn(self, texts: Iterable[str]) -> None:
        """Prepare the names of a file. Queries: one."""
        new = {_written_out(text) for text in texts}.difference(self._bare)
        if new:
            self._bare |= bare_names(new)

    def _named(self, code: str, former: str, name: str) -> _Named:
        kind = ""
        if len(former) == LENGTHS[Level.REGENCY]:
            kind = CITY if int(former[3:5]) >= _FIRST_CITY else REGENCY
        return _Named(code, self.bare(name), kind)

    def bare(self, name: str) -> str:
        """The name as names are compared; "" for one that was not learnt."""
        return self._bare.get(_written_out(name), "")

    def is_called(self, code: str, name: str) -> bool:
        """Whether a region has this name, without regard to its kind."""
        return self.bare(self.names.get(code, "")) in (self.bare(name), _characters_of(name))

    def find(self, row: Mapping[str, str]) -> FoundRegion:
        """The region that the names of a row mean, at the lowest level that has a name."""
        given = [(column, level) for column, level in NAME_COLUMNS.items() if row.get(column)]
        if not given:
            return FoundRegion()
        column, level = given[-1]
        key = self.key_of(row, level)
        if (confirmed := self._confirmed.get(key)) and confirmed in self.names:
            return FoundRegion(confirmed, CONFIRMED, (), key, level)
        if level is Level.PROVINCE:
            code = self.province(row["province_name"])
            found = (
                FoundRegion(code)
                if code
                else FoundRegion(code=UNKNOWN, candidates=self._near(row[column]))
            )
        elif level is Level.REGENCY:
            found = self._regency(row)
        else:
            found = self._lower(row, column)
        return FoundRegion(found.region, found.code, found.candidates, key, level)

    def key_of(self, row: Mapping[str, str], level: Level) -> str:
        """The names of a row in the form in which a confirmed name is kept."""
        parts = list[str]()
        for column, one in NAME_COLUMNS.items():
            if LENGTHS[one] <= LENGTHS[level]:
                name = row.get(column, "")
                kind = self._kind(name)
                if name and not kind and one is Level.REGENCY and self._writes_kinds:
                    kind = REGENCY
                parts.append(f"{kind}{self.bare(name)}")
        return "/".join(parts)[:200]

    def regions_in(self, parent: str) -> list[str]:
        """The present codes of the regions of one level directly in a region."""
        length = next((one for one in sorted(LENGTHS.values()) if one > len(parent)), 0)
        return sorted(
            {code for code in self.names if _parent(code) == parent and len(code) == length}
        )

    def province(self, name: str) -> str:
        """The code of a province by a present, former or short name; "" where there is none."""
        bare = self.bare(name)
        return self._provinces.get(_short(_FORMER_PROVINCES.get(bare, bare)), "")

    def _kind(self, name: str) -> str:
        return CITY if _CITY.match(name) else REGENCY if _REGENCY.match(name) else ""

    def _fits(self, named: _Named, name: str) -> bool:
        """Whether a region has a written name: with its kind, or as a whole (Kotabaru)."""
        kind, bare = self._kind(name), self.bare(name)
        if named.bare == bare:
            return not kind or not named.kind or kind == named.kind
        return bool(kind) and named.bare == _characters_of(name)

    def _regency(self, row: Mapping[str, str]) -> FoundRegion:
        name, written = row["regency_name"], row.get("province_name", "")
        province = self.province(written) if written else ""
        if written and not province:
            return FoundRegion(
                code=PARENT_UNKNOWN, candidates=self._near(name, LENGTHS[Level.REGENCY])
            )
        inside = self._inside[province] if province else list(self._regencies())
        found = self._decide(inside, name)
        if found is None and province:
            elsewhere = [one for one in self._regencies() if self._was_in(one.code, province)]
            found = self._decide(elsewhere, name)
            if found is not None and found.region:
                return FoundRegion(found.region, OTHER_PROVINCE)
        code = self.province(name) if found is None else ""
        if code and (not written or code == province):
            return FoundRegion(code)  # a province's own row, under the heading of its regencies
        return found or FoundRegion(code=UNKNOWN, candidates=self._likely(name, province))

    def _decide(self, regions: Iterable[_Named], name: str) -> FoundRegion | None:
        """The one region of a name; None where no region has it."""
        fitting = {one.code: one for one in regions if self._fits(one, name)}
        if not self._kind(name):
            own = {code: one for code, one in fitting.items() if one.kind != CITY}
            if self._writes_kinds and fitting and not own:
                return FoundRegion(code=OTHER_KIND, candidates=tuple(fitting))
            fitting = own if self._writes_kinds else fitting
        if len(fitting) > 1:
            return FoundRegion(code=AMBIGUOUS, candidates=tuple(sorted(fitting)))
        return FoundRegion(next(iter(fitting))) if fitting else None

    def _was_in(self, code: str, province: str) -> bool:
        """Whether a region lies in a province that was divided from another one."""
        own = code[:2]
        while own in DIVIDED_FROM:
            own = DIVIDED_FROM[own]
            if own == province:
                return True
        return False

    def _regencies(self) -> Iterator[_Named]:
        for province in self._provinces.values():
            yield from self._inside[province]

    def _lower(self, row: Mapping[str, str], column: str) -> FoundRegion:
        """A district or village: by its name in the region above it, which must be certain."""
        above = {**row, column: ""}
        parent = self.find(above)
        if not parent.region:
            return FoundRegion(code=PARENT_UNKNOWN)
        found = self._decide(self._inside[parent.region], row[column])
        if found is None:
            near = self._near(row[column], parent=parent.region)
            found = FoundRegion(code=UNKNOWN, candidates=near)
        return found

    def _likely(self, name: str, province: str) -> tuple[str, ...]:
        near = self._near(name, LENGTHS[Level.REGENCY], parent=province)
        return near or self._near(name, LENGTHS[Level.REGENCY])

    def _near(self, name: str, length: int = 0, *, parent: str = "") -> tuple[str, ...]:
        """Codes of regions with a similar name, the most similar first."""
        bare = self.bare(name)
        pool = (
            self._inside[parent]
            if parent
            else [one for rows in self._inside.values() for one in rows]
        )
        scored: dict[str, float] = {}
        for one in pool:
            if not length or len(one.code) == length:
                score = max(fuzz.ratio(bare, one.bare), fuzz.partial_ratio(bare, one.bare) - 5)
                scored[one.code] = max(score, scored.get(one.code, 0))
        ranked = sorted(scored, key=lambda code: (-scored[code], code))
        return tuple(code for code in ranked[:MOST_CANDIDATES] if scored[code] >= LIKELY)


def writes_kinds(names: Iterable[str]) -> bool:
    """Whether a file writes `Kota` before names of cities."""
    return any(_CITY.match(name) for name in names)


def _written_out(name: str) -> str:
    return _ISLANDS.sub("KEPULAUAN ", " ".join(name.split()))


def _short(bare: str) -> str:
    """The name of a province without the words for its special status."""
    for word in _CAPITAL:
        if bare.startswith(word) and len(bare) > len(word) + 3:
            return bare.removeprefix(word)
    return bare


def _characters_of(name: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", name.upper())


def _parent(code: str) -> str:
    return code.rpartition(".")[0]
