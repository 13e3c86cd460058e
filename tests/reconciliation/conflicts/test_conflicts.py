"""What a run brings up: each kind of question, asked once, gone when it is gone."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from apps.casework.models import Notice, Worklist
from apps.reconciliation.conflicts import detection
from apps.reconciliation.models import Conflict, Lock, Record
from apps.registry.models import Person
from tests.base import NOW
from tests.conftest import as_role
from tests.jobs.doing import do
from tests.personas import SIBLING, persona
from tests.reconciliation.linked import all_found, end, finish, found, meeting
from tests.registry.people import a_change, a_person

pytestmark = pytest.mark.django_db
A, B, C = "97.01.01.2001", "97.01.01.2002", "97.02.01.2001"


def people(number: int = 1, village: str = A, **fields):
    with as_role("worker"):
        made = [
            a_person(village, **({"name": f"CONTOH {letter}"} | fields))
            for letter in "ABCDEFGHIJ"[:number]
        ]
    return made if number > 1 else made[0]


def ask(person: Person, kind: str = "civil", code: str = "CIVIL", source=None, **says):
    met = meeting(code, kind, **(source or {}))
    met.link(person, **says)
    met.find()
    return met


def test_two_sources_that_agree_ask_nothing():
    assert ask(people()).find() == {}
    assert all_found() == []


@pytest.mark.parametrize(
    ("says", "kind", "field", "ours", "theirs"),
    [
        ({"is_deceased": True}, "deceased", "status", "active", ""),
        (
            {"is_deceased": True, "death_date": date(2026, 8, 1), "village_code": B},
            *("deceased", "status", "active", "2026-08-01"),
        ),
        ({"village_code": B}, "moved", "village", A, B),
        ({"name": "LAIN SEKALI"}, "name_differs", "name", "CONTOH A", "LAIN SEKALI"),
        (
            {"birth_date": date(1988, 12, 1)},
            *("birth_differs", "birth_date", "1988-01-12", "1988-12-01"),
        ),
    ],
)
def test_the_civil_register_asks_about(says, kind, field, ours, theirs):
    person = people()
    met = ask(person, **says)
    one = found()
    assert (one.kind, one.field, one.ours, one.theirs) == (kind, field, ours, theirs)
    assert (one.person, one.village_id, one.run, one.source) == (person, A, met.run, met.source)


def test_another_spelling_is_not_another_name():
    ask(people(), name="Contoh  A.", name_key="CONTOH A")
    assert all_found() == []


def test_a_village_that_is_not_in_our_tree_is_no_move():
    ask(people(), village_code="11.01.01.2001")
    assert all_found() == []


def test_two_numbers_of_a_pair_are_asked_about_at_the_civil_register_only():
    person = people()
    ask(person, "programme", "PKH", nik="9701011201889998", source={"programme": "PKH"})
    assert all_found() == []
    ask(person, nik="9701011201889998")
    one = found()
    assert (one.kind, one.field, one.ours, one.theirs) == (
        *("nik_twice", "nik"),
        *(person.nik, "9701011201889998"),
    )


def test_two_persons_that_are_one_record_are_one_question():
    first, second = people(2)
    met = meeting()
    pair = met.link(first)
    met.link(second, _left(pair), basis="weight")
    met.find()
    one = found(kind="nik_twice")
    assert (one.kind, one.field, one.person_id, one.other_person_id) == (
        *("nik_twice", "person"),
        *(second.pk, first.pk),
    )


def _left(pair):
    with as_role("owner"):
        return Record.objects.get(pk=pair.left_id)


def test_a_number_on_two_people_is_asked_about_and_nothing_else_of_that_pair():
    person = people()
    ask(
        person,
        basis="nik_alone",
        status="review",
        name="ORANG LAIN",
        birth_date=date(1970, 2, 3),
    )
    one = found()
    assert (one.kind, one.ours, one.theirs) == ("nik_shared", person.nik, "ORANG LAIN, 1970-02-03")


def test_whom_the_civil_register_does_not_know_is_asked_where_it_covers_the_regency():
    known = people(4)
    missing = people()
    elsewhere = people(village="97.02.01.2001")
    met = meeting()
    for person in known:
        met.link(person)
    assert met.find() == {"nik_unknown": 1}
    one = found()
    assert (one.person, one.ours, one.field) == (missing, missing.nik, "nik")
    assert one.person != elsewhere


def test_a_person_under_review_or_known_by_number_is_not_unknown():
    known = people(4)
    met = meeting()
    for person in known[:3]:
        met.link(person)
    met.link(known[3], status="review", basis="weight", nik="")
    by_number = people()
    met.stranger(nik=by_number.nik, name="X")
    assert "nik_unknown" not in met.find()


def test_a_recipient_without_a_pair_is_asked_about_in_the_village_of_the_record():
    met = meeting("PKH", "programme", programme="PKH")
    met.link(people())
    met.link(people(name="CONTOH Z"), status="review", basis="weight")
    met.stranger(
        name="ORANG BARU", nik="9701011201889123", village_code=B, birth_date=date(1988, 1, 12)
    )
    met.stranger(name="TANPA DESA", village_code="")
    assert met.find() == {"not_registered": 1}
    one = found()
    assert (one.village_id, one.person) == (B, None)
    assert one.theirs == "ORANG BARU, 1988-01-12, 970101••••••9123"


def test_a_record_that_another_pair_displaced_is_not_a_stranger():
    met = meeting("PKH", "programme", programme="PKH")
    person = people()
    met.link(person)
    met.link(person, status="displaced")
    assert met.find() == {}


def test_who_is_ranked_above_the_limit_is_asked_about_with_what_they_receive():
    met = ask(people(programme="PKH"), "ranking", "BPS", desil=6, source={"limit_desil": 5})
    one = found()
    assert (one.kind, one.ours, one.theirs) == ("above_limit", "PKH", "6")
    met.link(people(name="CONTOH Z"), desil=5)
    met.find()
    assert len(all_found()) == 1


def test_a_ranking_without_a_limit_asks_nothing():
    ask(people(), "ranking", "BPS", desil=9)
    assert all_found() == []


def test_civil_servants_are_asked_about_while_they_receive_something():
    met = ask(people(programme="PKH"), "employees", "BKN", occupation="GURU")
    met.link(people(name="CONTOH Z"), occupation="GURU")
    met.find()
    one = found()
    assert (one.kind, one.ours, one.theirs) == ("civil_servant", "PKH", "GURU")


def test_a_source_that_is_no_authority_asks_nothing_about_names():
    ask(people(), "programme", "PKH", name="LAIN SEKALI", source={"programme": "PKH"})
    assert all_found() == []


def test_pairs_that_people_refused_ask_nothing():
    ask(people(), status="not_same", basis="weight", name="LAIN", village_code=B)
    assert all_found() == []


# --- asked once ---


def test_found_again_it_is_the_same_question():
    met = ask(people(), village_code=B)
    before = found()
    assert met.find() == {}
    assert met.again().find() == {}
    assert found() == before


def test_what_is_no_longer_there_goes_and_comes_back_as_the_same_question():
    person = people()
    met = meeting()
    pair = met.link(person, village_code=B)
    met.find()
    gone = met.again()
    end(pair, gone.run)
    gone.link(person)
    assert gone.find() == {"gone": 1}
    assert found().status == "obsolete"
    back = gone.again()
    back.link(person, village_code=B)
    assert back.find() == {"again": 1}
    one = found()
    assert (one.status, one.run, one.worklist.subject) == ("open", back.run, back.run.subject)


@pytest.mark.parametrize("status", ["kept", "resolved"])
def test_what_was_decided_is_asked_again_only_when_the_source_says_something_else(status):
    person = people()
    met = ask(person, name="LAIN SEKALI")
    with as_role("owner"):
        Conflict.objects.update(status="answered")
        Conflict.objects.update(status=status)
    assert met.find() == {}
    later = met.again()
    later.link(person, name="LAIN LAGI")
    assert later.find() == {"name_differs": 1}
    assert [row[1] for row in all_found()] == [status, "open"]


def test_an_open_question_follows_the_register():
    person = people()
    met = ask(person, name="LAIN SEKALI")
    with as_role("worker"):
        person.name, person.change = "CONTOH BARU", a_change()
        person.save(update_fields=["name", "change"])
    met.find()
    assert all_found() == [("name_differs", "open", "CONTOH BARU", "LAIN SEKALI")]


def test_a_locked_field_is_not_asked_about():
    person = people()
    met = ask(person, name="LAIN SEKALI", village_code=B)
    with as_role("owner"):
        Lock.objects.create(
            person=person,
            village_id=A,
            field="name",
            reason="KTP dilihat",
            user=persona("steward"),
            at=NOW,
        )
    assert met.find() == {"gone": 1}
    assert {row[:2] for row in all_found()} == {("moved", "open"), ("name_differs", "obsolete")}


def test_a_delivery_says_nothing_about_questions_of_another_source():
    person = people(programme="PKH")
    ask(person, village_code=B)
    met = ask(person, "employees", "BKN", occupation="GURU")
    assert met.find() == {}
    assert {row[:2] for row in all_found()} == {("moved", "open"), ("civil_servant", "open")}


def test_a_changed_record_of_a_stranger_is_the_same_question():
    met = meeting("PKH", "programme", programme="PKH")
    old = met.stranger(ref="7", name="ORANG BARU", village_code=A)
    met.find()
    later = met.again()
    with as_role("worker"):
        Record.objects.filter(pk=old.pk).update(until=later.left.number)
    new = later.stranger(ref="7", name="ORANG BARU", village_code=A, rt="003")
    assert later.find() == {}
    assert found().record_id == new.pk


# --- after a run ---


def finished(met):
    """What a run does in its last transaction, then the worker's next job."""
    with as_role("worker"):
        job = detection.enqueue_detection(met.run)
        finish(met.run)
    return job


def test_a_finished_run_is_asked_about_by_a_job_once():
    met = meeting()
    met.link(people(), village_code=B)
    job = finished(met)
    assert all_found() == []
    for _again in range(2):
        with as_role("worker"):
            do(job)
    job.refresh_from_db()
    assert (job.status, job.result) == ("done", {"conflicts": {"moved": 1}})
    assert len(all_found()) == 1


def test_the_job_of_a_run_that_another_has_overtaken_asks_nothing():
    met = meeting()
    met.link(people(), village_code=B)
    job = finished(met)
    finished(met.again())
    with as_role("worker"):
        do(job)
    assert all_found() == []


# --- work-lists ---


def test_each_kind_and_regency_gets_a_list_with_a_day_and_its_officers_are_told():
    with as_role("owner"):
        own = persona("regency_officer")
        other = persona("regency_officer", SIBLING)
        persona("verifier")
    met = meeting()
    for person in (*people(2), people(village="97.02.01.2001")):
        met.link(person, village_code=B, name="LAIN SEKALI")
    met.find()
    with as_role("owner"):
        lists = Worklist.objects.order_by("kind", "region")
        assert list(lists.values_list("kind", "region_id", "total", "done")) == [
            ("moved", "97.01", 2, 0),
            ("moved", "97.02", 1, 0),
            ("name_differs", "97.01", 2, 0),
            ("name_differs", "97.02", 1, 0),
        ]
        assert {(one.due_date - one.made_at.date()).days for one in lists} <= {30, 31}
        told = Notice.objects.filter(kind="questions").values_list("user_id", "count")
        assert set(told) == {(own.pk, 4), (other.pk, 2)}


def test_the_days_are_set_by_source_or_kind(settings):
    settings.RECONCILIATION_ANSWER_DAYS = {"default": 30, "moved": 10, "BKN": 5}
    ask(people(programme="PKH"), village_code=B)
    ask(people(programme="PKH"), "employees", "BKN", occupation="GURU")
    with as_role("owner"):
        days = {
            one.kind: (one.due_date - one.made_at.date()).days for one in Worklist.objects.all()
        }
    assert days["moved"] - days["civil_servant"] == 5


def test_a_question_goes_along_to_another_regency():
    person = people()
    met = ask(person, name="LAIN SEKALI")
    with as_role("worker"):
        family, change = person.family, a_change()
        for one in (family, person):
            one.village_id, one.change = C, change
            one.save(update_fields=["village", "change"])
    later = met.again()
    later.find()
    with as_role("owner"):
        lists = Worklist.objects.filter(kind="name_differs").order_by("pk")
        (old, total, closed), (new, one, _open) = lists.values_list(
            "region_id", "total", "closed_at"
        )
    assert (old, total, closed is None) == ("97.01", 0, False)
    assert (new, one) == ("97.02", 1)


def test_lists_count_only_what_is_still_asked_and_close_when_nothing_is():
    person = people()
    met = meeting()
    pair = met.link(person, village_code=B)
    met.find()
    later = met.again()
    end(pair, later.run)
    later.link(person)
    later.find()
    with as_role("owner"):
        one = Worklist.objects.get()
    assert (one.total, one.done) == (0, 0)
    assert one.closed_at is not None


def test_a_second_run_without_news_tells_nobody():
    met = ask(people(), village_code=B)
    with as_role("owner"):
        persona("regency_officer")
        before = Notice.objects.count()
        met.again().find()
        assert Notice.objects.count() == before


def test_the_guard_of_the_status_is_asked_only_where_the_status_is_written():
    ask(people(), name="LAIN SEKALI")
    written = "EXPLAIN ANALYZE UPDATE reconciliation_conflict SET {} = {}"
    with as_role("owner"), connection.cursor() as cursor:
        cursor.execute(written.format("moved_at", "now()"))
        assert "conflict_moves" not in str(cursor.fetchall())
        with pytest.raises(DatabaseError, match="Invalid transition"), transaction.atomic():
            cursor.execute(written.format("status", "'resolved'"))
