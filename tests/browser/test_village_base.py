"""The light base of the small maps: borders, names that stay in view, a grid in words, roads."""

from __future__ import annotations

import io
from collections import Counter
from pathlib import Path

import pytest
from django.core.cache import cache
from PIL import Image
from playwright.sync_api import Page, expect
from shapely.geometry import LineString

from apps.demo.country import at
from apps.maps.models import BaseLayer
from tests import photo_files
from tests.browser.conftest import LAPTOP, settled
from tests.browser.map_tools import WITHOUT_WEBGL2
from tests.browser.test_form import HOUSE, _quiet, begin
from tests.browser.test_form_photos import picture, to_the_house
from tests.browser.test_pages import serious
from tests.maps.test_base_layer import imported, written
from tests.proposals import factory

__all__ = ["_quiet"]
pytestmark = pytest.mark.django_db(transaction=True)

VILLAGE_PHONE = {"width": 390, "height": 844}
WHITE = (255, 255, 255)
AT_100_M = 19  # the nearest zoom: a phone's map is 100 m wide
EAST, NORTH = at("A")


@pytest.fixture
def extract(tmp_path: Path) -> Path:
    """A road and a river through the village's middle, the place that its map opens at."""
    roads = [
        {"fclass": "residential", "name": "Jl. Uji", "geometry": across(NORTH + 0.0002)},
        {"fclass": "residential", "name": "Jl. Lain", "geometry": across(NORTH - 0.0009)},
    ]
    rivers = [{"fclass": "river", "name": "Kali Uji", "geometry": across(NORTH - 0.0002)}]
    return written(tmp_path / "jalan.gpkg", ruas=roads, sungai=rivers)


def across(north: float) -> LineString:
    return LineString([(EAST - 0.02, north), (EAST + 0.02, north)])


def map_of(page: Page) -> Page:
    """The form's map, opened on the village."""
    begin(page)
    page.locator("[data-goto=house]").click()
    expect(page.locator("#form-map")).to_have_attribute("data-drawn", "4")
    settled(page)
    return page


def nearer(page: Page, times: int) -> None:
    page.locator("#form-map").focus()
    for _step in range(times):
        page.keyboard.press("+")
    settled(page)


def at_100_m(page: Page) -> None:
    nearer(page, 12)
    expect(page.locator("#form-map")).to_have_attribute("data-grid", "10")


def pixels(page: Page, selector: str = "#form-map") -> Image.Image:
    return Image.open(io.BytesIO(page.locator(selector).screenshot())).convert("RGB")


def colours(drawn: Image.Image) -> Counter[tuple[int, int, int]]:
    return Counter(drawn.get_flattened_data())


def like(drawn: Image.Image, colour: tuple[int, int, int]) -> int:
    """The number of pixels that are nearly of this colour."""
    return sum(
        count
        for one, count in colours(drawn).items()
        if max(abs(a - b) for a, b in zip(one, colour, strict=True)) < 40
    )


def widest_row(drawn: Image.Image, colour: tuple[int, int, int]) -> float:
    """The largest share of a row of pixels that has this colour."""
    wide, high = drawn.size
    rows = (sum(drawn.getpixel((x, y)) == colour for x in range(wide)) for y in range(high))
    return max(rows) / wide


def names(page: Page, selector: str = "#form-map") -> dict[str, bool]:
    """The names in the map → whether all of it is in view, over no other one."""
    return page.evaluate(
        """selector => {
            const map = document.querySelector(selector).getBoundingClientRect();
            const all = [...document.querySelectorAll(selector + " .village-name")];
            const boxes = all.map(one => one.getBoundingClientRect());
            return Object.fromEntries(all.map((one, i) => [one.textContent, boxes.every((box, j) =>
                i === j ? box.left >= map.left && box.right <= map.right && box.top >= map.top
                    && box.bottom <= map.bottom
                : box.left >= boxes[i].right || box.right <= boxes[i].left
                    || box.top >= boxes[i].bottom || box.bottom <= boxes[i].top)]));
        }""",
        selector,
    )


def test_at_100_m_the_form_s_map_has_a_grid_and_names(as_person, shot):
    page = map_of(as_person("village_officer", VILLAGE_PHONE))
    squares = []
    for _zoom in range(7):
        square = page.locator("#form-map").get_attribute("data-grid")
        shot(page, f"square-{square}")
        squares.append(square)
        expect(page.locator(".grid-scale")).to_have_text(f"One square: {square} m")
        shown = names(page)
        assert shown.items() >= {"Ampel": True}.items()
        assert all(shown.values()), shown
        nearer(page, 1)
    assert squares[-1] == "10"
    assert {"200", "100", "50"} <= set(squares)
    at_100_m(page)
    expect(page.locator(".grid-scale")).to_have_text("One square: 10 m")
    shown = names(page)
    assert all(shown.values()), shown
    assert {"Ampel", "→ Beji", "↓ Cemara", "↘ Duku", "Village office"} == shown.keys()
    common = colours(pixels(page)).most_common(4)
    assert len(common) == 4
    # lines each 33 pixels: at least some hundredths of the map, in another colour than the land
    assert common[1][1] > 0.02 * sum(count for _colour, count in common), common
    assert page.locator("#form-map .maplibregl-map").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= VILLAGE_PHONE["width"]
    page.locator("#map-box").scroll_into_view_if_needed()
    shot(page, "at-100-m")
    assert serious(page) == []


@pytest.mark.parametrize("script", ["", WITHOUT_WEBGL2], ids=["webgl2", "without"])
@pytest.mark.long
def test_an_imported_extract_is_drawn_under_the_form_s_map(as_person, extract, script, shot):
    assert not BaseLayer.objects.exists()
    page = as_person("village_officer", VILLAGE_PHONE)
    page.add_init_script(script)
    at_100_m(map_of(page))
    assert widest_row(pixels(page), WHITE) < 0.5
    expect(page.locator("#form-map")).to_have_attribute("data-lines", "0")
    imported(extract)
    page.reload()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    page.locator("#map-box").scroll_into_view_if_needed()
    settled(page)
    at_100_m(page)
    expect(page.locator("#form-map")).to_have_attribute("data-lines", "3")
    shot(page, "roads")
    assert widest_row(pixels(page), WHITE) > 0.8
    assert any("/tiles/base-" in url for url in asked)
    assert not any("maplibre" in url for url in asked)
    expect(page.locator("#form-map")).to_contain_text("Uji © 2026")
    assert names(page).items() >= {"Ampel": True}.items()
    nearer(page, 0)
    for _step in range(5):
        page.keyboard.press("-")
    settled(page)
    shot(page, "roads-from-afar")


@pytest.mark.long
def test_point_and_photo_stay_readable_above_the_base(as_person, extract, shot):
    imported(extract)
    page = as_person("village_officer", VILLAGE_PHONE)
    latitude, longitude = map(float, HOUSE.split(","))
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"latitude": latitude, "longitude": longitude, "accuracy": 25})
    to_the_house(page)
    near = photo_files.photo(position=(latitude + 0.0002, longitude), size=(800, 600))
    page.locator("#photo-choose").set_input_files([picture("depan.jpg", near)])
    expect(page.locator("#house-photos").get_by_role("link")).to_have_count(1, timeout=20_000)
    page.get_by_role("button", name="Use my location").click()
    expect(page.locator("#verdict")).to_contain_text("Inside")
    expect(page.locator("#form-map .photo-spot")).to_have_count(1)
    expect(page.locator("#form-map path")).to_have_count(3)  # the point, its circle, the photo
    page.locator("#map-box").scroll_into_view_if_needed()
    settled(page)
    shot(page, "point-and-photo")
    found = pixels(page)
    assert like(found, (0x1B, 0x22, 0x29)) > 100  # the point and the cross
    assert like(found, (0x8A, 0x4D, 0x00)) > 40  # the ring of the photo


@pytest.mark.parametrize("size", [LAPTOP, VILLAGE_PHONE], ids=["laptop", "phone"])
@pytest.mark.long
def test_the_map_of_a_row_has_the_same_base(as_person, person, size, shot):
    cache.clear()
    batch = factory.batch(person("regency_officer"), status="submitted")
    row = factory.proposal(batch, status="submitted", village="D")
    page = as_person("verifier", size)
    page.goto(f"/proposals/review/{row.pk}/")
    chart = page.locator("#proposal-map")
    expect(chart.locator(".grid-scale")).to_be_visible()
    settled(page)
    assert chart.get_attribute("data-grid") != "0"
    assert names(page, "#proposal-map").items() >= {"Duku": True, "Beji": True}.items()
    chart.scroll_into_view_if_needed()
    shot(page, f"row-{size['width']}")
    assert serious(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
