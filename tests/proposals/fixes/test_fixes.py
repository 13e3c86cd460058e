"""Rows of a checked batch are changed: by a button, by hand; judged again; taken back."""

from __future__ import annotations

import pytest
from django.db import connection
from django.utils import timezone

from apps.common.errors import DomainError
from apps.proposals.fixes import row_fixes
from apps.proposals.models import Batch, Fix, FixedRow, HeldRow, Proposal
from apps.proposals.submitting.submission import submit
from apps.regions.models import ForeignCode
from tests.base import NOW
from tests.conftest import as_role
from tests.jobs.doing import do
from tests.proposals.sending import A, B, findings, places, point, row, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(person, gate):
    user = person("regency_officer")
    gate(user)
    return user


def run(job):
    """Let the worker do a job about a fix."""
    with as_role("worker"):
        do(job)
        job.refresh_from_db()
    return job


def type_in(batch, officer, number, seen=0, **cells):
    fix, job = row_fixes.edit(
        batch=batch, row_number=number, cells=cells, seen=seen, by=officer, now=NOW
    )
    job = run(job)
    assert job.status == "done", (job.message_code, job.message_params)
    fix.refresh_from_db()
    batch.refresh_from_db()
    return fix


def swapped(serial):
    spot = point("A", 0.1 + serial % 40 / 60, 0.2)
    return row(serial, latitude=spot["longitude"], longitude=spot["latitude"])


def test_a_held_row_that_is_mended_becomes_ready_and_names_what_was_changed(officer):
    batch = send([row(9001), row(9002, nik="970101500588900"), row(9003, birth_date="x")], officer)
    assert batch.counts["held"] == 2
    fix = type_in(batch, officer, 2, nik=row(9002)["nik"])
    assert (batch.counts["ready"], batch.counts["held"]) == (2, 1)
    assert batch.counts["findings"] == {"date_unreadable": 1}
    assert findings(batch) == {3: {"date_unreadable"}}
    assert places(batch)[2].nik == row(9002)["nik"]
    changed = FixedRow.objects.get()
    assert changed.before == {"nik": "970101500588900"}
    assert changed.values["nik"] == row(9002)["nik"]
    assert (fix.status, fix.rows, fix.user, fix.values) == ("done", 1, officer, {})


def test_a_ready_row_keeps_its_key_and_what_was_not_changed(officer):
    rows = [row(9001, address="JL. LAMA", rt="3", occupation="=1+1"), row(9002)]
    batch = send(rows, officer)
    before = places(batch)[1]
    type_in(batch, officer, 1, address="JL. BARU 7")
    after = places(batch)[1]
    assert (after.pk, after.address, after.rt) == (before.pk, "JL. BARU 7", "003")
    assert findings(batch) == {1: {"formula_text"}}
    assert after.location == before.location


def test_a_mended_row_frees_the_row_that_repeated_it(officer):
    nik = row(9001)["nik"]
    batch = send([row(9001), row(9002, nik=nik), row(9003)], officer)
    assert findings(batch)[2] == {"duplicate_in_file"}
    type_in(batch, officer, 1, nik=row(9009)["nik"])
    assert findings(batch) == {}
    assert batch.counts["ready"] == 3


def test_a_row_that_now_repeats_another_is_held(officer):
    batch = send([row(9001), row(9002)], officer)
    type_in(batch, officer, 2, nik=row(9001)["nik"])
    assert findings(batch) == {2: {"duplicate_in_file"}}
    assert batch.counts["held"] == 1
    with as_role("worker"):
        assert HeldRow.objects.get().values["name"] == "SITI AMINAH"


def test_a_family_in_two_villages_is_told_of_both_rows_again(officer):
    kk = row(9001)["kk"]
    batch = send([row(9001), row(9002, kk=kk)], officer)
    moved = point("B")
    type_in(batch, officer, 2, village_code=B, **moved)
    assert findings(batch) == {1: {"kk_two_villages"}, 2: {"kk_two_villages"}}
    type_in(batch, officer, 2, seen=Fix.objects.latest("pk").pk, village_code=A, **point("A"))
    assert findings(batch) == {}


def test_a_point_shared_by_five_families_is_no_longer_shared_when_one_moves(officer):
    spot = point("A", 0.4, 0.5)
    batch = send([row(9000 + n, **spot) for n in range(1, 6)], officer)
    assert batch.counts["flags"] == {"shared_point": 5}
    type_in(batch, officer, 3, **point("A", 0.3, 0.3))
    assert batch.counts["flags"] == {}
    assert findings(batch) == {}


def test_swapped_axes_are_shown_first_then_swapped_then_taken_back(officer):
    rows = [*(swapped(9000 + n) for n in range(1, 8)), row(9020)]
    batch = send(rows, officer)
    assert row_fixes.offers(batch)["axes_swapped"].count == 7
    fix, job = row_fixes.preview_group(batch=batch, code="axes_swapped", by=officer, now=NOW)
    run(job)
    fix.refresh_from_db()
    assert (fix.status, fix.rows) == ("shown", 7)
    assert fix.result["after"] == {"inside": 7}
    assert sum(fix.result["before"].values()) == 7
    assert "inside" not in fix.result["before"]
    assert len(fix.result["points"]) == 7
    assert fix.result["examples"][0]["new"] == {
        "latitude": rows[0]["longitude"],
        "longitude": rows[0]["latitude"],
    }
    assert set(findings(batch)) == set(range(1, 8))  # nothing is changed yet

    run(row_fixes.apply(fix=fix, by=officer, now=NOW))
    run(row_fixes.apply(fix=fix, by=officer, now=NOW))  # pressed twice
    assert findings(batch) == {}
    assert {place.verdict for place in places(batch).values()} == {"inside"}
    assert FixedRow.objects.count() == 7

    fix.refresh_from_db()
    taken, job = row_fixes.undo(fix=fix, by=officer, now=NOW)
    run(job)
    assert set(findings(batch)) == set(range(1, 8))
    fix.refresh_from_db()
    assert fix.status == "undone"
    assert row_fixes.undo(fix=fix, by=officer, now=NOW)[0] == taken


def test_taking_back_leaves_what_was_changed_since(officer):
    batch = send([swapped(9001), swapped(9002)], officer)
    fix, job = row_fixes.preview_group(batch=batch, code="axes_swapped", by=officer, now=NOW)
    run(job)
    fix.refresh_from_db()
    run(row_fixes.apply(fix=fix, by=officer, now=NOW))
    fix.refresh_from_db()
    typed = point("A", 0.7, 0.7)
    type_in(batch, officer, 2, seen=fix.pk, **typed)
    run(row_fixes.undo(fix=fix, by=officer, now=NOW)[1])
    assert findings(batch) == {1: {"axes_swapped"}}
    assert round(places(batch)[2].location.x, 5) == round(float(typed["longitude"]), 5)


def test_a_turned_sign_is_turned_back(officer):
    spot = point("A")
    wrong = spot["latitude"][1:] if spot["latitude"][0] == "-" else "-" + spot["latitude"]
    batch = send([row(9001, longitude=spot["longitude"], latitude=wrong)], officer)
    assert findings(batch) == {1: {"sign_flipped"}}
    fix, job = row_fixes.preview_group(batch=batch, code="sign_flipped", by=officer, now=NOW)
    run(job)
    fix.refresh_from_db()
    run(row_fixes.apply(fix=fix, by=officer, now=NOW))
    assert findings(batch) == {}
    assert round(places(batch)[1].location.y, 6) == float(spot["latitude"])


def test_bps_codes_become_kemendagri_codes(officer):
    with as_role("owner"):
        ForeignCode.objects.create(system="bps", code="9701010999", region_id=A)
    batch = send([row(9001, village_code="9701010999"), row(9002)], officer)
    assert findings(batch)[1] >= {"village_bps"}
    fix, job = row_fixes.preview_group(batch=batch, code="village_bps", by=officer, now=NOW)
    run(job)
    fix.refresh_from_db()
    assert fix.result["after"] == {"inside": 1}
    run(row_fixes.apply(fix=fix, by=officer, now=NOW))
    assert findings(batch) == {}
    assert places(batch)[1].village_id == A


def test_a_row_of_the_group_that_its_button_cannot_change_is_no_change(officer):
    """The code of the second village has no ministry's code any more; its row is a neighbour."""
    with as_role("owner"):
        for code, region in (("9701010001", A), ("9701010002", B)):
            ForeignCode.objects.create(system="bps", code=code, region_id=region)
    nik = row(9001)["nik"]
    rows = [
        row(9001, village_code="9701010001"),
        row(9002, village_code="9701010002", nik=nik, **point("B")),
    ]
    batch = send(rows, officer)
    assert set(findings(batch)) == {1, 2}
    with as_role("owner"):
        ForeignCode.objects.filter(code="9701010002").delete()
    _fix, job = row_fixes.preview_group(batch=batch, code="village_bps", by=officer, now=NOW)
    assert run(job).status == "done"
    fix = Fix.objects.get()
    assert (fix.status, fix.rows) == (Fix.Status.SHOWN, 1)
    job = run(row_fixes.apply(fix=fix, by=officer, now=NOW))
    assert (job.status, job.result["rows"]) == ("done", 1)
    assert list(FixedRow.objects.values_list("row_number", flat=True)) == [1]


@pytest.mark.parametrize(
    ("code", "cells", "left"),
    [
        ("number_tidied", {"nik": "970101.500588.9001", "kk": "'9701010101209001"}, {"nik", "kk"}),
        ("date_serial", {"birth_date": "32273"}, {"birth_date"}),
        ("village_repaired", {"village_code": "97.1.1.2001"}, {"village_code"}),
    ],
)
@pytest.mark.long
def test_what_was_read_surely_is_written_as_it_was_read(officer, code, cells, left):
    batch = send([row(9001, **cells)], officer)
    assert findings(batch) == {1: {code}}
    fix, job = row_fixes.preview_group(batch=batch, code=code, by=officer, now=NOW)
    run(job)
    fix.refresh_from_db()
    run(row_fixes.apply(fix=fix, by=officer, now=NOW))
    assert findings(batch) == {}
    assert set(FixedRow.objects.get().before) <= left


def test_a_row_under_review_is_not_changed_any_more(officer):
    batch = send([row(9001), row(9002, nik="1")], officer)
    submit(batch=batch, by=officer, now=timezone.now())
    with pytest.raises(DomainError, match="^row_submitted$") as refused:
        row_fixes.edit(batch=batch, row_number=1, cells={"rt": "9"}, seen=0, by=officer, now=NOW)
    assert refused.value.params == {"row": 2}  # the line of the file


def test_a_held_row_can_be_mended_after_the_others_were_submitted(officer):
    batch = send([row(9001), row(9002, nik="1")], officer)
    submit(batch=batch, by=officer, now=timezone.now())
    batch.refresh_from_db()
    assert batch.status == "submitted"
    type_in(batch, officer, 2, nik=row(9002)["nik"])
    assert batch.status == "ready"
    assert submit(batch=batch, by=officer, now=timezone.now()).moved == 1
    assert set(Proposal.objects.values_list("status", flat=True)) == {"submitted"}


def test_a_submitted_row_still_counts_as_the_first_of_two(officer):
    batch = send([row(9001), row(9002, nik="1")], officer)
    submit(batch=batch, by=officer, now=timezone.now())
    batch.refresh_from_db()
    type_in(batch, officer, 2, nik=row(9001)["nik"])
    assert findings(batch) == {2: {"duplicate_in_file"}}
    assert places(batch)[1].status == "submitted"


def test_two_tabs_on_one_row_do_not_overwrite_each_other(officer):
    batch = send([row(9001, nik="1")], officer)
    type_in(batch, officer, 1, nik="22")
    with pytest.raises(DomainError, match="^row_changed$") as refused:
        row_fixes.edit(batch=batch, row_number=1, cells={"nik": "3"}, seen=0, by=officer, now=NOW)
    assert str(officer) in refused.value.text


def test_an_officer_elsewhere_and_a_verifier_change_nothing(officer, person):
    batch = send([row(9001, nik="1")], officer)
    for other in (person("regency_officer", "97.02"), person("verifier")):
        with pytest.raises(DomainError, match="^not_yours$"):
            row_fixes.edit(batch=batch, row_number=1, cells={}, seen=0, by=other, now=NOW)


def test_a_batch_that_is_being_checked_is_not_changed(officer):
    batch = send([row(9001, nik="1")], officer)
    with as_role("worker"):
        Batch.objects.filter(pk=batch.pk).update(status="checking")
    batch.refresh_from_db()
    with pytest.raises(DomainError, match="^batch_not_ready$"):
        row_fixes.edit(batch=batch, row_number=1, cells={}, seen=0, by=officer, now=NOW)


def test_nothing_is_left_in_staging(officer):
    batch = send([row(9001, nik="1")], officer)
    type_in(batch, officer, 1, nik="2")
    with as_role("owner"), connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'staging'")
        assert cursor.fetchall() == []
