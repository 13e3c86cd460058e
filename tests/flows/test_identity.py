"""Who is registered under a row's NIK: from the file and the form to review.

The same by an agency: tests/api. How it goes on into the register: test_identity_decree.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.audit.models import Entry
from apps.proposals.entry import remarks
from apps.proposals.fixes import row_fixes
from apps.proposals.models import Batch, FormDraft, Proposal, RegisteredMatch
from apps.proposals.returned import amendment
from apps.proposals.submitting.submission import submit
from apps.registry.models import Person
from tests.base import NOW
from tests.conftest import as_role
from tests.jobs.doing import do
from tests.proposals.forms import draft_of, family, member, members, now_is, typed, work_off
from tests.proposals.registered import registered
from tests.proposals.sending import B, findings, places, row, send

pytestmark = pytest.mark.django_db

WHY = "Nama di KTP lama; surat keterangan desa terlampir"
OTHER, TYPO, MARRIED, MOVED, TWIN, WRONG_DIGIT = range(1, 7)
NUMBERS = {case: 9000 + case for case in range(1, 7)}
# The serial of the person whom row WRONG_DIGIT means: one digit beside.
MEANT = 9016


@pytest.fixture
def officer(person, gate):
    user = person("regency_officer")
    gate(user)
    return user


@pytest.fixture
def people() -> dict[int, Person]:
    """Who is registered under the NIKs of the six rows."""
    twins = row(NUMBERS[TWIN])["kk"]
    return {
        OTHER: registered(NUMBERS[OTHER], name="KARTINI", mother_name="WAGINI"),
        TYPO: registered(NUMBERS[TYPO]),
        MARRIED: registered(NUMBERS[MARRIED], name="RINI HARTONO"),
        MOVED: registered(NUMBERS[MOVED], village_id=B, address="JL. KENANGA 9"),
        TWIN: registered(NUMBERS[TWIN], name="SRI RAHAYU", kk=twins),
        WRONG_DIGIT: registered(NUMBERS[WRONG_DIGIT], name="PARTINAH", mother_name="SUMI"),
        MEANT: registered(MEANT),
    }


def rows() -> list[dict[str, str]]:
    return [
        row(NUMBERS[OTHER], name="WARSINI", mother_name="KARSIH"),
        row(NUMBERS[TYPO], name="SITI AMINA"),
        row(NUMBERS[MARRIED], name="RINI SUSANTI"),
        row(NUMBERS[MOVED]),
        row(NUMBERS[TWIN], name="SRI LESTARI"),
        row(NUMBERS[WRONG_DIGIT], kk=row(MEANT)["kk"]),
    ]


@pytest.fixture
def batch(people, officer) -> Batch:
    return send(rows(), officer)


def type_in(batch: Batch, officer, number: int, **cells: str) -> None:
    _fix, job = row_fixes.edit(
        batch=batch, row_number=number, cells=cells, seen=0, by=officer, now=NOW
    )
    with as_role("worker"):
        do(job)
    batch.refresh_from_db()


def likely(batch: Batch) -> dict[int, str]:
    with as_role("worker"):
        found = RegisteredMatch.objects.filter(proposal__batch=batch)
        return dict(found.values_list("proposal__row_number", "likely"))


def address(proposal: Proposal, name: str = "row") -> str:
    return reverse(f"proposals:review_{name}", args=[proposal.pk])


def status_of(proposal: Proposal) -> str:
    with as_role("owner"):
        return Proposal.objects.get(pk=proposal.pk).status


def shown_mark(page: str) -> str:
    return page.split('name="compared" value="')[1].split('"')[0]


def test_other_persons_are_held_and_the_same_persons_are_told(batch):
    found = findings(batch)
    assert "registered_other" in found[OTHER] & found[TWIN] & found[WRONG_DIGIT]
    assert found[TYPO] == found[MARRIED] == {"registered_differs"}
    assert found[MOVED] == {"registered_moved"}
    assert (batch.counts["held"], batch.counts["ready"]) == (3, 3)
    assert likely(batch) == {TYPO: "same", MARRIED: "same", MOVED: "same"}


def test_a_wrong_digit_is_mended_and_another_person_explained(batch, officer, people):
    type_in(batch, officer, WRONG_DIGIT, nik=row(MEANT)["nik"])
    type_in(batch, officer, OTHER, identity_note=WHY)
    assert likely(batch) == {OTHER: "other", TYPO: "same", MARRIED: "same", MOVED: "same"} | {
        WRONG_DIGIT: "same"
    }
    with as_role("worker"):
        match = RegisteredMatch.objects.get(proposal__row_number=WRONG_DIGIT)
    assert match.person_id == people[MEANT].pk
    assert findings(batch)[OTHER] == {"registered_other_explained"}
    assert places(batch)[OTHER].identity_note == WHY


@pytest.fixture
def submitted(batch, officer) -> dict[int, Proposal]:
    type_in(batch, officer, OTHER, identity_note=WHY)
    submit(batch=batch, by=officer, now=NOW)
    return {number: one for number, one in places(batch).items() if isinstance(one, Proposal)}


def test_review_shows_both_and_bulk_leaves_the_other_person(submitted, english, people):
    verifier = english("verifier")
    page = verifier.get(address(submitted[OTHER])).content.decode()
    for shown in ("WARSINI", "KARTINI", "WAGINI", WHY, "Probably another person"):
        assert shown in page
    for hidden in (people[OTHER].nik, row(NUMBERS[OTHER])["kk"]):
        assert hidden not in page
    with as_role("owner"):
        look = Entry.objects.get(subject=f"registry.Person:{people[OTHER].pk}")
    assert (look.action, look.details["proposal"]) == ("read", submitted[OTHER].pk)

    bulk = reverse("proposals:review_bulk") + "?status=submitted&step=verify"
    asked = verifier.get(bulk)
    assert (asked.context["preview"].decidable, asked.context["preview"].others) == (3, 1)
    assert "it is compared and decided by itself" in asked.content.decode()
    done = verifier.post(bulk, {"step": "verify", "expected": 4}, follow=True).content.decode()
    assert "1 left out: probably another person is registered" in done
    assert status_of(submitted[OTHER]) == "submitted"
    assert status_of(submitted[TYPO]) == "verified"


def test_the_other_person_is_decided_only_with_both_in_sight(submitted, english):
    verifier = english("verifier")
    given = {"step": "verify", "seen": "submitted"}
    refused = verifier.post(address(submitted[OTHER], "decide"), given).content.decode()
    assert "Nothing was decided. Compare both on this page" in refused
    assert status_of(submitted[OTHER]) == "submitted"
    page = verifier.get(address(submitted[OTHER])).content.decode()
    verifier.post(address(submitted[OTHER], "decide"), given | {"compared": shown_mark(page)})
    assert status_of(submitted[OTHER]) == "verified"


def test_a_family_decided_together_leaves_who_is_another_person(officer, english):
    kk = row(9001)["kk"]
    registered(9002, name="KARTINI", kk=kk)
    batch = send([row(9001, kk=kk), row(9002, kk=kk, name="WARSINI", identity_note=WHY)], officer)
    submit(batch=batch, by=officer, now=NOW)
    first, other = places(batch)[1], places(batch)[2]
    given = {"step": "verify", "seen": "submitted", "whole_family": "on"}
    verifier = english("verifier")
    said = verifier.post(address(first, "decide"), given, follow=True).content.decode()
    assert "1 of the family is not decided" in said
    assert (status_of(first), status_of(other)) == ("verified", "submitted")


@pytest.mark.parametrize(("pressed", "kept"), [("confirmed", "confirmed"), ("denied", "denied")])
@pytest.mark.long
def test_a_move_is_confirmed_or_denied_on_record(pressed, kept, submitted, english, person):
    verifier = english("verifier")
    page = verifier.get(address(submitted[MOVED])).content.decode()
    assert "Has the family moved?" in page
    assert "not confirmed" in page
    verifier.post(address(submitted[MOVED], "move"), {"move": pressed, "compared": "x"})
    with as_role("worker"):
        assert RegisteredMatch.objects.get(pk=submitted[MOVED].pk).move == ""
    mark = {"compared": shown_mark(page)}
    said = verifier.post(address(submitted[MOVED], "move"), {"move": pressed} | mark, follow=True)
    assert f"The move is {kept} for 1 proposal" in said.content.decode()
    with as_role("owner"):
        match = RegisteredMatch.objects.get(pk=submitted[MOVED].pk)
        entry = Entry.objects.get(action="decide", details__step=f"move_{kept}")
    assert (match.move, match.move_by) == (kept, person("verifier"))
    assert entry.details["fields"] == ["village", "address"]


def test_who_may_not_decide_confirms_no_move(submitted, english):
    monitor = english("regency_officer")
    page = monitor.get(address(submitted[MOVED])).content.decode()
    assert "Confirm the move" not in page
    given = {"move": "confirmed", "compared": shown_mark(page)} if "compared" in page else {}
    monitor.post(address(submitted[MOVED], "move"), {"move": "confirmed"} | given)
    with as_role("worker"):
        assert not RegisteredMatch.objects.exclude(move="").exists()


def test_the_list_is_filtered_by_the_comparison(submitted, english):
    verifier = english("verifier")
    for value, numbers in (
        ("other", {OTHER}),
        ("move", {MOVED}),
        ("differs", {OTHER, TYPO, MARRIED, MOVED}),
        ("nonsense", set()),
    ):
        shown = verifier.get(f"/proposals/review/?register={value}").context["page"].rows
        assert {one.row_number for one in shown} == numbers


def test_pusdatin_sees_both_in_the_admin(submitted, english):
    pusdatin = english("pusdatin_verifier")
    one = reverse("admin:proposals_proposal_change", args=[submitted[OTHER].pk])
    page = pusdatin.get(one).content.decode()
    assert "KARTINI" in page
    assert "Probably another person" in page


def test_who_is_registered_elsewhere_is_shown_masked(officer, english):
    registered(9001, name="KARTINI", village_id="97.02.01.2001")
    batch = send([row(9001, name="WARSINI", identity_note=WHY)], officer)
    submit(batch=batch, by=officer, now=NOW)
    page = english("verifier").get(address(places(batch)[1])).content.decode()
    assert "K•••" in page
    assert "KARTINI" not in page
    assert "outside the region" in page
    with as_role("owner"):
        assert Entry.objects.filter(subject__startswith="registry.Person:", action="read").get(
        ).details["masked"]  # fmt: skip


def test_the_form_asks_why_and_takes_the_answer(person, signed_in):
    registered(9001, name="KARTINI", kk=family()["kk"])
    draft, browser = draft_of(person("village_officer")), signed_in("village_officer")
    typed(browser, draft)
    page = browser.get(f"/proposals/drafts/{draft.pk}/members/").content.decode()
    assert "data-when-said hidden" in page
    draft = work_off(draft)
    with as_role("worker"):
        said = {one.code: one.place for one in remarks.of(draft)}
    assert said["registered_other"] == "members.0.identity_note"
    page = browser.get(f"/proposals/drafts/{draft.pk}/members/").content.decode()
    assert "data-when-said hidden" not in page.split('id="blank-card"')[0]
    browser.post(f"/proposals/drafts/{draft.pk}/submit/")
    assert work_off(draft).submitted_at is None

    with as_role("worker"):
        FormDraft.objects.filter(pk=draft.pk).update(outcome={})
    typed(browser, now_is(draft), members=members(member(identity_note=WHY)))
    draft = work_off(draft)
    browser.post(f"/proposals/drafts/{draft.pk}/submit/")
    draft = work_off(draft)
    assert draft.submitted_at is not None
    assert likely(draft.batch) == {1: "other"}
    assert places(draft.batch)[1].identity_note == WHY


def test_an_amended_row_is_compared_again(submitted, english, officer):
    verifier = english("verifier")
    page = verifier.get(address(submitted[TYPO])).content.decode()
    given = {"step": "return", "seen": "submitted", "reason": "wrong_data", "note": "nama?"}
    verifier.post(address(submitted[TYPO], "decide"), given | {"compared": shown_mark(page)})
    proposal = submitted[TYPO]
    proposal.refresh_from_db()
    _asked, job = amendment.amend(
        proposal=proposal,
        values={"name": "SITI AMINAH"},
        note="sudah cocok dengan KTP",
        by=officer,
        now=timezone.now() + timedelta(seconds=1),
    )
    with as_role("worker"):
        do(job)
        assert RegisteredMatch.objects.get(pk=proposal.pk).differs == []
