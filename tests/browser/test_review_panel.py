"""The panel beside the list of proposals: undo, typed text, the focus, and requests that fail."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from apps.proposals.models import Decision
from apps.ui import paging
from tests.browser.conftest import LAPTOP, settled
from tests.browser.map_tools import drawn
from tests.browser.test_review_map import LIST, has_focus, opened
from tests.conftest import as_role
from tests.maps.tiles import outlined
from tests.proposals import factory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]

SHOWN = "#evidence .ws-proposal"


@pytest.fixture
def queue(person):
    """Five rows to verify."""
    outlined()
    own = factory.batch(person("regency_officer"), status="submitted")
    return factory.proposals(own, 5, village="A", status="submitted")


def on(page: Page, row) -> Page:
    """Wait until the evidence of this row is in the panel and all is quiet."""
    expect(page.locator(SHOWN)).to_have_attribute("data-id", str(row.pk))
    settled(page)
    return page


def steps() -> list[tuple[int, bool]]:
    """The row of each step that was taken, and whether it is an undo."""
    with as_role("owner"):
        return list(Decision.objects.order_by("pk").values_list("proposal_id", "is_undo"))


# --- undo ---


def test_the_last_row_of_a_page_can_be_undone_by_key_on_the_next_one(
    queue, as_person, monkeypatch, shot
):
    monkeypatch.setattr(paging, "PAGE", 2)
    page = opened(as_person("verifier"))
    page.keyboard.press("j")
    on(page, queue[0])
    page.keyboard.press("j")
    on(page, queue[1])
    page.keyboard.press("v")
    page.wait_for_url(f"**row={queue[2].pk}**")
    drawn(page)
    on(page, queue[2])
    expect(page.get_by_role("button", name="Undo my step on")).to_be_visible()
    assert has_focus(page)
    shot(page, "crossed")
    page.keyboard.press("u")
    on(page, queue[1])
    assert has_focus(page)
    page.goto("about:blank")
    assert steps() == [(queue[1].pk, False), (queue[1].pk, True)]


def test_after_the_last_row_of_a_filter_undo_keeps_the_filter(queue, as_person):
    with as_role("worker"):
        queue[3].verdict = "elsewhere"
        queue[3].save(update_fields=["verdict"])
    page = opened(as_person("verifier"), "status=submitted&verdict=elsewhere")
    page.keyboard.press("j")
    on(page, queue[3])
    page.keyboard.press("v")
    expect(page.locator("#evidence")).to_contain_text("Nothing else under this filter")
    settled(page)
    page.keyboard.press("u")
    on(page, queue[3])
    action = page.locator("#evidence form.decide").first.get_attribute("action")
    assert "verdict=elsewhere" in (action or "")
    # so that the next step ends at the filter again, not at a row outside it
    page.keyboard.press("v")
    expect(page.locator("#evidence")).to_contain_text("Nothing else under this filter")
    settled(page)


# --- the focus ---


def test_enter_leads_to_the_evidence_and_escape_back(queue, as_person, shot):
    page = opened(as_person("verifier"))
    said, panel = page.locator("#ws-said"), page.locator("#evidence")
    page.keyboard.press("j")
    on(page, queue[0])
    expect(said).to_contain_text(queue[0].name)
    expect(said).to_contain_text("The point lies in")
    link = page.locator(f"#row-{queue[0].pk} th a")
    expect(link).to_be_focused()
    page.keyboard.press("Enter")
    expect(panel).to_be_focused()
    page.keyboard.press("b")
    page.keyboard.press("Tab")
    page.keyboard.type("Titik")
    page.keyboard.press("Escape")
    expect(link).to_be_focused()
    # of a row that is not open: opened, announced, and read at once
    page.locator(f"#row-{queue[2].pk} th a").focus()
    page.keyboard.press("Enter")
    on(page, queue[2])
    expect(panel).to_be_focused()
    expect(said).to_contain_text(queue[2].name)
    page.keyboard.press("?")
    expect(page.locator("#ws-keys")).to_contain_text("to the evidence; back to the list")
    shot(page, "keys")
    page.keyboard.press("Escape")
    expect(page.locator("#ws-keys")).to_be_hidden()
    page.keyboard.press("v")
    on(page, queue[3])
    expect(said).to_contain_text("Here is the next one.")
    expect(said).to_contain_text(queue[3].name)


# --- what is typed ---


def test_what_is_typed_while_an_answer_is_on_its_way_stays(queue, as_person):
    page = opened(as_person("verifier"))
    page.keyboard.press("j")
    on(page, queue[0])
    held = []
    page.route(re.compile(f"{LIST}{queue[0].pk}/ask/"), lambda route: held.append(route))
    page.get_by_text("Ask without returning the proposal…").click()
    page.locator("#question-text").fill("Benarkah titiknya di sawah?")
    page.get_by_role("button", name="Ask", exact=True).click()
    page.locator("#evidence summary[data-key=b]").click()
    note = page.locator("#note-return")
    note.focus()
    page.keyboard.type("Titik di sawah")
    held[0].continue_()
    expect(page.locator("#evidence")).to_contain_text("Not answered yet")
    expect(note).to_have_value("Titik di sawah")
    expect(note).to_be_focused()
    page.keyboard.type(", v")  # a letter, and no key that decides
    expect(note).to_have_value("Titik di sawah, v")
    settled(page)
    page.once("dialog", lambda dialog: dialog.accept())
    page.goto("about:blank")
    assert steps() == []


def test_whoever_stays_on_the_page_goes_on_there(queue, as_person, monkeypatch):
    """The next row is on another page of the list; typed text asks before the page is left."""
    monkeypatch.setattr(paging, "PAGE", 2)
    page = opened(as_person("verifier"))
    page.keyboard.press("j")
    on(page, queue[0])
    page.keyboard.press("b")
    page.locator("#note-return").fill("Titik di sawah")
    page.locator(f"#row-{queue[1].pk} th a").click()
    on(page, queue[1])
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.keyboard.press("v")
    on(page, queue[2])
    page.wait_for_timeout(300)
    assert "row=" + str(queue[2].pk) not in page.url
    page.keyboard.press("u")  # keys work on: the panel has the row that they are for
    on(page, queue[1])
    # another list, opened in this tab, does nothing with what was to be done on the next page
    page.once("dialog", lambda dialog: dialog.accept())
    page.goto(f"{LIST}?status=submitted&sort=newest")
    drawn(page)
    expect(page.locator(SHOWN)).to_have_count(0)
    page.goto("about:blank")
    assert steps() == [(queue[1].pk, False), (queue[1].pk, True)]


# --- the filter's form ---


def test_counts_of_the_filter_that_do_not_come_are_said_and_asked_again(
    queue, as_person, watch, shot
):
    watch.expected += ["503", "htmx:"]
    page = opened(as_person("verifier"))
    facets = re.compile(f"{LIST}facets/")
    page.route(facets, lambda route: route.fulfill(status=503, body="Too busy"))
    page.get_by_text("Filters, sorting, columns").click()
    told = page.locator("#ws-uncounted")
    expect(told).to_contain_text("The numbers beside the fields could not be read.")
    expect(told).to_be_in_viewport()
    shot(page, "uncounted")
    page.unroute(facets)
    told.get_by_role("button", name="Try again").click()
    expect(page.locator("#n-civil-not_checked")).to_have_text("5")
    expect(told).to_have_text("")


# --- on a laptop ---


@pytest.mark.parametrize("role", ["verifier", "pusdatin_verifier"])
def test_list_map_and_decisions_are_in_sight_on_a_laptop(queue, as_person, person, role, shot):
    place, status = LIST, "submitted"
    if role == "pusdatin_verifier":
        place, status, by = "/admin/proposals/proposal/", "endorsed", person("head_of_office")
        queue = factory.proposals(queue[0].batch, 5, first=50, status=status, step_by=by)
    page = as_person(role, LAPTOP, "id")
    page.goto(f"{place}?status={status}&row={queue[0].pk}")
    drawn(page)
    shot(page, f"laptop-{role}")
    rows = page.locator("#ws-rows tbody tr")
    steps = page.locator("#evidence form.decide [data-key]")
    assert steps.count() == 3
    for part in ("#ws-ticked", "#area-done", "#area-far"):  # nothing is ticked, drawn or far away
        expect(page.locator(part)).to_be_hidden()
    for part in (page.locator("#vector-map"), rows.first, rows.last, *steps.all()):
        box = part.bounding_box()
        assert box
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= LAPTOP["height"], part
