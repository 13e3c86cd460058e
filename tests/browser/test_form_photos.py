"""Photos of the house in Chromium: several, without signal, another point, on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from apps.proposals.models import HousePhoto, Proposal
from tests import photo_files
from tests.browser.conftest import PHONE
from tests.browser.test_form import (
    HOUSE,
    _quiet,
    begin,
    draft,
    fill_family,
    fill_member,
    go_on,
    until,
    work_off,
)
from tests.browser.test_pages import serious
from tests.conftest import as_role

__all__ = ["_quiet"]
pytestmark = pytest.mark.django_db(transaction=True)
LATITUDE, LONGITUDE = map(float, HOUSE.split(","))


def picture(name: str, content: bytes) -> dict[str, object]:
    return {"name": name, "mimeType": "", "buffer": content}


def stored() -> int:
    with as_role("owner"):
        return HousePhoto.objects.count()


def to_the_house(page) -> None:
    begin(page)
    fill_family(page)
    go_on(page, "2 Members")
    fill_member(page)
    go_on(page, "3 House and point")


@pytest.mark.long
def test_photos_are_sent_with_a_family_on_a_phone(as_person, shot):
    page = as_person("village_officer", PHONE)
    to_the_house(page)
    near = photo_files.photo(position=(LATITUDE, LONGITUDE), size=(1600, 1200))
    page.locator("#photo-choose").set_input_files(
        [picture("depan.jpg", near), picture("dapur.heic", photo_files.photo("heic", shade=3))]
    )
    photos = page.locator("#house-photos")
    expect(photos.get_by_role("link", name="Front of the house")).to_be_visible(timeout=20_000)
    expect(photos.get_by_role("link", name="Inside the house")).to_be_visible(timeout=20_000)
    expect(photos).to_contain_text("The photo has no position")
    shot(page, "photos-before-point")
    photos.get_by_role("button", name="Use its position as the point").click()
    expect(page.locator("#verdict")).to_contain_text("Inside")
    expect(photos).to_contain_text("Taken 0 m from the point")
    assert serious(page) == []
    page.locator("#house-photo-box").evaluate("box => box.scrollIntoView()")
    shot(page, "photos")
    go_on(page, "Check your answers")
    work_off()
    page.reload()
    expect(page.get_by_role("link", name="Front of the house")).to_be_visible()
    page.locator("#h-house").evaluate("box => box.scrollIntoView()")
    shot(page, "review-with-photos")
    page.get_by_role("button", name="Submit").click()
    work_off()
    until(lambda: _sent(2), "the photos were not sent with the family")


def _sent(count: int) -> bool:
    with as_role("owner"):
        family = Proposal.objects.filter(batch__draft=draft())
        return family.exists() and HousePhoto.objects.exclude(batch=None).count() == count


@pytest.mark.long
def test_a_photo_waits_for_signal_and_is_sent_after_the_page_was_closed(as_person, watch, shot):
    watch.expected += ["ERR_INTERNET_DISCONNECTED"]
    page = as_person("village_officer", PHONE)
    to_the_house(page)
    page.context.set_offline(True)
    page.locator("#photo-choose").set_input_files([picture("depan.jpg", photo_files.photo())])
    queue = page.locator("#photo-queue")
    expect(queue).to_contain_text("waiting for signal; kept on this device")
    page.locator("#house-photo-box").evaluate("box => box.scrollIntoView()")
    shot(page, "photo-waits")
    assert stored() == 0
    address = page.url
    page.context.set_offline(False)
    page.goto("about:blank")
    page.goto(address)
    expect(page.locator("#house-photos")).to_contain_text("Front of the house", timeout=20_000)
    expect(queue).to_be_empty()
    assert stored() == 1


@pytest.mark.long
def test_a_file_that_is_no_photo_is_told_and_holds_the_next_one_not_back(as_person, watch):
    watch.expected += ["422"]
    page = as_person("village_officer", PHONE)
    to_the_house(page)
    page.locator("#photo-choose").set_input_files(
        [picture("surat.jpg", photo_files.PDF), picture("depan.jpg", photo_files.photo())]
    )
    expect(page.locator("#photo-queue")).to_contain_text("surat.jpg is no photo (PDF)")
    expect(page.locator("#house-photos li")).to_have_count(1, timeout=20_000)
    page.get_by_role("button", name="Leave it out").click()
    expect(page.locator("#photo-queue")).to_be_empty()
    page.locator("#house-photos").get_by_role("button", name="Remove").click()
    expect(page.locator("#no-photos")).to_be_visible()
    assert stored() == 0
