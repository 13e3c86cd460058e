"""Draft rows: what an officer would type for a made-up person, and what is known about it."""

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from apps.demo.boundaries import Region
from apps.demo.population.people import YEAR, Person, Population
from apps.demo.population.places import Places, Spot
from apps.demo.sheets import Cells

PROGRAMMES = ("PKH", "SEMBAKO", "SEMBAKO", "PBI-JK", "PBI-JK", "BST", "NON-BANSOS")
DATE_FORM = "%d/%m/%Y"
KEPT_FOR_DUPLICATES = 2000


@dataclass
class Draft:
    """One row of a batch; `claimed` is the village that its officer means, if it can be known."""

    cells: Cells
    person: Person
    claimed: str
    spot: Spot
    faults: list[str] = field(default_factory=list)
    flags: tuple[str, ...] = ()
    duplicate_of: int = 0

    def put(self, spot: Spot) -> None:
        """Move the row's point."""
        self.spot = spot
        self.cells["latitude"] = f"{spot.latitude:.6f}"
        self.cells["longitude"] = f"{spot.longitude:.6f}"


class Office:
    """An office that writes a batch: its scope, its people and the rows so far."""

    def __init__(
        self,
        *,
        population: Population,
        places: Places,
        regions: Iterable[Region],
        scope: str,
        register: Iterable[Person],
        seed: int,
        as_of: date,
        named_only: bool,
    ) -> None:
        self.rng = random.Random(seed)
        self.population = population
        self.places = places
        self.as_of = as_of
        self.names = {region.code: region.name for region in regions}
        self.scope = scope
        inside = [code for code in places.villages if _is_within(code, scope)]
        twins = self._twins()
        # A village with the name of another in its district cannot be identified by name alone.
        self.villages = sorted(code for code in inside if not (named_only and code in twins))
        self.namesakes = sorted(code for code in inside if code in twins)
        self.foreign = sorted(code for code in places.villages if not _is_within(code, scope))
        self.unsurveyed = sorted(
            code
            for code in self.names
            if len(code) == 13 and _is_within(code, scope) and code not in places.villages
        )
        self.registered = (
            person
            for person in register
            if person.programmes and _is_within(person.village_code, scope)
        )
        self.typed: list[tuple[int, Draft]] = []
        self._counts: Counter[tuple[str, str]] = Counter()

    def family(self) -> Iterator[Draft]:
        """Proposals for a family of the scope: some of its members, rarely one of them twice."""
        persons = self.population.family(self.rng.choice(self.villages))
        for person in persons[: 1 + int(self.rng.random() * 4)]:
            draft = self.draft(person)
            yield draft
            if self.rng.random() < 0.03:
                second = self.draft(person)
                others = [each for each in PROGRAMMES if each != draft.cells["programme"]]
                second.cells["programme"] = self.rng.choice(others)
                yield second

    def single(self, village: str = "", sex: str = "") -> Draft:
        """A proposal for one person without family in the batch."""
        village = village or self.rng.choice(self.villages)
        return self.draft(self.population.family(village, sex)[0])

    def draft(self, person: Person, programme: str = "") -> Draft:
        cells = {
            "nik": person.nik,
            "programme": programme or self.rng.choice(PROGRAMMES),
            "kk": person.kk,
            "name": person.name,
            "birth_place": person.birth_place,
            "birth_date": person.birth_date.strftime(DATE_FORM),
            "mother_name": person.mother_name,
            "sex": person.sex,
            "occupation": person.occupation,
            "marital_status": person.marital_status,
            "address": person.address,
            "rt": person.rt,
            "rw": person.rw,
            "relation": person.relation,
            "kind": "" if self.rng.random() < 0.5 else "BARU",
            "accuracy_m": str(3 + int(self.rng.random() * 12)),
        }
        cells |= self._state(person)
        longitude, latitude = person.longitude, person.latitude
        spot = Spot(longitude, latitude, "inside", person.village_code, 0.0)
        draft = Draft(cells, person, person.village_code, spot)
        draft.put(spot)
        self.claim(draft, person.village_code)
        return draft

    def claim(self, draft: Draft, code: str) -> None:
        """Make the row name another village; the caller sets where its point is relative to it."""
        draft.claimed = code
        draft.cells["village_code"] = code
        for column, length in _NAME_COLUMNS.items():
            draft.cells[column] = self.names.get(code[:length], "").upper()

    def count(self, kind: str, code: str) -> int:
        """How often this was called with these values, including this call."""
        self._counts[kind, code] += 1
        return self._counts[kind, code]

    def remember(self, row: int, draft: Draft) -> None:
        """Keep some good rows for the faults that repeat a row."""
        if len(self.typed) < KEPT_FOR_DUPLICATES:
            self.typed.append((row, draft))
        elif self.rng.random() < 0.1:
            self.typed[int(self.rng.random() * KEPT_FOR_DUPLICATES)] = (row, draft)

    def _state(self, person: Person) -> Cells:
        """Codes of disability, pregnancy and PPKS, each consistent with age and sex."""
        chance = self.rng.random
        age = (self.as_of - person.birth_date).days / YEAR
        disabled = chance() < 0.04
        pregnant = person.sex == "P" and 18 <= age <= 42 and chance() < 0.04
        since = self.as_of - timedelta(days=30 + int(chance() * 210))
        ppks = ["8"] if age >= 60 and chance() < 0.3 else []
        ppks += ["9"] if disabled else []
        ppks += ["24"] if chance() < 0.2 else []
        return {
            "disability": "YA" if disabled else "TIDAK",
            "disability_kind": str(1 + int(chance() * 5)) if disabled else "",
            "pregnant": "YA" if pregnant else "TIDAK",
            "pregnancy_date": since.strftime(DATE_FORM) if pregnant else "",
            "ppks": ";".join(ppks),
        }

    def _twins(self) -> set[str]:
        """Villages that share their name with another of the same district."""
        by_name: dict[tuple[str, str], list[str]] = {}
        for code, name in self.names.items():
            if len(code) == 13:
                by_name.setdefault((code[:8], name.upper()), []).append(code)
        return {code for codes in by_name.values() if len(codes) > 1 for code in codes}


_NAME_COLUMNS: Mapping[str, int] = {
    "province_name": 2,
    "regency_name": 5,
    "district_name": 8,
    "village_name": 13,
}


def _is_within(code: str, scope: str) -> bool:
    return not scope or code == scope or code.startswith(f"{scope}.")
