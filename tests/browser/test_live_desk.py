"""Open boards of the served portal: told by a stream, silent beside it, whole after an outage."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Browser, Page, Route, expect

from apps.accounts.models import User
from apps.commandcentre.models import Hazard, Wall
from apps.commandcentre.states import TOPIC
from apps.commandcentre.walls import devices
from apps.jobs import outbox
from tests.browser.conftest import LAPTOP, session_of
from tests.commandcentre.board.hazards import an_assessed_hazard
from tests.commandcentre.feeds.quakes import answer, single
from tests.commandcentre.feeds.standin import Standin, standin
from tests.conftest import as_role
from tests.limits import within
from tests.stack import Stack, started

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.long]
BOARD = "/command-centre/"
SECONDS = 1_000
LOST = re.compile(r"Sambungan terputus sejak \d{1,2} \w+ \d{4}.* \d{2}[.:]\d{2} W")


@pytest.fixture
def source() -> Iterator[Standin]:
    """A stand-in for BMKG, with an empty list."""
    with standin() as found:
        found.lay_out("/last.json", answer([]))
        yield found


@pytest.fixture
def stack(source: Standin) -> Iterator[Stack]:
    """The portal with its workers and its clock; the feed is asked every few seconds."""
    with started(
        BMKG_AUTOGEMPA_URL=f"{source.url}/last.json",
        FEED_STAND_IN_ALLOWED="true",
        FEED_INTERVAL_S="3",
    ) as running:
        yield running


@pytest.fixture
def opened(
    browser: Browser, stack: Stack, person: Callable[..., User]
) -> Iterator[tuple[Page, Page]]:
    """An operator's desk and a screen on the wall, both with a stream."""
    operator = person("operator")
    context = browser.new_context(viewport=LAPTOP, locale="id", base_url=stack.address)
    context.add_cookies(
        [
            {
                "name": settings.SESSION_COOKIE_NAME,
                "value": session_of(operator),
                "url": stack.address,
            }
        ]
    )
    desk = context.new_page()
    desk.goto(BOARD)
    _wall, code = devices.make_wall(name="Ruang 1", by=operator, now=timezone.now())
    apart = browser.new_context(locale="id", base_url=stack.address)
    wall = apart.new_page()
    wall.goto(f"{BOARD}wall/")
    wall.get_by_role("textbox").fill(code)
    wall.get_by_role("button").click()
    for page in (desk, wall):
        expect(page.locator("[data-events]")).to_have_attribute(
            "data-live", "stream", timeout=within(10) * SECONDS
        )
        page.evaluate("window.untouched = true")
    yield desk, wall
    context.close()
    apart.close()


def _is_reading(address: str) -> bool:
    return address.split("?")[0].endswith((BOARD, f"{BOARD}wall/"))


def _refuse(route: Route) -> None:
    route.abort("connectionreset")


def test_an_earthquake_of_the_feed_appears_on_open_boards_without_a_reload(opened, source, figure):
    desk, wall = opened
    before = len(source.asked)
    source.lay_out("/last.json", single(at=timezone.now() - timedelta(minutes=3)))
    while len(source.asked) == before:
        desk.wait_for_timeout(20)
    began = time.monotonic()
    for page in (desk, wall):
        expect(page.locator(".events")).to_contain_text("Gempa M5.8", timeout=within(30) * SECONDS)
        assert page.evaluate("window.untouched") is True
    seconds = time.monotonic() - began
    figure(
        "an earthquake is on an open desk and a wall after the feed's answer", seconds, "s", "≤ 5"
    )
    assert seconds < within(5)


def test_an_ended_screen_shows_nothing_at_once(opened):
    _desk, wall = opened
    devices.end_wall(wall=Wall.objects.get(), by=User.objects.first(), now=timezone.now())
    expect(wall.get_by_role("textbox")).to_be_visible(timeout=within(5) * SECONDS)


def test_a_hazard_is_taken_on_by_a_button_that_came_with_the_stream(opened):
    desk, wall = opened
    asked: list[str] = []
    for page in (desk, wall):
        page.on("request", lambda request: asked.append(request.url))
    with as_role("owner"):
        hazard = an_assessed_hazard(title="Gempa uji")
    with as_role("worker"):
        outbox.publish(TOPIC, "hazard", f"commandcentre.Hazard:{hazard.pk}")
    for page in (desk, wall):
        expect(page.locator(".events")).to_contain_text("Gempa uji", timeout=within(5) * SECONDS)
    assert [address for address in asked if _is_reading(address)] == []
    desk.locator(f"#take-{hazard.pk}").click()
    expect(desk.locator("#board")).to_contain_text("Ditangani ")
    assert Hazard.objects.get(pk=hazard.pk).acknowledged_at is not None


def test_boards_ask_for_nothing_beside_their_stream_and_still_tell_how_the_feed_is(opened):
    desk, wall = opened
    # what the streams bring about the first answers may change the words of a feed once
    answered = desk.locator("[data-feed='bmkg_autogempa'] [data-answered]")
    expect(answered).to_be_attached(timeout=within(30) * SECONDS)
    desk.wait_for_timeout(3 * SECONDS)
    asked: list[str] = []
    for page in (desk, wall):
        page.on("request", lambda request: asked.append(request.url))
    before = answered.inner_text()
    expect(answered).not_to_have_text(before, timeout=within(30) * SECONDS)
    desk.wait_for_timeout(12 * SECONDS)
    assert [address for address in asked if BOARD in address] == []


def test_a_lost_line_is_told_with_its_time_and_mends_without_a_reload(opened, stack, tmp_path):
    desk, wall = opened
    notes = [page.locator("[data-lost-words]") for page in (desk, wall)]
    for note in notes:
        expect(note).to_be_hidden()
    stack.end("web", within_s=3)
    for note in notes:
        expect(note).to_be_visible(timeout=within(15) * SECONDS)
        expect(note).to_have_text(LOST)
    wall.screenshot(path=tmp_path / "wall-lost.png")
    desk.screenshot(path=tmp_path / "desk-lost.png")
    # the first reading after the line is back fails, too
    for page in (desk, wall):
        page.route(_is_reading, _refuse)
    stack.launch("web")
    for page, note in zip((desk, wall), notes, strict=True):
        expect(page.locator("[data-events]")).to_have_attribute(
            "data-live", "stream", timeout=within(60) * SECONDS
        )
        with page.expect_event("requestfailed", timeout=within(30) * SECONDS):
            pass
        expect(note).to_be_visible()
        page.unroute(_is_reading)
    for page, note in zip((desk, wall), notes, strict=True):
        expect(note).to_be_hidden(timeout=within(30) * SECONDS)
        assert page.evaluate("window.untouched") is True
