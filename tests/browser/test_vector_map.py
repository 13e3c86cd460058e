"""The map of vector tiles in a real browser: drawn, clicked, filtered, and without WebGL2."""

from __future__ import annotations

import pytest
from django.contrib.gis.geos import Point
from playwright.sync_api import Page, expect

from apps.demo import country
from apps.proposals.models import Verdict
from tests.browser.conftest import PHONE, settled
from tests.browser.map_tools import CLOSER, DRAWN, PLACE, POINTS, WITHOUT_WEBGL2
from tests.maps.tiles import outlined
from tests.proposals import factory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def rows(person):
    outlined()
    own = factory.batch(person("regency_officer"), status="submitted")
    spots = {
        Verdict.INSIDE: ("A", 0.3, 0.3),
        Verdict.NEAR_BORDER: ("A", 1.02, 0.5),
        Verdict.NEIGHBOUR: ("B", 0.5, 0.5),
        Verdict.ELSEWHERE: ("D", 0.5, 0.5),
    }
    made = {}
    for number, (verdict, spot) in enumerate(spots.items(), 1):
        place = Point(*country.at(*spot), srid=4326)
        made[verdict] = factory.proposals(
            own, 1, first=number, status="submitted", verdict=verdict, location=place
        )[0]
    away = Point(113.5, -7.0, srid=4326)
    made["away"] = factory.proposals(
        own, 1, first=9, status="submitted", verdict=Verdict.UNMAPPED, location=away
    )[0]
    return made


def opened(page: Page, query: str = "") -> Page:
    page.goto(f"/maps/proposals/{query}")
    settled(page)
    page.evaluate(DRAWN)
    settled(page)
    return page


@pytest.mark.long
def test_the_map_opens_on_the_scope_and_draws_each_point(rows, as_person, shot):
    page = opened(as_person("verifier"))
    shot(page, "regency")
    near = {rows[key].pk for key in rows if key != "away"}
    assert set(page.evaluate(POINTS)) == near
    bounds = page.evaluate("() => window.leafletMap.getBounds().toBBoxString()")
    west, south, east, north = map(float, bounds.split(","))
    assert east - west < 0.2 and north - south < 0.2  # not 300 km for one stray point


@pytest.mark.long
def test_a_point_far_away_is_an_arrow_that_leads_there(rows, as_person, shot):
    page = opened(as_person("verifier"))
    arrow = page.get_by_role("button", name="Points far away: 1, show")
    expect(arrow).to_be_visible()
    arrow.click()
    page.evaluate(DRAWN)
    settled(page)
    page.evaluate(DRAWN)
    shot(page, "away")
    assert page.evaluate(POINTS) == [rows["away"].pk]
    expect(arrow).to_be_hidden()


@pytest.mark.long
def test_a_click_names_the_village_and_selects_what_is_there(rows, as_person, shot):
    page = opened(as_person("verifier"))
    place = country.at("B", 0.5, 0.5)
    page.evaluate(CLOSER, [*place, 17])
    page.wait_for_timeout(300)
    page.evaluate(DRAWN)
    settled(page)
    page.evaluate(DRAWN)
    x, y = page.evaluate(PLACE, list(place))
    page.mouse.click(x, y)
    told = page.locator("#map-told")
    expect(told).to_contain_text("Beji")
    expect(told).to_contain_text(f"#{rows[Verdict.NEIGHBOUR].pk}")
    page.evaluate(
        "([from, to]) => window.vectorMap.drawLine(from, to, 556)",
        [list(place), list(country.at("A", 1, 0.5))],
    )
    page.wait_for_timeout(300)
    shot(page, "village")


@pytest.mark.long
def test_another_filter_draws_other_points(rows, as_person):
    page = opened(as_person("verifier"))
    page.evaluate("() => window.vectorMap.setQuery('verdict=inside')")
    page.wait_for_timeout(500)
    page.evaluate(DRAWN)
    settled(page)
    page.evaluate(DRAWN)
    assert page.evaluate(POINTS) == [rows[Verdict.INSIDE].pk]


@pytest.mark.long
def test_on_a_phone_the_map_fits(rows, as_person, shot):
    page = opened(as_person("verifier", PHONE))
    shot(page, "phone")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.long
def test_pusdatin_sees_counts_of_the_country(rows, as_person, shot):
    page = opened(as_person("pusdatin_verifier"))
    page.evaluate(CLOSER, [*country.at("D"), 7])
    page.wait_for_timeout(500)
    page.evaluate(DRAWN)
    settled(page)
    page.evaluate(DRAWN)
    shot(page, "country")
    counts = page.evaluate(
        "() => window.vectorMap.gl.queryRenderedFeatures({layers: ['counts']})"
        ".map(one => one.properties.n)"
    )
    assert 5 in counts


@pytest.mark.long
def test_without_webgl2_there_is_a_sentence_and_outlines(rows, as_person, shot):
    page = as_person("verifier")
    page.add_init_script(WITHOUT_WEBGL2)
    page.goto("/maps/proposals/")
    settled(page)
    expect(page.locator(".map-plain")).to_contain_text("WebGL2")
    expect(page.locator("#vector-map path").first).to_be_attached()
    shot(page, "plain")
