"""Figures by region: the scope's, without what is small."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from apps.accounts.access import NOTHING, Scope
from apps.demo.country import CODES
from apps.indicators.measures import catalogue, region_figures
from apps.indicators.measures.region_figures import State
from apps.indicators.models import RegionCount, SuppressedRegion
from apps.regions.models import Level, Region
from tests.conftest import as_role
from tests.indicators.measures.registered import counted, registered

pytestmark = pytest.mark.django_db
NATION = Scope(("",))


def read(code, level, within="ID", scope=NATION):
    measure = catalogue.find(code)
    [period, *_older] = catalogue.periods_of(measure)
    rows = region_figures.figures(measure, period, Level(level), within, scope=scope)
    return {row.code: row for row in rows}


@pytest.fixture
def counts():
    with as_role("owner"):
        for letter, families, enrolled in (
            ("A", 40, 10), ("B", 30, 12), ("C", 3, 0), ("D", 50, 25), ("E", 20, 9), ("I", 60, 30),
        ):  # fmt: skip
            registered(letter, families, enrolled=enrolled)
    return counted()


def test_a_count_and_a_rate_have_their_values(counts):
    assert read("families", "province")["97"].value == 143
    row = read("enrolled_share", "village", "97.01")[CODES["A"]]
    assert (row.state, row.value, row.numerator, row.denominator) == (State.SHOWN, 25, 10, 40)


def test_a_small_count_is_hidden_with_another_one(counts):
    rows = read("families", "village", "97.01")
    assert rows[CODES["C"]].state == State.HIDDEN
    assert rows[CODES["D"]].state == State.HIDDEN  # the other village of its district
    assert (rows[CODES["C"]].value, rows[CODES["C"]].numerator) == (None, None)
    assert rows[CODES["A"]].value == 40


def test_a_rate_of_a_hidden_whole_is_hidden(counts):
    assert read("enrolled_share", "village", "97.01")[CODES["C"]].state == State.HIDDEN


def test_a_region_that_ends_later_is_shown_until_then(counts):
    tomorrow = timezone.localdate() + timedelta(days=1)
    with as_role("owner"):
        Region.objects.filter(pk=CODES["A"]).update(valid_until=tomorrow)
        Region.objects.filter(pk=CODES["E"]).update(valid_from=tomorrow)
    assert read("families", "village", "97.01")[CODES["A"]].value == 40
    assert CODES["E"] not in read("families", "village", "97")
    with as_role("owner"):
        Region.objects.filter(pk=CODES["A"]).update(valid_until=timezone.localdate())
    assert CODES["A"] not in read("families", "village", "97.01")


def test_a_region_without_families_has_no_rate(counts):
    row = read("enrolled_share", "village", "98.01")[CODES["L"]]
    assert (row.state, row.value) == (State.MISSING, None)


def test_a_count_that_became_small_since_the_list_was_made_is_hidden_too(counts):
    with as_role("owner"):
        SuppressedRegion.objects.all().delete()
        RegionCount.objects.filter(region=CODES["A"]).update(families=2)
    assert read("families", "village", "97.01")[CODES["A"]].state == State.HIDDEN


def test_counts_of_the_register_are_those_of_the_scope(counts):
    own = Scope(("97.01",))
    assert set(read("families", "regency", "97", own)) == {"97.01"}
    assert read("families", "province", "ID", own) == {}
    assert read("families", "village", "97.01", NOTHING) == {}


def test_the_counts_are_read_for_a_person_in_one_place():
    """Pages, values and files go through `figures`; the catalogue reads the months alone."""
    apps = Path(region_figures.__file__).resolve().parents[2]
    reading = {
        str(path.relative_to(apps))
        for path in apps.rglob("*.py")
        if "RegionCount.objects" in path.read_text(encoding="utf-8")
    }
    assert reading == {"indicators/measures/catalogue.py", "indicators/measures/region_figures.py"}
