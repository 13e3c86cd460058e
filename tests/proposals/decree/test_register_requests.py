"""Removals and corrections from the check to the register: once, with reason, and without haste."""

from __future__ import annotations

from datetime import date

import pytest

from apps.jobs import work
from apps.proposals.decree import determination
from apps.proposals.models import Decree, Proposal
from apps.registry.models import Change, Claim, Enrolment, Family, Person
from tests.base import NOW
from tests.conftest import as_role
from tests.proposals.registered import registered
from tests.proposals.sending import correction, removal, row, send
from tests.registry.people import a_change

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 20)
ABLE = {"reason": "MAMPU", "evidence_kind": "BERITA ACARA", "evidence_number": "12/BA/2026"}
WAY = {
    "submitted": "regency_officer",
    "verified": "verifier",
    "endorsed": "head_of_office",
    "accepted": "pusdatin_verifier",
}


@pytest.fixture
def officer(person):
    return person("regency_officer")


@pytest.fixture
def decide(person, gate):
    """A decree over all rows of some batches; returns it as it is in force."""
    determiner = person("determiner")
    chain = {status: person(role) for status, role in WAY.items()}

    def decided(*batches, number: str = "88/HUK/2026") -> Decree:
        with as_role("owner"):
            rows = Proposal.objects.filter(batch__in=batches, status="draft")
            keys = list(rows.values_list("pk", flat=True))
            rows = Proposal.objects.filter(pk__in=keys)
            for status, by in chain.items():
                rows.update(status=status, step_by=by, step_at=NOW)
        gate(determiner)
        _decree, job = determination.enqueue_decree(
            number=number,
            date=DAY,
            region_code="97",
            by=determiner,
            now=NOW,
            civil_reason="Belum dapat ditanya.",
        )
        with as_role("worker"):
            with work.claimed(job.pk, job.kind) as lease:
                if lease:
                    determination.determine(lease)
            return Decree.objects.get(pk=job.parameters["decree"])

    return decided


def now(person: Person) -> Person:
    with as_role("owner"):
        return Person.objects.select_related("family").get(pk=person.pk)


def enrolments(person: Person) -> dict[str, tuple[date | None, str]]:
    with as_role("owner"):
        rows = Enrolment.objects.filter(person=person.pk)
        return {one.programme_id: (one.active_until, one.end_reason) for one in rows}


def history(table: str, pk: int) -> list[tuple[str, int]]:
    with as_role("owner"):
        model = {"person": Person, "family": Family}[table]
        events = model.objects.get(pk=pk).events.order_by("pgh_id")
        return [(one.pgh_label, one.change_id) for one in events]


# --- removals ---


def test_a_removal_ends_person_and_programmes_with_reason_and_day_and_keeps_the_history(
    officer, decide
):
    person = registered(9001, programme="PKH")
    before = history("person", person.pk)
    decree = decide(send([removal(9001)], officer))
    left = now(person)
    assert (left.status, left.end_reason, left.end_date) == (
        "removed",
        "deceased",
        date(2026, 11, 3),
    )
    assert enrolments(person) == {"PKH": (DAY, "deceased")}
    assert left.change_id == decree.change_id
    assert history("person", person.pk) == [*before, ("update", decree.change_id)]
    # the last member has left, so the family ends; nothing is deleted
    assert left.family.is_active is False
    assert (left.nik, left.name) == (row(9001)["nik"], "SITI AMINAH")


def test_a_reason_that_ends_one_programme_leaves_the_person_registered(officer, decide):
    person = registered(9001, programme="PKH")
    with as_role("worker"):
        Enrolment.objects.create(
            person=person, village_id=person.village_id, programme_id="SEMBAKO",
            active_from=date(2026, 1, 1), change=a_change(),
        )  # fmt: skip
    decide(send([removal(9001, **ABLE, programme="PKH")], officer))
    assert now(person).status == "active"
    assert enrolments(person) == {"PKH": (DAY, "able"), "SEMBAKO": (None, "")}


def test_two_programmes_of_one_person_may_end_by_one_decree(officer, decide):
    person = registered(9001, programme="PKH")
    with as_role("worker"):
        Enrolment.objects.create(
            person=person, village_id=person.village_id, programme_id="SEMBAKO",
            active_from=date(2026, 1, 1), change=a_change(),
        )  # fmt: skip
    rows = [removal(9001, **ABLE, programme=code) for code in ("PKH", "SEMBAKO")]
    decree = decide(send(rows, officer))
    assert decree.counts["determined"] == 2
    assert {until for until, _reason in enrolments(person).values()} == {DAY}
    assert now(person).status == "active"


def test_the_end_of_one_programme_and_the_beginning_of_another_are_one_decree(officer, decide):
    person = registered(9001, programme="PKH")
    rows = [removal(9001, **ABLE, programme="PKH"), row(9001, programme="SEMBAKO")]
    decree = decide(send(rows, officer))
    assert decree.counts["determined"] == 2
    assert enrolments(person) == {"PKH": (DAY, "able"), "SEMBAKO": (None, "")}


def test_a_determined_removal_frees_the_nik(officer, decide):
    person = registered(9001, programme="PKH")
    decide(send([removal(9001, reason="PINDAH", evidence_kind="SURAT PINDAH")], officer))
    decide(send([row(9001)], officer, name="lagi.csv"), number="89/HUK/2026")
    with as_role("owner"):
        again = Person.objects.get(nik=row(9001)["nik"], status="active")
    assert again.pk != person.pk
    assert (now(person).status, now(person).end_reason) == ("removed", "moved")


def test_two_removals_of_one_person_have_one_effect(officer, decide):
    """The second came by another batch, and its decree finds the person gone."""
    person = registered(9001, programme="PKH")
    first = send([removal(9001)], officer)
    second = send([removal(9001, **ABLE)], officer, name="kedua.csv")
    decree = decide(first)
    after = history("person", person.pk)
    with as_role("owner"):
        Change.objects.get(pk=decree.change_id)
    other = send([row(9005)], officer, name="ketiga.csv")
    decree = decide(second, other, number="89/HUK/2026")
    assert decree.counts["determined"] == 1
    assert decree.counts["left_out"] == {"gone": 1}
    assert history("person", person.pk) == after
    assert now(person).end_reason == "deceased"


def test_two_removals_in_one_decree_are_one(officer, decide):
    person = registered(9001, programme="PKH")
    batches = [
        send([removal(9001)], officer),
        send([removal(9001, **ABLE)], officer, name="kedua.csv"),
    ]
    decree = decide(*batches)
    assert decree.counts["determined"] == 1
    assert decree.counts["left_out"] == {"duplicate": 1}
    assert len(history("person", person.pk)) == 2


def test_a_removal_and_a_new_row_of_one_person_are_not_one_decree(officer, decide):
    person = registered(9001, programme="PKH")
    batches = [
        send([removal(9001)], officer),
        send([row(9001, programme="SEMBAKO")], officer, name="kedua.csv"),
    ]
    decree = decide(*batches)
    assert decree.counts["left_out"] == {"duplicate": 1}
    assert now(person).status == "removed"
    assert set(enrolments(person)) == {"PKH"}


def test_a_programme_that_has_ended_meanwhile_is_not_ended_again(officer, decide):
    person = registered(9001, programme="PKH")
    batch = send([removal(9001, **ABLE, programme="PKH"), row(9005)], officer)
    with as_role("worker"):
        Enrolment.objects.update(active_until=date(2026, 10, 1), change=a_change())
    decree = decide(batch)
    assert decree.counts["left_out"] == {"conflict": 1}
    assert enrolments(person) == {"PKH": (date(2026, 10, 1), "")}


# --- corrections ---


def test_a_correction_writes_only_the_named_fields_and_keeps_the_lost_value(officer, decide):
    person = registered(9001, programme="PKH", birth_place="AMPEL")
    decree = decide(send([correction(9001, birth_place="SOLO")], officer))
    mended = now(person)
    assert (mended.birth_place, mended.mother_name) == ("SOLO", "NUR")
    assert (mended.family_id, mended.village_id) == (person.family_id, person.village_id)
    # all other fields keep their origin
    assert "birth_place" not in mended.origins
    assert mended.origins["mother_name"] == person.change_id
    with as_role("owner"):
        (lost,) = Claim.objects.all()
    assert (lost.field, lost.value, lost.change_id) == ("birth_place", "AMPEL", decree.change_id)
    assert history("family", person.family_id) == [("insert", person.change_id)]
    assert set(enrolments(person)) == {"PKH"}


def test_what_the_register_changed_meanwhile_in_other_fields_stays(officer, decide):
    person = registered(9001, birth_place="AMPEL")
    batch = send([correction(9001, birth_place="SOLO")], officer)
    with as_role("worker"):
        Person.objects.filter(pk=person.pk).update(occupation="GURU", change=a_change())
        Family.objects.filter(pk=person.family_id).update(address="JL. BARU 2", change=a_change())
    decide(batch)
    mended = now(person)
    assert (mended.birth_place, mended.occupation) == ("SOLO", "GURU")
    assert mended.family.address == "JL. BARU 2"


def test_a_field_that_changed_meanwhile_is_not_overwritten_but_told(officer, decide):
    person = registered(9001, birth_place="AMPEL")
    batch = send([correction(9001, birth_place="SOLO"), row(9005)], officer)
    with as_role("worker"):
        Person.objects.filter(pk=person.pk).update(birth_place="KLATEN", change=a_change())
    decree = decide(batch)
    assert decree.counts["left_out"] == {"conflict": 1}
    assert now(person).birth_place == "KLATEN"
    words = dict(determination.left_out_words(decree.counts["left_out"]))
    assert sum(words.values()) == 1


def test_the_address_of_a_correction_is_that_of_the_whole_family(officer, decide):
    person = registered(9001)
    other = registered(9002, kk=row(9001)["kk"], name="RINI")
    assert other.family_id == person.family_id
    rows = [correction(9002, name="RINI", birth_place="SOLO"), correction(9001, rt="009")]
    decree = decide(send(rows, officer))
    assert decree.counts["determined"] == 2
    assert now(person).family.rt == "009"
    assert now(person).family.address == "JL. MELATI 1"
    assert now(other).birth_place == "SOLO"
    assert now(other).family_id == person.family_id


def test_another_family_card_moves_the_person_alone(officer, decide):
    person = registered(9001)
    stays = registered(9002, kk=row(9001)["kk"], name="RINI")
    joined = registered(9003, name="TUTI", address="JL. MAWAR 3")
    decide(send([correction(9001, kk=row(9003)["kk"])], officer))
    assert now(person).family_id == joined.family_id
    assert now(stays).family_id == person.family_id
    assert now(joined).family.address == "JL. MAWAR 3"


def test_two_corrections_of_one_person_are_decided_one_after_the_other(officer, decide):
    person = registered(9001)
    batches = [
        send([correction(9001, birth_place="SOLO")], officer),
        send([correction(9001, occupation="GURU")], officer, name="kedua.csv"),
    ]
    assert decide(*batches).counts["left_out"] == {"duplicate": 1}
    assert (now(person).birth_place, now(person).occupation) == ("SOLO", "")
    decide(*batches, number="89/HUK/2026")
    assert (now(person).birth_place, now(person).occupation) == ("SOLO", "GURU")


def test_a_correction_opens_no_programme(officer, decide):
    person = registered(9001)
    decide(send([correction(9001, birth_place="SOLO", programme="PKH")], officer))
    assert enrolments(person) == {}


def test_the_annex_tells_the_kinds_apart_with_reason_and_fields(officer, decide):
    registered(9001, programme="PKH")
    registered(9002, name="RINI")
    rows = [
        removal(9001),
        correction(9002, name="RINI", birth_place="SOLO", rt="9"),
        row(9003, name="TUTI"),
    ]
    decree = decide(send(rows, officer))
    with as_role("owner"):
        lines = {one.kind: one for one in determination.annex.lines(decree, whole=False)}
    assert set(lines) == {"usul hapus", "perbaikan", "usul baru"}
    assert lines["usul hapus"].about == "meninggal, 03-11-2026; akta kematian 474.3/012/2026"
    assert lines["perbaikan"].about == "tempat lahir, RT; KTP"
    assert lines["usul baru"].about == ""
