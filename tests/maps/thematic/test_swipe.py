"""Two periods of one measure under a line that moves, and the same as tables."""

from __future__ import annotations

import pytest

from apps.indicators.measures.definitions import ALL_TABLES
from apps.indicators.models import CountState, RegionCount
from apps.regions.models import ShapeSet
from tests.base import NOW
from tests.conftest import as_role
from tests.indicators.measures.registered import counted, registered
from tests.maps.tiles import outlined

pytestmark = pytest.mark.django_db
VILLAGES = "within=97.01&level=village"


@pytest.fixture(scope="module", autouse=True)
def _two_years(lasting):
    """Half of the families of each village were in a programme a year ago."""
    with lasting():
        outlined()
        for letter, families, enrolled in (
            ("A", 40, 10),
            ("B", 30, 12),
            ("C", 3, 0),
            ("D", 50, 25),
        ):
            registered(letter, families, enrolled=enrolled)
        counted()
        for row in RegionCount.objects.all():
            row.pk, row.period_start = None, row.period_start.replace(year=2025)
            row.families_enrolled = row.families // 2
            row.save()
        CountState.objects.update(versions=dict.fromkeys(ALL_TABLES, 99))


@pytest.fixture
def planner(signed_in):
    browser = signed_in("planner")
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return browser


def page(browser, measure, more=""):
    """The map swiped between the newest period and the one a year before."""
    now = browser.get(f"/maps/?measure={measure}").context["asked"].period
    query = f"measure={measure}&{VILLAGES}&against=2025-{now.start:%m}&compare=swipe{more}"
    answer = browser.get(f"/maps/?{query}")
    assert answer.status_code == 200
    return answer


def test_both_periods_are_maps_of_the_same_classes(planner):
    left, right = page(planner, "enrolled_share").context["panes"]
    assert left["theme"].asked.period.start.year == 2026
    assert right["theme"].asked.period.start.year == 2025
    assert left["theme"].bounds == right["theme"].bounds
    assert (left["is_fixed"], right["is_fixed"]) == (False, True)
    texts = []
    for pane in (left, right):
        found = planner.get(pane["values_address"]).json()
        texts.append(dict(zip(found["names"], found["texts"], strict=True)))
    assert (texts[0]["Ampel"], texts[1]["Ampel"]) == ("25.0 %", "50.0 %")
    assert texts[0]["Cemara"] == texts[1]["Cemara"] == "suppressed"


def test_both_halves_lead_to_both_periods_of_the_parts_of_a_region(planner):
    now = planner.get("/maps/?measure=enrolled_share").context["asked"].period
    query = f"measure=enrolled_share&within=97&level=regency&against=2025-{now.start:%m}"
    left, right = planner.get(f"/maps/?{query}&compare=swipe").context["panes"]
    assert left["inside"] == right["inside"]
    answer = planner.get(f"/maps/?{left['inside'].replace('{code}', '97.01')}")
    assert len(answer.context["panes"]) == 2
    assert (answer.context["asked"].within, answer.context["asked"].swipe.start.year) == (
        *("97.01", 2025),
    )


def test_both_halves_have_their_numbers_and_sources(planner):
    answer = page(planner, "enrolled_share")
    text = answer.content.decode()
    assert text.count('class="theme-sources"') == 2
    for pane in answer.context["panes"]:
        assert f"Source: DTKS register, Pusdatin Kesos, {pane['half']}" in text
        assert f'id="{pane["element"]}-summary"' in text


def test_the_slider_has_words_and_tables_beside_it(planner):
    text = page(planner, "enrolled_share").content.decode()
    assert 'id="theme-swipe"' in text
    assert "Where the map changes from" in text
    assert "Both periods as a table" in text
    assert "The change between both periods as a table" in text


def test_the_table_has_both_periods_and_leads_to_the_change(planner):
    answer = page(planner, "enrolled_share", "&view=table")
    found = {one["row"].name: (one["words"], one["other"]) for one in answer.context["rows"]}
    assert found["Ampel"] == ("25.0 %", "50.0 %")
    assert found["Cemara"] == ("suppressed", "suppressed")
    heads = answer.context["heads"]
    assert heads[0].startswith("2026-")
    assert heads[1].startswith("2025-")
    change = planner.get(f"/maps/?{answer.context['change_query']}")
    assert change.context["theme"].words_of(change.context["theme"].rows[0]) == "-25.0"


def test_counts_are_swiped_too_and_the_address_keeps_it(planner):
    answer = page(planner, "families")
    assert len(answer.context["panes"]) == 2
    asked = answer.context["asked"]
    again = planner.get(f"/maps/?{asked.query()}").context["asked"]
    assert (again.swipe, again.against) == (asked.swipe, None)


def test_without_another_period_there_is_nothing_to_swipe(planner):
    answer = planner.get(f"/maps/?measure=families&{VILLAGES}&compare=swipe&against=1999-01")
    assert len(answer.context["panes"]) == 1
    assert 'id="theme-swipe"' not in answer.content.decode()


def test_each_half_has_its_own_files(planner):
    answer = page(planner, "enrolled_share")
    texts = []
    for pane in answer.context["panes"]:
        query = dict(pane["files"])["csv"]
        texts.append(planner.get(f"/maps/figures.csv?{query}").content.decode("utf-8-sig"))
    assert "25.0" in texts[0]
    assert "50.0" not in texts[0]
    assert "2025-" not in texts[0]
    assert "50.0" in texts[1]
    assert "2026-" not in texts[1].partition("\n")[2].replace("Toy 2026-01", "")
    words = answer.content.decode()
    assert words.count("Download Families in a programme, 202") == 2
    assert "Download:" not in words


def test_boundaries_are_swiped_against_those_before(planner):
    query = f"measure=enrolled_share&{VILLAGES}&against=boundaries"
    assert len(planner.get(f"/maps/?{query}").context["panes"]) == 1
    former = ShapeSet.objects.get()
    with as_role("owner"):
        ShapeSet.objects.create(
            pk=former.pk + 1, edition=former.edition, groups=[], asked_at=NOW, ready_at=NOW
        )
    answer = planner.get(f"/maps/?{query}")
    left, right = answer.context["panes"]
    assert f"-{former.pk + 1}/" in left["areas_address"]
    assert f"-{former.pk}/" in left["areas_address"].replace(str(former.pk + 1), str(former.pk))
    assert f"-{former.pk}/" in right["areas_address"]
    assert f"-{former.pk}/" in right["boundaries"]
    assert left["values_address"] == right["values_address"]
    assert (bool(left["files"]), right["files"]) == (True, [])
    assert "boundaries" in [key for key, _name in answer.context["compared"]]
    tiles = right["areas_address"].replace("{z}/{x}/{y}", "9/411/264")
    assert planner.get(tiles).status_code != 410
