"""The pages of questions: whose they are, what they show, what they take."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from apps.audit.models import Action, Entry
from apps.casework.models import Worklist
from apps.jobs.models import Job
from apps.reconciliation.models import Answer, Conflict
from apps.registry.models import Change
from tests.conftest import as_role
from tests.personas import SIBLING
from tests.reconciliation.answering import PDF, answer, work
from tests.reconciliation.linked import found, meeting
from tests.registry.people import a_person

pytestmark = pytest.mark.django_db
A, B = "97.01.01.2001", "97.01.01.2002"
OTHER_NIK = "9701011201889998"
LISTS = "/reconciliation/conflicts/"


def asked(number: int = 1, **says):
    """Open questions about so many people of the own regency."""
    met = meeting()
    with as_role("worker"):
        people = [a_person(A, name="CONTOH SATU", programme="PKH") for _number in range(number)]
    for person in people:
        met.link(person, **(says or {"name": "CONTOH SATOE"}))
    met.find()
    return found() if number == 1 else met


def text_of(answer) -> str:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return body.decode()


def test_an_officer_finds_the_lists_of_the_region_with_their_day(english):
    asked(3)
    with as_role("owner"):
        one = Worklist.objects.get()
    page = text_of(english("regency_officer").get(LISTS))
    assert reverse("reconciliation:worklist", args=[one.pk]) in page
    assert "0 / 3" in page
    assert "Name differs" in page
    assert "taken over" not in page.split("</h1>")[1].split("Work-lists")[1]


def test_another_regency_sees_neither_lists_nor_questions(signed_in):
    conflict = asked()
    stranger = signed_in("regency_officer", SIBLING)
    assert f"/lists/{conflict.worklist_id}/" not in text_of(stranger.get(LISTS))
    for name, key in (
        ("conflict", conflict.pk),
        ("worklist", conflict.worklist_id),
        ("worklist-download", conflict.worklist_id),
    ):
        address = reverse(f"reconciliation:{name}", args=[key])
        assert stranger.get(address).status_code == 404
    answered = stranger.post(reverse("reconciliation:conflict", args=[conflict.pk]), {})
    assert answered.status_code == 404


def test_a_question_marks_the_letters_that_differ_and_is_on_record(english):
    conflict = asked()
    page = text_of(english("regency_officer").get(f"{LISTS}{conflict.pk}/"))
    assert "CONTOH SAT<mark>U</mark>" in page
    assert "CONTOH SAT<mark>OE</mark>" in page
    assert conflict.person.masked_nik in page
    assert conflict.person.nik not in page
    with as_role("owner"):
        assert Entry.objects.filter(action=Action.READ, subject=conflict.subject).count() == 1


@pytest.mark.parametrize("role", ["regency_officer", "verifier", "steward"])
def test_numbers_of_both_sides_are_masked_everywhere(role, signed_in):
    conflict = asked(nik=OTHER_NIK)
    answer(conflict, "theirs")
    browser = signed_in(role)
    for address in (
        f"{LISTS}{conflict.pk}/",
        f"{LISTS}questions/",
        f"{LISTS}lists/{conflict.worklist_id}/?all=1",
        f"{LISTS}lists/{conflict.worklist_id}/download/?format=csv",
    ):
        page = text_of(browser.get(address))
        assert conflict.ours not in page, address
        assert OTHER_NIK not in page, address
        assert "970101••••••9998" in "".join(page.split("<mark>")).replace("</mark>", ""), address


def test_an_answer_with_evidence_leads_to_the_next_question(signed_in):
    asked(2, is_deceased=True)
    with as_role("owner"):
        first, second = Conflict.objects.order_by("pk")
    browser = signed_in("regency_officer")
    scan = SimpleUploadedFile("akta.pdf", PDF, "application/pdf")
    form = {"choice": "theirs", "reason": "Akta dilihat", "file": scan}
    sent = browser.post(f"{LISTS}{first.pk}/", form)
    assert sent["Location"] == f"{LISTS}{second.pk}/"
    with as_role("owner"):
        given = Answer.objects.get()
        assert (given.choice, given.reason, given.document.kind) == (
            *("theirs", "Akta dilihat"),
            "evidence",
        )
        assert not Change.objects.filter(kind="resolution").exists()
        one = Worklist.objects.get()
        assert (one.done, one.total) == (1, 2)
    kept = browser.get(
        reverse("reconciliation:conflict-document", args=[first.pk, given.document_id])
    )
    assert text_of(kept).encode() == PDF
    other = reverse("reconciliation:conflict-document", args=[second.pk, given.document_id])
    assert browser.get(other).status_code == 404


def test_a_refused_answer_keeps_what_was_typed(english):
    conflict = asked()
    form = {"choice": "other", "value": "7", "reason": "Dikunjungi kemarin"}
    page = text_of(english("regency_officer").post(f"{LISTS}{conflict.pk}/", form))
    assert "Dikunjungi kemarin" in page
    assert 'href="#value"' in page
    assert found().status == "open"


def test_who_may_only_look_answers_nothing(signed_in):
    conflict = asked()
    for role in ("verifier", "steward"):
        sent = signed_in(role).post(f"{LISTS}{conflict.pk}/", {"choice": "theirs", "reason": "x"})
        assert sent.status_code == 403
    sent = signed_in("regency_officer").post(f"{LISTS}{conflict.pk}/decide/", {"step": "take"})
    assert sent.status_code == 403
    assert found().status == "open"


def test_a_steward_takes_over_and_the_worker_writes(signed_in):
    conflict = asked()
    answer(conflict, "theirs")
    steward = signed_in("steward")
    sent = steward.post(f"{LISTS}{conflict.pk}/decide/", {"step": "take", "note": ""})
    with as_role("owner"):
        job = Job.objects.get()
    assert sent["Location"] == f"{LISTS}take/{job.pk}/"
    assert "hx-get" in text_of(steward.get(sent["Location"]))
    work(job)
    assert "hx-get" not in text_of(steward.get(sent["Location"]))
    with as_role("owner"):
        assert found().person.name == "CONTOH SATOE"
    assert signed_in("pusdatin_verifier").get(sent["Location"]).status_code == 403


def test_handing_back_needs_a_reason_that_the_officer_reads(english):
    conflict = asked()
    answer(conflict, "theirs")
    steward = english("steward")
    page = text_of(steward.post(f"{LISTS}{conflict.pk}/decide/", {"step": "back", "note": ""}))
    assert 'href="#note"' in page
    steward.post(f"{LISTS}{conflict.pk}/decide/", {"step": "back", "note": "Foto buram"})
    assert found().status == "open"
    assert "Foto buram" in text_of(english("regency_officer").get(f"{LISTS}{conflict.pk}/"))


def test_everything_under_a_filter_is_taken_over_as_one_job(signed_in):
    asked(3)
    with as_role("owner"):
        rows = list(Conflict.objects.select_related("village"))
    for conflict in rows:
        answer(conflict, "theirs")
    steward = signed_in("steward")
    filtered = f"{LISTS}take/?status=answered&kind=name_differs&region=97.01"
    assert "3" in text_of(steward.get(filtered))
    assert steward.post(filtered, {"expected": "2"}).status_code == 409
    with as_role("owner"):
        assert not Job.objects.exists()
    steward.post(filtered, {"expected": "3"})
    with as_role("owner"):
        job = Job.objects.get()
    assert "CONTOH" not in str(job.parameters)
    assert work(job).result["resolved"] == 3
    assert text_of(steward.get(f"{LISTS}take/?kind=moved"))


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_list_is_taken_along_inert_and_on_record(ending, signed_in):
    conflict = asked(name="=HYPERLINK(1)")
    answer(conflict, "ours")
    browser = signed_in("regency_officer")
    sent = browser.get(f"{LISTS}lists/{conflict.worklist_id}/download/?format={ending}")
    body = b"".join(sent.streaming_content)
    if ending == "csv":
        (line,) = list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))[1:]
        assert "'=HYPERLINK(1)" in line
        assert conflict.person.masked_nik in line
    else:
        assert body.startswith(b"PK")
    with as_role("owner"):
        entry = Entry.objects.get(action=Action.EXPORT)
        assert (entry.details["rows"], entry.details["format"]) == (1, ending)
    assert browser.get(f"{LISTS}lists/{conflict.worklist_id}/download/?format=x").status_code == 404


@pytest.mark.parametrize("params", ["kind=nothing", "region=x", "status=%27", "source=%00"])
def test_a_filter_that_cannot_be_read_shows_nothing(params, signed_in):
    conflict = asked()
    page = text_of(signed_in("steward").get(f"{LISTS}questions/?{params}"))
    assert f"{LISTS}{conflict.pk}/" not in page


def test_the_home_page_counts_what_waits_and_leads_to_it(english):
    met = asked(2)
    with as_role("owner"):
        one = Conflict.objects.order_by("pk").select_related("village").first()
    answer(one, "theirs")
    for role, words, status in (
        ("regency_officer", "Questions to answer", "open"),
        ("steward", "Answers to take over", "answered"),
    ):
        browser = english(role)
        assert words in text_of(browser.get("/"))
        listed = text_of(browser.get(f"{LISTS}questions/?status={status}"))
        assert listed.count('scope="row"') == 1
    assert met.run.pk


def test_the_whole_record_is_for_those_who_see_the_country(signed_in):
    conflict = asked(name="CONTOH SATOE", address="JL. RAHASIA 7")
    assert "JL. RAHASIA 7" in text_of(signed_in("steward").get(f"{LISTS}{conflict.pk}/"))
    assert "JL. RAHASIA 7" not in text_of(
        signed_in("regency_officer").get(f"{LISTS}{conflict.pk}/")
    )


@pytest.mark.long
def test_each_kind_has_a_page(signed_in):
    met = meeting()
    with as_role("worker"):
        person = a_person(A, programme="PKH")
        other = a_person(A)
        missing = a_person(A)
    pair = met.link(
        person,
        name="LAIN SEKALI",
        birth_date=date(1990, 2, 3),
        village_code=B,
        nik=OTHER_NIK,
    )
    met.link(other, _left(pair), basis="weight")
    for extra in range(8):
        with as_role("worker"):
            met.link(a_person(A, name=f"WARGA {extra}"))
    with as_role("worker"):
        dead, shared = a_person(A), a_person(A)
    met.link(dead, is_deceased=True, death_date=date(2026, 8, 1))
    met.link(shared, basis="nik_alone", status="review", name="X", birth_date=date(1970, 1, 1))
    met.find()
    for code, kind, says in (
        ("BPS", "ranking", {"desil": 7}),
        ("BKN", "employees", {"occupation": ""}),
    ):
        another = meeting(code, kind, limit_desil=5)
        another.link(person, **says)
        another.find()
    recipients = meeting("PKH", "programme")
    recipients.stranger(name="ORANG BARU", village_code=A)
    recipients.find()
    with as_role("owner"):
        rows = list(Conflict.objects.all())
        kinds = {one.kind for one in rows}
    assert len(kinds) == 10
    assert missing.pk
    for one in rows:
        page = signed_in("regency_officer").get(f"{LISTS}{one.pk}/")
        assert page.status_code == 200
        assert 'name="choice"' in text_of(page)


def _left(pair):
    with as_role("owner"):
        return type(pair).left.field.related_model.objects.get(pk=pair.left_id)
