"""A made-up register in which some people are registered twice, and others only seem to be.

`truth` are pairs of rows of one person. `traps` are pairs of two persons who share nearly all their
data (brothers and sisters, twins, parents and children with one name).
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any, Final

from apps.demo.population.ministries import ROUGH, Office
from apps.demo.population.people import Person

DOUBLED: Final = 0.03
TRAPPED: Final = 0.02  # of each kind, as a share of the families in which it is possible
SERIALS: Final = range(9700, 10_000)  # separate from those of the register
# Names of twins and sisters. The last two are so similar that without a NIK they cannot be
# distinguished from a typing error; those twins both have numbers.
TWINS: Final = {
    "L": (("HASAN", "HUSEIN"), ("RAMA", "SURYA"), ("YAHYA", "ZAKARIA"), ("AGUNG", "AGUS")),
    "P": (("FITRI", "FATIMAH"), ("SALMA", "SALWA"), ("DEWI", "DWI"), ("NISA", "NIA")),
}
ALIKE: Final = {
    "L": (("RAHMAT HIDAYAT", "RAHMAN HIDAYAT"), ("AHMAD FAUZI", "AHMAD FAUZAN")),
    "P": (("DEWI SARTIKA", "DEWI SARTINI"), ("SITI AMINAH", "SITI AMINI")),
}
Pair = tuple[str, str]


@dataclass
class Register:
    """Rows, and the pairs that are one person (by their own numbers, the smaller first)."""

    persons: list[Person] = field(default_factory=list)
    truth: set[Pair] = field(default_factory=set)
    traps: dict[Pair, str] = field(default_factory=dict)


def register(
    people: Iterable[Person], persons: int, villages: Sequence[str], seed: int
) -> Register:
    """The first persons, some of them twice, and traps in some of their families."""
    made = _Maker(villages, seed)
    for _number, family in groupby(people, key=lambda person: person.family):
        made.add(list(family))
        if len(made.register.persons) >= persons:
            break
    return made.register


def pair(one: str, other: str) -> Pair:
    return (one, other) if one < other else (other, one)


class _Maker:
    def __init__(self, villages: Sequence[str], seed: int) -> None:
        self.register = Register()
        self._rng = random.Random(seed)
        self._office = Office(ROUGH, seed + 1, villages, "D")
        self._villages = villages
        self._used: dict[str, int] = {}
        self._traps = self._doubles = 0

    def add(self, family: list[Person]) -> None:
        self.register.persons += family
        for person in family:
            if self._rng.random() < DOUBLED:
                self._double(person)
        children = [one for one in family if one.relation == "ANAK"]
        if children and self._rng.random() < TRAPPED * 6:
            self._siblings(self._rng.choice(children))
        parents = [one for one in family if one.relation == "KEPALA KELUARGA"]
        if parents and self._rng.random() < TRAPPED:
            self._namesake(parents[0])

    def _double(self, person: Person) -> None:
        """Add the same person again, as another office wrote them down: never under the
        same NIK.
        """
        rng, again = self._rng, self._office.record(person)
        kind = rng.random()
        born = person.birth_date
        if kind < 0.35:
            nik = ""
        elif kind < 0.6:
            nik = self._slip(person.nik)
        else:
            nik = self._nik(person, born)
        if rng.random() < 0.1:  # a household of its own elsewhere
            person = person._replace(village_code=rng.choice(self._villages))
            again[2] = self._kk(person.kk)
        self._doubles += 1
        other = person._replace(
            source_id=f"D{self._doubles:09d}",
            nik=nik,
            kk=again[2],
            name=again[3],
            birth_date=_of(again[5], born),
            mother_name=again[7],
        )
        self.register.persons.append(other)
        self.register.truth.add(pair(person.source_id, other.source_id))

    def _siblings(self, child: Person) -> None:
        rng = self._rng
        kind = rng.choice(("years", "alike", "twins", "twins_alike", "twins_mixed", "namesakes"))
        sex, family_name = child.sex, child.name.split()[-1]
        other_sex = "P" if sex == "L" else "L"
        born = child.birth_date
        elder = _earlier(born, 2)
        here, there = rng.choice(ALIKE[sex])
        one, other = rng.choice(TWINS[sex])
        match kind:
            case "years":  # brother and sister with the same day of birth, two years apart
                self._trap(kind, child, {}, name=f"{TWINS[other_sex][0][0]} {family_name}",
                           sex=other_sex, birth_date=elder)  # fmt: skip
            case "alike":
                self._trap(kind, child, {"name": here}, name=there, birth_date=elder)
            case "twins":
                self._trap(kind, child, {"name": f"{one} {family_name}"},
                           name=f"{other} {family_name[:1]}URNIAWAN")  # fmt: skip
            case "twins_alike":
                self._trap(kind, child, {"name": here}, both=True, name=there)
            case "twins_mixed":
                self._trap(kind, child, {}, name=f"{TWINS[other_sex][0][0]} {family_name}",
                           sex=other_sex)  # fmt: skip
            case _:  # similar names with the same first word
                self._trap(kind, child, {"name": f"MUHAMMAD {one}"}, name=f"MUHAMMAD {other}",
                           birth_date=_earlier(born, 1))  # fmt: skip

    def _namesake(self, parent: Person) -> None:
        """Add a child with its parent's name, on the same card."""
        born = _earlier(parent.birth_date, -25)
        self._trap("parent", parent, {}, birth_date=born, mother_name="CONTOH IBU LAIN",
                   relation="ANAK")  # fmt: skip

    def _trap(
        self, kind: str, person: Person, own: dict[str, Any], *, both: bool = False, **other: Any
    ) -> None:
        """Change one row and add another one beside it; half of these have no NIK."""
        if not any(person is one for one in self.register.persons):
            return
        if any(person.source_id in known for known in self.register.truth):
            return
        at = next(n for n, one in enumerate(self.register.persons) if one is person)
        changed = person._replace(**own)
        self.register.persons[at] = changed
        self._traps += 1
        sibling = changed._replace(source_id=f"T{self._traps:09d}", **other)
        has_nik = both or self._rng.random() < 0.5
        sibling = sibling._replace(nik=self._nik(sibling, sibling.birth_date) if has_nik else "")
        self.register.persons.append(sibling)
        self.register.traps[pair(changed.source_id, sibling.source_id)] = kind

    def _nik(self, person: Person, born: date) -> str:
        day = born.day + (40 if person.sex == "P" else 0)
        stem = f"{person.nik[:6] or person.kk[:6]}{day:02d}{born:%m%y}"
        return f"{stem}{self._next(stem)}"

    def _kk(self, kk: str) -> str:
        return f"{kk[:12]}{self._next(kk[:12])}"

    def _next(self, stem: str) -> int:
        self._used[stem] = self._used.get(stem, int(stem) % len(SERIALS)) + 1
        return SERIALS[self._used[stem] % len(SERIALS)]

    def _slip(self, nik: str) -> str:
        at = self._rng.randrange(2, 15)
        return f"{nik[:at]}{(int(nik[at]) + self._rng.randrange(1, 9)) % 10}{nik[at + 1 :]}"


def _of(text: str, otherwise: date) -> date:
    """A day as the office wrote it (DD/MM/YYYY), if it is one; else `otherwise`."""
    try:
        return date(int(text[6:]), int(text[3:5]), int(text[:2]))
    except ValueError:
        return otherwise


def _earlier(day: date, years: int) -> date:
    return day.replace(year=day.year - years, day=min(day.day, 28))
