"""Each row is compared with the person registered under its NIK: who, where, and what follows."""

from __future__ import annotations

import pytest
from django.utils import timezone

from apps.proposals import register_filters
from apps.proposals.checks import finding_texts, identity
from apps.proposals.fixes import mend_page
from apps.proposals.models import HeldRow, Proposal, RegisteredMatch
from apps.registry.models import Family, Person
from tests.base import NOW
from tests.conftest import as_role
from tests.proposals.registered import registered
from tests.proposals.sending import CARD, DEATH, B, fields, finding, findings, point, row, send
from tests.registry.people import a_change

pytestmark = pytest.mark.django_db

WHY = "Nama di KTP lama, surat nikah terlampir"
OWN = {"registered_other", "registered_other_explained", "registered_other_corrected"} | {
    "registered_differs", "registered_spelling", "registered_moved", "family_moved",
}  # fmt: skip


@pytest.fixture
def officer(person):
    return person("regency_officer")


def match_of(batch, number: int = 1) -> RegisteredMatch | None:
    with as_role("worker"):
        return RegisteredMatch.objects.filter(
            proposal__batch=batch, proposal__row_number=number
        ).first()


def said(code: str, batch) -> finding_texts.Message:
    one = finding(batch, code)
    return finding_texts.text(code, params=one.params, field=one.field, row_number=one.row_number)


@pytest.mark.parametrize(
    ("registered_as", "cells", "code", "differs", "is_held"),
    [
        ({}, {}, "registered_without_programme", [], False),
        # the same person
        ({}, {"name": "SITI AMINA"}, "registered_differs", ["name"], False),
        ({"name": "SITTI AMINAH"}, {}, "registered_spelling", ["name"], False),
        ({"mother_name": "KARSIH"}, {}, "registered_differs", ["mother_name"], False),
        ({"name": "RINI HARTONO"}, {"name": "RINI SUSANTI"}, "registered_differs", ["name"], False),
        # another one
        ({}, {"name": "WARSINI", "mother_name": "KARSIH"}, "registered_other",
         ["name", "mother_name"], True),
        ({"name": "SRI RAHAYU"}, {"name": "SRI LESTARI"}, "registered_other", ["name"], True),
        # elsewhere
        ({"kk": "9701010101208888"}, {}, "registered_moved", ["kk"], False),
        ({"village_id": B}, {}, "registered_moved", ["village"], False),
        ({"address": "JL. KENANGA 9"}, {}, "registered_moved", ["address"], False),
        ({"address": "Jl Melati no 1"}, {"address": "JL.MELATI NO.1"},
         "registered_without_programme", [], False),
        ({"rt": "1"}, {}, "registered_without_programme", [], False),
        ({"rt": "7"}, {}, "registered_moved", ["address"], False),
        ({}, point("A", 0.8, 0.8), "registered_moved", ["location"], False),
        ({"location": None, "address": "", "mother_name": ""}, {}, "registered_without_programme",
         [], False),
    ],
)  # fmt: skip
@pytest.mark.long
def test_a_row_under_a_registered_nik(registered_as, cells, code, differs, is_held, officer):
    registered(9001, **registered_as)
    batch = send([row(9001, **cells)], officer)
    assert findings(batch)[1] & OWN == {code} & OWN
    assert code in findings(batch)[1]
    with as_role("worker"):
        assert HeldRow.objects.filter(batch=batch).exists() is is_held
    if is_held:
        assert match_of(batch) is None
    else:
        match = match_of(batch)
        assert (match.likely, match.differs) == ("same", differs)


def test_an_unknown_person_has_no_comparison(officer):
    batch = send([row(9001)], officer)
    assert match_of(batch) is None
    assert not findings(batch)[1] & OWN


def test_who_is_registered_is_said_masked_with_the_place_and_the_way_out(officer):
    registered(9001, name="SRI RAHAYU", mother_name="WAGINI")
    batch = send([row(9001, name="WARSINI")], officer)
    one = said("registered_other", batch)
    assert "S••• R•••" in one.title
    assert "970101••••••9001" in one.title
    for hidden in ("RAHAYU", "WAGINI", row(9001)["kk"], row(9001)["nik"]):
        assert hidden not in one.title + one.remedy + one.detail
        assert hidden not in str(finding(batch, "registered_other").params).replace(
            row(9001)["nik"], ""
        )
    assert "PENJELASAN IDENTITAS" in one.remedy


def test_an_explained_other_is_ready_and_never_unseen(officer):
    person = registered(9001, name="SRI RAHAYU")
    batch = send([row(9001, name="WARSINI", identity_note=WHY)], officer)
    assert findings(batch)[1] & OWN == {"registered_other_explained"}
    match = match_of(batch)
    assert (match.likely, match.person_id, match.move) == ("other", person.pk, "")
    assert match.registered["name"] == "S••• R•••"
    with as_role("worker"):
        row_ = Proposal.objects.get(batch=batch)
        assert row_.identity_note == WHY
        assert list(Proposal.objects.filter(register_filters.IS_OTHER)) == [row_]
        assert not Proposal.objects.filter(register_filters.IS_UNEXPLAINED).exists()


def test_a_short_explanation_is_none(officer):
    registered(9001, name="SRI RAHAYU")
    batch = send([row(9001, name="WARSINI", identity_note="sama  ok")], officer)
    assert "registered_other" in findings(batch)[1]


@pytest.mark.parametrize(
    ("kind", "code", "is_held"),
    [("PERBAIKAN", "registered_other_corrected", False), ("HAPUS", "registered_other", True)],
)
def test_a_correction_warns_and_a_removal_waits(kind, code, is_held, officer):
    registered(9001, name="SRI RAHAYU", programme="PKH")
    papers = DEATH if kind == "HAPUS" else CARD
    batch = send([row(9001, name="WARSINI", kind=kind, **papers)], officer)
    assert findings(batch)[1] & OWN == {code}
    with as_role("worker"):
        assert HeldRow.objects.filter(batch=batch).exists() is is_held
        # a correction is its own explanation: the reviewer looks at it singly
        assert not Proposal.objects.filter(register_filters.IS_UNEXPLAINED).exists()


def test_a_removal_of_the_same_person_is_no_move(officer):
    registered(9001, programme="PKH", kk="9701010101208888", address="JL. KENANGA 9")
    batch = send([row(9001, kind="HAPUS", **DEATH)], officer)
    assert not findings(batch)[1] & OWN
    assert match_of(batch).likely == "same"


def test_somebody_new_in_a_registered_family_that_lives_elsewhere(officer):
    registered(9001, village_id=B)
    new = row(9002, kk=row(9001)["kk"], name="RINI")
    batch = send([new], officer)
    assert findings(batch)[1] & OWN == {"family_moved"}
    assert ("family_moved", "village_code") in fields(batch)[1]
    match = match_of(batch)
    assert (match.person_id, match.likely) == (None, "")
    assert "village" in match.differs


def test_an_enrolled_person_of_another_name_is_no_repetition_but_another(officer):
    registered(9001, name="SRI RAHAYU", programme="PKH")
    batch = send([row(9001, name="WARSINI")], officer)
    assert findings(batch)[1] == {"registered_other"}
    batch = send([row(9001, name="WARSINI", identity_note=WHY)], officer)
    assert "already_registered" in findings(batch)[1]


def test_the_rule_answers_the_register_of_today(officer):
    """Who came into the register after the check is found when proposals are compared anew."""
    batch = send([row(9001), row(9002)], officer)
    assert match_of(batch) is None
    person = registered(9001, name="WARSINI", mother_name="KARSIH")
    with as_role("worker"):
        ids = list(Proposal.objects.values_list("pk", flat=True))
        assert identity.refresh(wanted=ids, now=NOW) == 1
        assert identity.refresh(wanted=ids, now=NOW) == 0
        assert [p.row_number for p in Proposal.objects.filter(register_filters.IS_UNEXPLAINED)] == [
            1
        ]
        match = RegisteredMatch.objects.get()
        assert (match.person_id, match.likely) == (person.pk, "other")
        Person.objects.filter(pk=person.pk).update(status="removed", change=a_change())
        assert identity.refresh(wanted=ids, now=NOW) == 1
        # the family is still there, and nothing of it differs
        assert not RegisteredMatch.objects.exists()


def test_what_a_reviewer_said_of_a_move_stays_while_it_is_the_same_move(officer):
    person = registered(9001, village_id=B)
    batch = send([row(9001)], officer)
    with as_role("worker"):
        pk = match_of(batch).pk
        RegisteredMatch.objects.update(
            move="confirmed", move_by=officer, move_by_name="A", move_at=timezone.now()
        )
        identity.refresh(wanted=[pk], now=NOW)
        assert RegisteredMatch.objects.get().move == "confirmed"
        assert Proposal.objects.filter(register_filters.MOVED).exists()
        Family.objects.filter(pk=person.family_id).update(kk=row(9050)["kk"], change=a_change())
        identity.refresh(wanted=[pk], now=NOW)
        assert RegisteredMatch.objects.get().move == ""


def test_a_second_check_of_a_file_leaves_one_comparison_for_each_row(officer):
    registered(9001, village_id=B)
    batch = send([row(9001), row(9002)], officer)
    with as_role("worker"):
        from apps.proposals.checks import batch_check  # noqa: PLC0415

        batch_check._forget(batch)
        assert not RegisteredMatch.objects.exists()


def test_a_held_row_offers_the_number_and_the_explanation_on_the_page_that_mends(officer):
    registered(9001, name="SRI RAHAYU")
    batch = send([row(9001, name="WARSINI")], officer)
    with as_role("worker"):
        (line,) = mend_page.read(batch).lines
    (fault,) = line.faults
    assert [field.cell.name for field in fault.inputs] == ["nik", "identity_note"]
    assert "PENJELASAN IDENTITAS" in fault.messages[0].remedy


def test_what_a_decree_wrote_is_compared_with_what_is_open_still(officer):
    batch = send([row(9001), row(9002), row(9003, kk=row(9004)["kk"])], officer)
    person = registered(9001, name="WARSINI", mother_name="KARSIH")
    elsewhere = registered(9004, village_id=B)
    with as_role("worker"):
        assert identity.refresh_touched(change_id=person.change_id, now=NOW) == 1
        assert match_of(batch, 1).likely == "other"
        assert match_of(batch, 3) is None
        assert identity.refresh_touched(change_id=elsewhere.family.change_id, now=NOW) == 1
        assert "village" in match_of(batch, 3).differs
