"""The desk of the command centre in a real browser: one screen, keys, sound, drawing."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from apps.commandcentre.models import Call, Hazard
from apps.commandcentre.walls import devices
from apps.demo.country import at
from tests.browser.conftest import LAPTOP, PHONE, settled
from tests.browser.test_chain import faults, too_wide
from tests.commandcentre.board.hazards import an_assessed_hazard
from tests.commandcentre.planning.needs import solved
from tests.commandcentre.resources import places
from tests.conftest import as_role

pytestmark = pytest.mark.django_db(transaction=True)

BOARD = "/command-centre/"
WALL = {"width": 1920, "height": 1080}
PANELS = ".desk-events, .desk-plan, .desk-map, .desk-calls"
BOTTOMS = "all => all.map(one => one.getBoundingClientRect().bottom)"


@pytest.fixture
def hazard(person) -> Hazard:
    """A hazard with a plan from two stores, and two responders."""
    with as_role("owner"):
        hazard = an_assessed_hazard()
        for name, home in (("Lumbung Ampel", "A"), ("Gudang Duku", "D")):
            store = places.facility(name, home, kind="warehouse")
            for code in ("rice", "water", "family_kit", "blanket", "kidware"):
                places.stocked(store, 12, code)
        places.responder("Relawan Satu")
        places.responder("Relawan Dua", home="D", phone="081200000002")
    solved(hazard.assessments.get(), person("operator"))
    return hazard


@pytest.fixture
def desk(hazard, as_person, watch) -> Page:
    # the server of these tests has no streams: the page asks every few seconds
    watch.expected.append("EventSource")
    page = as_person("operator", LAPTOP, "id")
    page.goto(BOARD)
    settled(page)
    return page


@pytest.mark.long
def test_events_map_plan_and_calls_are_on_one_screen_of_a_laptop(desk, shot):
    bottoms = desk.locator(PANELS).evaluate_all(BOTTOMS)
    assert len(bottoms) == 4
    assert max(bottoms) <= LAPTOP["height"]
    assert too_wide(desk, LAPTOP) == []
    expect(desk.locator("#hazard-map")).to_have_attribute("data-drawn", "4")
    assert desk.locator(".store-source").count() >= 1
    shot(desk, "desk-laptop")
    assert faults(desk) == []


@pytest.mark.long
def test_on_a_phone_the_table_comes_before_the_map(desk, shot):
    desk.set_viewport_size(PHONE)
    settled(desk)
    assert too_wide(desk, PHONE) == []
    tops = desk.evaluate(
        "['.desk-events', '.desk-plan', '.desk-villages', '.desk-calls', '.desk-map']"
        ".map(name => document.querySelector(name).getBoundingClientRect().top)"
    )
    assert tops == sorted(tops)
    shot(desk, "desk-phone")
    assert faults(desk) == []


def test_keys_choose_call_and_change_map_for_table(desk, hazard):
    desk.keyboard.press("m")
    expect(desk.locator(".desk-villages")).to_be_visible()
    expect(desk.locator("#hazard-map")).to_be_hidden()
    desk.keyboard.press("m")
    expect(desk.locator("#hazard-map")).to_be_visible()
    desk.keyboard.press("c")
    now = desk.locator("#call-now")
    expect(now).to_contain_text("Relawan Satu")
    now.get_by_role("button", name="Tidak menjawab").click()
    expect(now).to_contain_text("Relawan Dua")
    assert Call.objects.get().outcome == "no_answer"
    desk.keyboard.press("?")
    expect(desk.locator("#desk-keys")).to_be_visible()
    desk.keyboard.press("Escape")
    # a key in a text field is a letter
    desk.locator("#call-note").press("s")
    assert desk.url.endswith(BOARD)
    desk.locator("h1").click()
    desk.keyboard.press("s")
    desk.wait_for_url("**/report/")


@pytest.mark.long
def test_a_key_takes_the_alarm_on_and_stays_at_the_desk(desk, hazard):
    desk.keyboard.press("a")
    desk.wait_for_url(f"**{BOARD}?hazard={hazard.pk}")
    assert Hazard.objects.get(pk=hazard.pk).acknowledged_by is not None


@pytest.mark.long
def test_sound_is_off_until_allowed_and_muted_for_ten_minutes_at_most(desk):
    box = desk.locator("#desk-sound")
    expect(box).to_have_attribute("data-sounds", "false")
    assert desk.title().startswith("▲ 1")
    box.get_by_role("button", name="Izinkan suara").click()
    expect(box).to_have_attribute("data-sounds", "true")
    expect(desk.locator("#alarms")).to_have_class("note fix sounds")
    box.get_by_role("button", name="Bisukan 10 menit").click()
    expect(box).to_have_attribute("data-sounds", "false")
    expect(box).to_contain_text("Dibisukan sampai")
    desk.evaluate("localStorage.setItem('portal-alarm-muted', String(Date.now() - 1))")
    expect(box).to_have_attribute("data-sounds", "true", timeout=6_000)
    # an hour is no ten minutes: such a mark does not silence
    desk.evaluate("localStorage.setItem('portal-alarm-muted', String(Date.now() + 3600000))")
    desk.wait_for_timeout(4_500)
    expect(box).to_have_attribute("data-sounds", "true")


@pytest.mark.long
def test_an_area_is_drawn_by_clicks_and_stored(as_person, shot):
    page = as_person("operator", LAPTOP, "id")
    page.goto(f"{BOARD}hazards/draw/")
    settled(page)
    page.get_by_label("Judul").fill("Banjir uji")
    west, south = at("C", 0.2, 0.2)
    east, north = at("A", 0.8, 0.8)
    corners = [(west, south), (east, south), (east, north)]
    page.get_by_label("Titik sudut wilayah").fill(
        "\n".join(f"{x:.5f}, {y:.5f}" for x, y in corners)
    )
    expect(page.locator("#draw-map")).to_have_attribute("data-drawn", "3")
    page.locator("#draw-map").click(position={"x": 200, "y": 200})
    expect(page.locator("#draw-map")).to_have_attribute("data-drawn", "4")
    page.get_by_role("button", name="Batalkan titik terakhir").click()
    expect(page.locator("#draw-map")).to_have_attribute("data-drawn", "3")
    shot(page, "draw")
    assert faults(page) == []
    page.get_by_role("button", name="Simpan dan nilai").click()
    page.wait_for_url("**/hazards/*/")
    assert Hazard.objects.get().footprints.get().method == "drawn"


@pytest.mark.long
def test_the_wall_shows_all_without_scrolling(hazard, stranger, person, watch, shot):
    watch.expected.append("EventSource")
    _wall, code = devices.make_wall(name="Ruang 1", by=person("operator"), now=timezone.now())
    page = stranger(WALL, "id")
    watch.expected.append("403")
    page.goto(f"{BOARD}wall/")
    page.get_by_role("textbox").fill(code)
    page.get_by_role("button").click()
    settled(page)
    expect(page.locator(".figures dd").first).to_have_text("4")
    size = page.evaluate("[document.documentElement.scrollWidth, document.body.scrollHeight]")
    assert size == [WALL["width"], WALL["height"]]
    drawn = page.locator(".map img")
    assert drawn.evaluate("one => one.naturalWidth") > 0
    box = page.locator(".map").bounding_box()
    assert box is not None
    assert box["width"] >= 0.57 * WALL["width"]
    shot(page, "wall")


@pytest.mark.long
def test_a_report_is_issued_with_its_map(hazard, as_person, shot):
    page = as_person("operator", LAPTOP, "id")
    page.goto(f"{BOARD}hazards/{hazard.pk}/report/")
    settled(page)
    assert page.locator(".report-map img").evaluate("one => one.naturalWidth") > 0
    page.get_by_role("button", name="Terbitkan laporan ini").click()
    page.wait_for_url("**/reports/*/")
    settled(page)
    assert page.locator(".report-map img").evaluate("one => one.naturalWidth") > 0
    assert faults(page) == []
    page.set_viewport_size({"width": 1000, "height": 2600})
    shot(page, "report")
