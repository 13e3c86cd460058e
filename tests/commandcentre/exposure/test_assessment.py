"""Who is affected: villages met at all, shares as columns, registered people of the village."""

from __future__ import annotations

from datetime import date
from io import StringIO
from json import loads

import pytest
from django.contrib.gis.geos import MultiPolygon, Point, Polygon
from django.core.management import call_command
from django.core.management.base import CommandError

from apps.accounts.access import Scope
from apps.commandcentre.exposure import alarm, assessment, village_figures
from apps.commandcentre.models import AffectedVillage, Assessment, Footprint, Hazard
from apps.commandcentre.readers import EVERYBODY, Reader
from apps.commandcentre.states import AlertLevel, FootprintMethod, Measure
from apps.demo.country import CODES, at
from apps.registry.models import Canary, Family, Person
from tests.base import EDITION, NOW
from tests.commandcentre.hazards.messages import take
from tests.registry.people import a_change, a_person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _as_worker(role):
    with role("worker"):
        yield


@pytest.fixture
def hazard() -> Hazard:
    """A hazard without an area yet."""
    return take(magnitude=3.0).hazard


def covers(hazard: Hazard, west_south: tuple, east_north: tuple, lower: float = 4.5) -> Footprint:
    """A rectangle between two corners as one band."""
    area = Polygon.from_bbox((*west_south, *east_north))
    return Footprint.objects.create(
        hazard=hazard,
        revision=hazard.revision,
        measure=Measure.MMI,
        lower=lower,
        label=f"MMI {lower}",
        method=FootprintMethod.DRAWN,
        area=MultiPolygon(area, srid=4326),
    )


def assess(hazard: Hazard) -> tuple[Assessment, dict[str, AffectedVillage]]:
    found = assessment.assess(hazard, now=NOW)
    names = {code: letter for letter, code in CODES.items()}
    rows = AffectedVillage.objects.filter(assessment=found)
    return found, {names[row.village_id]: row for row in rows}


def located(person: Person, letter: str, **place: float) -> None:
    Family.objects.filter(pk=person.family_id).update(
        location=Point(*at(letter, **place), srid=4326), change=a_change()
    )


def test_a_village_is_affected_when_the_area_meets_it_at_all(hazard):
    # a sliver of a hundredth of A's side, half of C, and nothing of their eastern neighbours
    covers(hazard, at("C", 0, 0.5), at("A", 0.99, 0.01))
    found, rows = assess(hazard)
    assert set(rows) == {"A", "C"}
    assert rows["C"].share_area == pytest.approx(0.495, abs=1e-6)
    assert rows["A"].share_area == pytest.approx(0.0099, abs=1e-6)
    assert found.editions == [EDITION]
    assert found.villages == len(rows)


def test_a_village_inside_the_area_is_wholly_affected_and_has_the_strongest_band(hazard):
    covers(hazard, at("C", -0.5, -0.5), at("B", 1.5, 1.5), 4.5)
    strong = covers(hazard, at("A", 0.2, 0.2), at("A", 0.4, 0.4), 5.5)
    _found, rows = assess(hazard)
    assert {"A", "B", "C", "D"} <= set(rows)
    assert rows["B"].share_area == 1
    assert (rows["A"].severity, rows["A"].footprint_id) == (5.5, strong.pk)
    assert rows["B"].severity == 4.5


def test_registered_families_and_persons_of_the_whole_village_are_counted(hazard):
    covers(hazard, at("A", 0.1, 0.1), at("A", 0.5, 0.5))
    inside, outside = a_person(CODES["A"]), a_person(CODES["A"], name="CONTOH DUA")
    located(inside, "A", east=0.3, north=0.3)
    located(outside, "A", east=0.8, north=0.8)
    a_person(CODES["A"], name="CONTOH TIGA")
    a_person(CODES["B"], name="CONTOH EMPAT")
    found, rows = assess(hazard)
    row = rows["A"]
    assert (row.families, row.persons, row.families_without_point) == (3, 3, 1)
    assert row.share_families == 0.5
    assert (found.families, found.persons) == (3, 3)
    assert found.totals["families_without_point"] == 1


def test_a_village_without_located_families_has_no_share_of_them(hazard):
    covers(hazard, at("A", 0.1, 0.1), at("A", 0.5, 0.5))
    a_person(CODES["A"])
    _found, rows = assess(hazard)
    assert rows["A"].share_families is None


def test_vulnerable_people_and_programmes_are_counted_on_the_day(hazard):
    covers(hazard, at("A", 0, 0), at("A", 1, 1))
    a_person(CODES["A"], birth_date=date(2024, 5, 1), programme="PKH")
    a_person(CODES["A"], name="CONTOH DUA", birth_date=date(1950, 1, 1), programme="PKH")
    # sixty on the very day, five on the very day
    a_person(CODES["A"], name="CONTOH TIGA", birth_date=date(1966, 11, 10))
    a_person(CODES["A"], name="CONTOH EMPAT", birth_date=date(2021, 11, 10))
    disabled = a_person(CODES["A"], name="CONTOH LIMA")
    unknown = a_person(CODES["A"], name="CONTOH ENAM")
    change = a_change()
    Person.objects.filter(pk=disabled.pk).update(disability_kind="FISIK", change=change)
    Person.objects.filter(pk=unknown.pk).update(birth_date=None, change=change)
    _found, rows = assess(hazard)
    row = rows["A"]
    assert (row.under_five, row.elderly, row.disability, row.birth_unknown) == (1, 2, 1, 1)
    assert row.by_programme == {"PKH": 2}
    assert row.families_by_programme == {"PKH": 2}


def test_made_up_people_are_not_counted(hazard):
    covers(hazard, at("A", 0, 0), at("A", 1, 1))
    a_person(CODES["A"], programme="PKH")
    made_up = a_person(CODES["A"], name="CONTOH DUA", programme="PKH")
    Canary.objects.create(person=made_up, district_id="97.01.01", made_at=NOW)
    found, rows = assess(hazard)
    row = rows["A"]
    assert (row.families, row.persons, row.families_without_point) == (1, 1, 1)
    assert row.by_programme == {"PKH": 1}
    assert (found.families, found.persons) == (1, 1)


def test_removed_people_are_not_counted(hazard):
    covers(hazard, at("A", 0, 0), at("A", 1, 1))
    gone = a_person(CODES["A"])
    change = a_change()
    Person.objects.filter(pk=gone.pk).update(status="removed", change=change)
    Family.objects.filter(pk=gone.family_id).update(is_active=False, change=change)
    found, _rows = assess(hazard)
    assert (found.families, found.persons) == (0, 0)


def test_a_hazard_over_no_village_is_assessed_as_that(hazard):
    covers(hazard, (100.0, 0.0), (101.0, 1.0))
    found, rows = assess(hazard)
    assert (found.villages, found.families, rows, found.editions) == (0, 0, {}, [])
    assert hazard.level == AlertLevel.NORMAL


@pytest.mark.parametrize(
    ("lower", "has_people", "level"),
    [
        (4.5, True, AlertLevel.SIAGA),
        (6.5, True, AlertLevel.AWAS),
        (6.5, False, AlertLevel.NORMAL),
        (3.5, True, AlertLevel.WASPADA),
    ],
)
def test_the_level_follows_the_strongest_band_on_registered_people(
    hazard, lower, has_people, level
):
    covers(hazard, at("A", 0, 0), at("A", 1, 1), lower)
    if has_people:
        a_person(CODES["A"])
    assess(hazard)
    hazard.refresh_from_db()
    assert hazard.level == level


def test_a_flood_is_graded_by_its_depth():
    grade = alarm.level_of
    assert grade(Measure.DEPTH_M, 1.5, from_mmi=5) == AlertLevel.AWAS
    assert grade(Measure.DEPTH_M, 0.7, from_mmi=5) == AlertLevel.SIAGA
    assert grade(Measure.DEPTH_M, 0.1, from_mmi=5) == AlertLevel.WASPADA


def test_needs_are_told_by_village_and_good(hazard):
    covers(hazard, at("A", 0, 0), at("B", 1, 1))
    a_person(CODES["A"])
    found, _rows = assess(hazard)
    assert assessment.needs_of_villages(found.pk, 3) == {
        CODES["A"]: {"rice": 2, "water": 8, "family_kit": 1, "blanket": 2}
    }


def test_the_command_assesses_and_names_the_villages(hazard):
    covers(hazard, at("A", 0.2, 0.2), at("B", 0.5, 0.5))
    a_person(CODES["B"])
    out = StringIO()
    call_command("assess", str(hazard.pk), "--json", stdout=out)
    told = loads(out.getvalue().splitlines()[-1])
    assert told["villages"] == sorted([CODES["A"], CODES["B"]])
    assert (told["families"], told["persons"], told["hazard"]) == (1, 1, hazard.pk)


@pytest.mark.parametrize("number", ["0", "99999999", "x", "²"])
def test_an_unknown_hazard_is_refused_in_words(number):
    with pytest.raises(CommandError, match="There is no hazard") as refused:
        call_command("assess", number)
    assert refused.value.returncode == 2


def test_registered_families_and_persons_are_summed_by_programme(hazard):
    covers(hazard, at("C", 0.1, 0.1), at("B", 0.9, 0.9))
    first = a_person(CODES["A"], programme="PKH")
    second = a_person(CODES["A"], name="CONTOH DUA", programme="PKH")
    Person.objects.filter(pk=second.pk).update(family=first.family, change=a_change())
    a_person(CODES["B"], name="CONTOH TIGA", programme="PKH")
    a_person(CODES["B"], name="CONTOH EMPAT", programme="SEMBAKO")
    found, _rows = assess(hazard)
    everywhere = Scope(("",))
    seen = village_figures.programmes_of(found, Reader(everywhere, everywhere))
    assert [(one.programme, one.families, one.persons) for one in seen] == [
        ("PKH", 2, 3),
        ("SEMBAKO", 1, 1),
    ]
    assert village_figures.programmes_of(found, EVERYBODY) == []
