"""Which value wins: by lock, decision, authority, recency; and what goes without a question."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation

from apps.accounts.access import open_gate
from apps.audit.models import Entry
from apps.common.errors import DomainError
from apps.jobs.models import Job
from apps.reconciliation.deliveries import sources
from apps.reconciliation.models import Authority, Lock
from apps.reconciliation.survivorship import field_rules, person_sources
from apps.reconciliation.survivorship.field_rules import Held, Rule, winner
from apps.registry.models import Change, Claim, Person
from tests.conftest import as_role
from tests.jobs.doing import do
from tests.reconciliation.answering import answer, resolve, steward, take, work
from tests.reconciliation.linked import found, meeting
from tests.registry.people import a_person

pytestmark = pytest.mark.django_db
A, B = "97.01.01.2001", "97.01.01.2002"
EARLY, LATE = date(2026, 1, 1), date(2026, 11, 1)
NIK = "9701011201889998"


@pytest.fixture(autouse=True)
def _as_owner():
    with as_role("owner"):
        yield


def origin(person: Person, field: str = "name"):
    fresh = Person.objects.select_related("family", "change").get(pk=person.pk)
    return next(one for one in field_rules.choose(fresh) if one.field == field)


@pytest.mark.parametrize(
    ("own", "others", "wins", "rule"),
    [
        (Held("A", "R", LATE, 2), [Held("B", "S", EARLY, 1)], "B", Rule.AUTHORITY),
        (Held("A", "R", EARLY, 1), [Held("B", "S", LATE, 2)], "A", Rule.AUTHORITY),
        (Held("A", "R", EARLY, 1), [Held("B", "S", LATE, 1)], "B", Rule.RECENCY),
        (Held("A", "R", LATE, 1), [Held("B", "S", EARLY, 1)], "A", Rule.RECENCY),
        (Held("A", "R", EARLY), [Held("B", "S", EARLY)], "A", Rule.RECENCY),
        (Held("", "R", LATE, 1), [Held("B", "S", EARLY)], "B", Rule.AUTHORITY),
        (Held("A", "R", EARLY), [Held("a", "S", LATE, 1), Held("", "T", LATE, 1)], "A", Rule.ONLY),
        (
            Held("A", "R", LATE, 9),
            [Held("B", "S", LATE, 2), Held("C", "T", EARLY, 1)],
            *("C", Rule.AUTHORITY),
        ),
    ],
)
def test_the_first_authority_wins_then_the_most_recent(own, others, wins, rule):
    best, why = winner(own, others)
    assert (best.value, why) == (wins, rule)


def test_a_persons_fields_say_where_they_are_from_and_what_lost():
    person = a_person(A)
    met = meeting()
    met.link(person, name="LAIN SEKALI")
    met.find()
    before = origin(person)
    assert (before.value, before.source, before.rule) == ("CONTOH SATU", "dtks", Rule.ASKED)
    assert [(one.value, one.source, one.is_past) for one in before.losers] == [
        ("LAIN SEKALI", "CIVIL", False)
    ]
    resolve(found(), "theirs")
    after = origin(person)
    assert (after.value, after.source, after.rule) == ("LAIN SEKALI", "CIVIL", Rule.ONLY)
    assert [(one.value, one.source, one.is_past) for one in after.losers] == [
        ("CONTOH SATU", "dtks", True)
    ]
    assert origin(person, "birth_date").source == "dtks"


def test_what_people_decided_precedes_the_authority():
    person = a_person(A)
    met = meeting()
    met.link(person, name="LAIN SEKALI")
    met.find()
    resolve(found(), "other", "NAMA YANG BENAR")
    now = origin(person)
    assert (now.value, now.source, now.rule) == ("NAMA YANG BENAR", "FIELD", Rule.DECIDED)


def test_a_lock_precedes_everything_and_says_why():
    person = a_person(A)
    met = meeting()
    met.link(person, name="LAIN SEKALI")
    by = steward()
    with as_role("web"):
        _gate(by)
        field_rules.lock(
            person=person, field="name", reason="KTP dilihat", by=by, now=timezone.now()
        )
    assert origin(person).rule == Rule.LOCK
    assert met.find() == {}
    assert Entry.objects.filter(subject=f"registry.Person:{person.pk}", reason="KTP dilihat")
    with pytest.raises(DomainError, match="lock_exists"), transaction.atomic():
        field_rules.lock(person=person, field="name", reason="x", by=by, now=timezone.now())
    field_rules.unlock(person=person, field="name", reason="keliru", by=by, now=timezone.now())
    assert met.find() == {"name_differs": 1}


def _gate(user):

    open_gate(user)


def test_a_lock_that_came_after_the_answer_holds():
    person = a_person(A)
    met = meeting()
    met.link(person, name="LAIN SEKALI")
    met.find()
    answer(found(), "theirs")
    field_rules.lock(
        person=person, field="name", reason="KTP dilihat", by=steward(), now=timezone.now()
    )
    assert work(take(found())).result["sent_back"] == 1
    assert origin(person).value == "CONTOH SATU"


@pytest.mark.parametrize(
    ("field", "reason", "code"),
    [("kk", "x", "lock_field"), ("name", " ", "lock_reason")],
)
def test_a_lock_needs_a_field_and_a_reason(field, reason, code):
    with pytest.raises(DomainError, match=code):
        field_rules.lock(
            person=a_person(A), field=field, reason=reason, by=steward(), now=timezone.now()
        )


# --- without a question ---


def switched_on(*fields: str):
    """A civil register that is taken at its word for these fields."""
    met = meeting()
    for field in fields:
        Authority.objects.update_or_create(
            source=met.source, field=field, defaults={"rank": 1, "is_automatic": True}
        )
    return met


def take_all(met) -> Job:
    by = steward()
    total = sum(one.count for one in field_rules.propose(met.source))
    with as_role("web"):
        _gate(by)
        job = field_rules.enqueue_take_over(source=met.source, expected=total, by=by)
    with as_role("worker"):
        do(job)
    job.refresh_from_db()
    return job


def test_nothing_goes_without_a_question_from_the_start():
    met = meeting()
    met.link(a_person(A), name="LAIN SEKALI", mother_name="IBU")
    assert field_rules.propose(met.source) == []
    assert met.find() == {"name_differs": 1}


def test_what_is_switched_on_is_proposed_and_written_on_a_stewards_word():
    met = switched_on("name", "mother_name")
    first, second = a_person(A), a_person(A)
    met.link(first, name="LAIN SEKALI", mother_name="IBU SATU")
    met.link(second, mother_name="IBU DUA")
    assert met.find() == {}
    counts = {one.field: one.count for one in field_rules.propose(met.source)}
    assert counts == {"name": 1, "mother_name": 2}
    job = take_all(met)
    assert job.result == {"fields": {"name": 1, "mother_name": 2}, "persons": 3}
    first.refresh_from_db()
    assert (first.name, first.mother_name) == ("LAIN SEKALI", "IBU SATU")
    assert Change.objects.filter(kind="resolution", source="CIVIL").count() == 2
    assert Claim.objects.get().value == "CONTOH SATU"
    assert field_rules.propose(met.source) == []


def test_a_missing_number_is_filled_in_and_a_held_one_never_taken():
    met = switched_on("nik")
    empty, other = a_person(A), a_person(A)
    Person.objects.filter(pk=empty.pk).update(nik=None, change=other.change)
    empty.refresh_from_db()
    pair = met.link(empty, status="same", basis="weight", nik=other.nik)
    assert field_rules.propose(met.source) == []
    type(pair.left).objects.filter(pk=pair.left_id).update(nik=NIK)
    take_all(met)
    empty.refresh_from_db()
    assert (empty.nik, empty.is_nik_disputed) == (NIK, False)
    assert Claim.objects.count() == 0


def test_only_certain_pairs_of_the_first_authority_go_without_a_question():
    met = switched_on("name")
    met.link(a_person(A), status="linked", basis="weight", name="LAIN SEKALI")
    met.link(a_person(A), status="review", basis="weight", name="LAIN SEKALI")
    assert field_rules.propose(met.source) == []
    assert met.find() == {"name_differs": 1}
    met.link(a_person(A), name="LAIN SEKALI")
    assert len(field_rules.propose(met.source)) == 1
    other = meeting("BPS", "ranking")
    Authority.objects.create(source=other.source, field="name", rank=0)
    assert field_rules.propose(met.source) == []


def test_what_was_kept_or_locked_is_not_taken():
    met = meeting()
    kept, locked = a_person(A), a_person(A)
    met.link(kept, name="LAIN SEKALI")
    met.find()
    resolve(found(), "ours")
    Authority.objects.filter(field="name").update(is_automatic=True)
    met.link(locked, name="LAIN SEKALI")
    assert field_rules.propose(met.source)[0].count == 1
    field_rules.lock(
        person=locked, field="name", reason="KTP dilihat", by=steward(), now=timezone.now()
    )
    assert field_rules.propose(met.source) == []


def test_other_values_by_now_are_not_taken():
    met = switched_on("name")
    met.link(a_person(A), name="LAIN SEKALI")
    with pytest.raises(DomainError, match="conflict_changed_since"):
        field_rules.enqueue_take_over(source=met.source, expected=2, by=steward())


# --- pages ---


def test_the_persons_page_shows_sources_and_inputs_with_their_period(signed_in):
    person = a_person(A, programme="PKH")
    civil = meeting()
    civil.link(person, name="LAIN SEKALI", nik=NIK)
    ranking = meeting("BPS", "ranking", name="BPS Desil")
    ranking.link(person, desil=2)
    aid = meeting("KEMENSOS", "programme", name="Penerima Sembako")
    aid.link(person, programmes=["SEMBAKO"])
    with as_role("web"):
        address = reverse("admin:registry_person_change", args=[person.pk])
        national = signed_in("steward").get(address).content.decode()
        regional = signed_in("regency_officer").get(address).content.decode()
    assert "LAIN SEKALI" in national
    assert "esil 2" in national
    assert "BPS Desil, Nov 2026" in " ".join(national.split())
    assert "SEMBAKO" in national
    assert NIK not in national
    assert "970101••••••9998" in national
    for word in ("LAIN SEKALI", "esil 2", "SEMBAKO"):
        assert word not in regional
    assert "dtks" in regional


def test_a_claim_of_a_number_is_masked(signed_in):
    person = a_person(A)
    met = meeting()
    met.link(person, nik=NIK)
    met.find()
    resolve(found(), "theirs")
    with as_role("web"):
        page = signed_in("verifier").get(reverse("admin:registry_person_change", args=[person.pk]))
    assert person.nik not in page.content.decode()
    assert person.masked_nik in page.content.decode()


def test_every_field_that_a_source_tells_of_has_a_name_in_indonesian():
    with translation.override("id"):
        named = {field: person_sources.label_of(field) for field in sources.FIELDS}
    assert named["address"] == "Alamat"
    assert [field for field, label in named.items() if label.lower() == field != "desil"] == ["nik"]


def test_a_steward_locks_and_lifts_on_the_persons_page(signed_in):
    person = a_person(A)
    with as_role("web"):
        browser = signed_in("steward")
        address = reverse("admin:registry_person_change", args=[person.pk])
        where = reverse("reconciliation:person-lock", args=[person.pk])
        assert where in browser.get(address).content.decode()
        sent = browser.post(where, {"field": "name", "reason": "KTP dilihat"})
        assert sent["Location"] == address
        assert "KTP dilihat" in browser.get(address).content.decode()
        lift = reverse("reconciliation:person-unlock", args=[person.pk])
        browser.post(lift, {"field": "name", "reason": "keliru"})
        refused = signed_in("regency_officer").post(where, {"field": "name", "reason": "x"})
    assert refused.status_code == 403
    assert Lock.objects.get().lifted_at is not None


def test_a_steward_switches_a_field_on_and_takes_over(signed_in):
    met = meeting()
    met.link(a_person(A), name="LAIN SEKALI")
    one = Authority.objects.get(field="name")
    place = reverse("reconciliation:survivorship")
    with as_role("web"):
        browser = signed_in("steward")
        browser.post(place, {"step": "on", "authority": one.pk})
        assert 'value="take"' in browser.get(place).content.decode()
        browser.post(place, {"step": "take", "source": "CIVIL", "expected": "1"})
    job = Job.objects.get(kind=field_rules.TAKE_SURVIVORS)
    with as_role("worker"):
        do(job)
    assert Person.objects.get().name == "LAIN SEKALI"
    with as_role("web"):
        browser.post(place, {"step": "off", "authority": one.pk})
        assert browser.post(place, {"step": "on", "authority": one.pk + 1_000}).status_code == 404
    assert not Authority.objects.filter(is_automatic=True).exists()
