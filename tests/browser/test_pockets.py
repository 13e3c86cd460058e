"""The page of the differences in Chromium: the map, its words, a phone, accessibility."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from apps.demo.country import CODES
from apps.indicators.models import PocketDifference
from tests.browser.conftest import PHONE, settled
from tests.browser.test_pages import serious
from tests.conftest import as_role
from tests.indicators.pockets import world
from tests.regions.editions import square

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/indicators/pockets/"
# The texts of all tips of the map.
TIPS = """() => {
    const found = [];
    window.pocketMap.eachLayer(one => {
        const tip = one.getTooltip && one.getTooltip();
        if (tip) found.push(tip.getContent().lastChild.textContent);
    });
    return found;
}"""


@pytest.fixture
def compared(tmp_path):
    for letter in "ABDI":
        world.families(letter, 8, programme="PKH", spots=[(0.5, 0.5)] * 8)
    areas = [square("A", 0.1, 0.1, 0.9, 0.9), square("C", 0, 0, 1, 1)]
    world.in_force(
        world.imported(world.write_polygons(tmp_path / "kantong.geojson", areas)), world.computed()
    )


@pytest.mark.long
def test_the_map_draws_villages_areas_and_cells_and_says_how_many(compared, as_person, shot):
    page = as_person("planner")
    page.goto(PAGE)
    settled(page)
    expect(page.locator("#pocket-map")).to_have_attribute("data-drawn", "5")
    expect(page.locator("#map-note")).to_have_text("Villages drawn: 5")
    assert page.locator("#pocket-map path.leaflet-interactive").count() >= 5 + 2 + 4
    shot(page, "pockets")
    assert serious(page) == []
    page.get_by_role("link", name="only BIG").first.click()
    settled(page)
    expect(page.locator("#map-note")).to_have_text("Villages drawn: 1")
    expect(page.locator("table.grid tbody tr")).to_have_count(1)


@pytest.mark.long
def test_a_number_that_is_not_shown_is_said_to_be_suppressed(compared, as_person):
    with as_role("owner"):
        PocketDifference.objects.filter(village=CODES["A"]).update(hidden=["persons"])
    page = as_person("planner")
    page.goto(PAGE)
    settled(page)
    found = page.evaluate(TIPS)
    assert "Registered families: 8; persons: suppressed" in found
    assert "Registered families: 8; persons: 16" in found


@pytest.mark.long
def test_the_pages_fit_a_phone_and_axe_finds_nothing_serious(compared, as_person, shot):
    page = as_person("planner", PHONE)
    wrong = {}
    for name in ("", "coverage/", "worklists/", "editions/", "editions/compute/"):
        page.goto(PAGE + name)
        settled(page)
        shot(page, f"pockets-phone-{name.replace('/', '-')}")
        wide = page.evaluate("document.documentElement.scrollWidth") > PHONE["width"]
        if wide or serious(page):
            wrong[name] = (wide, serious(page))
    assert wrong == {}
