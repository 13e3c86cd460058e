"""What the checks say at the fields, and a family that is sent: one batch, once."""

from __future__ import annotations

import pytest

from apps.audit.models import Entry
from apps.jobs.models import Job
from apps.proposals.models import Batch, Decision, FormDraft, Proposal
from tests.conftest import as_role
from tests.proposals import factory
from tests.proposals.forms import (
    draft_of,
    family,
    house,
    member,
    members,
    now_is,
    places,
    save,
    typed,
    work_off,
)
from tests.proposals.sending import PREFIX, A
from tests.registry.people import a_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(person):
    return person("village_officer")


@pytest.fixture
def browser(officer, signed_in):
    return signed_in("village_officer")


@pytest.fixture
def draft(officer) -> FormDraft:
    return draft_of(officer)


def send(browser, draft) -> object:
    return browser.post(f"/proposals/drafts/{draft.pk}/submit/")


def review(browser, draft) -> str:
    return browser.get(f"/proposals/drafts/{draft.pk}/review/").content.decode()


def rows() -> list[Proposal]:
    with as_role("owner"):
        return list(Proposal.objects.order_by("row_number"))


def test_a_good_family_has_no_remark(browser, draft):
    typed(browser, draft)
    assert places(work_off(draft)) == {}


def test_the_remarks_of_the_file_are_at_the_fields_of_the_form(browser, draft):
    cards = members(
        member(), member(9002, 1, birth_date="11-05-1988", sex="", nik="97010150058890")
    )
    typed(browser, draft, family=family(kk="123", rt="RT RT"), members=cards)
    found = places(work_off(draft))
    assert found["family.kk"] == {"kk_length"}
    assert found["family.rt"] == {"rt_not_number"}
    assert found["members.1.nik"] == {"nik_length"}
    assert found["members.1.sex"] == {"missing"}
    assert "members.0.nik" not in found
    page = browser.get(f"/proposals/drafts/{draft.pk}/members/").content.decode()
    assert 'aria-invalid="true"' in page
    assert "NIK" in page


def test_two_programmes_are_two_rows_and_one_remark(browser, draft):
    typed(
        browser,
        draft,
        family=family(programme=["PKH", "SEMBAKO"], kk="123"),
        members=members(member(), member(9002, 1, nik=member()["0-nik"])),
    )
    draft = work_off(draft)
    with as_role("worker"):
        from apps.proposals.entry import remarks  # noqa: PLC0415

        said = remarks.of(draft, everything=True)
    assert [one.place for one in said if one.code == "kk_length"] == ["family.kk"]
    assert {one.place for one in said if one.code == "duplicate_in_file"} == {"members.1.nik"}
    assert any("1" in one.title for one in said if one.code == "duplicate_in_file")


def test_empty_fields_are_no_fault_while_a_section_is_being_typed(browser, draft):
    save(browser, draft, "family", {"region": A, "kk": ""})
    work_off(draft)
    path = f"/proposals/drafts/{draft.pk}/remarks.json"
    assert browser.get(path).json()["remarks"] == []
    save(browser, draft, "family", {"region": A, "kk": ""}, next="1")
    said = browser.get(path).json()["remarks"]
    assert {one["place"] for one in said} == {"family.kk", "family.programme"}


@pytest.mark.parametrize(("role", "sees"), [("village_officer", False), ("regency_officer", True)])
def test_a_registered_family_is_told_as_far_as_the_role_may_see(role, sees, person, signed_in):
    nik = member()["0-nik"]
    with as_role("owner"):
        a_person(A, name="SUDAH TERDAFTAR", nik=nik)
    draft, browser = draft_of(person(role)), signed_in(role)
    typed(browser, draft)
    draft = work_off(draft)
    assert places(draft)["members.0.identity_note"] == {"registered_other"}
    page = browser.get(f"/proposals/drafts/{draft.pk}/members/").content.decode()
    assert 'id="known-note" hidden' not in page
    assert ("SUDAH TERDAFTAR" in page) is sees
    with as_role("owner"):
        assert Entry.objects.filter(action="search").exists() is sees


def test_a_family_is_checked_and_submitted_as_one_batch(browser, draft):
    typed(
        browser,
        draft,
        family=family(programme=["PKH", "SEMBAKO"]),
        members=members(member(), member(9002, 1, name="RINI")),
        house=house(accuracy_m="8"),
    )
    assert send(browser, draft).headers["Location"].endswith("/review/")
    assert "hx-get" in review(browser, draft)  # it asks again until the check has ended
    draft = work_off(draft)
    assert draft.submitted_at is not None
    assert draft.batch.origin == Batch.Origin.FORM
    assert draft.batch.status == Batch.Status.SUBMITTED
    found = [(row.name, row.programme_id, row.status, row.accuracy_m) for row in rows()]
    assert found == [
        ("SITI AMINAH", "PKH", "submitted", 8.0),
        ("SITI AMINAH", "SEMBAKO", "submitted", 8.0),
        ("RINI", "PKH", "submitted", 8.0),
        ("RINI", "SEMBAKO", "submitted", 8.0),
    ]
    assert "4 proposals" in review(browser, draft) or "4" in review(browser, draft)


def test_nothing_that_was_typed_stays_behind_once_it_is_submitted(browser, draft):
    typed(browser, draft)
    send(browser, draft)
    draft = work_off(draft)
    assert (draft.sections, draft.remarks) == ({}, [])


def test_a_button_pressed_twice_sends_once(browser, draft):
    typed(browser, draft)
    send(browser, draft)
    send(browser, draft)
    work_off(draft)
    send(browser, draft)
    work_off(draft)
    with as_role("owner"):
        assert Batch.objects.count() == 1
        assert Job.objects.filter(subject__startswith="proposals.Batch").count() == 1
        assert Proposal.objects.count() == 1


def test_a_point_outside_goes_on_with_the_officers_reason(browser, draft):
    why = "Warga pindah, rumah di seberang batas"
    typed(browser, draft, house=house("B", outside_reason=why))
    send(browser, draft)
    work_off(draft)
    assert rows()[0].verdict == "neighbour"
    with as_role("owner"):
        assert Decision.objects.get().note == why


def test_a_family_without_a_point_goes_on(browser, draft):
    typed(browser, draft, house={"point": "", "accuracy_m": ""})
    send(browser, draft)
    work_off(draft)
    assert [row.verdict for row in rows()] == ["no_point"]


def test_what_must_be_fixed_comes_back_to_its_field_and_the_batch_stays_one(browser, draft):
    typed(browser, draft, members=members(member(), member(9002, 1, birth_date="31-02-1988")))
    send(browser, draft)
    draft = work_off(draft)
    assert draft.outcome == {"held": 1}
    page = review(browser, draft)
    assert 'id="error-summary"' in page
    assert f"/proposals/drafts/{draft.pk}/members/#members-1-birth_date" in page
    assert "/submit/" not in page
    with as_role("owner"):
        assert not Proposal.objects.exclude(status="draft").exists()
    mended = members(member(), member(9002, 1))
    save(browser, draft, "members", mended)
    work_off(draft)
    send(browser, draft)
    draft = work_off(draft)
    assert draft.submitted_at is not None
    with as_role("owner"):
        assert Batch.objects.count() == 1
        assert Proposal.objects.filter(status="submitted").count() == 2


def test_a_family_in_review_elsewhere_is_told_and_stays(browser, draft, person):
    other = factory.batch(person("regency_officer"), status="submitted")
    factory.proposal(other, nik=member()["0-nik"], status="submitted")
    typed(browser, draft)
    send(browser, draft)
    draft = work_off(draft)
    assert draft.submitted_at is None
    assert draft.outcome["held_back"] == {"open_elsewhere": 1}
    assert 'role="alert"' in review(browser, draft)
    assert now_is(draft).sections["members"]


def test_an_unfinished_family_can_be_looked_over(browser, draft):
    assert "No member yet" in review(browser, draft) or "Belum ada" in review(browser, draft)
    save(browser, draft, "members", members(member()))
    assert "970101 500588 9001" in review(browser, draft)
    work_off(draft)
    page = review(browser, draft)
    assert "#family-kk" in page
    assert "/submit/" not in page


def test_a_family_without_a_member_is_not_sent(browser, draft):
    save(browser, draft, "family", family())
    send(browser, draft)
    with as_role("owner"):
        assert not Batch.objects.exists()


def test_a_sent_draft_is_not_changed_any_more(browser, draft):
    typed(browser, draft)
    send(browser, draft)
    answer = save(browser, draft, "family", family(address="LAIN"))
    assert answer.status_code == 409
    work_off(draft)
    assert rows()[0].address == "JL. MELATI 1"
    browser.post(f"/proposals/drafts/{draft.pk}/delete/")
    assert now_is(draft).submitted_at is not None


def test_the_checks_of_a_draft_store_no_row(browser, draft):
    typed(browser, draft)
    work_off(draft)
    with as_role("owner"):
        assert not Batch.objects.exists()
        assert not Proposal.objects.exists()
    assert PREFIX in now_is(draft).sections["family"]["kk"]
