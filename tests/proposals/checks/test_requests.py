"""Removals and corrections: why, with which paper, and what they change in the register."""

from __future__ import annotations

from datetime import date

import pytest

from apps.proposals import removal_rules
from apps.proposals.checks import finding_texts, identity
from apps.proposals.models import HeldRow, Proposal, RegisteredMatch
from apps.proposals.states import EvidenceKind
from apps.registry.models import EndReason, Family, Person
from tests.base import NOW
from tests.conftest import as_role
from tests.proposals.registered import registered
from tests.proposals.sending import (
    CARD,
    DEATH,
    B,
    correction,
    finding,
    findings,
    removal,
    row,
    send,
)
from tests.registry.people import a_change

pytestmark = pytest.mark.django_db

ABLE = {"reason": "MAMPU", "evidence_kind": "BERITA ACARA", "evidence_number": "12/BA/2026"}


@pytest.fixture
def officer(person):
    return person("regency_officer")


def proposal(batch, number: int = 1) -> Proposal:
    with as_role("worker"):
        return Proposal.objects.get(batch=batch, row_number=number)


def is_held(batch) -> bool:
    with as_role("worker"):
        return HeldRow.objects.filter(batch=batch).exists()


def test_every_reason_and_paper_of_the_rules_has_a_word_and_a_place_in_the_database():
    assert set(removal_rules.REASONS) == set(EndReason.values)
    assert set(removal_rules.PAPERS) == set(EvidenceKind.values)
    proving = {paper for one in removal_rules.REASONS.values() for paper in one.papers}
    assert proving | set(removal_rules.OF_CORRECTIONS) == set(removal_rules.PAPERS)
    spelled = [
        word
        for things in (removal_rules.REASONS, removal_rules.PAPERS)
        for word in removal_rules.words(things)
    ]
    assert all(word == word.upper() for word in spelled)


# --- removals ---


def test_a_removal_needs_only_who_where_why_and_the_paper(officer):
    person = registered(9001, programme="PKH")
    batch = send([removal(9001)], officer)
    assert findings(batch)[1] == set()
    row_ = proposal(batch)
    assert (row_.kind, row_.person_id, row_.ends) == ("removal", person.pk, "person")
    assert (row_.reason, row_.reason_date) == ("deceased", date(2026, 11, 3))
    assert (row_.evidence_kind, row_.evidence_number) == ("death_certificate", "474.3/012/2026")
    # what the row leaves empty is the register's
    assert (row_.kk, row_.birth_date) == (row(9001)["kk"], date(1988, 5, 10))
    assert (row_.programme_id, row_.sex, row_.changes) == ("PKH", "P", None)


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"reason": ""}, "reason_missing"),
        ({"reason": "BOSAN"}, "reason_unknown"),
        ({"reason_date": ""}, "reason_date_missing"),
        ({"reason": "PINDAH", "evidence_kind": "SKPWNI", "reason_date": ""}, "reason_date_missing"),
        ({"reason_date": "31-02-2026"}, "date_impossible"),
        ({"reason_date": "03-11-2046"}, "date_future"),
        ({"evidence_kind": ""}, "evidence_missing"),
        ({"evidence_kind": "KABAR TETANGGA"}, "evidence_unknown"),
        ({"evidence_kind": "KTP"}, "evidence_unfit"),
        ({"evidence_number": ""}, "evidence_number_missing"),
        ({"programme": "BST"}, "not_enrolled"),
        ({"name": "WARSINI"}, "registered_other"),
    ],
)
@pytest.mark.long
def test_a_removal_that_lacks_its_reason_or_proof_is_held(cells, code, officer):
    registered(9001, programme="PKH")
    batch = send([removal(9001, **cells)], officer)
    assert code in findings(batch)[1]
    assert is_held(batch)


@pytest.mark.parametrize(
    ("cells", "ends", "programme"),
    [
        (ABLE | {"programme": "PKH"}, "enrolment", "PKH"),
        (ABLE | {"programme": ""}, "person", "PKH"),
        ({"programme": "PKH"}, "person", "PKH"),  # who has died has no programme left
    ],
)
def test_what_ends_follows_from_the_reason_and_the_programme(cells, ends, programme, officer):
    registered(9001, programme="PKH")
    batch = send([removal(9001, **cells)], officer)
    assert findings(batch)[1] == set()
    assert (proposal(batch).ends, proposal(batch).programme_id) == (ends, programme)


def test_a_reason_on_a_new_row_is_a_warning_that_a_removal_may_be_meant(officer):
    batch = send([row(9001, reason="MENINGGAL")], officer)
    assert "reason_unneeded" in findings(batch)[1]
    assert (proposal(batch).reason, proposal(batch).ends) == ("", "")


@pytest.mark.parametrize("make", [removal, correction])
def test_who_is_not_registered_is_neither_removed_nor_corrected(make, officer):
    batch = send([make(9001)], officer)
    assert "not_registered" in findings(batch)[1]
    assert is_held(batch)


def gone(serial: int = 9001, **fields):
    person = registered(serial, programme="PKH")
    with as_role("worker"):
        values = {"end_reason": "deceased", "end_date": date(2026, 10, 1)} | fields
        Person.objects.filter(pk=person.pk).update(status="removed", change=a_change(), **values)
    return person


def test_who_was_removed_already_is_told_with_reason_and_day(officer):
    gone()
    batch = send([removal(9001)], officer)
    assert findings(batch)[1] == {"removed_already"}
    one = finding(batch, "removed_already")
    said = finding_texts.text("removed_already", params=one.params, field=one.field)
    assert "2026" in said.title
    assert str(EndReason.DECEASED.label) in said.title


def test_a_new_row_about_somebody_removed_as_deceased_is_a_warning(officer):
    gone()
    batch = send([row(9001)], officer)
    assert "died_before" in findings(batch)[1]
    assert not is_held(batch)


def test_a_new_row_about_somebody_who_had_moved_away_is_none(officer):
    gone(end_reason="moved")
    assert "died_before" not in findings(send([row(9001)], officer))[1]


# --- corrections ---


def test_a_correction_names_only_the_fields_that_change_with_now_and_proposed(officer):
    person = registered(9001, programme="PKH", address="JL. MELATI 1", rt="001")
    cells = {"birth_place": "SOLO", "rt": "7", "address": "jl.  melati 1"}
    batch = send([correction(9001, **cells)], officer)
    assert not is_held(batch)
    row_ = proposal(batch)
    assert row_.changes == {"birth_place": ["", "SOLO"], "rt": ["001", "007"]}
    assert (row_.person_id, row_.evidence_kind) == (person.pk, "identity_card")
    # the other values are the register's
    assert (row_.mother_name, row_.birth_date) == ("NUR", date(1988, 5, 10))
    assert (row_.programme_id, row_.reason) == ("PKH", "")


@pytest.mark.parametrize(
    ("cells", "field", "now", "proposed"),
    [
        ({"name": "SITI AMINA"}, "name", "SITI AMINAH", "SITI AMINA"),
        ({"mother_name": "NURHAYATI"}, "mother_name", "NUR", "NURHAYATI"),
        ({"kk": "9701010101208888"}, "kk", row(9001)["kk"], "9701010101208888"),
        ({"village_code": B}, "village", row(9001)["village_code"], B),
        ({"disability": "YA", "disability_kind": "FISIK"}, "disability_kind", "", "FISIK"),
        ({"ppks": "8;24"}, "ppks", "", "8;24"),
    ],
)
@pytest.mark.long
def test_each_field_is_compared_with_the_register(cells, field, now, proposed, officer):
    registered(9001)
    batch = send([correction(9001, **cells)], officer)
    assert proposal(batch).changes == {field: [now, proposed]}


def test_a_correction_that_changes_nothing_is_held(officer):
    registered(9001)
    batch = send([correction(9001, mother_name=" nur ", rt="1")], officer)
    assert findings(batch)[1] == {"nothing_changes"}
    assert is_held(batch)


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"evidence_kind": ""}, "evidence_missing"),
        ({"evidence_kind": "AKTA KEMATIAN", "evidence_number": "1"}, "evidence_unfit"),
        ({"evidence_kind": "AKTA KELAHIRAN"}, "evidence_number_missing"),
    ],
)
def test_a_correction_needs_a_paper_that_proves_it(cells, code, officer):
    registered(9001)
    batch = send([correction(9001, birth_place="SOLO", **cells)], officer)
    assert findings(batch)[1] == {code}
    assert is_held(batch)


def test_an_address_needs_a_family_card_to_belong_to(officer):
    person = registered(9001)
    with as_role("worker"):
        Family.objects.filter(pk=person.family_id).update(kk=None, change=a_change())
    batch = send([correction(9001, address="JL. KENANGA 9")], officer)
    assert findings(batch)[1] == {"card_needed"}


@pytest.mark.parametrize("make", [removal, correction])
def test_a_person_of_another_area_is_not_changed_from_here_and_nothing_of_them_is_told(
    make, person
):
    registered(9001, mother_name="WAGINI", address="JL. RAHASIA 3", village_id=B)
    cells = {"village_code": row(9001)["village_code"], "birth_place": "SOLO"}
    with as_role("owner"):
        officer = person("village_officer")
    batch = send([make(9001, **cells)], officer, region=row(9001)["village_code"])
    assert "registered_outside_scope" in findings(batch)[1]
    assert is_held(batch)
    with as_role("worker"):
        held = HeldRow.objects.get(batch=batch)
        stored = str(held.values) + str(list(batch.findings.values_list("params", flat=True)))
    assert "WAGINI" not in stored
    assert "RAHASIA" not in stored


# --- several about one person ---


@pytest.mark.parametrize(
    ("first", "second", "is_repeated"),
    [
        (removal(9001), removal(9001, **ABLE), True),
        (removal(9001, **ABLE, programme="PKH") | {"reason_date": ""}, removal(9001), True),
        (removal(9001), row(9001, programme="SEMBAKO"), True),
        (correction(9001, birth_place="SOLO"), correction(9001, rt="5"), True),
        (correction(9001, birth_place="SOLO"), removal(9001), True),
        (correction(9001, birth_place="SOLO"), row(9001, programme="SEMBAKO"), False),
        (removal(9001, **ABLE, programme="PKH"), row(9001, programme="SEMBAKO"), False),
    ],
)
@pytest.mark.long
def test_rows_about_one_person_that_exclude_each_other(first, second, is_repeated, officer):
    registered(9001, programme="PKH")
    batch = send([first, second], officer)
    assert ("duplicate_in_file" in findings(batch)[2]) is is_repeated
    assert "duplicate_in_file" not in findings(batch)[1]


def test_another_open_proposal_about_the_person_is_told_with_its_kind(officer):
    registered(9001, programme="PKH")
    send([removal(9001)], officer)
    batch = send([correction(9001, birth_place="SOLO")], officer, name="dua.csv")
    assert "person_in_review" in findings(batch)[1]
    one = finding(batch, "person_in_review")
    assert one.params["other_kind"] == "removal"
    said = finding_texts.text("person_in_review", params=one.params, field=one.field)
    assert "%(" not in said.title
    batch = send([row(9002), row(9001, programme="SEMBAKO")], officer, name="tiga.csv")
    assert "person_in_review" in findings(batch)[2]
    assert "person_in_review" not in findings(batch)[1]


# --- what the register changed meanwhile ---


def conflicts(batch) -> list[str]:
    with as_role("worker"):
        identity.refresh(wanted=[proposal(batch).pk], now=NOW)
        return list(RegisteredMatch.objects.get(proposal__batch=batch).conflicts)


def test_a_field_that_the_register_changed_to_something_else_is_a_conflict(officer):
    person = registered(9001)
    batch = send([correction(9001, birth_place="SOLO", mother_name="NURHAYATI")], officer)
    assert conflicts(batch) == []
    with as_role("worker"):
        Person.objects.filter(pk=person.pk).update(mother_name="NURUL", change=a_change())
    assert conflicts(batch) == ["mother_name"]
    with as_role("worker"):
        Person.objects.filter(pk=person.pk).update(mother_name="Nurhayati", change=a_change())
    assert conflicts(batch) == []


def test_a_field_that_is_not_named_may_change_without_conflict(officer):
    person = registered(9001)
    batch = send([correction(9001, birth_place="SOLO")], officer)
    with as_role("worker"):
        Family.objects.filter(pk=person.family_id).update(address="JL. BARU", change=a_change())
    assert conflicts(batch) == []
    with as_role("worker"):
        assert "address" not in RegisteredMatch.objects.get(proposal__batch=batch).differs


def test_another_person_under_the_number_is_a_conflict(officer):
    person = registered(9001)
    batch = send([removal(9001)], officer)
    with as_role("worker"):
        Person.objects.filter(pk=person.pk).update(status="removed", change=a_change())
    registered(9001, name="SITI AMINAH")
    assert conflicts(batch) == ["person"]


def test_the_papers_of_a_removal_do_not_stand_in_for_those_of_a_correction():
    assert set(DEATH) - {"evidence_kind"} != set(CARD)
    assert "death_certificate" not in removal_rules.OF_CORRECTIONS
