"""The filter of a thematic map: it leaves regions out, and never finds what is hidden."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from html import unescape

import pytest

from apps.audit.models import Action, Entry
from apps.commandcentre.models import VillageZone, ZoneClass, ZoneEdition
from apps.demo.country import CODES
from apps.indicators.models import CountState
from apps.indicators.pockets.activation import editions_in_force
from tests.base import NOW
from tests.conftest import as_role
from tests.indicators.measures.registered import counted, registered
from tests.indicators.pockets import world
from tests.maps.tiles import outlined

pytestmark = pytest.mark.django_db
VILLAGES = "measure=enrolled_share&within=97.01&level=village"
LETTERS = {code: letter for letter, code in CODES.items()}


@pytest.fixture(scope="module", autouse=True)
def _counted(lasting):
    """Of 97.01 A has 25 %, B 40 %; C is small, and D hidden with it."""
    with lasting():
        outlined()
        for letter, families, enrolled in (
            ("A", 40, 10), ("B", 30, 12), ("C", 3, 0), ("D", 50, 25), ("E", 20, 9), ("F", 25, 9),
            ("I", 60, 30), ("M", 45, 6),
        ):  # fmt: skip
            registered(letter, families, enrolled=enrolled)
        counted()


@pytest.fixture
def planner(signed_in):
    browser = signed_in("planner")
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return browser


@pytest.fixture
def zones():
    """B lies in a zone of the highest class, E in one of the lowest."""
    with as_role("owner"):
        edition = ZoneEdition.objects.create(
            kind="flood", name="Rawan banjir", measure="class", received_at=NOW
        )
        for letter, hazard_class in (("B", ZoneClass.HIGH), ("E", ZoneClass.LOW)):
            VillageZone.objects.create(
                edition=edition, village_id=CODES[letter], hazard_class=hazard_class,
                share_class=1, share_any=1,
            )  # fmt: skip
    return edition


@pytest.fixture
def pockets(tmp_path):
    """BIG's pockets are A, B and D, the register's B, E and I; of D it does not say."""
    computed = world.computed(percent=40)
    assert world.pockets(computed) == "BEI"
    world.in_force(world.listed(tmp_path, "ABD"), computed)


def theme(browser, query):
    answer = browser.get(f"/maps/?{query}")
    assert answer.status_code == 200
    return answer.context["theme"]


def regions(browser, query):
    """The regions that are shown: letters of villages, codes of others."""
    return {LETTERS.get(row.code, row.code) for row in theme(browser, query).rows}


def test_a_range_keeps_the_regions_whose_value_lies_in_it_in_every_output(planner):
    query = f"{VILLAGES}&least=30&most=40"
    found = theme(planner, query)
    assert [row.name for row in found.rows] == ["Beji"]
    assert {row.name for row in found.left_out} == {"Ampel", "Cemara", "Duku"}
    assert planner.get(f"/maps/values.json?{query}").json()["names"] == ["Beji"]
    text = planner.get(f"/maps/figures.csv?{query}").content.decode("utf-8-sig")
    [row] = csv.DictReader(io.StringIO(text))
    assert row["wilayah"] == "Beji"
    assert "Filter: value from 30 to 40" in row["catatan"]
    assert "1 of 4 regions" in row["catatan"]
    shapes = planner.get(f"/maps/figures.geojson?{query}").json()["features"]
    assert [one["properties"]["wilayah"] for one in shapes] == ["Beji"]
    assert planner.get(f"/maps/figures.png?{query}").status_code == 200
    entry = Entry.objects.filter(action=Action.EXPORT).latest("pk")
    assert entry.details["filter"] == {"least": "30", "most": "40"}


@pytest.mark.parametrize("number", [1, 2, 3, 4, 50, "0", "-1", "1000000"])
@pytest.mark.parametrize("measure", ["families", "enrolled_share"])
@pytest.mark.long
def test_no_range_finds_a_hidden_value(planner, measure, number):
    """C has 3 families and no enrolled one, D 50 and 50 %: neither appears, whatever is asked."""
    place = "within=97.01&level=village"
    for query in (f"least={number}&most={number}", f"least={number}", f"most={number}"):
        shown = regions(planner, f"measure={measure}&{place}&{query}")
        assert not shown & {"C", "D"}


def test_classes_and_colours_stay_those_without_the_filter(planner):
    whole, some = theme(planner, VILLAGES), theme(planner, f"{VILLAGES}&least=30")
    assert some.bounds == whole.bounds
    [row] = some.rows
    assert some.class_of(row) == whole.class_of(row)


@pytest.mark.parametrize(
    ("pocket", "villages", "regencies"),
    [
        ("published", {"A", "B", "D"}, {"97.01"}),
        ("computed", {"B"}, {"97.01", "97.02", "98.01"}),
        ("agree", {"B"}, {"97.01"}),
    ],
)
@pytest.mark.long
def test_regions_with_a_village_in_a_pocket(planner, pockets, pocket, villages, regencies):
    assert regions(planner, f"{VILLAGES}&pocket={pocket}") == villages
    query = f"measure=families&within=ID&level=regency&pocket={pocket}"
    assert regions(planner, query) == regencies


def test_a_hidden_village_of_a_pocket_stays_hidden(planner, pockets):
    found = theme(planner, f"{VILLAGES}&pocket=published")
    words = {row.name: found.words_of(row) for row in found.rows}
    assert words == {"Ampel": "25.0 %", "Beji": "40.0 %", "Duku": "suppressed"}
    told = " ".join(planner.get(f"/maps/?{VILLAGES}&pocket=agree").context["panes"][0]["sources"])
    assert "BIG 2026-07, published 1 Jul 2026; Register 2026-11, computed " in told


def test_regions_with_a_village_in_a_hazard_prone_zone(planner, zones):
    assert regions(planner, f"{VILLAGES}&hazard=flood") == {"B"}
    regency = "measure=families&within=ID&level=regency"
    assert regions(planner, f"{regency}&hazard=flood") == {"97.01", "97.02"}
    assert regions(planner, f"{regency}&hazard=flood-high") == {"97.01"}
    assert regions(planner, f"{regency}&hazard=tsunami") == set()
    assert "flood-high" in dict(planner.get(f"/maps/?{regency}").context["hazards"])


def test_filters_narrow_together(planner, zones, pockets):
    assert regions(planner, f"{VILLAGES}&pocket=published&hazard=flood") == {"B"}
    assert regions(planner, f"{VILLAGES}&pocket=published&hazard=flood&least=41") == set()
    assert regions(planner, f"{VILLAGES}&hazard=flood&least=30") == {"B"}
    assert regions(planner, f"{VILLAGES}&hazard=flood&least=41") == set()


def test_values_have_another_etag_after_the_zones_changed(planner, zones):
    address = f"/maps/values.json?{VILLAGES}&hazard=flood"
    first = planner.get(address)
    with as_role("owner"):
        ZoneEdition.objects.update(is_current=False)
    later = planner.get(address, HTTP_IF_NONE_MATCH=first["ETag"])
    assert later.status_code == 200
    assert later.json()["ids"] == []


def test_a_programme_narrows_the_families_of_any_programme(planner):
    answer = planner.get(f"/maps/?{VILLAGES}&programme=PKH")
    assert answer.context["asked"].measure.code == "programme_pkh_share"
    assert (answer.context["measure"], answer.context["programme"]) == ("enrolled_share", "PKH")
    again = planner.get(f"/maps/?{answer.context['asked'].query()}")
    assert again.context["asked"].measure.code == "programme_pkh_share"
    other = planner.get("/maps/?measure=families&programme=PKH")
    assert other.context["asked"].measure.code == "families"


def test_the_range_of_the_second_map_is_that_of_the_first_measure(planner):
    answer = planner.get(f"/maps/?{VILLAGES}&other=families&least=30")
    first, second = answer.context["panes"]
    assert [row.name for row in second["theme"].rows] == ["Beji"]
    joined = planner.get(second["values_address"]).json()
    assert joined["names"] == ["Beji"]
    assert first["theme"].measure.code != second["theme"].measure.code


def test_the_address_keeps_the_filter_and_what_cannot_be_read_does_not_narrow(planner):
    query = f"{VILLAGES}&least=1,5&most=99&pocket=agree&hazard=flood-high"
    asked = planner.get(f"/maps/?{query}").context["asked"]
    again = planner.get(f"/maps/?{asked.query()}").context["asked"]
    assert again == replace(asked, wanted_period=asked.period.label)
    assert again.region_filter.least == 1.5
    wrong = f"{VILLAGES}&least=nan&most=1e999&pocket=x&hazard=flood-low&by=nothing"
    assert regions(planner, wrong) == {"A", "B", "C", "D"}


def test_an_officer_sees_no_region_outside_the_scope_by_a_filter(signed_in, pockets):
    browser = signed_in("verifier")
    query = "measure=families&within=97&level=regency&pocket=computed"
    assert regions(browser, query) == {"97.01"}


@pytest.mark.parametrize(
    ("query", "is_anew"),
    [("pocket=computed", True), ("by=families&least=1", True), ("least=1", False), ("", False)],
)
def test_kept_values_follow_what_their_filter_depends_on(planner, query, is_anew):
    """A pocket is unsaid, or a count hidden, without any change of the measure itself."""
    address = f"/maps/values.json?measure=proposals_open&level=regency&{query}"
    before = planner.get(address)["ETag"]
    with as_role("owner"):
        state = CountState.objects.get()
        state.versions |= {"families": state.version + 7}
        state.save()
    assert (planner.get(address)["ETag"] != before) == is_anew


def test_the_pockets_of_both_origins_are_swiped(planner, pockets):
    answer = planner.get(f"/maps/?{VILLAGES}&against=pockets")
    left, right = answer.context["panes"]
    shown = [{LETTERS[row.code] for row in pane["theme"].rows} for pane in (left, right)]
    assert shown == [{"A", "B", "D"}, {"B"}]
    in_force = editions_in_force()
    assert left["half"] == f"BIG's pockets ({in_force.published.name})"
    assert right["half"] == f"the register's pockets ({in_force.computed.name})"
    text = answer.content.decode()
    assert 'id="theme-swipe"' in text
    # of both halves edition, day, numbers and method
    assert text.count('class="theme-sources"') == 2
    assert f"{in_force.published.name}, published " in unescape(text)
    assert f"{in_force.computed.name}, computed " in unescape(text)
    assert "A pocket has at least five of them" in text
    assert left["inside"] == right["inside"]
    assert "against=pockets" in page_of_parts(planner, "97.01")
    assert "pocket=" not in page_of_parts(planner, "97.01").replace("=pockets", "")
    for pane, villages in zip((left, right), shown, strict=True):
        found = planner.get(pane["values_address"]).json()
        assert set(found["ids"]) == {number(CODES[letter]) for letter in villages}
    asked = answer.context["asked"]
    again = planner.get(f"/maps/?{asked.query()}").context["asked"]
    assert (again.editions, again.query()) == ("pockets", asked.query())
    without = planner.get(f"/maps/?{asked.query(against='')}").context["asked"]
    assert (without.swipes_pockets, without.region_filter.pocket) == (False, "")


def test_pockets_are_offered_to_be_swiped_where_both_editions_are_in_force(planner, tmp_path):
    def offered():
        return [key for key, _name in planner.get(f"/maps/?{VILLAGES}").context["compared"]]

    assert "pockets" not in offered()
    world.in_force(world.listed(tmp_path, "ABD"), world.computed(percent=40))
    assert "pockets" in offered()


def test_bigs_pockets_are_swiped_against_a_former_edition(planner, pockets, tmp_path):
    former = editions_in_force().published
    later = world.listed(tmp_path, "AC", "BIG 2026-12")
    world.in_force(later)
    key = f"pockets-{former.pk}"
    answer = planner.get(f"/maps/?{VILLAGES}&against={key}")
    assert key in [one for one, _name in answer.context["compared"]]
    left, right = answer.context["panes"]
    shown = [{LETTERS[row.code] for row in pane["theme"].rows} for pane in (left, right)]
    assert shown == [{"A", "C"}, {"A", "B", "D"}]
    assert right["half"] == f"former edition {former.name}"


def test_no_former_edition_of_the_register_is_a_filter(planner, pockets):
    """What is hidden of it does not follow the maps any more."""
    former = editions_in_force().computed
    world.in_force(world.computed("Register 2026-12", percent=40))
    assert regions(planner, f"{VILLAGES}&pocket=edition-{former.pk}") == set()


def page_of_parts(planner, code):
    """The address to which both halves of a swipe of pockets lead from a region."""
    answer = planner.get("/maps/?measure=families&within=97&level=regency&against=pockets")
    [address] = {pane["inside"] for pane in answer.context["panes"]}
    return address.replace("{code}", code)


def number(code):
    return int(code.replace(".", ""))
