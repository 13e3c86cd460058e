"""Made-up families for given villages, and the register file that `import_register` loads."""

import csv
import random
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import accumulate, islice
from pathlib import Path
from typing import Any, NamedTuple

from shapely.geometry.base import BaseGeometry

from apps.demo.population import names, serials
from apps.demo.population.places import Places
from apps.demo.population.serials import Numbers, Serials

# Ages are counted on this day; it is fixed, so that one seed always makes the same bytes.
AS_OF = date(2026, 11, 1)
YEAR = 365.2425
TITLED_SHARE = 0.02
MOVED_SHARE = 0.06  # persons whose NIK names another district: a NIK stays the same after a move

REGISTER_HEADER = (
    "id_sumber",
    "nik",
    "no_kk",
    "nama",
    "tempat_lahir",
    "tanggal_lahir",
    "jenis_kelamin",
    "ibu_kandung",
    "hubungan",
    "alamat",
    "rt",
    "rw",
    "kode_desa",
    "lintang",
    "bujur",
    "program",
)
BIRTH_PLACES = (
    "SAMUDRAJAYA",
    "TIRTAWENING",
    "BARAT LOR",
    "BARAT KIDUL",
    "TIMUR LOR",
    "LABUHANJAYA",
    "KALIPUSPA",
    "GIRIPUSPA",
)
STREETS = (
    "JL. MELATI",
    "JL. KENANGA",
    "JL. PASAR LAMA",
    "JL. IRIGASI",
    "JL. MASJID",
    "DUSUN KRAJAN",
    "DUSUN TENGAH",
    "DUSUN LOR",
    "KAMPUNG SAWAH",
    "KAMPUNG BARU",
    "GANG MAWAR",
    "LORONG PELABUHAN",
)
WORK = {
    "L": (
        "BURUH TANI",
        "PETANI/PEKEBUN",
        "NELAYAN",
        "BURUH HARIAN LEPAS",
        "PEDAGANG",
        "TUKANG BATU",
        "SOPIR",
        "BELUM/TIDAK BEKERJA",
    ),
    "P": (
        "MENGURUS RUMAH TANGGA",
        "MENGURUS RUMAH TANGGA",
        "BURUH TANI",
        "PEDAGANG",
        "PEMBANTU RUMAH TANGGA",
        "BURUH HARIAN LEPAS",
    ),
}


class Person(NamedTuple):
    """One person of one family. Units: latitude and longitude in degrees."""

    source_id: str
    nik: str
    kk: str
    name: str
    birth_place: str
    birth_date: date
    sex: str
    mother_name: str
    relation: str
    address: str
    rt: str
    rw: str
    village_code: str
    latitude: float
    longitude: float
    programmes: tuple[str, ...]
    occupation: str
    marital_status: str
    family: int


class Member(NamedTuple):
    """The properties of a person that the family sets; `born` is the proleptic ordinal
    of the day.
    """

    relation: str
    sex: str
    born: int
    name: str
    mother_name: str
    marital_status: str


class Population:
    """A sequence of families. Each depends on the seed and on the families before it."""

    def __init__(
        self,
        places: Places,
        seed: int,
        *,
        as_of: date = AS_OF,
        numbered: Serials = serials.REGISTER,
        titled_share: float = TITLED_SHARE,
    ) -> None:
        self.places = places
        self.as_of = as_of.toordinal()
        self._rng = random.Random(seed)
        self._numbers = Numbers(numbered, as_of)
        self._names = {sex: names.pool(sex, self._rng) for sex in "LP"}
        self._titled_share = titled_share
        self._villages = sorted(places.villages)
        self._weights = list(accumulate(self._rng.uniform(0.5, 1.5) for _ in self._villages))
        self._districts = sorted({_prefix(code) for code in self._villages})
        self._families = self._persons = 0

    def family(self, village: str = "", head_sex: str = "") -> list[Person]:
        """The next family, of a random village or of the given one; its head comes first."""
        rng = self._rng
        code = village or rng.choices(self._villages, cum_weights=self._weights)[0]
        self._families += 1
        members = self._members(head_sex or ("L" if rng.random() < 0.84 else "P"))
        issued = self.as_of - int(rng.random() * 15 * YEAR)
        longitude, latitude = self._point(code)
        shared = {
            "kk": self._numbers.kk(_prefix(code), issued),
            "address": f"{self._pick(STREETS)} NO. {1 + int(rng.random() * 180)}",
            "rt": f"{1 + int(rng.random() * 12):03d}",
            "rw": f"{1 + int(rng.random() * 6):03d}",
            "latitude": latitude,
            "longitude": longitude,
            "family": self._families,
        }
        aided = (rng.random() < 0.25, rng.random() < 0.45, rng.random() < 0.6)
        return [self._person(code, member, shared, aided) for member in members]

    def _point(self, code: str) -> tuple[float, float]:
        """A home. For a village without polygon a home in another village is used."""
        if code in self.places.villages:
            return self.places.home(code)
        return self.places.home(self._pick(self._villages))

    def _members(self, head_sex: str) -> list[Member]:
        rng = self._rng
        age = 22 + 56 * rng.random() ** 1.4
        married = rng.random() < (0.88 if head_sex == "L" else 0.08)
        status = "KAWIN" if married else self._pick(("CERAI MATI", "CERAI HIDUP", "BELUM KAWIN"))
        head = self._member("KEPALA KELUARGA", head_sex, age, status)
        members = [head]
        mother, mother_age = (head.name, age) if head_sex == "P" else (self._name("P"), age - 3)
        if married:
            spouse_age = max(19 + 3 * rng.random(), age + rng.uniform(-7, 3))
            relation, sex = ("ISTRI", "P") if head_sex == "L" else ("SUAMI", "L")
            spouse = self._member(relation, sex, spouse_age, "KAWIN")
            members.append(spouse)
            if sex == "P":
                mother, mother_age = spouse.name, spouse_age
        if status != "BELUM KAWIN":
            members += self._children(mother, mother_age)
        if age < 55 and rng.random() < 0.09:
            old = age + rng.uniform(19, 37)
            members.append(self._member("ORANG TUA", "P", old, "CERAI MATI"))
        return members

    def _children(self, mother: str, mother_age: float) -> Iterator[Member]:
        youngest, oldest = max(0.1, mother_age - 42), min(mother_age - 18, 24)
        if oldest <= youngest:
            return
        ages = [self._rng.uniform(youngest, oldest) for _ in range(int(self._rng.random() * 4.2))]
        for age in sorted(ages, reverse=True):
            yield self._member("ANAK", self._pick("LP"), age, "BELUM KAWIN", mother)

    def _member(
        self, relation: str, sex: str, age: float, marital_status: str, mother: str = ""
    ) -> Member:
        born = self.as_of - int(age * YEAR)
        mother_name = mother or self._name("P")
        return Member(relation, sex, born, self._name(sex), mother_name, marital_status)

    def _person(
        self, village: str, member: Member, shared: dict[str, Any], aided: tuple[bool, bool, bool]
    ) -> Person:
        relation, sex, born, name, mother_name, marital_status = member
        self._persons += 1
        age = (self.as_of - born) / YEAR
        moved = self._rng.random() < MOVED_SHARE
        district = self._pick(self._districts) if moved else _prefix(village)
        if age > 40 and self._rng.random() < self._titled_share:
            name = names.titled(name, sex, self._rng)
        return Person(
            source_id=f"S{self._persons:09d}",
            nik=self._numbers.nik(district, born, sex),
            name=name,
            birth_place=self._pick(BIRTH_PLACES),
            birth_date=date.fromordinal(born),
            sex=sex,
            mother_name=mother_name,
            relation=relation,
            village_code=village,
            programmes=_programmes(aided, relation, sex),
            occupation=self._occupation(age, sex),
            marital_status=marital_status,
            **shared,
        )

    def _occupation(self, age: float, sex: str) -> str:
        if age < 6:
            return "BELUM/TIDAK BEKERJA"
        return "PELAJAR/MAHASISWA" if age < 19 else self._pick(WORK[sex])

    def _name(self, sex: str) -> str:
        return self._pick(self._names[sex])

    def _pick(self, options: Any) -> Any:  # a third of the cost of `choice`
        return options[int(self._rng.random() * len(options))]


def people(
    villages: Mapping[str, BaseGeometry], families: int, seed: int, *, as_of: date = AS_OF
) -> Iterator[Person]:
    """The persons of this many families in the villages, family by family."""
    population = Population(Places(villages, seed), seed, as_of=as_of)
    for _ in range(families):
        yield from population.family()


def write_register(
    path: Path,
    villages: Mapping[str, BaseGeometry],
    persons: int,
    seed: int,
    *,
    as_of: date = AS_OF,
) -> int:
    """Write the register file of exactly this many persons: the first of `people(…, seed)`.

    Cost: measured, a million persons in 17 s on one core.
    """
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(REGISTER_HEADER)
        everyone = people(villages, persons, seed, as_of=as_of)
        writer.writerows(map(_register_row, islice(everyone, persons)))
    return persons


def _register_row(person: Person) -> tuple[str, ...]:
    return (
        *person[:5],
        person.birth_date.isoformat(),
        *person[6:13],
        f"{person.latitude:.6f}",
        f"{person.longitude:.6f}",
        ";".join(person.programmes),
    )


def _prefix(village: str) -> str:
    return village[:8].replace(".", "")


def _programmes(aided: tuple[bool, bool, bool], relation: str, sex: str) -> tuple[str, ...]:
    pkh, staple_food, health = aided
    held = (
        ("PKH", pkh and sex == "P" and relation in ("KEPALA KELUARGA", "ISTRI")),
        ("SEMBAKO", staple_food and relation == "KEPALA KELUARGA"),
        ("PBI-JK", health),
    )
    return tuple(programme for programme, has in held if has)
