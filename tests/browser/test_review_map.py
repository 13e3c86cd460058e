"""The map beside the list of proposals in a real browser, and the review by keys alone."""

from __future__ import annotations

import re
import time
from pathlib import Path
from statistics import median

import pytest
from django.contrib.gis.geos import Point
from django.core.cache import cache
from playwright.sync_api import Page, expect

from apps.demo import country
from apps.proposals.models import Decision, Proposal, Verdict
from apps.regions.models import BoundaryEdition
from apps.ui import paging
from tests.browser.conftest import LAPTOP, PHONE, settled
from tests.browser.map_tools import CLOSER, PLACE, POINTS, WITHOUT_WEBGL2, drawn
from tests.browser.test_chain import faults, too_wide
from tests.conftest import as_role
from tests.limits import within
from tests.maps.tiles import outlined
from tests.proposals import factory

pytestmark = pytest.mark.django_db(transaction=True)

LIST = "/proposals/review/"
MAP = "#vector-map"
ARROW = "Points far away: 1, show"
# A key marks its row at once; the evidence is asked for then, as what is delivered is on record.
MARKED_WITHIN_MS, SHOWN_WITHIN_MS = 100, 300
VERDICTS = """() => window.vectorMap.gl.queryRenderedFeatures({layers: ["points"]})
    .map(one => [one.id, one.properties.verdict])"""
NAMES = {
    Verdict.INSIDE: "ANI",
    Verdict.NEAR_BORDER: "BUDI",
    Verdict.NEIGHBOUR: "CITRA",
    Verdict.ELSEWHERE: "DEWI",
}


@pytest.fixture
def rows(person):
    """Four points of A in four places, one far away, two families at one point, one protected."""
    cache.clear()
    outlined()
    own = factory.batch(person("regency_officer"), status="submitted")
    spots = {
        Verdict.INSIDE: ("A", 0.3, 0.3),
        Verdict.NEAR_BORDER: ("A", 1.02, 0.5),
        Verdict.NEIGHBOUR: ("B", 0.5, 0.5),
        Verdict.ELSEWHERE: ("D", 0.5, 0.5),
    }
    metres = {Verdict.NEAR_BORDER: 22, Verdict.NEIGHBOUR: 556, Verdict.ELSEWHERE: 1550}
    made = {}

    def one(number, place, verdict, **fields):
        return factory.proposals(
            own, 1, first=number, status="submitted", verdict=verdict,
            location=Point(*place, srid=4326), **fields,
        )[0]  # fmt: skip

    for number, (verdict, spot) in enumerate(spots.items(), 1):
        made[verdict] = one(
            number, country.at(*spot), verdict, name=NAMES[verdict], distance_m=metres.get(verdict)
        )
    made["away"] = one(9, (113.5, -7.0), Verdict.UNMAPPED, name="FAJAR")
    shared = country.at("A", 0.7, 0.7)
    made["first"] = one(20, shared, Verdict.INSIDE, name="GITA", kk=factory.nik_of(90))
    made["second"] = one(21, shared, Verdict.INSIDE, name="HADI", kk=factory.nik_of(91))
    made["protected"] = one(30, country.at("A", 0.5, 0.2), Verdict.INSIDE, name="INTAN", ppks=[16])
    return made


def opened(page: Page, query: str = "status=submitted") -> Page:
    page.goto(f"{LIST}?{query}")
    return drawn(page)


def place_of(page: Page, spot: tuple[float, float]) -> tuple[float, float]:
    x, y = page.evaluate(PLACE, list(spot))
    return x, y


def close_to(page: Page, spot: tuple[float, float], zoom: float = 17) -> tuple[float, float]:
    """Show a place from near; where it is on the page."""
    page.locator(MAP).scroll_into_view_if_needed()
    page.evaluate(CLOSER, [*spot, zoom])
    page.wait_for_timeout(300)
    drawn(page)
    return place_of(page, spot)


def view_of(page: Page) -> list[float]:
    """Zoom, latitude and longitude in the address."""
    return [float(part) for part in page.url.partition("#map=")[2].split("/")]


def rings(page: Page) -> int:
    """The rings that mark points on the map."""
    return page.locator(f"{MAP} .leaflet-overlay-pane path").count()


@pytest.mark.long
def test_map_and_list_point_at_each_other(rows, as_person, shot):
    page = opened(as_person("verifier"))
    near = {row.pk for key, row in rows.items() if key not in ("away", "protected")}
    assert set(page.evaluate(POINTS)) == near
    expect(page.get_by_role("button", name=ARROW)).to_be_visible()
    shot(page, "regency")

    page.locator(f"#row-{rows[Verdict.INSIDE].pk} td").nth(1).hover()
    assert rings(page) == 1
    page.locator(f"#row-{rows['protected'].pk} td").nth(1).hover()
    assert rings(page) == 0  # a protected need is on no map

    place = country.at("B", 0.5, 0.5)
    x, y = close_to(page, place)
    page.mouse.move(x, y)
    row = page.locator(f"#row-{rows[Verdict.NEIGHBOUR].pk}")
    expect(row).to_have_class(re.compile("is-pointed"))

    # a click opens the evidence and says who it is
    page.mouse.click(x, y)
    popup = page.locator(".map-picked")
    expect(popup).to_contain_text("1 proposal at this place")
    expect(popup).to_contain_text("CITRA")
    expect(popup).to_contain_text("Ampel · 556 m")
    expect(page.locator("#evidence h2").first).to_have_text("CITRA")
    expect(row).to_have_class(re.compile("is-open"))
    assert f"row={rows[Verdict.NEIGHBOUR].pk}" in page.url
    expect(page.locator(MAP)).to_have_attribute("data-opened", str(rows[Verdict.NEIGHBOUR].pk))
    drawn(page)
    lines = "() => window.vectorMap.gl.queryRenderedFeatures({layers: ['to-border']}).length"
    assert page.evaluate(lines) > 0
    shot(page, "opened")

    # walking the list moves the mark and leaves the line
    page.keyboard.press("k")
    expect(page.locator("#evidence h2").first).to_have_text("BUDI")
    expect(page.locator(MAP)).to_have_attribute("data-opened", str(rows[Verdict.NEAR_BORDER].pk))
    page.locator("[data-close]").click()
    expect(page.locator(MAP)).to_have_attribute("data-opened", "")

    # several at one place are a list
    x, y = close_to(page, country.at("A", 0.7, 0.7))
    page.mouse.click(x, y)
    popup = page.locator(".map-picked", has_text="2 proposals at this place")
    popup.get_by_role("link", name="HADI").click()
    expect(page.locator("#evidence h2").first).to_have_text("HADI")
    shot(page, "several")

    # or the list of this place, where the map stays as it is
    popup.get_by_role("link", name="Show this place in the list").click()
    drawn(page)
    expect(page.locator("#ws-rows tbody th")).to_have_text(["GITA", "HADI"])
    page.go_back()
    drawn(page)

    # the map is where it was left, in this address and in the next one
    before = view_of(page)
    assert before[0] == 17
    page.goto(f"{LIST}?status=submitted&verdict=inside")
    drawn(page)
    assert view_of(page) == pytest.approx(before, abs=0.0001)


@pytest.mark.long
def test_the_arrow_a_count_and_the_whole_region(rows, as_person, shot):
    page = opened(as_person("verifier"))
    page.get_by_role("button", name=ARROW).click()
    drawn(page)
    assert page.evaluate(POINTS) == [rows["away"].pk]
    shot(page, "away")
    page.get_by_role("button", name="Whole region").click()
    page.wait_for_timeout(400)
    drawn(page)
    assert rows[Verdict.INSIDE].pk in page.evaluate(POINTS)

    x, y = close_to(page, country.at("A"), 11)
    assert page.evaluate(POINTS) == []
    key = page.locator("#map-key")  # what the circles' rings mean, as long as there are any
    expect(key).to_contain_text("≥ 20 %")
    expect(key).to_be_visible()
    shot(page, "counts")
    place = page.evaluate(
        "() => window.vectorMap.gl.queryRenderedFeatures({layers: ['counts']})"
        "[0].geometry.coordinates"
    )
    x, y = place_of(page, place)
    page.mouse.click(x, y)  # nearer, until there are single points
    page.wait_for_timeout(600)
    drawn(page)
    assert page.evaluate("() => window.leafletMap.getZoom()") == 13
    assert page.evaluate(POINTS) != []
    expect(key).to_be_hidden()


@pytest.mark.long
def test_far_points_are_marked_from_afar_and_are_a_list(rows, as_person, shot):
    """Far from each other and from the scope: tiles count them at the region that is claimed."""
    near, origin = [
        factory.proposals(
            rows["away"].batch, 1, first=40 + n, status="submitted", verdict=Verdict.UNMAPPED,
            location=Point(*place, srid=4326),
        )[0]
        for n, place in enumerate(((118.0, -3.0), (0.0, 0.0)))
    ]  # fmt: skip
    page = opened(as_person("verifier"), f"rows={rows['away'].pk},{near.pk}")
    page.get_by_role("button", name="Points far away: 2, show").click()
    drawn(page)
    marks, frame = page.locator(f"{MAP} path.map-far"), page.locator(MAP).bounding_box()
    assert frame
    expect(marks).to_have_count(2)
    for x, y in (place_of(page, (113.5, -7.0)), place_of(page, (118.0, -3.0))):
        assert frame["x"] < x < frame["x"] + frame["width"]
        assert frame["y"] < y < frame["y"] + frame["height"]
    assert page.evaluate(POINTS) == []
    shot(page, "far")
    page.mouse.click(*place_of(page, (118.0, -3.0)))
    page.wait_for_timeout(400)
    drawn(page)
    assert page.evaluate(POINTS) == [near.pk]
    # too far from each other for one view: one after the other
    page.goto("about:blank")
    page = opened(page)
    for one in (rows["away"], near, origin):
        page.get_by_role("button", name="Points far away: 3, show").click()
        drawn(page)
        assert page.evaluate(POINTS) == [one.pk]
    page.get_by_role("link", name="Far points in the list (3)").click()
    drawn(page)
    far = {rows["away"].pk, near.pk, origin.pk}
    listed = page.locator("#ws-rows tbody tr")
    expect(listed).to_have_count(3)
    assert {int(one.get_attribute("data-id") or 0) for one in listed.all()} == far


@pytest.mark.long
def test_five_thousand_rows_on_one_point_lead_to_their_list(rows, as_person, person, shot):
    """Too many for points: counts at each zoom, which lead to the rows they count."""
    place = country.at("A", 0.3, 0.8)
    own = factory.batch(person("regency_officer"), status="submitted")
    factory.many_proposals(
        own, 5_000, first=2_000, status="submitted", location=Point(*place, srid=4326)
    )
    page = opened(as_person("verifier"))
    popup = page.locator(".map-picked", has_text=re.compile("5,?000 proposals at this place"))
    for zoom in (13, 17):
        x, y = close_to(page, place, zoom)
        page.mouse.click(x, y)
        expect(popup).to_contain_text("and 4,950 more")
        expect(page.locator("#map-key")).to_be_visible()  # the ring has a colour here, too
        shot(page, f"pile-{zoom}")
    popup.get_by_role("link", name="Show this place in the list").click()
    expect(page.locator(".filters-on")).to_contain_text("within")
    expect(page.locator(".ws-legend .shown")).to_contain_text("5,000 of 5,000 are on the map")
    drawn(page)
    assert view_of(page)[0] == 17
    shot(page, "pile-listed")


@pytest.mark.long
def test_a_drawn_area_filters_list_and_map(rows, as_person, shot):
    page = opened(as_person("verifier"))
    page.get_by_role("button", name="Draw an area").click()
    corners = [country.at("A", *spot) for spot in ((0.1, 0.1), (0.95, 0.1), (0.95, 0.95))]
    for corner in [*corners, country.at("A", 0.1, 0.95)]:
        x, y = place_of(page, corner)
        page.mouse.click(x, y)
    assert page.locator(".map-picked").count() == 0  # a corner is no choice of a point
    shot(page, "drawing")
    page.get_by_role("button", name="Filter by this area").click()
    drawn(page)
    inside = {rows[key].pk for key in (Verdict.INSIDE, "first", "second")}
    assert set(page.evaluate(POINTS)) == inside
    expect(page.locator("#ws-rows tbody tr")).to_have_count(3)  # without the protected one
    shot(page, "area")
    page.get_by_role("link", name="Remove the area").click()
    drawn(page)
    assert rows[Verdict.ELSEWHERE].pk in page.evaluate(POINTS)


@pytest.mark.long
def test_an_edition_activated_meanwhile_is_told_and_the_map_goes_on(rows, as_person, shot):
    page = opened(as_person("verifier"))
    attributed = page.locator(".leaflet-control-attribution")
    expect(attributed).to_contain_text("edition Toy 2026-01 ·")
    with as_role("owner"):
        BoundaryEdition.objects.update(name="Toy 2026-02")
    outlined()
    with as_role("worker"):  # as the activation checks the points anew
        Proposal.objects.filter(pk=rows[Verdict.INSIDE].pk).update(verdict=Verdict.UNMAPPED)
        factory.proposals(
            rows["away"].batch, 1, first=40, status="submitted", verdict=Verdict.UNMAPPED,
            location=Point(113.5, -7.0, srid=4326),
        )  # fmt: skip
    page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator(".map-told")).to_contain_text("Edition Toy 2026-02 is in force now")
    expect(attributed).to_contain_text("edition Toy 2026-02 ·")
    expect(attributed).not_to_contain_text("Toy 2026-01")
    expect(page.locator("#ws-replaced")).to_be_visible()
    drawn(page)
    shot(page, "replaced")
    villages = "() => window.vectorMap.gl.queryRenderedFeatures({layers: ['village-area']}).length"
    assert page.evaluate(villages) > 0
    verdicts = dict(page.evaluate(VERDICTS))
    assert verdicts[rows[Verdict.INSIDE].pk] == Verdict.UNMAPPED
    assert verdicts[rows[Verdict.NEIGHBOUR].pk] == Verdict.NEIGHBOUR
    expect(page.get_by_role("button", name="Points far away: 2, show")).to_be_visible()
    page.locator(".map-told").get_by_role("button", name="Close").click()
    expect(page.locator(".map-told")).to_have_count(0)
    page.get_by_role("link", name="Read the list again").click()
    drawn(page)
    expect(page.locator("#ws-replaced")).to_be_hidden()


@pytest.mark.long
def test_a_decision_beside_the_map_takes_its_point_away(rows, as_person):
    page = opened(as_person("verifier"), f"status=submitted&row={rows[Verdict.INSIDE].pk}")
    assert rows[Verdict.INSIDE].pk in page.evaluate(POINTS)
    page.keyboard.press("v")
    expect(page.locator("#ws-said")).to_contain_text("Here is the next one")
    page.wait_for_timeout(1_000)  # steps of one second are one question
    drawn(page)
    assert rows[Verdict.INSIDE].pk not in page.evaluate(POINTS)


@pytest.mark.long
def test_on_a_phone_the_map_is_a_tab_and_names_what_is_touched(rows, as_person, shot):
    page = opened(as_person("verifier", PHONE), "status=submitted&view=map")
    assert too_wide(page, PHONE) + faults(page) == []
    shot(page, "phone")
    x, y = close_to(page, country.at("B", 0.5, 0.5))
    page.mouse.click(x, y)
    popup = page.locator(".map-picked")
    expect(popup).to_contain_text("CITRA")
    shot(page, "phone-picked")
    popup.get_by_role("link", name="CITRA").click()
    page.wait_for_url(f"**{LIST}{rows[Verdict.NEIGHBOUR].pk}/**")


@pytest.mark.parametrize("role", ["verifier", "pusdatin_verifier"])
@pytest.mark.long
def test_the_workspace_with_its_map_is_accessible(rows, as_person, role):
    place = LIST if role == "verifier" else "/admin/proposals/proposal/"
    page = as_person(role, LAPTOP, "id")
    page.goto(f"{place}?row={rows[Verdict.NEIGHBOUR].pk}")
    drawn(page)
    assert too_wide(page, LAPTOP) + faults(page) == []


@pytest.mark.long
def test_without_webgl2_the_list_has_everything(rows, as_person, shot):
    page = as_person("verifier")
    page.add_init_script(WITHOUT_WEBGL2)
    page.goto(f"{LIST}?status=submitted")
    settled(page)
    expect(page.locator(".map-plain")).to_contain_text("WebGL2")
    expect(page.locator(f"{MAP} path").first).to_be_attached()
    page.locator(f"#row-{rows[Verdict.NEIGHBOUR].pk} a").click()
    expect(page.locator("#evidence h2").first).to_have_text("CITRA")
    expect(page.locator(MAP)).to_have_attribute("data-opened", str(rows[Verdict.NEIGHBOUR].pk))
    shot(page, "plain")
    page.keyboard.press("v")
    expect(page.locator("#ws-said")).to_contain_text("Here is the next one")


# --- by keys alone ---


@pytest.fixture
def queue(person):
    """Sixty rows to verify, on pages of eight."""
    outlined()
    own = factory.batch(person("regency_officer"), status="submitted")
    made = []
    for number, letter in enumerate("ABCD" * 15, 1):
        made += factory.proposals(own, 1, first=number, village=letter, status="submitted")
    return made


def has_focus(page: Page) -> bool:
    """Whether the focus is in the list, the evidence or the map, not lost on the page."""
    return bool(
        page.evaluate(
            "() => Boolean(document.activeElement.closest('.ws-list, .ws-evidence, .ws-map'))"
        )
    )


def explained(page: Page, key: str) -> None:
    """Return or reject by keys: the reason from its list, a sentence, the button."""
    page.keyboard.press(key)
    assert page.evaluate("() => document.activeElement.tagName") == "SELECT"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("Jalan ke rumah belum benar.")  # letters that are keys elsewhere
    page.keyboard.press("Tab")
    while page.evaluate("() => document.activeElement.type") != "submit":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")


@pytest.mark.long
def test_ticks_are_kept_over_pages_until_a_step_is_taken_with_them(
    queue, as_person, monkeypatch, shot
):
    monkeypatch.setattr(paging, "PAGE", 8)
    page = opened(as_person("verifier"))

    def box(row):
        return page.locator(f"#row-{row.pk} input[name=rows]")

    def turned(rel):
        page.locator(f".ws-list .pages a[rel={rel}]").click()
        drawn(page)

    box(queue[0]).check()
    box(queue[1]).check()
    turned("next")
    told = page.locator("#ws-ticked")
    expect(told).to_contain_text("2 ticked (2 on other pages)")
    box(queue[9]).check()
    expect(told).to_contain_text("3 ticked (2 on other pages)")
    shot(page, "ticks")
    turned("prev")
    expect(box(queue[0])).to_be_checked()
    box(queue[1]).uncheck()
    expect(told).to_contain_text("2 ticked (1 on other pages)")
    told.get_by_role("button", name="Verify…").click()
    expect(page.locator("main")).to_contain_text("2 proposals would be decided")
    page.goto(f"{LIST}?status=submitted")
    drawn(page)
    expect(told).to_be_hidden()
    # another filter begins anew, and all ticks are removed at once
    box(queue[0]).check()
    page.goto(f"{LIST}?status=submitted&verdict=inside")
    drawn(page)
    expect(told).to_be_hidden()
    page.locator("#tick-all").check()
    expect(told).to_contain_text("8 ticked")
    told.get_by_role("button", name="Remove all ticks").click()
    expect(told).to_be_hidden()
    expect(page.locator("#tick-all")).not_to_be_checked()


@pytest.mark.long
def test_enter_on_a_box_takes_no_step_before_anything_is_ticked(queue, as_person):
    page = opened(as_person("verifier"))
    box = page.locator(f"#row-{queue[0].pk} input[name=rows]")
    box.focus()
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)
    assert "/bulk/" not in page.url
    box.check()
    box.press("Enter")
    page.wait_for_url("**/bulk/**")
    expect(page.locator("main")).to_contain_text("1 proposal would be decided")


@pytest.mark.long
def test_all_that_a_search_finds_is_ticked_at_once(queue, as_person, monkeypatch, shot):
    monkeypatch.setattr(paging, "PAGE", 8)
    page = opened(as_person("verifier"))
    page.locator("#ws-words").fill("WARGA")
    page.locator("#ws-words").press("Enter")
    page.get_by_role("button", name="Tick all 60 rows found").click()
    expect(page.locator("#ws-ticked")).to_contain_text("60 ticked (52 on other pages)")
    shot(page, "tick-found")
    page.locator("#ws-ticked").get_by_role("button", name="Verify…").click()
    expect(page.locator("main")).to_contain_text("60 proposals would be decided")


@pytest.mark.long
def test_what_is_typed_and_not_sent_is_there_when_the_row_is_shown_again(queue, as_person):
    page = opened(as_person("verifier"))
    shown = page.locator("#evidence .ws-proposal")
    page.keyboard.press("j")
    expect(shown).to_have_attribute("data-id", str(queue[0].pk))
    settled(page)
    page.keyboard.press("b")
    page.locator("#reason-return").select_option("wrong_point")
    page.locator("#note-return").fill("Titik di sawah, rumahnya")
    page.locator(f"#row-{queue[1].pk} th a").click()
    expect(shown).to_have_attribute("data-id", str(queue[1].pk))
    expect(page.locator("#note-return")).to_have_value("")
    page.locator("[data-close]").click()
    expect(shown).to_have_count(0)
    page.locator(f"#row-{queue[0].pk} th a").click()
    expect(shown).to_have_attribute("data-id", str(queue[0].pk))
    expect(page.locator("#note-return")).to_be_visible()
    expect(page.locator("#note-return")).to_have_value("Titik di sawah, rumahnya")
    expect(page.locator("#reason-return")).to_have_value("wrong_point")
    # whoever leaves the page is asked first
    asked: list[str] = []

    def stay(dialog):
        asked.append(dialog.type)
        dialog.dismiss()

    page.once("dialog", stay)
    page.evaluate("() => { location.assign('/'); }")
    page.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    # what was sent is not asked about
    page.locator("[data-step=return] button[type=submit]").click()
    expect(shown).to_have_attribute("data-id", str(queue[1].pk))
    expect(page.locator("#note-return")).to_have_value("")
    page.goto("/")
    expect(page.locator("#workspace")).to_have_count(0)


@pytest.mark.long
def test_the_ticked_rows_are_exported_by_whoever_sees_the_list(queue, as_person, shot):
    page = opened(as_person("district_monitor"))
    for row in queue[:2]:
        page.locator(f"#row-{row.pk} input[name=rows]").check()
    page.locator("#ws-ticked").get_by_role("button", name="Export").click()
    menu = page.locator("#ws-export")
    expect(menu.get_by_label("the ticked ones (2)")).to_be_checked()
    shot(page, "export-ticked")
    with page.expect_download() as coming:
        menu.get_by_role("button", name="Download").click()
    lines = Path(coming.value.path()).read_text("utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in lines[1:]] == [str(row.pk) for row in queue[:2]]
    page.locator("#ws-ticked").get_by_role("button", name="Remove all ticks").click()
    expect(menu.locator("#export-rows")).to_be_hidden()
    expect(menu.locator("input[value=all]")).to_be_checked()


@pytest.mark.parametrize("number", [20, pytest.param(50, marks=pytest.mark.scale)])
def test_rows_are_reviewed_by_keys_alone(queue, as_person, monkeypatch, shot, number):
    monkeypatch.setattr(paging, "PAGE", 8)
    page = opened(as_person("verifier"))
    shown = page.locator("#evidence .ws-proposal")
    began = time.monotonic()
    page.keyboard.press("j")
    expect(shown).to_have_attribute("data-id", str(queue[0].pk))
    assert has_focus(page)
    for nth, row in enumerate(queue[:number]):
        expect(shown).to_have_attribute("data-id", str(row.pk))
        settled(page)
        assert has_focus(page), nth
        if nth % 5 == 3:
            explained(page, "b")
        elif nth % 5 == 4:
            explained(page, "r")
        else:
            page.keyboard.press("v")
        expect(shown).to_have_attribute("data-id", str(queue[nth + 1].pk))
    settled(page)
    page.keyboard.press("u")
    expect(shown).to_have_attribute("data-id", str(queue[number - 1].pk))
    settled(page)
    assert has_focus(page)
    assert time.monotonic() - began < within(5 * 60)  # usability test 6 of the design
    shot(page, "keys")
    page.keyboard.press("m")
    expect(page.locator(MAP)).to_be_focused()
    page.keyboard.press("Escape")
    assert has_focus(page)
    page.keyboard.press("/")
    page.keyboard.type("jkvb")
    expect(page.locator("#ws-words")).to_have_value("jkvb")
    page.goto("about:blank")
    with as_role("owner"):
        steps = Decision.objects.filter(is_undo=False).values_list("to_status", flat=True)
        said = list(steps.order_by("pk"))
        undone = Decision.objects.filter(is_undo=True).get()
    wanted = ["verified", "verified", "verified", "returned", "rejected"] * (number // 5)
    assert said == wanted
    assert undone.proposal_id == queue[number - 1].pk


def verified() -> list[int]:
    with as_role("owner"):
        return list(Decision.objects.order_by("pk").values_list("proposal_id", flat=True))


@pytest.mark.long
def test_a_key_decides_no_row_before_its_evidence_is_there(queue, as_person):
    page = opened(as_person("verifier"))
    shown = page.locator("#evidence .ws-proposal")
    page.keyboard.press("j")
    expect(shown).to_have_attribute("data-id", str(queue[0].pk))
    settled(page)
    held = []
    page.route(re.compile(f"{LIST}{queue[1].pk}/"), lambda route: held.append(route))
    page.keyboard.press("j")
    expect(page.locator(f"#row-{queue[1].pk}")).to_have_class(re.compile("is-open"))
    expect(shown).to_have_attribute("data-id", str(queue[0].pk))
    page.keyboard.press("v")
    page.wait_for_timeout(300)
    assert verified() == []  # neither the row that is marked nor the one beside the list
    page.keyboard.press("j")
    page.keyboard.press("j")  # two rows on, while the answer for the second is on its way
    held[0].continue_()
    expect(shown).to_have_attribute("data-id", str(queue[3].pk))
    expect(page.locator("#ws-rows tr.is-open")).to_have_attribute("data-id", str(queue[3].pk))
    settled(page)
    expect(page.locator(MAP)).to_have_attribute("data-opened", str(queue[3].pk))
    page.keyboard.press("v")
    expect(shown).to_have_attribute("data-id", str(queue[4].pk))
    settled(page)
    assert verified() == [queue[3].pk]
    page.goto("about:blank")


@pytest.mark.long
def test_what_is_not_answered_is_said_and_can_be_sent_again(queue, as_person, watch, shot):
    watch.expected += ["503", "ERR_FAILED", "htmx:"]
    page = opened(as_person("verifier"))
    shown, told = page.locator("#evidence .ws-proposal"), page.locator("#evidence [role=alert]")
    page.keyboard.press("j")
    expect(shown).to_have_attribute("data-id", str(queue[0].pk))
    settled(page)
    page.keyboard.press("v")  # a step that is taken, whose words must not be said again
    expect(page.locator("#ws-said")).to_contain_text("Here is the next one")
    expect(shown).to_have_attribute("data-id", str(queue[1].pk))
    settled(page)

    def refused(route):
        route.fulfill(status=503, body="Too busy")

    row = re.compile(rf"{LIST}{queue[1].pk}/decide/")
    page.route(row, refused)
    explained(page, "b")
    expect(told).to_contain_text("Nothing was decided or saved")
    expect(page.locator("#evidence [data-said]")).to_have_count(0)
    expect(shown).to_have_attribute("data-id", str(queue[1].pk))
    words = page.get_by_label("In words, as the officer will read it").first
    expect(words).to_have_value("Jalan ke rumah belum benar.")
    shot(page, "unsent")
    page.unroute(row)
    page.route(row, lambda route: route.abort())
    again = page.locator("#evidence [data-step=return] button[type=submit]")
    again.click()
    expect(told).to_contain_text("Whether the step was taken is not known")
    page.unroute(row)
    again.click()
    expect(shown).to_have_attribute("data-id", str(queue[2].pk))
    settled(page)

    following = re.compile(rf"{LIST}{queue[3].pk}/")
    page.route(following, refused)
    page.keyboard.press("j")
    expect(told).to_contain_text("The row could not be shown")
    expect(shown).to_have_count(0)  # no evidence of another row stands there
    expect(page.locator(MAP)).to_have_attribute("data-opened", "")
    page.keyboard.press("v")
    shot(page, "unshown")
    page.unroute(following)
    page.get_by_role("button", name="Try again").click()
    expect(shown).to_have_attribute("data-id", str(queue[3].pk))
    settled(page)
    page.goto("about:blank")
    assert verified() == [queue[0].pk, queue[1].pk]


@pytest.mark.long
def test_a_family_is_decided_and_undone_together_beside_the_list(queue, as_person, shot):
    family = [queue[0].pk, queue[4].pk]
    with as_role("owner"):
        Proposal.objects.filter(pk__in=family).update(kk=factory.nik_of(777))
    page = opened(as_person("verifier"))
    page.locator(f"#row-{family[0]} th a").click()
    shown = page.locator("#evidence .ws-proposal")
    for key in reversed(family):  # another row of the family opens in the panel, too
        page.locator(f"#evidence a[data-id='{key}']").click()
        expect(shown).to_have_attribute("data-id", str(key))
        expect(page.locator(f"#row-{key}")).to_have_class(re.compile("is-open"))
    settled(page)
    verify = page.locator("#evidence [data-step=verify]")
    verify.get_by_label("the whole family of this KK").check()
    verify.get_by_role("button").click()
    for key in family:
        expect(page.locator(f"#row-{key}")).to_have_class(re.compile("is-decided"))
    settled(page)
    shot(page, "family")
    page.get_by_role("button", name="Undo my step on 2 of the family").click()
    for key in family:
        expect(page.locator(f"#row-{key}")).not_to_have_class(re.compile("is-decided"))
    settled(page)
    page.goto("about:blank")
    with as_role("owner"):
        statuses = Proposal.objects.filter(pk__in=family).values_list("status", flat=True)
        assert set(statuses) == {"submitted"}


@pytest.mark.long
def test_a_key_that_is_held_down_decides_one_row(queue, as_person):
    page = opened(as_person("verifier"))
    shown = page.locator("#evidence .ws-proposal")
    page.keyboard.press("j")
    expect(shown).to_have_attribute("data-id", str(queue[0].pk))
    settled(page)
    for _nth in range(4):
        page.keyboard.down("v")
        page.wait_for_timeout(100)
        settled(page)
    page.keyboard.up("v")
    expect(shown).to_have_attribute("data-id", str(queue[1].pk))
    assert verified() == [queue[0].pk]
    page.keyboard.down("j")  # the walk goes on while its key is held
    page.keyboard.down("j")
    page.keyboard.up("j")
    expect(shown).to_have_attribute("data-id", str(queue[3].pk))
    settled(page)
    page.goto("about:blank")


@pytest.mark.long
def test_closing_the_panel_frees_its_row_for_colleagues(queue, as_person):
    page = opened(as_person("verifier"))
    page.keyboard.press("j")
    expect(page.locator("#evidence .ws-proposal")).to_have_attribute("data-id", str(queue[0].pk))
    settled(page)
    colleague = as_person("verifier", name="rekan")
    colleague.goto(f"{LIST}?status=submitted")
    taken = colleague.locator(f"#row-{queue[0].pk}")
    expect(taken).to_contain_text("Being looked at by")
    page.locator("[data-close]").click()
    settled(page)
    colleague.reload()
    expect(taken).not_to_contain_text("Being looked at by")
    settled(colleague)


@pytest.mark.timed
@pytest.mark.long
def test_the_evidence_of_the_next_row_is_there_at_once(queue, as_person):
    page = opened(as_person("verifier"))
    page.keyboard.press("j")
    settled(page)
    took = page.evaluate(
        """async () => {
            const panel = document.getElementById("evidence"), took = [];
            const pressed = () => document.body.dispatchEvent(
                new KeyboardEvent("keydown", {key: "j", bubbles: true}));
            for (let nth = 0; nth < 20; nth++) {
                const began = performance.now();
                let marked = 0;
                await new Promise(done => {
                    new MutationObserver((_all, watch) => {
                        watch.disconnect();
                        requestAnimationFrame(done);
                    }).observe(panel, {childList: true});
                    pressed();
                    marked = performance.now() - began;
                });
                took.push({marked: marked, shown: performance.now() - began});
                await new Promise(done => setTimeout(done, 150));
            }
            return took;
        }"""
    )
    settled(page)
    page.goto("about:blank")
    assert median(one["marked"] for one in took) < within(MARKED_WITHIN_MS)
    assert median(one["shown"] for one in took) < within(SHOWN_WITHIN_MS)


@pytest.mark.long
def test_a_step_that_is_undone_leaves_its_row_as_it_was(queue, as_person):
    page = opened(as_person("verifier"))
    page.keyboard.press("j")
    row = page.locator(f"#row-{queue[0].pk}")
    chip = row.locator(".chip[class*='status-']")
    before = chip.get_attribute("class")
    expect(page.locator("#evidence .ws-proposal")).to_have_attribute("data-id", str(queue[0].pk))
    page.keyboard.press("v")
    expect(row).to_have_class(re.compile("is-decided"))
    assert chip.get_attribute("class") != before
    settled(page)
    page.keyboard.press("u")
    expect(row).not_to_have_class(re.compile("is-decided"))
    expect(chip).to_have_attribute("class", before)
    settled(page)
    page.goto("about:blank")


@pytest.mark.long
def test_walking_crosses_the_pages_of_the_list_in_both_directions(queue, as_person, monkeypatch):
    monkeypatch.setattr(paging, "PAGE", 3)
    page = opened(as_person("verifier"))
    shown = page.locator("#evidence .ws-proposal")
    for key, nth in (*(("j", at) for at in range(5)), ("k", 3), ("k", 2), ("j", 3)):
        page.keyboard.press(key)
        expect(shown).to_have_attribute("data-id", str(queue[nth].pk))
        settled(page)
        assert has_focus(page)


# --- usability test 5 of the design: every point elsewhere of one district goes back ---


@pytest.mark.long
def test_every_point_elsewhere_of_a_district_is_returned_with_a_reason(person, as_person, shot):
    outlined()
    verifier = person("verifier")
    own = factory.batch(person("regency_officer"), status="submitted")
    factory.many_proposals(own, 12_628, status="submitted", verdict="inside")
    factory.proposals(own, 340, first=20_000, status="submitted", verdict="elsewhere")
    factory.proposals(
        own, 12, first=30_000, status="submitted", verdict="elsewhere", step_by=verifier
    )
    factory.proposals(own, 5, first=40_000, village="C", status="submitted", verdict="elsewhere")
    page = opened(as_person("verifier"))
    began = time.monotonic()
    page.get_by_text("Filters, sorting, columns").click()
    page.get_by_label("Region (name or code)").press_sequentially("lor satu", delay=20)
    expect(page.get_by_label("Barat Lor Satu", exact=False).first).to_be_checked()
    page.get_by_role("button", name="Show", exact=True).click()
    page.locator(".legend a", has_text="Elsewhere").click()
    expect(page.locator("#ws-rows tbody tr").first).to_be_visible()
    shot(page, "district")
    page.get_by_role("button", name="Return 352…").click()
    expect(page.get_by_text("340 proposals would be decided")).to_be_visible()
    page.get_by_label("Reason").select_option("wrong_point")
    page.get_by_label("In words, as the officer will read it").fill("Ambil titik di rumah.")
    page.get_by_label("Type the number 340").fill("340")
    shot(page, "bulk")
    page.get_by_role("button", name="Return 340").click()
    expect(page.get_by_text("340 proposals decided")).to_be_visible()
    expect(page.get_by_text("12 left out: you took their last step")).to_be_visible()
    assert time.monotonic() - began < within(2 * 60)
    page.goto("about:blank")
    with as_role("owner"):
        moved = Decision.objects.filter(by=verifier)
        assert moved.count() == 340
        assert set(moved.values_list("to_status", "reason")) == {("returned", "wrong_point")}
