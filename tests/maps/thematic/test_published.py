"""Published figures on the thematic map: the same page, everybody's region, by release."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.utils import timezone

from apps.audit.subjects import Actor
from apps.demo.country import CODES
from apps.indicators.figures.releases import put_in_force
from apps.indicators.models import Indicator, Release, Value
from tests.base import NOW
from tests.conftest import as_role
from tests.indicators.pockets import world
from tests.maps.thematic.forms import unchanged
from tests.maps.thematic.test_thematic import texts_of
from tests.maps.tiles import outlined

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


@pytest.fixture
def replaced(published):
    """The figures of 2021 as they were before BPS corrected them; the id of their release."""
    with as_role("owner"):
        current = Release.objects.get()
        older = Release.objects.get()
        older.pk, older.is_current, older.source = None, False, "BPS 2021, first"
        older.current_since = datetime(2022, 3, 4, 3, tzinfo=UTC)
        older.save()
        Value.objects.create(release=older, region_id="97.01", value="20")
        # one that was never in force is nobody's
        held = Release.objects.get(pk=current.pk)
        held.pk, held.is_current, held.current_since = None, False, None
        held.save()
    return older.pk, held.pk


def test_a_replaced_edition_is_swiped_against_the_one_in_force(replaced, signed_in):
    former, held = replaced
    browser = signed_in("planner")
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    base = "/maps/?measure=poverty_rate&level=regency&period=2021"
    assert browser.get(base).context["compared"] == [
        (f"release-{former}", "2021, replaced edition of 4 Mar 2022")
    ]
    answer = browser.get(f"{base}&against=release-{former}&compare=swipe")
    left, right = answer.context["panes"]
    assert left["theme"].bounds[1:-1] == right["theme"].bounds[1:-1]
    assert right["theme"].bounds[-1] == 20  # within the limits of its own legend
    texts = []
    for pane in (left, right):
        found = browser.get(pane["values_address"]).json()
        texts.append(dict(zip(found["ids"], found["texts"], strict=True)))
    assert (texts[0][9701], texts[1][9701]) == ("12.34 %", "20.00 %")
    assert (texts[0][9801], texts[1][9801]) == ("7.50 %", "no data")
    text = answer.content.decode()
    assert "Against: BPS 2021, first, 2021, replaced edition of 4 Mar 2022" in text
    table = browser.get(f"{base}&against=release-{former}&compare=swipe&view=table")
    assert ("12.34 %", "20.00 %") in [(one["words"], one["other"]) for one in table.context["rows"]]
    file = browser.get(f"/maps/figures.csv?{dict(right['files'])['csv']}")
    assert "Source: BPS 2021, first" in file.content.decode()
    assert f"release-{former}.csv" in file["Content-Disposition"]
    assert len(browser.get(f"{base}&against=release-{held}&compare=swipe").context["panes"]) == 1


def test_the_change_since_a_replaced_edition_is_a_map(replaced, signed_in):
    browser = signed_in("planner")
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    query = f"measure=poverty_rate&level=regency&period=2021&against=release-{replaced[0]}"
    theme = browser.get(f"/maps/?{query}").context["theme"]
    assert theme.words_of(theme.rows[0]) == "-7.66"
    assert "against 2021, replaced edition of 4 Mar 2022" in theme.unit


def test_a_replaced_edition_says_that_it_is_one(replaced, signed_in):
    former, held = replaced
    browser = signed_in("planner")
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    base = "/maps/?measure=poverty_rate&level=regency"
    answer = browser.get(f"{base}&period=release-{former}")
    assert answer.context["theme"].rows[0].value == 20
    assert "these figures have been replaced" in answer.content.decode()
    asked = answer.context["asked"]
    assert browser.get(f"/maps/?{asked.query()}").context["asked"] == asked
    for key in (f"release-{held}", "release-", "release-x", "release-999999999999999999"):
        assert browser.get(f"{base}&period={key}").context["asked"].period.key == "2021"
        assert browser.get(f"{base}&against={key}").context["asked"].against is None
    # of another measure
    families = browser.get(f"/maps/?measure=families&against=release-{former}").context["asked"]
    assert (families.against, families.swipe) == (None, None)


def test_the_form_of_a_replaced_edition_sends_that_edition(replaced, signed_in):
    former, _held = replaced
    browser = signed_in("planner")
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    answer = browser.get(f"/maps/?measure=poverty_rate&level=regency&period=release-{former}")
    sent = unchanged(answer.content.decode())
    assert sent["period"] == f"release-{former}"
    assert browser.get("/maps/", sent).context["asked"] == answer.context["asked"]
    # the figures in force are still a choice
    assert '<option value="2021"' in answer.content.decode()


def test_the_address_of_an_edition_stays_one_when_it_is_put_back_in_force(replaced, signed_in):
    former, _held = replaced
    with as_role("owner"):
        newer = Release.objects.get(is_current=True)
        newer.pk, newer.period, newer.period_start = None, "2024", date(2024, 1, 1)
        newer.save()
        put_in_force(Release.objects.get(pk=former), by=Actor("command:tests"), now=NOW)
    browser = signed_in("planner")
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    base = "/maps/?measure=poverty_rate&level=regency"
    answer = browser.get(f"{base}&period=release-{former}")
    asked = answer.context["asked"]
    assert (asked.period.key, asked.wanted_period) == ("2021", "2021")
    assert answer.context["theme"].rows[0].value == 20
    assert "There are no values" not in answer.content.decode()
    assert "have been replaced" not in answer.content.decode()
    change = browser.get(f"{base}&period=2024&against=release-{former}")
    assert change.context["asked"].against.key == "2021"
    same = browser.get(f"{base}&period=2021&against=release-{former}")
    assert same.context["asked"].against is None
    assert "nothing is compared" in same.content.decode()


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


@pytest.mark.parametrize("level", ["district", "village"])
def test_a_figure_of_small_regions_alone_leads_to_its_values(published, signed_in, level):
    """From the country by the links to its parts, until there is a map with values."""
    with as_role("owner"):
        Release.objects.update(level=level, levels=[level])
        Value.objects.all().delete()
        code = CODES["A"][: {"district": 8, "village": 13}[level]]
        Value.objects.create(release=Release.objects.get(), region_id=code, value=5)
    browser = signed_in("planner")
    answer = browser.get("/maps/?measure=poverty_rate")
    for within in ("97", "97.01"):
        if 5 in [row.value for row in answer.context["theme"].rows]:
            break
        assert "theme-parts" in answer.content.decode()
        [link] = [one for one in answer.context["places"] if one["code"] == within]
        answer = browser.get(f"/maps/?{link['query']}")
    assert 5 in [row.value for row in answer.context["theme"].rows]
    assert answer.context["too_low"] is None


def test_the_districts_of_the_country_have_no_tier_without_figures(published, signed_in):
    with as_role("owner"):
        Release.objects.update(level="district", levels=["district"])
    outlined()
    query = "measure=poverty_rate&within=ID&level=district"
    [pane] = signed_in("planner").get(f"/maps/?{query}").context["panes"]
    assert pane["tiers"] == ""


def test_no_scale_tells_the_villages_of_a_sensitive_figure(published, signed_in):
    with as_role("owner"):
        Indicator.objects.update(is_sensitive=True)
        Release.objects.update(levels=["regency", "village"])
        release = Release.objects.get()
        for letter, value in (("A", 3), ("B", 77)):
            Value.objects.create(release=release, region_id=CODES[letter], value=value)
    query = "measure=poverty_rate&level=regency&method=equal&scale=village-97.01"
    theme = signed_in("planner").get(f"/maps/?{query}").context["theme"]
    assert theme.bounds[0] >= 7.5
    assert theme.bounds[-1] <= 12.34


def test_published_regions_are_said_to_be_as_published(published, signed_in):
    with as_role("owner"):
        Release.objects.update(levels=["regency", "district"])
    outlined()
    browser = signed_in("planner")
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    text = browser.get("/maps/?measure=poverty_rate&within=ID&level=district").content.decode()
    assert "as published" in text
    assert "of its villages" not in text


def test_a_map_of_the_country_is_filtered_by_all_pockets_also_of_an_officer(
    published, signed_in, tmp_path
):
    world.families("I", 12)
    world.in_force(world.listed(tmp_path, "AI"))
    query = "measure=poverty_rate&level=regency&within=ID&pocket=published"
    rows = signed_in("regency_officer").get(f"/maps/?{query}").context["theme"].rows
    assert {row.code for row in rows} == {"97.01", "98.01"}
