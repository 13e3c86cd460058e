"""The check page of a decree, and the page of a person of whom a decree said something else."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from apps.demo.country import CODES
from apps.proposals.models import Decree
from apps.registry.models import Person
from tests.browser.conftest import LAPTOP, PHONE
from tests.browser.test_pages import serious
from tests.conftest import as_role
from tests.proposals import factory
from tests.registry.rows import row, write

pytestmark = pytest.mark.django_db(transaction=True)
SIZES = {"phone": PHONE, "laptop": LAPTOP}


@pytest.mark.parametrize("size", ["laptop", pytest.param("phone", marks=pytest.mark.scale)])
@pytest.mark.long
def test_a_decree_is_checked_and_then_made(as_person, person, size, shot):
    batch = factory.batch(person("regency_officer"), status="submitted")
    by = person("pusdatin_verifier")
    factory.proposals(batch, 4, status="accepted", step_by=by)
    page = as_person("determiner", SIZES[size])
    page.goto("/admin/proposals/decree/determine/?region=97.01")
    page.get_by_label("Number of the decree").fill("88/HUK/2026")
    page.get_by_label("Date of the decree").fill("24-11-2026")
    page.get_by_label("Reason for determining others than matched").fill("Belum ditanya.")
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.get_by_text("4 proposals would be determined")).to_be_visible()
    shot(page, f"decree-check-{size}")
    assert serious(page) == []
    page.get_by_role("button", name="Back to the form").click()
    expect(page.get_by_label("Number of the decree")).to_have_value("88/HUK/2026")
    page.get_by_role("button", name="Check", exact=True).click()
    page.get_by_role("button", name="Determine 4 proposals").click()
    expect(page.get_by_role("heading", name="88/HUK/2026")).to_be_visible()
    with as_role("owner"):
        assert Decree.objects.get().number == "88/HUK/2026"


@pytest.mark.parametrize("size", ["laptop", pytest.param("phone", marks=pytest.mark.scale)])
@pytest.mark.long
def test_a_persons_page_shows_what_was_said_otherwise(as_person, size, shot):
    write("1", row(1))
    write(
        "88/HUK/2026",
        row(1, name="ORANG LAIN", village_id=CODES["B"], kk=factory.nik_of(800)),
        source="proposals",
    )
    with as_role("owner"):
        one = Person.objects.get()
    page = as_person("verifier", SIZES[size])
    page.goto(f"/admin/registry/person/{one.pk}/change/")
    expect(page.get_by_role("heading", name="Sources")).to_be_visible()
    page.get_by_role("navigation", name="Sections").get_by_role("link", name="Sources").click()
    expect(page.get_by_text("ORANG LAIN").first).to_be_visible()
    shot(page, f"person-claims-{size}")
    assert serious(page) == []
