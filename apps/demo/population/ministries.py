"""Registers of other ministries about the same made-up people, with the faults of real ones.

`truth` holds which record belongs to which person, so that the results of a reconciliation can be
counted. Rates follow real registers: missing and mistyped NIKs, swapped days and months, spellings
of names, people who moved, died or founded a household of their own.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from apps.demo.population.people import Person

HEADER: Final = (
    "ID",
    "NIK",
    "NO KK",
    "NAMA LENGKAP",
    "TEMPAT LAHIR",
    "TANGGAL LAHIR",
    "JENIS KELAMIN",
    "NAMA IBU KANDUNG",
    "KODE DESA",
    "ALAMAT",
    "RT",
    "RW",
    "HUBUNGAN KELUARGA",
    "PEKERJAAN",
    "TANGGAL MENINGGAL",
    "DESIL",
    "PROGRAM",
)
TRUTH_HEADER: Final = ("left", "right")

# Pairs of spellings of one name, replaced in both directions.
SPELLINGS: Final = (
    ("MUHAMMAD", "MOHAMAD"),
    ("MUHAMMAD", "MUH."),
    ("AHMAD", "ACHMAD"),
    ("YUSUF", "YUSUP"),
    ("NUR", "NOER"),
    ("SITI", "ST."),
    ("ABDUL", "ABD."),
    ("DJ", "J"),
    ("U", "OE"),
    ("SY", "S"),
    ("F", "P"),
    ("KH", "CH"),
    ("AT", "AD"),
    ("TT", "T"),
    ("MM", "M"),
    ("IA", "IYA"),
)


@dataclass(frozen=True)
class Faults:
    """Shares of records with a fault, from 0 to 1, each independent of the others."""

    no_nik: float = 0.0
    wrong_nik: float = 0.0
    spelling: float = 0.0
    typo: float = 0.0
    shortened: float = 0.0
    swapped_date: float = 0.0
    wrong_digit: float = 0.0
    no_date: float = 0.0
    no_mother: float = 0.0
    moved: float = 0.0
    other_kk: float = 0.0
    no_kk: float = 0.0


CLEAN: Final = Faults(spelling=0.02, typo=0.002, moved=0.01, other_kk=0.02)
# Rates of an office that writes by hand; a fifth of its records have no NIK.
ROUGH: Final = Faults(
    no_nik=0.20,
    wrong_nik=0.015,
    spelling=0.12,
    typo=0.03,
    shortened=0.03,
    swapped_date=0.03,
    wrong_digit=0.01,
    no_date=0.005,
    no_mother=0.08,
    moved=0.05,
    other_kk=0.06,
)
# Rates of a door-to-door survey: half of its records have no number.
POOR: Final = Faults(
    no_nik=0.50,
    wrong_nik=0.03,
    spelling=0.25,
    typo=0.08,
    shortened=0.15,
    swapped_date=0.08,
    wrong_digit=0.03,
    no_date=0.15,
    no_mother=0.60,
    moved=0.05,
    other_kk=0.05,
    no_kk=0.60,
)
FAIR: Final = Faults(
    no_nik=0.05,
    wrong_nik=0.005,
    spelling=0.05,
    typo=0.01,
    swapped_date=0.01,
    no_mother=0.04,
    moved=0.02,
    other_kk=0.03,
)


class Office:
    """Writes records of persons as one office does; the result depends only on the seed."""

    def __init__(self, faults: Faults, seed: int, villages: Sequence[str], prefix: str) -> None:
        self.faults = faults
        self.prefix = prefix
        self._rng = random.Random(seed)
        self._villages = list(villages)
        self._count = 0

    def record(
        self, person: Person, *, desil: str = "", programme: str = "", died: str = ""
    ) -> list[str]:
        """One row under HEADER, with random faults."""
        self._count += 1
        return [
            f"{self.prefix}{self._count:08d}",
            self._nik(person.nik),
            self._kk(person.kk),
            self._name(person.name),
            person.birth_place,
            self._date(person.birth_date),
            person.sex,
            "" if self._happens(self.faults.no_mother) else self._name(person.mother_name),
            self._village(person.village_code),
            person.address,
            person.rt,
            person.rw,
            person.relation,
            person.occupation,
            died,
            desil,
            programme,
        ]

    def _happens(self, share: float) -> bool:
        return share > 0 and self._rng.random() < share

    def _nik(self, nik: str) -> str:
        if self._happens(self.faults.no_nik):
            return ""
        return self._mistyped(nik) if self._happens(self.faults.wrong_nik) else nik

    def _kk(self, kk: str) -> str:
        if self._happens(self.faults.no_kk):
            return ""
        if not self._happens(self.faults.other_kk):
            return kk
        # a household of their own: another day and serial of the same district
        day, serial = self._rng.randrange(1, 29), self._rng.randrange(9400, 9500)
        return f"{kk[:6]}{day:02d}{kk[8:12]}{serial}"

    def _village(self, code: str) -> str:
        return self._rng.choice(self._villages) if self._happens(self.faults.moved) else code

    def _date(self, born: date) -> str:
        if self._happens(self.faults.no_date):
            return ""
        if born.day <= 12 and self._happens(self.faults.swapped_date):
            return f"{born.month:02d}/{born.day:02d}/{born.year}"
        text = f"{born.day:02d}/{born.month:02d}/{born.year}"
        if self._happens(self.faults.wrong_digit):
            return f"{text[:9]}{self._rng.randrange(10)}"
        return text

    def _name(self, name: str) -> str:
        if self._happens(self.faults.shortened) and " " in name:
            name = name.rpartition(" ")[0]
        if self._happens(self.faults.spelling):
            name = self._spelt(name)
        if self._happens(self.faults.typo) and len(name) > 3:
            name = self._mistyped(name)
        return name

    def _spelt(self, name: str) -> str:
        found = [
            (here, there)
            for pair in SPELLINGS
            for here, there in (pair, pair[::-1])
            if here in name
        ]
        if " " in name and self._rng.random() < 0.2:
            return name.replace(" ", "", 1)
        if not found:
            return name
        here, there = self._rng.choice(found)
        return name.replace(here, there, 1)

    def _mistyped(self, text: str) -> str:
        """The text with one character left out, doubled or changed, or with two
        neighbours swapped.
        """
        at = self._rng.randrange(1, len(text) - 1)
        kind = self._rng.random()
        if kind < 0.4:
            return f"{text[:at]}{text[at + 1]}{text[at]}{text[at + 2 :]}"
        if text[at].isdigit():
            return f"{text[:at]}{self._rng.randrange(10)}{text[at + 1 :]}"
        if kind < 0.7:
            return text[:at] + text[at + 1 :]
        return f"{text[:at]}{self._rng.choice('AEIOUNRST')}{text[at + 1 :]}"


def write_pair(
    folder: Path,
    people: Iterable[Person],
    persons: int,
    *,
    seed: int,
    villages: Sequence[str],
    shared: float = 0.7,
    left: Faults = ROUGH,
    right: Faults = FAIR,
) -> tuple[Path, Path, Path]:
    """Write two registers of this many persons each; a share of the persons is in both.

    `people` must give `persons × (2 − shared)` persons. Files: left.csv, right.csv, truth.csv
    (`left,right`: the registers' own numbers of each person in both); each in its own order.
    """
    rng = random.Random(seed)
    offices = Office(left, seed + 1, villages, "L"), Office(right, seed + 2, villages, "R")
    rows: tuple[list[list[str]], list[list[str]]] = ([], [])
    truth: list[tuple[str, str]] = []
    both = round(persons * shared)
    for place, person in enumerate(_shuffled(people, persons * 2 - both, rng)):
        here = (place < persons, place < both or place >= persons)
        made = [
            office.record(person) if is_in else None
            for office, is_in in zip(offices, here, strict=True)
        ]
        for side, row in zip(rows, made, strict=True):
            if row is not None:
                side.append(row)
        if made[0] is not None and made[1] is not None:
            truth.append((made[0][0], made[1][0]))
    paths = folder / "left.csv", folder / "right.csv", folder / "truth.csv"
    for path, side in zip(paths, rows, strict=False):
        rng.shuffle(side)
        _write(path, HEADER, side)
    _write(paths[2], TRUTH_HEADER, truth)
    return paths


def _shuffled(people: Iterable[Person], count: int, rng: random.Random) -> Iterator[Person]:
    everyone = [person for person, _n in zip(people, range(count), strict=False)]
    if len(everyone) < count:
        raise ValueError(f"{len(everyone)} persons are too few for {count}")
    rng.shuffle(everyone)
    yield from everyone


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
