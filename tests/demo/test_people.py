"""Made-up people are consistent with themselves, and nobody real is meant by them."""

import csv
from collections import Counter
from datetime import date
from itertools import groupby, islice

import pytest
from shapely.geometry import Point

from apps.demo import country, regency
from apps.demo.population import people, serials
from apps.demo.population.people import AS_OF, REGISTER_HEADER
from apps.demo.population.places import Places

TOY = country.villages()
PERSONS = list(people.people(TOY, 1500, seed=3))
FAMILIES = [list(family) for _, family in groupby(PERSONS, key=lambda person: person.family)]


def age(person: people.Person) -> float:
    return (AS_OF - person.birth_date).days / people.YEAR


def test_every_nik_and_kk_has_sixteen_digits_and_a_serial_from_9000():
    for person in PERSONS:
        for number in (person.nik, person.kk):
            assert len(number) == 16 and number.isdigit()
            assert int(number[12:]) >= 9000


def test_no_two_persons_have_one_nik_and_no_two_families_one_kk():
    assert len({person.nik for person in PERSONS}) == len(PERSONS)
    assert len({family[0].kk for family in FAMILIES}) == len(FAMILIES) == 1500
    assert not {person.nik for person in PERSONS} & {person.kk for person in PERSONS}


def test_the_nik_tells_district_birth_date_and_sex():
    districts = {code[:8].replace(".", "") for code in TOY}
    for person in PERSONS:
        born = person.birth_date
        day = born.day + (40 if person.sex == "P" else 0)
        assert person.nik[6:12] == f"{day:02d}{born:%m%y}"
        assert person.nik[:6] in districts
    own = sum(p.nik[:6] == p.village_code[:8].replace(".", "") for p in PERSONS)
    assert 0.9 < own / len(PERSONS) < 1


def test_every_point_is_inside_the_village_and_clear_of_its_border():
    places = Places(TOY, seed=3)
    for family in FAMILIES:
        head = family[0]
        point = Point(head.longitude, head.latitude)
        assert TOY[head.village_code].contains(point)
        spot = places.plane(head.village_code).flat([head.longitude, head.latitude])
        assert places.plane(head.village_code).polygon.boundary.distance(Point(spot)) > 25
        assert {(p.longitude, p.latitude, p.kk, p.address) for p in family} == {
            (head.longitude, head.latitude, head.kk, head.address)
        }


def test_no_two_families_live_on_one_point():
    assert len({(f[0].longitude, f[0].latitude) for f in FAMILIES}) == len(FAMILIES)


def test_families_are_as_old_as_they_can_be():
    for family in FAMILIES:
        head = family[0]
        assert head.relation == "KEPALA KELUARGA" and age(head) > 21
        for person in family[1:]:
            assert person.birth_date <= AS_OF
            if person.relation == "ANAK":
                parents = [p for p in family if p.relation in ("KEPALA KELUARGA", "ISTRI")]
                mothers = [p for p in parents if p.name == person.mother_name]
                assert all(17 < age(mother) - age(person) < 43 for mother in mothers)
            elif person.relation == "ORANG TUA":
                assert age(person) - age(head) > 18
            else:
                assert person.sex == {"ISTRI": "P", "SUAMI": "L"}[person.relation]
                assert person.sex != head.sex


def test_names_are_plain_capitals_some_of_one_word_some_titled():
    words = Counter(len(person.name.split()) for person in PERSONS)
    assert words[1] > len(PERSONS) / 10
    assert all(p.name == p.name.upper() and p.name.isascii() for p in PERSONS)
    assert any(p.name.startswith(("I ", "NI ")) for p in PERSONS)
    assert any(" BIN " in p.name or " BINTI " in p.name for p in PERSONS)
    assert any(", S." in p.name or p.name.startswith(("H. ", "HJ. ")) for p in PERSONS)
    assert not any(character.isdigit() for p in PERSONS for character in p.name)


def test_the_same_seed_makes_the_same_people_and_another_seed_others():
    assert list(people.people(TOY, 1500, seed=3)) == PERSONS
    others = list(people.people(TOY, 1500, seed=4))
    assert {person.name for person in others} != {person.name for person in PERSONS}


def test_the_first_families_are_the_same_however_many_follow():
    assert list(people.people(TOY, 100, seed=3)) == PERSONS[: len(sum(FAMILIES[:100], []))]


def test_the_register_file_holds_exactly_so_many_and_the_same_people(tmp_path):
    path = tmp_path / "dtks.csv"
    assert people.write_register(path, TOY, 2000, seed=3) == 2000
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    assert tuple(rows[0]) == REGISTER_HEADER
    assert len(rows) == 2001
    first = dict(zip(rows[0], rows[1], strict=True))
    known = PERSONS[0]
    assert [row[1] for row in rows[1:]] == [person.nik for person in islice(PERSONS, 2000)]
    assert date.fromisoformat(first["tanggal_lahir"]) == known.birth_date
    assert (first["kode_desa"], first["hubungan"]) == (known.village_code, known.relation)
    assert (float(first["lintang"]), float(first["bujur"])) == (known.latitude, known.longitude)
    assert first["program"] == ";".join(known.programmes)


def test_the_same_seed_writes_the_same_register_bytes(tmp_path):
    for name in ("one", "two"):
        people.write_register(tmp_path / name, TOY, 500, seed=9)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_when_serials_run_out_it_says_so_instead_of_repeating_a_nik():
    numbers = serials.Numbers(serials.REGISTER, AS_OF)
    day = date(1990, 5, 17).toordinal()
    made = {numbers.nik("970101", day, "P") for _ in serials.REGISTER.nik}
    assert len(made) == len(serials.REGISTER.nik)
    assert min(made) == "9701015705909000"
    with pytest.raises(serials.SerialsExhausted, match="970101570590"):
        numbers.nik("970101", day, "P")


@pytest.mark.scale
def test_a_million_persons_have_a_million_niks(tmp_path):
    path = tmp_path / "dtks.csv"
    people.write_register(path, regency.villages(), 1_000_000, seed=1)
    with path.open(newline="", encoding="utf-8") as file:
        niks = {row[1] for row in csv.reader(file)}
    assert len(niks) == 1_000_001
