"""Parts of the map beside the list: circles in words, grid, base lines, and what does not load."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.contrib.gis.geos import Point
from django.core.cache import cache
from playwright.sync_api import Page, expect
from shapely.geometry import LineString

from apps.demo import country
from apps.proposals.models import Verdict
from tests.browser.conftest import PHONE, settled
from tests.browser.map_tools import CLOSER, POINTS, WITHOUT_WEBGL2, drawn
from tests.browser.test_review_map import LIST, MAP, close_to, opened, place_of
from tests.maps.test_base_layer import imported, written
from tests.maps.tiles import outlined
from tests.proposals import factory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]

TILES = re.compile(r"/tiles/proposals/")
LIBRARY = re.compile(r"maplibre-gl\.mjs")
CIRCLE = """() => window.vectorMap.gl.queryRenderedFeatures({layers: ['counts']})[0]
    .geometry.coordinates"""


@pytest.fixture
def rows(person):
    """Three points of A and one that claims A and lies in B."""
    cache.clear()
    outlined()
    own = factory.batch(person("regency_officer"), status="submitted")
    spots = [(0.2, Verdict.INSIDE), (0.4, Verdict.INSIDE), (1.02, Verdict.NEAR_BORDER)]
    made = [
        factory.proposals(
            own, 1, first=number, status="submitted", verdict=verdict, name=f"WARGA {number}",
            location=Point(*country.at("A", at, 0.5), srid=4326),
        )[0]
        for number, (at, verdict) in enumerate(spots, 1)
    ]  # fmt: skip
    made += factory.proposals(
        own, 1, first=9, status="submitted", verdict=Verdict.NEIGHBOUR, name="CITRA",
        location=Point(*country.at("B", 0.5, 0.5), srid=4326), distance_m=556,
    )  # fmt: skip
    return made


# --- circles ---


def circle_of(page: Page) -> tuple[float, float]:
    """Where the circle of all rows is on the page."""
    close_to(page, country.at("A"), 11)
    return place_of(page, page.evaluate(CIRCLE))


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        ("en", ["Proposals: 4", "Inside: 2", "Near the border: 1", "Neighbouring village: 1"]),
        ("id", ["Usulan: 4", "Di dalam desa: 2"]),
    ],
)
def test_a_circle_says_in_words_what_it_counts(rows, as_person, shot, language, lines):
    page = as_person("verifier", language=language)
    page.goto(f"{LIST}?status=submitted")
    drawn(page)
    x, y = circle_of(page)
    page.mouse.move(x, y)
    told = page.locator(".map-count")
    for line in lines:
        expect(told).to_contain_text(line)
    expect(page.locator(MAP)).to_have_class(re.compile("is-hand"))
    shot(page, f"circle-{language}")
    page.mouse.move(x, y + 120)
    expect(told).to_have_count(0)
    expect(page.locator(MAP)).not_to_have_class(re.compile("is-hand"))


def test_a_touched_circle_says_what_it_counts_and_then_leads_nearer(rows, as_person, shot):
    page = as_person("verifier", PHONE, is_touched=True)
    page.goto(f"{LIST}?status=submitted&view=map")
    drawn(page)
    x, y = circle_of(page)
    page.touchscreen.tap(x, y)
    told = page.locator(".map-count")
    expect(told).to_contain_text("Inside: 2")
    expect(told).to_contain_text("Touch it again")
    shot(page, "touched")
    assert page.evaluate("() => window.leafletMap.getZoom()") == 11
    page.wait_for_timeout(400)  # two touches at once are another gesture
    page.touchscreen.tap(x, y)
    page.wait_for_timeout(600)
    drawn(page)
    assert page.evaluate("() => window.leafletMap.getZoom()") == 13
    expect(told).to_have_count(0)


# --- the pointer while tiles are on their way ---


def test_what_is_drawn_can_be_chosen_while_tiles_load(rows, as_person):
    page = opened(as_person("verifier"))
    x, y = close_to(page, country.at("B", 0.5, 0.5))
    held = []
    page.route(TILES, lambda route: held.append(route))
    page.evaluate("() => window.vectorMap.reload()")
    page.wait_for_timeout(300)
    assert held
    page.mouse.click(x, y)
    expect(page.locator(".map-picked")).to_contain_text("CITRA")
    for route in held:
        route.continue_()
    page.unroute(TILES)
    settled(page)


def test_of_two_chosen_places_the_last_is_named(rows, as_person):
    page = opened(as_person("verifier"))
    close_to(page, country.at("A", 1.2, 0.5), 15)
    held = []
    page.route(re.compile(f"at={rows[2].pk}(&|$)"), lambda route: held.append(route))
    page.mouse.click(*place_of(page, country.at("A", 1.02, 0.5)))
    page.wait_for_timeout(200)
    page.mouse.click(*place_of(page, country.at("B", 0.5, 0.5)))
    popup = page.locator(".map-picked")
    expect(popup).to_contain_text("CITRA")
    held[0].continue_()
    settled(page)
    page.wait_for_timeout(200)
    expect(popup).to_have_count(1)
    expect(popup).to_contain_text("CITRA")


# --- grid and base lines ---


def test_the_grid_of_50_m_and_the_lines_of_the_base_layer_are_drawn(
    rows, as_person, tmp_path, shot
):
    west, south = country.at("A", 0.1, 0.5)
    east, north = country.at("A", 0.9, 0.5)
    road = LineString([(west, south), (east, north)])
    river = LineString([(west, south - 0.0004), (east, north)])
    layers = {
        "ruas": [{"fclass": "residential", "name": "Jl. Uji", "geometry": road}],
        "air": [{"fclass": "river", "name": "Kali Uji", "geometry": river}],
    }
    imported(written(tmp_path / "jalan.gpkg", **layers))
    page = opened(as_person("verifier"))
    assert page.evaluate(drawn_in("grid")) == 0
    close_to(page, country.at("A", 0.3, 0.5), 17)
    shot(page, "grid")
    assert page.evaluate(drawn_in("grid")) > 0
    assert page.evaluate(drawn_in("base-road")) > 0
    assert page.evaluate(drawn_in("base-river")) > 0
    # between two lines of the grid there are 50 m
    apart = page.evaluate(
        """() => {
            const grid = window.vectorMap.gl.getSource("grid").serialize().data;
            const lines = grid.geometry.coordinates;
            const map = window.leafletMap, at = line => L.latLng(line[0][1], line[0][0]);
            const across = lines.filter(line => line[0][1] === line[1][1]);
            const up = lines.filter(line => line[0][0] === line[1][0]);
            return [map.distance(at(up[0]), at(up[1])), map.distance(at(across[0]), at(across[1]))];
        }"""
    )
    assert apart == pytest.approx([50, 50], rel=0.01)


def drawn_in(layer: str) -> str:
    return f"() => window.vectorMap.gl.queryRenderedFeatures({{layers: ['{layer}']}}).length"


# --- what does not load ---


def test_without_its_library_the_map_says_so_and_list_panel_and_tools_work(
    rows, as_person, watch, shot
):
    watch.expected += ["ERR_FAILED", "503"]
    page = as_person("verifier")
    page.route(LIBRARY, lambda route: route.fulfill(status=503, body=""))
    page.goto(f"{LIST}?status=submitted&row={rows[3].pk}")
    settled(page)
    told = page.locator(".map-plain")
    expect(told).to_contain_text("The map could not be loaded")
    expect(page.locator("#ws-tools")).to_be_visible()
    expect(page.locator(f"{MAP} .leaflet-overlay-pane path").first).to_be_attached()
    expect(page.locator(".map-metres")).to_have_text("556 m to the border")
    shot(page, "unloaded")
    page.locator("[data-close]").click()
    expect(page.locator("#evidence")).to_be_hidden()
    page.keyboard.press("j")
    expect(page.locator("#evidence .ws-proposal")).to_have_attribute("data-id", str(rows[0].pk))
    settled(page)
    page.unroute(LIBRARY)
    told.get_by_role("button", name="Try again").click()
    drawn(page)
    expect(told).to_have_count(0)
    assert set(page.evaluate(POINTS)) == {row.pk for row in rows}


def test_without_a_script_of_the_map_its_place_says_so_and_evidence_can_be_closed(
    rows, as_person, watch, shot
):
    watch.expected += ["503"]
    page = as_person("verifier")
    script = re.compile(r"maps/vector_map\.js")
    page.route(script, lambda route: route.fulfill(status=503, body=""))
    page.goto(f"{LIST}?status=submitted&row={rows[3].pk}")
    settled(page)
    expect(page.locator(MAP)).to_contain_text("The map could not be loaded")
    shot(page, "unscripted")
    page.locator("[data-close]").click()
    expect(page.locator("#evidence")).to_be_hidden()
    page.unroute(script)
    page.locator(MAP).get_by_role("button", name="Try again").click()
    drawn(page)


def test_tiles_that_do_not_load_are_said_and_asked_again(rows, as_person, watch, shot):
    watch.expected += ["ERR_FAILED"]
    page = as_person("verifier")
    page.route(TILES, lambda route: route.abort())
    page.goto(f"{LIST}?status=submitted")
    settled(page)
    told = page.locator(".map-told")
    expect(told).to_contain_text("A part of the map could not be loaded.")
    shot(page, "no-tiles")
    page.unroute(TILES)
    told.get_by_role("button", name="Try again").click()
    drawn(page)
    expect(told).to_have_count(0)
    assert set(page.evaluate(POINTS)) == {row.pk for row in rows}


def test_after_the_end_of_the_session_the_map_says_why_it_is_empty(rows, as_person, watch, shot):
    watch.expected += ["401"]
    page = opened(as_person("verifier"))
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.evaluate(CLOSER, [*country.at("D"), 12])  # other tiles than it has
    settled(page)
    told = page.locator(".map-told")
    expect(told).to_contain_text("Your session has ended")
    shot(page, "over")
    told.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/accounts/**")


def test_without_webgl2_the_line_to_the_border_has_its_metres(rows, as_person, shot):
    page = as_person("verifier")
    page.add_init_script(WITHOUT_WEBGL2)
    page.goto(f"{LIST}?status=submitted&row={rows[3].pk}")
    settled(page)
    expect(page.locator(".map-metres")).to_have_text("556 m to the border")
    shot(page, "plain-metres")


# --- the page of one row ---


@pytest.mark.parametrize("language", ["en", "id"])
def test_the_page_of_a_row_draws_the_line_to_the_missed_border(rows, as_person, shot, language):
    page = as_person("verifier", PHONE, language)
    page.goto(f"{LIST}{rows[3].pk}/")
    settled(page)
    expect(page.locator("#proposal-map path.missed-border")).to_be_attached()
    words = {"en": "556 m to the border", "id": "556 m ke batas"}[language]
    expect(page.locator("#proposal-map .map-metres")).to_have_text(words)
    page.locator("#proposal-map").scroll_into_view_if_needed()
    shot(page, f"row-{language}")
    page.goto(f"{LIST}{rows[0].pk}/")
    settled(page)
    expect(page.locator("#proposal-map")).to_have_attribute("data-drawn", "1")
    expect(page.locator(".missed-border")).to_have_count(0)
