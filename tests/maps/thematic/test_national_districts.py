"""Districts of the whole country: regencies from afar, villages from close by, in one scheme."""

from __future__ import annotations

import json
import math
from bisect import bisect_right

import pytest

from apps.demo.country import CODES
from apps.indicators.models import RegionCount, SuppressedRegion
from apps.maps.thematic import page as thematic_page
from apps.regions.models import Region
from tests.indicators.measures.registered import counted, registered
from tests.maps.tiles import fetched, outlined, over, read

pytestmark = pytest.mark.django_db
DISTRICTS = "measure=enrolled_share&within=ID&level=district"


@pytest.fixture(scope="module", autouse=True)
def _counted(lasting):
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


def tiers(browser, query=DISTRICTS):
    [pane] = browser.get(f"/maps/?{query}").context["panes"]
    return pane, {one["level"]: one for one in json.loads(pane["tiers"] or "[]")}


def classes(browser, address):
    found = browser.get(address).json()
    return dict(zip(found["ids"], found["classes"], strict=True))


def test_districts_of_the_country_are_shown_with_their_sums(planner):
    answer = planner.get(f"/maps/?{DISTRICTS}")
    theme = answer.context["theme"]
    shown = {row.code: row.value for row in theme.rows}
    assert set(shown) == {code[:8] for code in CODES.values()}
    assert shown["97.01.01"] == pytest.approx(100 * 22 / 70)
    assert "the sums of its villages" in answer.content.decode()


def test_the_sums_of_each_level_are_those_of_the_villages_in_it():
    """Regency, district and village are one table, added up."""
    rows = {row.region_id: row for row in RegionCount.objects.all()}
    villages = [row for code, row in rows.items() if len(code) == 13]
    for code, row in rows.items():
        inside = [one for one in villages if code == "ID" or one.region_id.startswith(code)]
        assert row.families == sum(one.families for one in inside)
        assert row.families_enrolled == sum(one.families_enrolled for one in inside)


def test_regencies_and_villages_have_the_classes_of_the_districts(planner):
    pane, others = tiers(planner)
    assert set(others) == {"regency", "village"}
    assert (others["regency"]["until"], others["village"]["from"]) == (6, 8)
    bounds = pane["theme"].bounds
    regencies = planner.get(others["regency"]["values"]).json()
    assert set(regencies["ids"]) == {9701, 9702, 9801, 9802}
    by_class = dict(zip(regencies["ids"], regencies["classes"], strict=True))
    whole = 100 * 47 / 123  # of regency 97.01
    assert by_class[9701] == sum(whole >= bound for bound in bounds[1:-1])
    assert regencies["shades"] == pane["theme"].shades
    address = others["village"]["values"].replace("{regency}", "97.01")
    villages = planner.get(address).json()
    by_class = dict(zip(villages["names"], villages["classes"], strict=True))
    assert by_class["Ampel"] == sum(bound <= 25 for bound in bounds[1:-1])
    assert by_class["Cemara"] == by_class["Duku"] == villages["hidden"]
    assert others["village"]["inside"] == ""
    assert "within={code}" in others["regency"]["inside"]
    assert "scale" not in others["regency"]["inside"]


def test_the_legend_has_room_for_villages_beyond_the_districts(planner):
    """A village may have less or more than any district has."""
    pane, _others = tiers(planner)
    theme = pane["theme"]
    words = [one.words for one in theme.legend()]
    assert words[0].startswith("below ")
    assert words[-1].endswith(" and above")
    alone = planner.get("/maps/?measure=enrolled_share&within=97.01&level=village")
    assert not alone.context["theme"].scale.is_open


def test_each_tier_has_its_tiles_from_the_zoom_on_at_which_it_is_drawn(planner, tmp_path):
    pane, others = tiers(planner)
    drawn = {
        "district": (pane["areas_address"], 6, 6),
        "regency": (others["regency"]["areas"], 3, 4),
        "village": (others["village"]["areas"], 8, 10),
    }
    for level, (address, zoom, digits) in drawn.items():
        at = over("A", zoom)
        found = read(fetched(planner, address.split("/")[2], at), at, tmp_path)
        assert {len(str(int(row["mvt_id"]))) for row in found["area"]} == {digits}, level


def test_the_villages_of_the_country_in_one_tile_are_joined_to_their_values(planner, tmp_path):
    """Read by GDAL: each village with a polygon is there once, and each has a value or its word."""
    _pane, others = tiers(planner)
    at = over("A", 8)
    content = fetched(planner, others["village"]["areas"].split("/")[2], at)
    drawn = [int(row["mvt_id"]) for row in read(content, at, tmp_path)["area"]]
    with_polygon = {int(code.replace(".", "")) for letter, code in CODES.items() if letter != "H"}
    assert sorted(drawn) == sorted(with_polygon)
    joined = {}
    for regency in ("97.01", "97.02", "98.01", "98.02"):
        joined |= classes(planner, others["village"]["values"].replace("{regency}", regency))
    assert set(drawn) <= set(joined)
    assert len([one for one in drawn if joined[one] >= 0]) == 6  # with families, and not hidden


def test_without_villages_districts_are_drawn_from_close_by_too(planner):
    assert tiers(planner, "measure=enrolled_share&within=97&level=district")[1] == {}
    assert tiers(planner, "measure=enrolled_share&within=ID&level=regency")[1] == {}


def test_a_filter_and_two_measures_hold_in_every_tier(planner):
    _pane, others = tiers(planner, f"{DISTRICTS}&least=40")
    for one in others.values():
        assert "least=40" in one["values"]
    both = f"{DISTRICTS}&other=without_proposal_share&compare=bivariate"
    _pane, others = tiers(planner, both)
    found = planner.get(others["regency"]["values"]).json()
    assert len(found["shades"]) == 9


def test_circles_of_regencies_are_no_larger_than_the_largest_circle(planner):
    _pane, others = tiers(planner, "measure=families&within=ID&level=district")
    found = planner.get(others["regency"]["values"]).json()
    assert max(found["radii"]) <= thematic_page.LARGEST_PX


def test_browsers_without_webgl2_get_the_outlines_of_regencies(planner):
    pane, _others = tiers(planner)
    found = planner.get(pane["outlines_address"]).json()["features"]
    assert {one["properties"]["name"] for one in found} >= {"Kabupaten Barat Lor"}
    assert len(found) == 4


def test_the_table_is_read_in_pages(planner, monkeypatch):
    monkeypatch.setattr(thematic_page, "PAGE_ROWS", 5)
    query = f"{DISTRICTS}&view=table&sort=name"
    names, answer = [], planner.get(f"/maps/?{query}")
    while True:
        names += [one["row"].code for one in answer.context["rows"]]
        if not answer.context["rows_after"]:
            break
        answer = planner.get(f"/maps/?{answer.context['rows_after']}")
    assert len(names) == len(set(names)) == 8
    assert planner.get(f"/maps/?{query}&page=99").context["rows_last"] == 8


@pytest.mark.parametrize("scale", ["district", "district-", "x-ID", "district-97.", "village-1"])
def test_a_scale_that_cannot_be_read_is_that_of_the_map(planner, scale):
    answer = planner.get(f"/maps/?{DISTRICTS}&scale={scale}")
    assert answer.context["asked"].scale is None


def test_values_are_rounded_not_cut(planner):
    """12 of 30 and 10 of 40 are 22 of 70: 31.43 %; 47 of 123 are 38.21 %."""
    theme = planner.get(f"/maps/?{DISTRICTS}").context["theme"]
    texts = {row.code: theme.words_of(row) for row in theme.rows}
    assert texts["97.01.01"] == "31.4 %"
    assert theme.number(38.26) == "38.3"
    assert theme.number(-0.01) == "0.0"


@pytest.mark.parametrize("measure", ["enrolled_share", "families"])
def test_the_values_have_the_bytes_of_each_region_by_itself(planner, measure):
    """They are read and classed thousands at once."""
    query = f"measure={measure}&within=ID&level=district"
    theme = planner.get(f"/maps/?{query}").context["theme"]
    codes, names, classes, texts, values = [], [], [], [], []
    for region in Region.objects.filter(level="district").order_by("code"):
        tables = ["families", *(["families_enrolled"] if measure == "enrolled_share" else [])]
        hidden = SuppressedRegion.objects.filter(pk=region.pk, tables__overlap=tables)
        [row] = RegionCount.objects.filter(region=region) or [None]
        part = row and (row.families_enrolled if measure == "enrolled_share" else row.families)
        value = part
        if measure == "enrolled_share":
            value = 100 * part / row.families if row and row.families else None
        if row is not None and (hidden.exists() or 0 < part < 5):
            number, words = -1, "suppressed"
        elif value is None:
            number, words = -2, "no data"
        elif measure == "enrolled_share":
            number = bisect_right(theme.bounds[1:-1], value)
            few = f"{part} of {row.families}"
            words = few if row.families < 20 else f"{value:.1f} %"
        else:
            number, words = bisect_right(theme.bounds[1:-1], value), str(part)
        codes.append(int(region.digits))
        names.append(region.name)
        classes.append(number)
        texts.append(words)
        values.append(value if number >= 0 else None)
    wanted = {
        "ids": codes, "names": names, "texts": texts, "classes": classes, "shades": theme.shades,
        "is_rate": measure == "enrolled_share", "hidden": -1, "missing": -2,
    }  # fmt: skip
    assert len(set(classes)) > 2
    body = planner.get(f"/maps/values.json?{query}").content.decode()
    if measure == "families":
        found = json.loads(body)
        radii = [max(2, 28 * math.sqrt(one / theme.largest)) if one else 0 for one in values]
        assert found["radii"] == pytest.approx(radii, abs=0.06)
        wanted |= {"places": found["places"], "radii": found["radii"]}
        assert {len(place) for place in found["places"] if place} == {2}
    assert body == json.dumps(wanted, ensure_ascii=False, separators=(",", ":"))
