"""An answer becomes one correction of the register, with its Change, Claims and history."""

from __future__ import annotations

import io
from datetime import date

import pytest
from django.db import transaction
from django.utils import timezone

from apps.casework.models import Document, Notice, Worklist
from apps.common.errors import DomainError
from apps.jobs.models import Job
from apps.reconciliation.conflicts import answers, resolution
from apps.reconciliation.conflicts.filters import Selection
from apps.reconciliation.models import Answer, Conflict
from apps.registry.models import Change, Claim, Enrolment, Family, Person
from tests.conftest import as_role
from tests.jobs.doing import do
from tests.reconciliation.answering import answer, officer, resolve, steward, take, work
from tests.reconciliation.linked import found, meeting
from tests.registry.people import a_change, a_person

pytestmark = pytest.mark.django_db
A, B, C = "97.01.01.2001", "97.01.01.2002", "97.02.01.2001"
OTHER_NIK = "9701011201889998"


@pytest.fixture(autouse=True)
def _as_owner():
    """These tests look at everything; what is done is done as the web or the worker."""
    with as_role("owner"):
        yield


def asked(kind: str = "civil", code: str = "CIVIL", source=None, programme="PKH", **says):
    """A question about a new person. Returns (person, conflict)."""
    person = a_person(A, programme=programme)
    met = meeting(code, kind, **(source or {}))
    met.link(person, **says)
    met.find()
    return person, found(person=person)


def again(person: Person) -> Person:
    return Person.objects.select_related("family", "change").get(pk=person.pk)


def test_what_the_source_says_is_one_change_with_the_officers_reason():
    person, conflict = asked(name="CONTOH SATOE")
    answer(conflict, "theirs", file=None)
    assert again(person).name == "CONTOH SATU"
    job = work(take(conflict))
    assert job.result["resolved"] == 1
    now, closed = again(person), found()
    change = Change.objects.get(kind="resolution")
    given = Answer.objects.get()
    assert (now.name, now.change, closed.status, closed.change) == (
        *("CONTOH SATOE", change),
        *("resolved", change),
    )
    day = timezone.localdate()
    assert change.reference == f"resolution {day}/{given.pk}"
    assert (change.source, change.reason, change.actor) == (
        *("CIVIL", "Dikunjungi 20-11"),
        f"user:{steward().pk}",
    )
    assert change.rows == {"name": 1}
    lost = Claim.objects.get()
    assert (lost.field, lost.value, lost.source, lost.change) == (
        *("name", "CONTOH SATU", "dtks"),
        change,
    )
    assert now.origins["birth_date"] == person.change_id
    assert "name" not in now.origins
    assert now.events.filter(change=change).count() == 1


def test_the_officers_own_value_comes_from_the_field():
    person, conflict = asked(birth_date=date(1988, 12, 1))
    resolve(conflict, "other", "13-01-1988")
    assert again(person).birth_date == date(1988, 1, 13)
    assert again(person).change.source == "FIELD"


def test_where_the_register_is_right_nothing_changes_and_it_is_not_asked_again():
    person, conflict = asked(name="LAIN")
    job = resolve(conflict, "ours")
    assert job.result["kept"] == 1
    assert (found().status, found().change, again(person).change_id) == (
        *("kept", None),
        person.change_id,
    )
    assert not Change.objects.filter(kind="resolution").exists()


def test_a_death_removes_the_person_ends_the_aid_and_an_empty_family():
    person, conflict = asked(is_deceased=True, death_date=date(2026, 8, 1))
    resolve(conflict, "theirs")
    now = again(person)
    assert (now.status, now.family.is_active) == ("removed", False)
    assert Enrolment.objects.get(person=person).active_until == timezone.localdate()
    assert now.origins["name"] == person.change_id


def test_what_else_was_asked_about_a_removed_person_is_gone():
    person = a_person(A)
    met = meeting()
    met.link(person, is_deceased=True, name="LAIN SEKALI")
    met.find()
    resolve(found(kind="deceased"), "theirs")
    assert found(kind="name_differs").status == "obsolete"
    assert {(w.kind, w.total, w.done) for w in Worklist.objects.all()} == {
        ("deceased", 1, 1),
        ("name_differs", 0, 0),
    }


def test_who_moves_alone_leaves_the_others_where_they_live():
    stays = a_person(A)
    moves = a_person(A, programme="PKH")
    moves.family, moves.change = stays.family, a_change()
    moves.save(update_fields=["family", "change"])
    met = meeting()
    met.link(moves, village_code=B, kk="9701012011209123")
    met.find()
    resolve(found(kind="moved"), "theirs")
    now = again(moves)
    assert (now.village_id, now.family.village_id, now.family.kk) == (B, B, "9701012011209123")
    assert again(stays).village_id == A
    assert Enrolment.objects.get().village_id == B
    assert {(c.field, c.value) for c in Claim.objects.all()} == {
        ("village", A),
        ("kk", stays.family.kk),
    }


def test_who_moves_to_a_family_that_lives_there_joins_it():
    host = a_person(B)
    person, _conflict = asked(village_code=B, kk=host.family.kk)
    resolve(found(kind="moved"), "theirs")
    assert again(person).family_id == host.family_id
    assert again(person).village_id == B
    assert Family.objects.get(pk=person.family_id).is_active is False


def test_a_family_of_which_all_move_stays_one_family():
    first, second = a_person(A), a_person(A)
    second.family, second.change = first.family, a_change()
    second.save(update_fields=["family", "change"])
    met = meeting()
    for one in (first, second):
        met.link(one, village_code=C, kk=first.family.kk)
    met.find()
    for conflict in Conflict.objects.filter(kind="moved"):
        answer(conflict, "theirs")
    job = take_all(2)
    assert work(job).result["resolved"] == 2
    assert {again(one).family_id for one in (first, second)} == {first.family_id}
    assert again(first).family.village_id == C
    assert Change.objects.filter(kind="resolution").count() == 2
    assert {c.field for c in Claim.objects.all()} == {"village"}


def take_all(expected: int, **params: str) -> Job:
    with as_role("web"):
        return answers.take_many(
            selection=Selection.from_params(params),
            expected=expected,
            by=steward(),
            now=timezone.now(),
        )


def test_a_number_is_corrected_by_the_person_and_not_by_the_number():
    person, conflict = asked(nik=OTHER_NIK)
    resolve(conflict, "theirs")
    assert (again(person).nik, again(person).is_nik_disputed) == (OTHER_NIK, False)
    assert (Claim.objects.get().field, Claim.objects.get().value) == ("nik", person.nik)


def test_a_number_that_somebody_holds_goes_back_to_the_officer():
    person, conflict = asked(nik=OTHER_NIK)
    a_person(B, nik=OTHER_NIK)
    job = resolve(conflict, "theirs")
    assert job.result["sent_back"] == 1
    given = Answer.objects.get()
    assert (found(pk=conflict.pk).status, given.is_taken, given.taken_note) == (
        *("open", False),
        "nik_taken",
    )
    assert again(person).nik == person.nik
    assert Notice.objects.filter(kind="answer_back", user=given.user).exists()


@pytest.mark.parametrize("choice", ["theirs", "other"])
def test_a_shared_number_is_disputed_or_replaced(choice):
    person = a_person(A)
    met = meeting()
    met.link(person, basis="nik_alone", status="review", name="LAIN", birth_date=date(1970, 1, 1))
    met.find()
    resolve(found(), choice, OTHER_NIK if choice == "other" else "")
    now = again(person)
    expected = (person.nik, True) if choice == "theirs" else (OTHER_NIK, False)
    assert (now.nik, now.is_nik_disputed) == expected


@pytest.mark.parametrize(
    ("kind", "code", "says"),
    [("employees", "BKN", {"occupation": "GURU"}), ("ranking", "BPS", {"desil": 8})],
)
def test_aid_ends_on_the_day_for_who_is_not_entitled(kind, code, says):
    person, conflict = asked(kind, code, source={"limit_desil": 5}, **says)
    resolve(conflict, "theirs")
    aid = Enrolment.objects.get()
    change = Change.objects.get(kind="resolution")
    assert (aid.active_until, aid.change) == (timezone.localdate(), change)
    assert (again(person).status, again(person).change_id) == ("active", person.change_id)


def test_nobody_enters_the_register_by_an_answer():
    met = meeting("PKH", "programme", programme="PKH")
    met.stranger(name="ORANG BARU", village_code=A)
    met.find()
    resolve(found(), "theirs")
    assert (found().status, found().change) == ("resolved", None)
    assert not Person.objects.exists()


def test_two_persons_who_are_one_are_not_corrected_but_merged():
    first, second = a_person(A), a_person(A)
    met = meeting()
    pair = met.link(first)
    met.link(second, pair.left, basis="weight")
    met.find()
    conflict = found(kind="nik_twice")
    answer(conflict, "theirs")
    with pytest.raises(DomainError, match="conflict_merge"):
        take(conflict)
    assert answers.takeable(Selection(), steward()).count() == 0


# --- nothing is corrected that has changed meanwhile, nothing twice ---


def test_a_register_that_changed_meanwhile_is_asked_about_again():
    person, conflict = asked(name="LAIN SEKALI")
    answer(conflict, "theirs")
    person.name, person.change = "CONTOH BARU", a_change()
    person.save(update_fields=["name", "change"])
    job = work(take(conflict))
    assert job.result == {"resolved": 0, "kept": 0, "gone": 0, "sent_back": 1}
    one = found()
    assert (one.status, one.ours, again(person).name) == ("open", "CONTOH BARU", "CONTOH BARU")
    assert (one.worklist.done, one.worklist.closed_at) == (0, None)


def test_what_somebody_corrected_already_is_gone():
    person, conflict = asked(name="LAIN SEKALI")
    answer(conflict, "theirs")
    person.name, person.change = "LAIN SEKALI", a_change()
    person.save(update_fields=["name", "change"])
    work(take(conflict))
    assert found().status == "obsolete"


def test_done_twice_it_is_done_once():
    person, conflict = asked(name="LAIN SEKALI")
    job = resolve(conflict, "theirs")
    before = (again(person).change_id, Claim.objects.count(), Change.objects.count())
    Job.objects.filter(pk=job.pk).update(status="done")
    other = Job.objects.create(
        kind=answers.RESOLVE_ANSWERS,
        subject=answers.SUBJECT,
        actor="user:1",
        created_at=timezone.now(),
        heartbeat_at=timezone.now(),
        parameters={"user": 1, "selection": {}},
    )
    assert sum(work(other).result.values()) == 0
    assert (again(person).change_id, Claim.objects.count(), Change.objects.count()) == before


def test_a_worker_that_dies_between_two_lots_leaves_whole_lots(monkeypatch):
    people = [a_person(A) for _number in range(3)]
    met = meeting()
    for number, one in enumerate(people):
        met.link(one, name=f"LAIN {number}")
    met.find()
    for conflict in Conflict.objects.all():
        answer(conflict, "theirs")
    job = take_all(3)
    monkeypatch.setattr(resolution, "CHUNK_ROWS", 2)
    chunks = iter([resolution._write, _die])
    monkeypatch.setattr(resolution, "_write", lambda *given: next(chunks)(*given))
    with pytest.raises(ConnectionError), as_role("worker"):
        do(job)
    assert Conflict.objects.filter(status="resolved").count() == 2
    monkeypatch.undo()
    assert work(job).result["resolved"] == 1
    assert {again(one).name for one in people} == {"LAIN 0", "LAIN 1", "LAIN 2"}
    assert Change.objects.filter(kind="resolution").count() == 3


def _die(*_given: object) -> None:
    raise ConnectionError


def test_two_answers_about_one_person_are_two_changes():
    person = a_person(A)
    met = meeting()
    met.link(person, name="LAIN SEKALI", birth_date=date(1990, 1, 1))
    met.find()
    for conflict in Conflict.objects.all():
        answer(conflict, "theirs")
    assert work(take_all(2)).result["resolved"] == 2
    now = again(person)
    assert (now.name, now.birth_date) == ("LAIN SEKALI", date(1990, 1, 1))
    assert Change.objects.filter(kind="resolution").count() == 2


def test_many_are_taken_over_in_as_many_statements_as_few(django_assert_max_num_queries):
    met = meeting()
    for number in range(12):
        met.link(a_person(A), name=f"LAIN {number}")
    met.find()
    for conflict in Conflict.objects.all():
        answer(conflict, "theirs")
    with django_assert_max_num_queries(20):
        job = take_all(12)
    with django_assert_max_num_queries(75):
        work(job)
    assert job.result["resolved"] == 12


def test_a_filter_that_shows_other_answers_by_now_takes_none():
    _person, conflict = asked(name="LAIN SEKALI")
    answer(conflict, "theirs")
    with pytest.raises(DomainError, match="conflict_changed_since"), transaction.atomic():
        take_all(2)
    assert Answer.objects.get().is_taken is None
    assert take_all(1, kind="name_differs", region="97.01").total == 1


# --- who says what ---


def test_an_answer_closes_its_list_and_handing_it_back_opens_it():
    _person, conflict = asked(name="LAIN SEKALI")
    answer(conflict, "ours")
    done = Worklist.objects.get()
    assert (done.total, done.done, done.closed_at is None) == (1, 1, False)
    with as_role("web"):
        answers.hand_back(
            conflict=conflict, note="Foto tidak terbaca", by=steward(), now=timezone.now()
        )
    back = Worklist.objects.get()
    assert (back.done, back.closed_at, found().status) == (0, None, "open")
    given = Answer.objects.get()
    assert (given.is_taken, given.taken_note) == (False, "Foto tidak terbaca")
    assert Notice.objects.get(kind="answer_back").user == officer()


def test_nobody_takes_over_their_own_answer():
    _person, conflict = asked(name="LAIN SEKALI")
    answer(conflict, "theirs")
    both = steward("dahulu-petugas")  # an officer of the regency, before
    Answer.objects.update(user=both)
    with pytest.raises(DomainError, match="conflict_own"):
        take(conflict, by=both)
    assert answers.takeable(Selection(), both).count() == 0
    assert answers.takeable(Selection(), steward()).count() == 1


@pytest.mark.parametrize(
    ("choice", "fields", "code"),
    [
        ("", {}, "conflict_choice"),
        ("other", {"value": "X"}, "conflict_choice"),
        ("theirs", {"reason": "  "}, "conflict_reason"),
        ("theirs", {"file": None}, "conflict_evidence"),
    ],
)
def test_an_answer_needs_its_parts(choice, fields, code):
    _person, conflict = asked(is_deceased=True)
    with pytest.raises(DomainError, match=code), transaction.atomic():
        answer(conflict, choice, **fields)
    assert found().status == "open"


@pytest.mark.parametrize(
    ("says", "value"),
    [
        ({"name": "LAIN SEKALI"}, "A"),
        ({"name": "LAIN SEKALI"}, "A 123"),
        ({"birth_date": date(1990, 1, 1)}, "31-02-1990"),
        ({"birth_date": date(1990, 1, 1)}, "01-01-2999"),
        ({"village_code": B}, "99.99.99.9999"),
        ({"nik": OTHER_NIK}, "123"),
    ],
)
def test_a_value_that_cannot_be_is_not_taken(says, value):
    _person, conflict = asked(**says)
    with pytest.raises(DomainError, match="conflict_value"), transaction.atomic():
        answer(conflict, "other", value)


def test_two_officers_at_once_give_one_answer():
    _person, conflict = asked(name="LAIN SEKALI")
    stale = Conflict.objects.get(pk=conflict.pk)
    answer(conflict, "theirs")
    with pytest.raises(DomainError, match="conflict_moved"), transaction.atomic():
        answer(stale, "ours")
    assert Answer.objects.count() == 1


def test_evidence_of_one_person_lets_no_row_of_the_village_go():
    _person, conflict = asked(name="LAIN SEKALI")
    given = answer(conflict, "theirs")
    assert (given.document.kind, given.document.cycle) == ("evidence", None)
    assert given.document not in Document.objects.of_villages()


def test_a_file_that_is_no_document_is_not_taken():
    _person, conflict = asked(name="LAIN SEKALI")
    with pytest.raises(DomainError), transaction.atomic():
        answer(conflict, "theirs", file=io.BytesIO(b"MZ..."), file_name="a.exe")
    assert found().status == "open"
