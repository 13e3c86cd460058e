"""Single pages in Chromium: several rows at one place, the phone, the keyboard, accessibility."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, settled
from tests.proposals import factory

pytestmark = pytest.mark.django_db(transaction=True)

LIST = "/admin/proposals/proposal/"
FIRST_PAGE_BYTES, FIRST_PAGE_REQUESTS = 200_000, 12
AXE = Path(settings.BASE_DIR) / "node_modules/axe-core/axe.min.js"


@pytest.fixture
def rows(person):
    batch = factory.batch(person("regency_officer"), file_name="november.csv")
    return factory.proposals(batch, 3, status="submitted", kk=factory.nik_of(0))


@pytest.mark.long
def test_a_village_is_chosen_by_typing_letters_of_its_name(as_person):
    page = as_person("pusdatin_verifier")
    page.goto("/proposals/batches/template/")
    page.locator("#region_text").press_sequentially("cema", delay=20)
    choice = page.get_by_label("Cemara — Barat Lor Dua, Kabupaten Barat Lor, Nusa Barat")
    expect(choice).to_be_checked()


ON_A_PHONE = (
    *("/", "/admin/", LIST, "/proposals/batches/upload/"),
    *("/proposals/batches/", "/proposals/batches/upload/", "/proposals/batches/template/"),
)


@pytest.mark.long
def test_nothing_runs_over_the_edge_of_a_phone(rows, as_person, shot):
    page = as_person("regency_officer", PHONE)
    widths = {}
    for number, address in enumerate(ON_A_PHONE):
        page.goto(address)
        settled(page)
        shot(page, f"phone-{number}")
        widths[address] = page.evaluate("document.documentElement.scrollWidth")
    assert {at: width for at, width in widths.items() if width > PHONE["width"]} == {}


@pytest.mark.long
def test_a_phone_has_four_items_below_and_the_rest_under_more(as_person, shot):
    page = as_person("pusdatin_verifier", PHONE)
    page.goto("/")
    below = page.locator(".bar .items > li:visible")
    expect(below).to_have_count(5)  # "More" is the fifth
    page.get_by_text("More").click()
    expect(page.get_by_role("link", name="Administration")).to_be_visible()
    shot(page, "more")


@pytest.mark.long
def test_the_first_page_is_small(as_person):
    page = as_person("verifier")
    sizes: list[int] = []
    page.on("response", lambda answer: sizes.append(_compressed(answer)))
    page.goto("/")
    settled(page)
    assert len(sizes) <= FIRST_PAGE_REQUESTS
    assert sum(sizes) <= FIRST_PAGE_BYTES


def _compressed(answer: object) -> int:
    """Bytes on the line; styles and scripts as the portal's server compresses them."""
    import gzip  # noqa: PLC0415

    return len(gzip.compress(answer.body()))  # type: ignore[attr-defined]


@pytest.mark.long
def test_the_skip_link_comes_first_and_leads_to_the_content(as_person):
    page = as_person("verifier")
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    assert urlsplit(page.url).fragment == "content"


PAGES = {
    "verifier": ("/", LIST, LIST + "?view=table"),
    "pusdatin_verifier": (
        *("/admin/", "/admin/regions/boundaryedition/", "/admin/regions/boundaryedition/upload/"),
        "/proposals/batches/upload/",
    ),
    "regency_officer": (
        *("/admin/proposals/batch/", "/proposals/batches/upload/", "/proposals/batches/"),
        *("/proposals/batches/upload/", "/proposals/batches/template/"),
    ),
    "determiner": ("/admin/proposals/decree/determine/", "/admin/registry/person/"),
    "user_administrator": ("/admin/accounts/user/", "/admin/accounts/user/add/"),
    "administrator": ("/admin/casework/cycle/add/", "/admin/jobs/job/"),
    "data_protection_officer": ("/admin/audit/entry/",),
}


@pytest.mark.parametrize("persona", PAGES)
@pytest.mark.long
def test_axe_finds_nothing_serious(rows, as_person, persona):
    page = as_person(persona)
    faults = {}
    for address in PAGES[persona]:
        page.goto(address)
        settled(page)
        faults[address] = serious(page)
    assert faults == dict.fromkeys(PAGES[persona], [])


@pytest.mark.long
def test_axe_finds_nothing_serious_on_a_proposal(rows, as_person):
    page = as_person("verifier")
    page.goto(f"{LIST}{rows[0].pk}/change/")
    settled(page)
    assert serious(page) == []


def serious(page: Page) -> list[str]:
    """What axe calls serious or critical."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations'], preload: false})")
    return [
        json.dumps([fault["id"], [node["html"][:120] for node in fault["nodes"][:3]]])
        for fault in found["violations"]
        if fault["impact"] in {"serious", "critical"}
    ]
