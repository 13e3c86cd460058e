"""Where is my family now: each state with its reason, the next step and who takes it."""

from __future__ import annotations

import pytest
from django.urls import reverse

from apps.audit.models import Action, Entry
from apps.casework.models import Document
from apps.demo.country import CODES
from apps.proposals import lines
from apps.proposals.models import Batch, Decision, HeldRow, Proposal, Question
from apps.proposals.states import BatchStatus
from tests.base import NOW
from tests.conftest import as_role
from tests.personas import FOREIGN, agency_client
from tests.proposals import factory

pytestmark = pytest.mark.django_db
PAGE = "/proposals/families/"
KK = factory.nik_of(700)


@pytest.fixture
def browser(signed_in):
    browser = signed_in("village_officer")
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return browser


@pytest.fixture
def batch(person):
    return factory.batch(person("village_officer"), region=CODES["A"])


def family(batch, *statuses: str, kk: str = KK, first: int = 1, village: str = "A"):
    """One family with a member at each status."""
    return [
        factory.proposal(batch, first=first + n, kk=kk, status=status, village=village)
        for n, status in enumerate(statuses)
    ]


def returned(row: Proposal, note: str) -> None:
    with as_role("owner"):
        Decision.objects.create(
            proposal=row,
            village_id=row.village_id,
            from_status="submitted",
            to_status="returned",
            by_name="Verifikator",
            at=NOW,
            reason="wrong_point",
            note=note,
        )


def test_members_at_one_point_of_the_way_are_one_line(browser, batch):
    family(batch, "submitted", "submitted", "verified")
    page = browser.get(PAGE)
    (shown,) = page.context["families"]
    assert [(state.status, state.names) for state in shown.states] == [
        ("submitted", ["WARGA 1", "WARGA 2"]),
        ("verified", ["WARGA 3"]),
    ]
    assert KK not in page.content.decode()


@pytest.mark.parametrize(
    ("status", "by"),
    [
        ("draft", "You"),
        ("submitted", "Verifier, Kabupaten Barat Lor"),
        ("verified", "Head of office, Kabupaten Barat Lor"),
        ("endorsed", "Pusdatin"),
        ("accepted", "Pusdatin"),
        ("returned", "You"),
        ("rejected", ""),
        ("withdrawn", ""),
        ("determined", ""),
    ],
)
def test_each_state_names_the_next_step_and_who_takes_it(browser, batch, status, by):
    family(batch, status)
    (shown,) = browser.get(PAGE).context["families"]
    (state,) = shown.states
    assert state.by == by
    assert bool(state.next) == bool(by)


@pytest.mark.parametrize(
    ("status", "kind", "then", "where"),
    [
        ("submitted", "minutes", "Upload the minutes of the village", "row-evidence"),
        ("submitted", "death_certificate", "Add the paper that proves it", "review_row"),
        ("draft", "minutes", "Upload the minutes of the village", "row-evidence"),
        (
            "returned",
            "minutes",
            "Add the paper that proves it, then submit it again",
            "returned_row",
        ),
    ],
)
def test_a_row_without_its_paper_waits_for_its_sender(browser, batch, status, kind, then, where):
    with as_role("owner"):
        Document.objects.all().delete()
    row = factory.proposal(batch, kind="removal", status=status, evidence_kind=kind)
    (shown,) = browser.get(PAGE).context["families"]
    (state,) = shown.states
    assert (state.next, state.by) == (then, "You")
    assert state.url.partition("#")[0] == reverse(f"proposals:{where}", args=[row.pk])
    assert browser.get(state.url).status_code == 200


def test_a_draft_of_a_village_without_evidence_is_not_said_to_be_ready(browser, batch, person):
    office = factory.batch(person("regency_officer"))
    with as_role("owner"):
        Document.objects.all().delete()
        client, _secret = agency_client("97.01")
    sent = {
        batch.pk: f"/proposals/batches/{batch.pk}/evidence/?village={CODES['A']}#form",
        office.pk: "",
    }
    for number, of in enumerate((batch, office), 1):
        row = factory.proposal(of, first=number, kk=factory.nik_of(700 + number))
        if of is office:
            sent[of.pk] = reverse("proposals:row-evidence", args=[row.pk])
    # rows of an agency need none
    factory.proposal(factory.batch(client.agency), first=9, kk=factory.nik_of(709))
    agencys, offices, own = (one.states[0] for one in browser.get(PAGE).context["families"])
    for state, url in ((own, sent[batch.pk]), (offices, sent[office.pk])):
        assert state.next == "Upload the evidence of the village; then submit its file"
        assert (state.by, state.url) == ("You", url)
        assert browser.get(url).status_code == 200
    assert "Upload" not in agencys.next


def test_a_family_of_the_offices_file_is_shown_without_the_file(browser, person):
    """A village officer does not see the file of the regency, but the rows of their village."""
    office = factory.batch(person("regency_officer"))
    family(office, "draft", "submitted")
    (shown,) = browser.get(PAGE).context["families"]
    draft, submitted = shown.states
    assert (draft.by, draft.url) == ("Regency officer, Kabupaten Barat Lor", "")
    assert submitted.by == "Verifier, Kabupaten Barat Lor"


def test_a_returned_row_has_its_reason_in_words_and_the_way_to_mend_it(browser, batch):
    (row,) = family(batch, "returned")
    returned(row, "Titik di sawah")
    page = browser.get(PAGE)
    (state,) = page.context["families"][0].states
    assert state.reason == "The point is not at the house “Titik di sawah”"
    assert browser.get(state.url).status_code == 200
    assert state.url in page.content.decode()


def test_a_file_that_asks_is_said_before_it_is_submitted(browser, person):
    asking = factory.batch(
        person("village_officer"), region=CODES["A"], status=BatchStatus.NEEDS_CONFIRMATION
    )
    family(asking, "draft")
    (state,) = browser.get(PAGE).context["families"][0].states
    assert state.reason == "Its file waits for an answer."


@pytest.mark.parametrize("typed", [KK, f"{KK[:6]} {KK[6:]}", factory.nik_of(1)])
def test_a_family_is_found_by_its_kk_or_a_members_nik(browser, batch, typed):
    family(batch, "submitted", "submitted")
    family(batch, "submitted", kk=factory.nik_of(800), first=50)
    page = browser.post(PAGE, {"number": typed})
    (shown,) = page.context["families"]
    assert len(shown.states[0].names) == 2
    entry = Entry.objects.filter(action=Action.SEARCH).latest("pk")
    assert len(entry.details["proposals"]) == 2
    assert KK not in str(entry.details)


def test_a_row_that_is_held_is_found_too(browser, batch):
    with as_role("worker"):
        Batch.objects.filter(pk=batch.pk).update(file_kind="csv", header_line=4)
        batch.refresh_from_db()
        HeldRow.objects.create(
            batch=batch,
            row_number=7,
            village_code=CODES["A"],
            values={"nik": factory.nik_of(3), "kk": KK, "name": "WARGA TERTAHAN"},
        )
    text = browser.post(PAGE, {"number": KK}).content.decode()
    assert "WARGA TERTAHAN" in text
    assert f"row {lines.line_of(batch, 7)}" in text
    assert f"/proposals/batches/{batch.pk}/rows/7/" in text


@pytest.mark.parametrize("sent", [f"{KK[:4]} {KK[4:8]}.{KK[8:12]}-{KK[12:]}", f"'{KK}"])
def test_a_held_row_is_found_however_its_number_was_written(browser, batch, sent):
    with as_role("worker"):
        HeldRow.objects.create(
            batch=batch, row_number=7, values={"nik": sent, "kk": "x", "name": "WARGA TERTAHAN"}
        )
    assert "WARGA TERTAHAN" in browser.post(PAGE, {"number": KK}).content.decode()
    with as_role("worker"):
        HeldRow.objects.update(values={"nik": None, "kk": sent, "name": "WARGA KARTU"})
    assert "WARGA KARTU" in browser.post(PAGE, {"number": KK}).content.decode()
    other = browser.post(PAGE, {"number": factory.nik_of(701)}).content.decode()
    assert "WARGA KARTU" not in other


def test_files_with_rows_to_fix_are_named_without_a_search(browser, batch):
    with as_role("worker"):
        Batch.objects.filter(pk=batch.pk).update(counts={"ready": 1, "held": 3})
    text = browser.get(PAGE).content.decode()
    assert f"3 rows of {batch}" in text
    assert f"/proposals/batches/{batch.pk}/mend/" in text


def test_a_question_waits_for_the_sender_and_leads_to_its_answer(browser, batch, person):
    (row,) = family(batch, "submitted")
    with as_role("owner"):
        Question.objects.create(
            proposal=row,
            village_id=row.village_id,
            text="Di mana rumahnya?",
            by=person("verifier"),
            by_name="Verifikator",
            at=NOW,
        )
    page = browser.get(PAGE)
    (shown,) = page.context["families"]
    (state,) = shown.states
    assert (state.next, state.by) == ("Answer the question", "You")
    assert "Di mana rumahnya?" in state.reason
    assert browser.get(state.url).status_code == 200


def test_a_number_that_is_none_is_said_in_words(browser):
    page = browser.post(PAGE, {"number": "123"})
    assert "3 characters, 16 digits are needed" in page.content.decode()


def test_families_of_other_villages_are_neither_listed_nor_found(browser, person):
    other = factory.batch(person("regency_officer"))
    family(other, "submitted", village="B")
    assert browser.get(PAGE).context["families"] == []
    assert browser.post(PAGE, {"number": KK}).context["families"] == []


def test_each_reader_is_on_record(browser, batch):
    rows = family(batch, "submitted", "verified")
    browser.get(PAGE)
    entry = Entry.objects.filter(action=Action.READ).latest("pk")
    assert set(entry.details["proposals"]) == {row.pk for row in rows}


def test_pages_of_fifty_families_hold_each_once(browser, batch):
    for number in range(60):
        family(batch, "submitted", kk=factory.nik_of(100 + number), first=100 + number)
    first = browser.get(PAGE)
    second = browser.get(f"{PAGE}?{first.context['page'].after}")
    assert len(first.context["families"]) == 50
    assert len(second.context["families"]) == 10
    assert second.context["page"].after == ""


@pytest.mark.parametrize("role_name", ["verifier", "province_monitor", "data_protection_officer"])
def test_who_sends_nothing_has_no_such_page(signed_in, role_name):
    assert signed_in(role_name).get(PAGE).status_code == 403


def test_the_home_page_of_a_sender_leads_there(signed_in):
    assert PAGE in signed_in("village_officer").get("/").content.decode()
    assert PAGE not in signed_in("verifier", FOREIGN).get("/").content.decode()
