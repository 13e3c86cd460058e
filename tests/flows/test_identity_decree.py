"""From a row to the register, where the register knows the NIK or the family card already.

Each case goes the whole way: sent as a file, through the form or through the API's door, checked,
submitted, verified, endorsed, accepted, determined by decree; then the register, its claims and
the questions to the regency are looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from apps.accounts.access import open_gate
from apps.jobs import work
from apps.jobs.models import Job
from apps.proposals.checks import identity
from apps.proposals.decree import determination
from apps.proposals.models import Batch, Decree, HeldRow, Proposal, RegisteredMatch
from apps.proposals.review import decisions, family_moves
from apps.proposals.states import Move
from apps.proposals.steps import Step
from apps.proposals.submitting import submission
from apps.proposals.upload import intake
from apps.reconciliation.conflicts import detection
from apps.reconciliation.models import Conflict
from apps.registry.models import Claim, Enrolment, Family, Person
from tests.conftest import as_role
from tests.jobs.doing import do
from tests.personas import OWN, agency_client, persona
from tests.proposals.forms import draft_of, family, house, member, members, typed, work_off
from tests.proposals.registered import registered
from tests.proposals.sending import A, B, check, point, row, send

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_as_owner")]

NUMBER = "88/HUK/2026"
WHY = "KTP lama memakai nama kecil, surat desa terlampir"
NIK = row(9001)["nik"]


@pytest.fixture
def _as_owner():
    with as_role("owner"):
        yield


# --- the way of a row ----------------------------------------------------------------------------


def by_file(cells: dict[str, str]) -> Batch:
    officer = persona("regency_officer", OWN)
    with as_role("web"):
        batch = send([row(9001, **cells)], officer)
        if HeldRow.objects.filter(batch=batch).exists():
            return batch
        with transaction.atomic():
            open_gate(officer)
            submission.submit(batch=batch, by=officer, now=timezone.now())
    return batch


def by_api(cells: dict[str, str]) -> Batch:
    client, _secret = agency_client(OWN)
    with as_role("web"):
        with transaction.atomic():
            open_gate(client.agency)
            received = intake.receive_row(
                values=row(9001, **cells),
                by=client.agency,
                region_code=OWN,
                origin=Batch.Origin.API,
                now=timezone.now(),
            )
        batch = check(received)
        if HeldRow.objects.filter(batch=batch).exists():
            return batch
        with transaction.atomic():
            open_gate(client.agency)
            submission.submit(batch=batch, by=client.agency, now=timezone.now())
    return batch


@dataclass
class Ended:
    decree: Decree
    person: Person


def decided(batch: Batch, move: Move | None = None) -> list[Proposal]:
    """Verified, endorsed and accepted, one by one, each by another desk; the first one says before
    whether the family moved.
    """
    rows = list(Proposal.objects.filter(batch=batch).order_by("pk"))
    for one in rows if move else ():
        by = persona("verifier", OWN)
        mark = identity.mark_of(RegisteredMatch.objects.get(pk=one.pk))
        with as_role("web"), transaction.atomic():
            open_gate(by)
            family_moves.record_move(
                proposal=one, move=move, by=by, now=timezone.now(), compared=mark
            )
    for role, step in (
        ("verifier", Step.VERIFY),
        ("head_of_office", Step.ENDORSE),
        ("pusdatin_verifier", Step.ACCEPT),
    ):
        by = persona(role, OWN)
        for one in rows:
            with as_role("web"), transaction.atomic():
                open_gate(by)
                one.refresh_from_db()
                match = RegisteredMatch.objects.filter(pk=one.pk).first()
                mark = identity.mark_of(match) if match else ""
                decisions.decide(proposal=one, step=step, by=by, now=timezone.now(), compared=mark)
    return rows


def asked(number: str = NUMBER) -> Job:
    by = persona("determiner")
    with as_role("web"), transaction.atomic():
        open_gate(by)
        _decree, job = determination.enqueue_decree(
            number=number,
            date=date(2026, 11, 20),
            region_code=OWN,
            by=by,
            now=timezone.now(),
            civil_reason="Dukcapil belum dapat ditanya.",
        )
    return job


def worked(job: Job) -> Decree:
    with as_role("worker"), work.claimed(job.pk, job.kind) as lease:
        if lease:
            determination.determine(lease)
    decree = Decree.objects.get(pk=job.parameters["decree"])
    for waiting in Job.objects.unfinished().filter(subject=f"registry.Change:{decree.change_id}"):
        with as_role("worker"):
            do(waiting)
    return decree


def claims() -> set[tuple[str, str]]:
    assert set(Claim.objects.values_list("was_held", "source")) <= {(False, "proposals")}
    return set(Claim.objects.values_list("field", "value"))


def questions() -> set[tuple[str, str, str]]:
    return set(Conflict.objects.filter(status="open").values_list("kind", "ours", "theirs"))


def enrolled(person: Person) -> set[str]:
    found = Enrolment.objects.filter(person=person, active_until=None)
    return set(found.values_list("programme", flat=True))


def identity_of(person: Person) -> tuple[Any, ...]:
    now = Person.objects.get(pk=person.pk)
    return (now.nik, now.name, now.title, now.birth_date, now.sex, now.mother_name)


def place_of(person: Person) -> tuple[Any, ...]:
    now = Family.objects.get(pk=Person.objects.get(pk=person.pk).family_id)
    return (now.kk, now.village_id, now.address, now.location.coords if now.location else None)


WAYS = pytest.mark.parametrize("by_way", [by_file, by_api])


# --- other name ----------------------------------------------------------------------------------


@WAYS
@pytest.mark.long
def test_another_name_is_held_until_explained_and_then_changes_nobody(by_way, signed_in):
    person = registered(9001, name="SRI RAHAYU", mother_name="WAGINI", programme="SEMBAKO")
    before, home = identity_of(person), place_of(person)
    held = by_way({"name": "WARSINI", "mother_name": "KARSIH"})
    assert HeldRow.objects.filter(batch=held).exists()
    assert not Proposal.objects.exists()

    decided(by_way({"name": "WARSINI", "mother_name": "KARSIH", "identity_note": WHY}))
    decree = worked(asked())
    assert decree.counts["determined"] == 1
    assert decree.counts["identity"]["other"] == 1
    assert Person.objects.count() == 1
    assert (identity_of(person), place_of(person)) == (before, home)
    assert enrolled(person) == {"PKH", "SEMBAKO"}
    assert {("name", "WARSINI"), ("mother_name", "KARSIH")} <= claims()
    assert {
        ("name_differs", "SRI RAHAYU", "WARSINI"),
        ("mother_differs", "WAGINI", "KARSIH"),
    } <= questions()

    page = signed_in("verifier").get(reverse("admin:registry_person_change", args=[person.pk]))
    text = page.content.decode()
    assert "WARSINI" in text
    assert "SRI RAHAYU" in text
    assert NUMBER in text


def test_by_the_form_another_name_goes_the_same_way(person, signed_in):
    known = registered(9001, name="SRI RAHAYU", mother_name="WAGINI", kk=family()["kk"])
    before = identity_of(known)
    officer = person("village_officer")
    with as_role("web"):
        draft = draft_of(officer)
        browser = signed_in("village_officer")
        card = member(name="WARSINI", mother_name="KARSIH", identity_note=WHY)
        typed(browser, draft, members=members(card), house=house())
        browser.post(f"/proposals/drafts/{draft.pk}/submit/")
        draft = work_off(draft)
    assert draft.submitted_at is not None
    decided(draft.batch)
    worked(asked())
    assert identity_of(known) == before
    assert enrolled(known) == {"PKH"}
    assert {("name", "WARSINI"), ("mother_name", "KARSIH")} <= claims()


def test_an_unexplained_other_that_only_the_register_of_today_shows_is_left_out(signed_in):
    decided(by_file({"name": "WARSINI", "mother_name": "KARSIH"}))
    other = by_another_row()
    person = registered(9001, name="SRI RAHAYU", mother_name="WAGINI")  # came meanwhile
    before = identity_of(person)
    decree = worked(asked())
    assert (decree.counts["determined"], decree.counts["left_out"]) == (1, {"identity": 1})
    assert Proposal.objects.get(nik=NIK).status == "accepted"
    assert Proposal.objects.get(pk=other.pk).status == "determined"
    assert (identity_of(person), enrolled(person)) == (before, set())
    browser = signed_in("determiner")
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    page = browser.get(reverse("admin:proposals_decree_change", args=[decree.pk]))
    assert "another person under this NIK" in page.content.decode()


def by_another_row() -> Proposal:
    officer = persona("regency_officer", OWN)
    with as_role("web"):
        batch = send([row(9007, name="RINI")], officer)
        with transaction.atomic():
            open_gate(officer)
            submission.submit(batch=batch, by=officer, now=timezone.now())
    return decided(batch)[0]


# --- typo, married name --------------------------------------------------------------------------


@WAYS
@pytest.mark.parametrize(
    ("registered_as", "cells", "field"),
    [
        ({}, {"name": "SITI AMINA"}, ("name", "SITI AMINA")),
        ({"name": "RINI HARTONO"}, {"name": "RINI SUSANTI"}, ("name", "RINI SUSANTI")),
    ],
    ids=["typo in one letter", "married name"],
)
@pytest.mark.long
def test_the_same_person_written_otherwise_is_enrolled_and_keeps_the_registered_name(
    registered_as, cells, field, by_way
):
    person = registered(9001, **registered_as)
    before = identity_of(person)
    decided(by_way(cells))
    worked(asked())
    assert identity_of(person) == before
    assert enrolled(person) == {"PKH"}
    assert field in claims()
    assert ("name_differs", person.name, field[1]) in questions()


def test_another_spelling_of_one_name_changes_no_name_either():
    person = registered(9001, name="SITTI AMINAH")
    decided(by_file({}))
    worked(asked())
    assert identity_of(person)[1] == "SITTI AMINAH"
    assert ("name", "SITI AMINAH") in claims()
    assert questions() == {("name_differs", "SITTI AMINAH", "SITI AMINAH")}


# --- moved ---------------------------------------------------------------------------------------


MOVED = {"village_code": B, "address": "JL. BARU 7", **point("B")}


@WAYS
@pytest.mark.long
def test_a_family_stays_while_nobody_confirmed_that_it_moved(by_way):
    person = registered(9001)
    home = place_of(person)
    decided(by_way(MOVED))
    decree = worked(asked())
    assert decree.counts["identity"]["unsaid"] == 1
    assert place_of(person) == home
    assert enrolled(person) == {"PKH"}
    assert Enrolment.objects.get().village_id == A
    assert {field for field, _value in claims()} >= {"village", "address", "location"}
    assert questions() == {("moved", A, B)}


def test_a_family_moves_where_a_reviewer_confirmed_it():
    person = registered(9001)
    decided(by_file(MOVED), Move.CONFIRMED)
    decree = worked(asked())
    assert decree.counts["identity"]["moved"] == 1
    assert place_of(person)[1:3] == (B, "JL. BARU 7")
    assert Person.objects.get(pk=person.pk).village_id == B
    assert questions() == set()


def test_a_move_that_a_reviewer_denied_is_claimed_and_not_asked():
    person = registered(9001)
    home = place_of(person)
    decided(by_file(MOVED), Move.DENIED)
    worked(asked())
    assert place_of(person) == home
    assert ("village", B) in claims()
    assert questions() == set()


def test_somebody_new_joins_the_family_where_it_is_registered():
    known = registered(9001)
    officer = persona("regency_officer", OWN)
    with as_role("web"):
        batch = send([row(9002, kk=row(9001)["kk"], name="RINI", **MOVED)], officer)
        with transaction.atomic():
            open_gate(officer)
            submission.submit(batch=batch, by=officer, now=timezone.now())
    decided(batch)
    worked(asked())
    new = Person.objects.get(nik=row(9002)["nik"])
    assert (new.family_id, new.village_id) == (known.family_id, A)
    assert ("moved", A, B) in questions()


# --- twins, a wrong digit ------------------------------------------------------------------------


def test_a_twin_under_a_number_of_their_own_is_a_new_person():
    twin = registered(9001)
    before = identity_of(twin)
    officer = persona("regency_officer", OWN)
    with as_role("web"):
        batch = send([row(9002, kk=row(9001)["kk"], name="SITI AMINI")], officer)
        with transaction.atomic():
            open_gate(officer)
            submission.submit(batch=batch, by=officer, now=timezone.now())
    decided(batch)
    worked(asked())
    assert identity_of(twin) == before
    assert sorted(Person.objects.values_list("name", flat=True)) == ["SITI AMINAH", "SITI AMINI"]
    assert Family.objects.count() == 1


def test_a_twin_under_the_other_ones_number_never_becomes_the_other_one():
    """Everything but the name is alike: seen at the check, and whatever follows nobody changes."""
    twin = registered(9001, name="SITI AMINAH")
    before = identity_of(twin)
    batch = by_file({"name": "DEWI LESTARI", "identity_note": WHY})
    decided(batch)
    worked(asked())
    assert identity_of(twin) == before
    assert ("name", "DEWI LESTARI") in claims()


@WAYS
@pytest.mark.long
def test_a_number_typed_one_digit_wrong_leaves_its_owner_as_they_are(by_way):
    """Somebody of the same day and sex whose last digit is another one."""
    owner = registered(9001, name="SRI RAHAYU", mother_name="WAGINI", kk="9701010101208888")
    before, home = identity_of(owner), place_of(owner)
    cells = {"name": "SITI AMINAH", "mother_name": "NUR"}
    assert HeldRow.objects.filter(batch=by_way(cells)).exists()
    decided(by_way(cells | {"identity_note": WHY}))
    worked(asked())
    assert (identity_of(owner), place_of(owner)) == (before, home)
    assert Family.objects.count() == 1
    assert ("kk_differs", "9701010101208888", row(9001)["kk"]) in questions()


# --- once ----------------------------------------------------------------------------------------


def counted() -> dict[str, int]:
    models = (Person, Family, Enrolment, Claim, Conflict)
    return {model.__name__: model.objects.count() for model in models}


def test_delivered_twice_nothing_is_doubled():
    registered(9001, name="SRI RAHAYU", mother_name="WAGINI")
    decided(by_file({"name": "WARSINI", "mother_name": "KARSIH", "identity_note": WHY}))
    job = asked()
    worked(job)
    before = counted()
    worked(job)
    with as_role("worker"):
        assert detection.find_claimed(Decree.objects.get().change) == {}
    assert counted() == before
    assert before["Claim"] >= 2


def test_killed_before_the_end_it_leaves_nothing_and_gives_the_same_when_it_goes_on(monkeypatch):
    registered(9001, name="SRI RAHAYU", mother_name="WAGINI")
    decided(by_file({"name": "WARSINI", "mother_name": "KARSIH", "identity_note": WHY}))
    job = asked()
    untouched = counted()

    class Killed(BaseException):
        pass

    def die(*_args: object) -> None:
        raise Killed

    with (
        as_role("worker"),
        monkeypatch.context() as patched,
        pytest.raises(Killed),
        transaction.atomic(),
    ):
        patched.setattr(determination, "on_in_force", [die])
        with work.claimed(job.pk, job.kind) as lease:
            determination.determine(lease)
    assert counted() == untouched
    worked(job)
    assert Decree.objects.get().status == "in_force"
    assert {("name_differs", "SRI RAHAYU", "WARSINI")} <= questions()
