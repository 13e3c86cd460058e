"""Questions of reconciliation in Chromium: answered on a phone, taken over on a laptop."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import expect

from apps.reconciliation.models import Conflict, Record
from tests.browser.conftest import LAPTOP, PHONE, settled
from tests.browser.test_pages import serious
from tests.conftest import as_role
from tests.reconciliation.answering import PDF, answer
from tests.reconciliation.linked import Meeting, meeting
from tests.registry.people import a_person

pytestmark = pytest.mark.django_db(transaction=True)
LISTS = "/reconciliation/conflicts/"
SIZES = {"phone": PHONE, "laptop": LAPTOP}


@pytest.fixture
def civil(person) -> Meeting:
    """Four questions about two people, one of them answered."""
    person("regency_officer")
    met = meeting(name="Dukcapil")
    with as_role("worker"):
        people = [a_person(name=name, programme="PKH") for name in ("CONTOH SATU", "CONTOH DUA")]
    pair = met.link(
        people[0], name="CONTOH SATOE", birth_date=date(1988, 12, 1), village_code="97.01.01.2002"
    )
    met.link(people[1], is_deceased=True, death_date=date(2026, 8, 1))
    with as_role("worker"):
        Record.objects.filter(pk=pair.left_id).update(mother_name="IBU CONTOH", desil=2)
    met.find()
    with as_role("owner"):
        one = Conflict.objects.select_related("village").get(kind="moved")
    answer(one, "theirs")
    return met


def number_of(kind: str) -> int:
    with as_role("owner"):
        return Conflict.objects.get(kind=kind).pk


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.long
def test_the_officers_pages_fit_and_are_accessible(civil, as_person, size, shot):
    page = as_person("regency_officer", SIZES[size])
    with as_role("owner"):
        one = Conflict.objects.get(kind="name_differs")
    addresses = {
        "lists": LISTS,
        "questions": f"{LISTS}questions/",
        "list": f"{LISTS}lists/{one.worklist_id}/",
        "question": f"{LISTS}{one.pk}/",
        "answered": f"{LISTS}{number_of('moved')}/",
        "person": f"/admin/registry/person/{one.person_id}/change/",
    }
    for name, address in addresses.items():
        page.goto(address)
        settled(page)
        shot(page, f"{size}-{name}")
        assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"], name
        if size == "laptop":
            assert serious(page) == [], name


@pytest.mark.long
def test_an_officer_answers_on_a_phone_with_a_picture(civil, as_person, tmp_path, shot):
    page = as_person("regency_officer", PHONE)
    page.goto(f"{LISTS}{number_of('deceased')}/")
    page.get_by_label("What the source says is right").check()
    page.get_by_role("button", name="Send the answer").click()
    summary = page.locator("#wrong")
    expect(summary).to_be_focused()
    shot(page, "refused")
    scan = tmp_path / "akta.pdf"
    scan.write_bytes(PDF)
    page.get_by_label("What the source says is right").check()
    page.get_by_label("How you found out").fill("Akta kematian dilihat")
    page.get_by_label("Evidence: PDF or picture").set_input_files(scan)
    page.get_by_role("button", name="Send the answer").click()
    expect(page.get_by_text("Your answer is stored. This list is done.")).to_be_visible()
    shot(page, "done")
    assert number_of("deceased")


@pytest.mark.long
def test_a_steward_hands_back_with_a_reason(civil, as_person):
    page = as_person("steward")
    page.goto(LISTS)
    page.get_by_role("link", name="Lives in another village – Dukcapil").click()
    page.get_by_role("link", name="CONTOH SATU").click()
    page.get_by_label("Note for the officer").fill("Foto buram")
    page.get_by_role("button", name="Hand back").click()
    expect(page.get_by_text("The answer is handed back; the officer is told why.")).to_be_visible()
    expect(page.get_by_text("Foto buram")).to_be_visible()
