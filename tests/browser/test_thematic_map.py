"""The thematic map in a real browser: areas joined to their values, drilled into, compared, and
without WebGL2.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from apps.demo import country
from apps.demo.country import CODES
from tests.browser.conftest import PHONE, settled
from tests.browser.map_tools import PLACE, WITHOUT_WEBGL2, drawn
from tests.conftest import as_role
from tests.indicators.measures.registered import counted, registered
from tests.maps.tiles import outlined

pytestmark = pytest.mark.django_db(transaction=True)
VILLAGES = "within=97.01&level=village"
# Feature id → its colour, or nothing, of every area that is drawn.
SHADES = """() => Object.fromEntries(
    window.vectorMap.gl.queryRenderedFeatures({layers: ["theme-area"]})
    .map(one => [one.id, one.state.known ? one.state.shade : ""]))"""
HATCHED = """() => window.vectorMap.gl.queryRenderedFeatures({layers: ["theme-hidden"]})
    .map(one => one.id)"""


def number(letter: str) -> int:
    return int(CODES[letter].replace(".", ""))


@pytest.fixture
def counts():
    outlined()
    with as_role("owner"):
        for letter, families, enrolled in (
            ("A", 40, 10), ("B", 30, 12), ("C", 3, 0), ("D", 50, 25), ("I", 60, 30), ("M", 45, 6),
        ):  # fmt: skip
            registered(letter, families, enrolled=enrolled)
    counted()


def opened(page: Page, query: str) -> Page:
    page.goto(f"/maps/?{query}")
    expect(page.locator("#vector-map[data-drawn]")).to_be_attached(timeout=20_000)
    return drawn(page)


def test_each_region_has_the_colour_of_its_class_and_hidden_ones_are_hatched(
    counts, as_person, shot
):
    page = opened(as_person("verifier"), f"measure=enrolled_share&{VILLAGES}")
    shot(page, "villages")
    shades = page.evaluate(SHADES)
    assert shades[str(number("A"))] != shades[str(number("B"))]
    assert shades[str(number("C"))] == ""
    assert set(page.evaluate(HATCHED)) == {number("C"), number("D")}


def test_the_country_is_drawn_by_provinces(counts, as_person, shot):
    page = opened(as_person("planner"), "measure=enrolled_share")
    shot(page, "country")
    assert page.evaluate(SHADES).keys() == {"97", "98"}


def test_counts_are_circles(counts, as_person, shot):
    page = opened(as_person("verifier"), f"measure=families&{VILLAGES}")
    shot(page, "circles")
    circles = page.evaluate(
        "() => window.vectorMap.gl.queryRenderedFeatures({layers: ['theme-circle']})"
        ".map(one => one.id)"
    )
    assert set(circles) == {number("A"), number("B")}


def test_a_click_on_a_region_opens_its_parts(counts, as_person):
    page = opened(as_person("verifier"), "within=97&level=regency&measure=families")
    x, y = page.evaluate(PLACE, country.at("A"))
    page.mouse.move(x, y)
    expect(page.locator(".leaflet-tooltip")).to_contain_text("123")
    page.mouse.click(x, y)
    page.wait_for_url("**within=97.01**")


def test_a_choice_is_shown_at_once_and_the_legend_follows(counts, as_person):
    page = opened(as_person("verifier"), VILLAGES)
    page.select_option("select[name=measure]", "families")
    page.wait_for_url("**measure=families**")
    settled(page)
    expect(page.locator(".theme-legend h2")).to_have_text("Registered families")


def test_two_measures_are_linked_maps(counts, as_person, shot):
    page = opened(as_person("verifier"), f"measure=enrolled_share&other=families&{VILLAGES}")
    expect(page.locator("#vector-map-1[data-drawn]")).to_be_attached(timeout=20_000)
    shot(page, "two")
    assert page.locator(".theme-map").count() == 2


def test_on_a_phone_map_and_legend_fit(counts, as_person, shot):
    page = opened(as_person("verifier", PHONE), VILLAGES)
    shot(page, "phone")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= PHONE["width"]


def test_without_webgl2_there_are_outlines_and_the_table(counts, as_person, shot):
    page = as_person("verifier")
    page.add_init_script(WITHOUT_WEBGL2)
    page.goto(f"/maps/?{VILLAGES}")
    expect(page.locator(".map-plain")).to_contain_text("WebGL2")
    expect(page.locator("#vector-map path").first).to_be_attached()
    shot(page, "plain")
    page.click(".theme-tabs a >> nth=1")
    expect(page.locator(".theme-table")).to_contain_text("suppressed")
