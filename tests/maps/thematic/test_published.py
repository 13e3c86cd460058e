"""Published figures on the thematic map: the same page, everybody's region, by release."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import timezone

from apps.indicators.models import Indicator, Release, Value
from tests.conftest import as_role
from tests.maps.thematic.test_thematic import texts_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def published():
    with as_role("owner"):
        one, _made = Indicator.objects.update_or_create(
            code="poverty_rate",
            defaults={
                "name": "Persentase penduduk miskin", "name_en": "Poverty rate",
                "origin": "published", "kind": "rate", "unit": "persen", "decimals": 2,
                "denominator": "penduduk", "publisher": "BPS",
            },
        )  # fmt: skip
        release = Release.objects.create(
            indicator=one, period_start=date(2021, 1, 1), period="2021", level="regency",
            source="BPS 2021", code_system="bps", stored_at=timezone.now(), is_current=True,
        )  # fmt: skip
        Value.objects.create(release=release, region_id="97.01", value="12.34")
        Value.objects.create(release=release, region_id="98.01", value="7.5")
    return one


def test_a_published_figure_is_shown_with_its_source_also_outside_the_scope(published, signed_in):
    browser = signed_in("verifier")
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    answer = browser.get("/maps/?measure=poverty_rate&level=regency")
    found = {row.code: row.value for row in answer.context["theme"].rows}
    assert found == {"97.01": 12.34, "97.02": None, "98.01": 7.5, "98.02": None}
    text = answer.content.decode()
    assert "Source: BPS 2021, 2021" in text
    assert "Denominator: penduduk" in text


def test_day_and_codes_of_the_publication_stand_on_map_and_files(published, signed_in):
    browser = signed_in("planner")
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    query = "measure=poverty_rate&level=regency"
    stored = browser.get(f"/maps/?{query}").content.decode()
    assert "day of publication not named. Codes of regions: BPS, date not named" in stored
    with as_role("owner"):
        Release.objects.update(published_date=date(2022, 3, 4), vintage="2021")
    told = "Published: 4 Mar 2022. Codes of regions: BPS, 2021"
    assert told in browser.get(f"/maps/?{query}").content.decode()
    for ending in ("csv", "geojson"):
        assert told in browser.get(f"/maps/figures.{ending}?{query}").content.decode()
    pdf = browser.get(f"/maps/figures.pdf?{query}").content
    assert told in texts_of(pdf)


def test_a_change_names_both_publications(published, signed_in):
    with as_role("owner"):
        Release.objects.update(published_date=date(2022, 3, 4))
        older = Release.objects.get()
        older.pk, older.period, older.period_start = None, "2020", date(2020, 1, 1)
        older.source, older.published_date = "BPS 2020", date(2021, 2, 1)
        older.save()
        Value.objects.create(release=older, region_id="97.01", value="12.1")
    browser = signed_in("planner")
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    text = browser.get("/maps/?measure=poverty_rate&level=regency&against=2020").content.decode()
    assert "Against: BPS 2020, 2020" in text
    assert "Published: 1 Feb 2021." in text


def test_a_map_opens_at_a_level_that_has_values(published, signed_in):
    """BPS's table by regency has no rows of provinces."""
    answer = signed_in("planner").get("/maps/?measure=poverty_rate&level=province")
    assert answer.context["asked"].level == "regency"
    assert [value for value, _label in answer.context["levels"]] == ["regency"]
    assert 12.34 in [row.value for row in answer.context["theme"].rows]


def test_a_figure_of_villages_is_reached_from_the_country(published, signed_in):
    with as_role("owner"):
        Release.objects.update(level="village", levels=["village"])
    answer = signed_in("planner").get("/maps/?measure=poverty_rate")
    levels = [str(value) for value, _label in answer.context["levels"]]
    assert levels == ["province", "regency", "district", "village"]


@pytest.mark.parametrize(
    ("unit", "words"), [("tahun", "12.34 tahun"), ("indeks", "12.34 indeks"), ("%", "12.34 %")]
)
def test_a_rate_has_its_own_unit(published, signed_in, unit, words):
    with as_role("owner"):
        Indicator.objects.update(unit=unit)
    browser = signed_in("planner")
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    theme = browser.get("/maps/?measure=poverty_rate&level=regency").context["theme"]
    assert theme.words_of(theme.rows[0]) == words
    values = browser.get("/maps/values.json?measure=poverty_rate&level=regency").json()
    assert words in values["texts"]


def test_an_amount_per_head_is_a_fill_with_classes_and_changes(published, signed_in):
    with as_role("owner"):
        Indicator.objects.update(kind="amount", unit="Rp/kapita/bulan", decimals=0)
    browser = signed_in("planner")
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    query = "measure=poverty_rate&level=regency"
    found = browser.get(f"/maps/values.json?{query}").json()
    assert found["is_rate"]
    assert "radii" not in found
    assert "12 Rp/kapita/bulan" in found["texts"]
    [pane] = browser.get(f"/maps/?{query}").context["panes"]
    assert sum(one.count for one in pane["theme"].legend()) == 2
    assert pane["circles"] == []


def test_a_change_of_years_is_none_of_percentage_points(published, signed_in):
    with as_role("owner"):
        Indicator.objects.update(unit="tahun")
        older = Release.objects.get()
        older.pk, older.period, older.period_start = None, "2020", date(2020, 1, 1)
        older.save()
        Value.objects.create(release=older, region_id="97.01", value="12.1")
    browser = signed_in("planner")
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    theme = browser.get("/maps/?measure=poverty_rate&level=regency&against=2020").context["theme"]
    assert theme.unit == "tahun, 2021 against 2020"


def test_levels_below_the_release_are_not_offered(published, signed_in):
    browser = signed_in("planner")
    answer = browser.get("/maps/?measure=poverty_rate&level=village&within=97.01")
    assert "village" not in [value for value, _label in answer.context["levels"]]
