"""Pages that wait for work, and buttons pressed twice, in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from apps.jobs.models import Job
from apps.proposals.review import bulk_undo, decisions
from tests.browser.conftest import Watch, settled
from tests.conftest import as_role
from tests.jobs.doing import do
from tests.proposals import factory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]

LIST = "/proposals/review/"
CUT = ("Failed to load resource", "htmx:", "Response Status Error Code 503")
WORDS = "The portal does not answer. This page asks again every few seconds."


@pytest.fixture
def watch(portal):
    """A line that is cut is an error that the browser writes down; the page must not add one."""
    watch = Watch(portal)
    yield watch
    assert [one for one in watch.faults if not any(part in one for part in CUT)] == []


@pytest.fixture
def asked(as_person, person, monkeypatch):
    """The page of a bulk step by a job, before its button is pressed."""
    for module in (decisions, bulk_undo):
        monkeypatch.setattr(module, "BULK_IN_REQUEST", 2)
    batch = factory.batch(person("regency_officer"), status="submitted")
    factory.proposals(batch, 3, status="submitted")
    page = as_person("verifier")
    page.goto(f"{LIST}bulk/?step=verify&status=submitted")
    return page


@pytest.mark.parametrize("status", [0, 503], ids=["line cut", "portal away"])
def test_a_poll_that_was_not_answered_is_asked_again_and_the_page_says_so(asked, status):
    page = asked
    fragment = re.compile(rf"{LIST}bulk/\d+/")
    page.get_by_role("button", name="Verify 3").click()
    page.wait_for_url(fragment)
    page.route(fragment, lambda route: route.fulfill(status=status) if status else route.abort())
    note = page.locator("#progress").get_by_text(WORDS)
    expect(note).to_be_visible()
    page.wait_for_timeout(6_500)  # it asked again, and says it once
    expect(note).to_have_count(1)
    page.unroute(fragment)
    expect(note).to_have_count(0, timeout=15_000)
    with as_role("worker"):
        do(Job.objects.get())
    expect(page.get_by_text("3 proposals decided.")).to_be_visible()
    settled(page)


def test_a_bulk_step_is_sent_once_however_often_its_button_is_pressed(asked):
    page, held = asked, []
    page.route(re.compile(rf"{LIST}bulk/\?"), lambda route: held.append(route))
    button = page.get_by_role("button", name="Verify 3").element_handle()
    # on a slow line
    page.evaluate("b => [0, 300, 600].forEach(ms => setTimeout(() => b.click(), ms))", button)
    page.wait_for_timeout(1_500)
    assert [route.request.method for route in held] == ["POST"]
    held[0].continue_()
    page.wait_for_url(re.compile(rf"{LIST}bulk/\d+/"))
    with as_role("owner"):
        assert Job.objects.count() == 1
    settled(page)


def test_a_panel_whose_answer_leads_away_takes_steps_again_where_the_person_stays(
    as_person, person
):
    batch = factory.batch(person("regency_officer"), status="submitted")
    row = factory.proposal(batch, status="submitted")
    page = as_person("verifier")
    page.goto(f"{LIST}?status=submitted")
    page.keyboard.press("j")
    shown = page.locator("#evidence .ws-proposal")
    expect(shown).to_have_attribute("data-id", str(row.pk))
    settled(page)
    # an address without a page: the browser stays where it is
    page.route("**/away/", lambda route: route.fulfill(status=204))
    decide = re.compile(rf"{LIST}{row.pk}/decide/")
    page.route(decide, lambda route: route.fulfill(status=204, headers={"HX-Redirect": "/away/"}))
    page.keyboard.press("v")
    expect(page.locator("#evidence [data-unsent]")).to_be_visible(timeout=10_000)
    page.unroute(decide)
    page.keyboard.press("v")
    expect(page.locator("#ws-said")).to_contain_text("Nothing else under this filter")
    assert factory.status_of(row) == "verified"
    settled(page)
