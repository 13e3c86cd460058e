"""The chain's pages in Chromium: dashboard, queues, decisions and notices, on laptop and phone."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from playwright.sync_api import Page, expect

from apps.casework import notices
from apps.casework.models import Notice
from apps.proposals.models import Batch, Decision
from tests.base import NOW
from tests.browser.conftest import LAPTOP, PHONE, settled
from tests.conftest import as_role
from tests.proposals import factory

pytestmark = pytest.mark.django_db(transaction=True)
AXE = Path(settings.BASE_DIR) / "node_modules/axe-core/axe.min.js"
FIRST_PAGE_BYTES, FIRST_PAGE_REQUESTS = 200_000, 12
NOTE = "Titik berada di balai desa, bukan di rumah keluarga."
ROLES = [
    *("village_officer", "regency_officer", "verifier", "head_of_office", "province_monitor"),
    *("pusdatin_verifier", "determiner", "administrator"),
]


@pytest.fixture
def filled(person):
    """A month's work: rows at every step, one of them returned with a reason, notices."""
    cache.clear()
    officer, verifier = person("regency_officer"), person("verifier")
    batch = factory.batch(officer, file_name="november.csv", status="submitted")
    factory.proposals(batch, 12, status="submitted", step_by=officer)
    factory.proposals(batch, 3, first=20, village="B", status="submitted", verdict="elsewhere")
    factory.proposals(batch, 5, first=30, village="C", status="verified", step_by=verifier)
    factory.proposals(batch, 4, first=40, status="endorsed")
    back = factory.proposal(batch, first=60, status="returned", step_by=verifier)
    factory.batch(officer, file_name="desember.csv", counts={"rows": 500, "ready": 470, "held": 30})
    factory.batch(officer, file_name="rusak.csv", status=Batch.Status.FAILED)
    with as_role("worker"):
        Decision.objects.create(
            proposal=back,
            village_id=back.village_id,
            from_status="submitted",
            to_status="returned",
            by=verifier,
            by_name=str(verifier),
            at=NOW,
            reason="wrong_point",
            note=NOTE,
        )
    for user in (officer, person("village_officer")):
        notices.write_notices(
            {user.pk: 3},
            kind=Notice.Kind.ROWS_RETURNED,
            subject="proposals.Returned",
            url="/proposals/returned/",
            now=NOW,
        )
    yield back
    cache.clear()


def faults(page: Page) -> list[str]:
    """What axe finds, whatever its weight."""
    page.evaluate(AXE.read_text())
    wanted = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']"
    found = page.evaluate(f"axe.run(document, {{runOnly: {wanted}}})")
    return [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in found["violations"]]


@pytest.mark.long
def test_each_roles_dashboard_fits_its_screens(filled, as_person, shot):
    wrong = {}
    for role_name in ROLES:
        page = as_person(role_name, LAPTOP, "id")
        page.goto("/")
        expect(page.locator("h1")).to_be_visible()
        for size, name in ((LAPTOP, "laptop"), (PHONE, "phone")):
            page.set_viewport_size(size)
            shot(page, f"home-{role_name}-{name}")
            wrong[role_name, name] = too_wide(page, size)
        wrong[role_name, "axe"] = faults(page)
        page.context.close()
    assert {where: found for where, found in wrong.items() if found} == {}


def too_wide(page: Page, size: dict[str, int]) -> list[str]:
    width = page.evaluate("document.documentElement.scrollWidth")
    return [f"{width} px"] if width > size["width"] else []


PAGES = [
    ("verifier", "/proposals/review/?status=submitted", "review"),
    ("verifier", "/proposals/review/?status=submitted&view=map", "review-map"),
    ("verifier", "/proposals/review/bulk/?step=return&status=submitted", "bulk"),
    ("verifier", "/proposals/review/ROW/", "row"),
    ("regency_officer", "/proposals/returned/", "returned"),
    ("regency_officer", "/proposals/returned/ROW/", "returned-row"),
    ("regency_officer", "/proposals/notices/", "notices"),
]


@pytest.mark.parametrize("role_name", sorted({one[0] for one in PAGES}))
@pytest.mark.long
def test_each_page_fits_and_is_accessible(filled, as_person, shot, role_name):
    wrong = {}
    page = as_person(role_name, LAPTOP, "id")
    for address, name in (one[1:] for one in PAGES if one[0] == role_name):
        page.goto(address.replace("ROW", str(filled.pk)))
        for size, kind in ((LAPTOP, "laptop"), (PHONE, "phone")):
            page.set_viewport_size(size)
            settled(page)
            shot(page, f"{name}-{kind}")
            wrong[name, kind] = too_wide(page, size) + faults(page)
        page.set_viewport_size(LAPTOP)
    assert {where: found for where, found in wrong.items() if found} == {}


@pytest.mark.parametrize(
    "size",
    [pytest.param(LAPTOP, id="laptop", marks=pytest.mark.scale), pytest.param(PHONE, id="phone")],
)
@pytest.mark.long
def test_a_returned_point_is_mended_on_the_forms_own_map(filled, as_person, shot, size):
    page = as_person("regency_officer", size)
    page.goto(f"/proposals/returned/{filled.pk}/")
    expect(page.locator("[data-cells=house]")).to_have_attribute("open", "")
    expect(page.locator("[data-cells=person]")).not_to_have_attribute("open", "")
    expect(page.locator("#form-map")).to_have_attribute("data-drawn", "4")
    field = page.get_by_label("Latitude, longitude")
    before = field.input_value()
    field.fill("-7.76412, 110.01433")
    expect(page.locator("#verdict")).to_contain_text("Beji")
    page.locator("#form-map").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")  # the cross is placed
    expect(field).not_to_have_value("-7.76412, 110.01433")
    expect(field).not_to_have_value(before)
    page.locator("[data-cells=house]").scroll_into_view_if_needed()
    shot(page, f"returned-point-{size['width']}")
    assert too_wide(page, size) + faults(page) == []
    page.get_by_role("button", name="Submit again").click()
    expect(page.get_by_text("The values are being checked")).to_be_visible()


@pytest.mark.long
def test_a_first_page_is_light(filled, as_person):
    for address in ("/", "/proposals/review/", "/proposals/returned/"):
        page = as_person("regency_officer", PHONE)
        sizes: list[int] = []
        page.on("response", lambda answer, to=sizes: to.append(len(gzip.compress(answer.body()))))
        page.goto(address)
        settled(page)
        page.context.close()
        assert len(sizes) <= FIRST_PAGE_REQUESTS, address
        assert sum(sizes) <= FIRST_PAGE_BYTES, address


@pytest.mark.long
def test_a_verifier_decides_by_keyboard_and_the_next_row_opens(filled, as_person):
    page = as_person("verifier")
    page.goto("/proposals/review/?status=submitted")
    settled(page)
    shown = page.locator("#evidence .ws-proposal")
    page.keyboard.press("j")
    expect(shown).to_be_visible()
    first = shown.get_attribute("data-id")
    assert f"row={first}" in page.url
    page.keyboard.press("v")
    expect(page.locator("#ws-said")).to_contain_text("Here is the next one")
    second = shown.get_attribute("data-id")
    assert second != first
    assert f"row={second}" in page.url
    page.keyboard.press("u")
    expect(shown).to_have_attribute("data-id", str(first))
    page.locator("#ws-words").focus()
    page.keyboard.press("j")
    expect(page.locator("#ws-words")).to_have_value("j")
    expect(shown).to_have_attribute("data-id", str(first))


@pytest.mark.long
def test_a_phone_has_no_bulk_and_says_so(filled, as_person):
    page = as_person("verifier", PHONE)
    page.goto("/proposals/review/?status=submitted")
    expect(page.locator(".bulk")).to_be_hidden()
    expect(page.get_by_text("decided one by one")).to_be_visible()


@pytest.mark.long
def test_a_wrong_return_takes_the_focus_to_its_summary(filled, as_person):
    page = as_person("verifier")
    page.goto("/proposals/review/?status=submitted")
    page.locator("tbody a").first.click()
    page.locator("summary", has_text="Return…").click()
    page.locator("#reason-return").select_option("wrong_point")
    page.locator("#note-return").evaluate("box => box.removeAttribute('required')")
    page.get_by_role("button", name="Return", exact=True).click()
    expect(page.locator("[data-focus]")).to_be_focused()
