"""Photos of the evidence, large: by a click or a key, one after the other, and back."""

from __future__ import annotations

import hashlib

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.utils import timezone
from playwright.sync_api import Page, expect

from apps.casework import documents
from apps.casework.models import Photo
from apps.proposals.models import HousePhoto, Proposal
from apps.proposals.submitting import row_papers
from tests import photo_files
from tests.base import NOW
from tests.browser.conftest import PHONE, settled
from tests.browser.test_chain import faults, too_wide
from tests.conftest import as_role
from tests.pdf_files import pdf
from tests.proposals import factory

pytestmark = pytest.mark.django_db(transaction=True)

LIST = "/proposals/review/?status=submitted&view=table"


@pytest.fixture
def row(person) -> Proposal:
    """A proposal with a photo of the front and one of a room."""
    cache.clear()
    officer = person("regency_officer")
    row = factory.proposal(factory.batch(officer, status="submitted"), status="submitted")
    with as_role("owner"):
        for kind, shade in (("front", 0), ("inside", 50)):
            content = photo_files.photo(shade=shade)
            digest = hashlib.sha256(content).hexdigest()
            stored = Photo.objects.create(
                region_id=row.village_id, file=ContentFile(content, name=f"{kind}.jpg"), size=0,
                width=800, height=600, sha256=digest, sent_sha256=digest, user=officer,
                by_name=str(officer), at=NOW,
            )  # fmt: skip
            HousePhoto.objects.create(
                batch_id=row.batch_id, row_number=row.row_number, kind=kind, photo=stored,
                sent_sha256=digest, at=NOW,
            )  # fmt: skip
    return row


def seen(page: Page) -> bool:
    """Whether the large photo is drawn."""
    size = page.locator("#photo-view img").evaluate("one => one.complete && one.naturalWidth")
    return bool(size)


@pytest.mark.long
def test_photos_are_walked_through_by_keys_and_the_focus_comes_back(row, as_person, shot):
    page = as_person("verifier")
    page.goto(LIST)
    page.locator("#ws-rows tbody th a").first.click()
    expect(page.locator(".photo-strip img")).to_have_count(2)
    link = page.locator("#ws-rows tbody th a").first
    expect(link).to_be_focused()
    page.keyboard.press("p")
    view = page.locator("#photo-view")
    expect(view).to_contain_text("1 / 2 · Front of the house")
    settled(page)
    assert seen(page)
    shot(page, "photo")
    page.keyboard.press("ArrowRight")
    expect(view).to_contain_text("2 / 2 · Inside the house")
    page.keyboard.press("ArrowRight")
    expect(view).to_contain_text("1 / 2")
    page.keyboard.press("v")  # no step while a photo is looked at
    page.keyboard.press("Escape")
    expect(view).to_be_hidden()
    expect(link).to_be_focused()
    with as_role("owner"):
        row.refresh_from_db()
    assert row.status == "submitted"


@pytest.mark.long
def test_a_press_shows_a_photo_on_a_phone(row, as_person, shot):
    page = as_person("verifier", PHONE)
    page.goto(f"/proposals/review/{row.pk}/")
    page.locator("a[data-photo]").nth(1).click()
    expect(page.locator("#photo-view")).to_contain_text("2 / 2 · Inside the house")
    settled(page)
    shot(page, "photo-phone")
    assert seen(page)
    assert too_wide(page, PHONE) == []
    assert faults(page) == []
    page.get_by_role("button", name="Close").click()
    expect(page.locator("#photo-view")).to_be_hidden()


@pytest.mark.long
def test_a_paper_that_is_a_pdf_is_seen_in_the_evidence(person, as_person, shot):
    officer = person("village_officer")
    batch = factory.batch(officer, region="97.01.01.2001", status="submitted")
    row = factory.proposal(
        batch, status="submitted", kind="removal", reason="deceased",
        evidence_kind="death_certificate", evidence_number="474.3/77",
    )  # fmt: skip
    with as_role("owner"):
        prepared = documents.prepare(ContentFile(pdf(2)), "akta.pdf")
        row_papers.keep(
            batch_id=batch.pk, row_number=None, region=row.village, number=row.evidence_number,
            prepared=prepared, by=officer, now=timezone.now(),
        )  # fmt: skip
    page = as_person("verifier")
    page.goto(LIST)
    page.locator("#ws-rows tbody th a").first.click()
    # below it are the minutes of its village
    paper = page.get_by_role("img", name="Death certificate, as it was sent")
    paper.scroll_into_view_if_needed()
    expect(page.get_by_role("link", name="Death certificate 474.3/77")).to_be_visible()
    page.wait_for_function(
        "() => document.querySelector('.ws-paper').naturalHeight > 2000"  # two pages of A4
    )
    shot(page, "paper")
    assert faults(page) == []
