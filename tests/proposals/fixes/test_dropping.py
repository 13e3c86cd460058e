"""Rows are left out and taken in again; what must be mended waits, also in a closed file."""

from __future__ import annotations

import csv
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.api import answers
from apps.audit.models import Entry
from apps.casework.models import Cycle
from apps.common.errors import DomainError
from apps.proposals.export import batch_files
from apps.proposals.fixes import row_fixes
from apps.proposals.models import Batch, Finding, FixedRow, Proposal
from apps.proposals.pages import batch_lists
from apps.proposals.states import BatchStatus
from apps.proposals.submitting.submission import submit
from tests.base import NOW
from tests.conftest import as_role
from tests.jobs.doing import do
from tests.proposals.sending import findings, places, row, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(person, gate):
    user = person("regency_officer")
    gate(user)
    return user


def run(batch, asked):
    """Let the worker do what was asked; the batch and the change as they are then."""
    fix, job = asked
    with as_role("worker"):
        do(job)
        job.refresh_from_db()
    assert job.status == "done", (job.message_code, job.message_params)
    for one in (batch, fix):
        one.refresh_from_db()
    return fix


def drop(batch, officer, *rows):
    return run(batch, row_fixes.drop(batch=batch, rows=rows, by=officer, now=NOW))


def restore(batch, officer, *rows):
    return run(batch, row_fixes.restore(batch=batch, rows=rows, by=officer, now=NOW))


def dropped(batch):
    with as_role("worker"):
        return set(batch.dropped_rows.values_list("row_number", flat=True))


def twice():
    nik = row(9001)["nik"]
    return [row(9001), row(9002, nik=nik), row(9003)]


# --- dropping ------------------------------------------------------------------------------------


def test_a_dropped_row_frees_the_row_that_repeated_it(officer):
    batch = send(twice(), officer)
    assert findings(batch) == {2: {"duplicate_in_file"}}
    drop(batch, officer, 1)
    assert findings(batch) == {}
    assert {n: one.status for n, one in places(batch).items()} == {2: "draft", 3: "draft"}
    assert (batch.counts["ready"], batch.counts["held"], batch.counts["dropped"]) == (2, 0, 1)
    assert batch.counts["findings"] == {}
    assert dropped(batch) == {1}


def test_a_held_row_is_dropped_and_never_submitted(officer):
    batch = send(twice(), officer)
    drop(batch, officer, 2)
    assert (batch.counts["ready"], batch.counts["held"], batch.counts["dropped"]) == (2, 0, 1)
    assert submit(batch=batch, by=officer, now=timezone.now()).moved == 2
    with as_role("worker"):
        assert set(Proposal.objects.values_list("row_number", flat=True)) == {1, 3}


def test_a_dropped_row_is_restored_checked_and_keeps_its_key(officer):
    batch = send([row(9001, address="=JL. 1"), row(9002, nik="12")], officer)
    before = places(batch)[1].pk
    drop(batch, officer, 1, 2)
    assert (batch.counts["ready"], batch.counts["held"], batch.counts["dropped"]) == (0, 0, 2)
    assert places(batch) == {}
    restore(batch, officer, 1, 2)
    assert places(batch)[1].pk == before
    assert findings(batch) == {1: {"formula_text"}, 2: {"nik_length"}}
    assert (batch.counts["ready"], batch.counts["held"], batch.counts["dropped"]) == (1, 1, 0)
    assert batch.counts["findings"] == {"formula_text": 1, "nik_length": 1}
    assert dropped(batch) == set()


def test_a_restored_row_is_judged_beside_the_rows_of_today(officer):
    batch = send(twice(), officer)
    drop(batch, officer, 1)
    restore(batch, officer, 1)
    assert findings(batch) == {2: {"duplicate_in_file"}}


def test_a_mended_row_is_dropped_and_restored_as_it_was_mended(officer):
    batch = send([row(9001, nik="12"), row(9002)], officer)
    run(
        batch,
        row_fixes.edit(
            batch=batch, row_number=1, cells={"nik": row(9001)["nik"]}, seen=0, by=officer, now=NOW
        ),
    )
    drop(batch, officer, 1)
    restore(batch, officer, 1)
    assert places(batch)[1].nik == row(9001)["nik"]


def test_dropping_is_taken_back_like_every_change(officer):
    batch = send(twice(), officer)
    fix = drop(batch, officer, 2)
    assert (fix.status, fix.rows, fix.kind, fix.result["dropped"]) == ("done", 1, "drop", 1)
    undone = run(batch, row_fixes.undo(fix=fix, by=officer, now=NOW))
    assert undone.result["restored"] == 1
    assert findings(batch) == {2: {"duplicate_in_file"}}
    fix.refresh_from_db()
    assert fix.status == "undone"


def test_restoring_is_taken_back_too(officer):
    batch = send([row(9001), row(9002)], officer)
    drop(batch, officer, 1)
    fix = restore(batch, officer, 1)
    run(batch, row_fixes.undo(fix=fix, by=officer, now=NOW))
    assert dropped(batch) == {1}
    assert batch.counts["dropped"] == 1


def test_a_row_of_the_history_says_what_became_of_it(officer):
    batch = send([row(9001), row(9002)], officer)
    fix = drop(batch, officer, 1)
    with as_role("worker"):
        changed = FixedRow.objects.get(fix=fix)
        assert (changed.row_number, changed.before) == (1, {})
        assert changed.values["nik"] == row(9001)["nik"]
        entry = Entry.objects.filter(action="change").latest("pk")
    assert (entry.details["kind"], entry.details["dropped"]) == ("drop", 1)


def test_all_rows_of_a_group_are_shown_first_then_dropped(officer):
    rows = [row(9000 + n, nik=str(n)) for n in range(1, 4)] + [row(9010)]
    batch = send(rows, officer)
    assert row_fixes.droppable(batch, "nik_length") == 3
    fix, job = row_fixes.preview_drop(batch=batch, code="nik_length", by=officer, now=NOW)
    with as_role("worker"):
        do(job)
    fix.refresh_from_db()
    assert (fix.status, fix.result["dropped"], fix.result["moved"]) == ("shown", 3, [1, 2, 3])
    assert dropped(batch) == set()
    run(batch, (fix, row_fixes.apply(fix=fix, by=officer, now=NOW)))
    assert dropped(batch) == {1, 2, 3}
    assert (batch.counts["held"], batch.counts["dropped"]) == (0, 3)


def test_nothing_is_offered_to_be_dropped_where_no_words_advise_it(officer):
    batch = send([row(9001, latitude="", longitude="")], officer)
    assert row_fixes.droppable(batch, "no_point") == 0


def test_cells_and_dropped_rows_of_one_page_are_one_change(officer):
    batch = send([row(9001, nik="12"), row(9002, nik="13"), row(9003)], officer)
    rows = {1: {"nik": row(9001)["nik"]}, 2: None}
    fix = run(
        batch, row_fixes.edit_rows(batch=batch, rows=rows, seen={1: 0, 2: 0}, by=officer, now=NOW)
    )
    assert (fix.rows, fix.result["ready"], fix.result["dropped"]) == (2, 1, 1)
    assert set(places(batch)) == {1, 3}
    run(batch, row_fixes.undo(fix=fix, by=officer, now=NOW))
    assert findings(batch) == {1: {"nik_length"}, 2: {"nik_length"}}


def test_a_row_under_review_is_not_dropped(officer):
    batch = send([row(9001), row(9002, nik="1")], officer)
    submit(batch=batch, by=officer, now=timezone.now())
    batch.refresh_from_db()
    with pytest.raises(DomainError, match="^row_submitted$"):
        row_fixes.drop(batch=batch, rows=[1], by=officer, now=NOW)
    with pytest.raises(DomainError, match="^rows_unknown$"):
        row_fixes.drop(batch=batch, rows=[7], by=officer, now=NOW)
    with pytest.raises(DomainError, match="^rows_unknown$"):
        row_fixes.restore(batch=batch, rows=[2], by=officer, now=NOW)


def test_nobody_else_drops_a_row(officer, person):
    batch = send([row(9001)], officer)
    for other in (person("regency_officer", "97.02"), person("verifier")):
        with pytest.raises(DomainError, match="^not_yours$"):
            row_fixes.drop(batch=batch, rows=[1], by=other, now=NOW)


def test_the_last_row_that_waited_leaves_a_submitted_batch(officer):
    batch = send([row(9001), row(9002, nik="1")], officer)
    submit(batch=batch, by=officer, now=timezone.now())
    batch.refresh_from_db()
    edited = row_fixes.edit(
        batch=batch, row_number=2, cells={"nik": row(9002)["nik"]}, seen=0, by=officer, now=NOW
    )
    run(batch, edited)
    assert batch.status == BatchStatus.READY
    drop(batch, officer, 2)
    assert batch.status == BatchStatus.SUBMITTED


def test_the_result_of_a_batch_tells_dropped_rows(officer, tmp_path):
    batch = send(twice(), officer)
    drop(batch, officer, 2)
    path = tmp_path / "hasil.csv"
    with as_role("worker"):
        batch_files.export_batch(batch, path)
    with path.open(newline="") as file:
        told = [(line["row"], line["status"], line["findings"]) for line in csv.DictReader(file)]
    assert told == [("1", "draft", ""), ("2", "dropped", ""), ("3", "draft", "")]


def test_an_agency_reads_that_its_row_was_left_out(officer):
    batch = send([row(9001, nik="12")], officer)
    assert answers.answer(batch)["status"] == "held"
    drop(batch, officer, 1)
    assert answers.answer(batch)["status"] == "dropped"


def test_a_row_under_review_of_the_group_stays_and_is_counted(officer):
    """It was submitted between the preview and the change."""
    nik = row(9001)["nik"]
    batch = send([row(9001), row(9002), row(9003, nik=nik, birth_date="x")], officer)
    fix, _job = row_fixes.preview_drop(batch=batch, code="date_unreadable", by=officer, now=NOW)
    with as_role("worker"):
        do(row_fixes.job_of(fix))
        Finding.objects.create(batch=batch, row_number=1, code="date_unreadable", severity=3)
    submit(batch=batch, by=officer, now=timezone.now())
    fix.refresh_from_db()
    batch.refresh_from_db()
    done = run(batch, (fix, row_fixes.apply(fix=fix, by=officer, now=NOW)))
    assert (done.result["dropped"], done.result["left"]) == (1, {"submitted": 1})
    assert dropped(batch) == {3}
    assert places(batch)[1].status == "submitted"


# --- a closed file -------------------------------------------------------------------------------


@pytest.fixture
def closed(officer):
    """A file whose good row went and was decided, and whose other row must be mended."""
    batch = send([row(9001), row(9002, nik="1")], officer)
    submit(batch=batch, by=officer, now=timezone.now())
    with as_role("worker"):
        Batch.objects.filter(pk=batch.pk).update(status=BatchStatus.CLOSED)
    batch.refresh_from_db()
    return batch


def waiting(officer, name="held"):
    found = batch_lists.in_hand(officer).filter(batch_lists.waits(name))
    return set(found.values_list("pk", flat=True))


def test_a_row_of_a_closed_file_waits_until_it_is_mended_and_is_submitted_then(closed, officer):
    assert waiting(officer) == {closed.pk}
    edited = row_fixes.edit(
        batch=closed, row_number=2, cells={"nik": row(9002)["nik"]}, seen=0, by=officer, now=NOW
    )
    run(closed, edited)
    assert closed.status == BatchStatus.READY
    assert waiting(officer) == set()
    assert submit(batch=closed, by=officer, now=timezone.now()).moved == 1
    closed.refresh_from_db()
    assert closed.status == BatchStatus.SUBMITTED


def test_a_row_of_a_submitted_file_waits_until_it_is_dropped(officer):
    batch = send([row(9001), row(9002, nik="1")], officer)
    submit(batch=batch, by=officer, now=timezone.now())
    assert waiting(officer) == {batch.pk}
    batch.refresh_from_db()
    drop(batch, officer, 2)
    assert waiting(officer) == set()


def test_once_its_cycle_is_over_a_closed_file_is_left_and_says_since_when(closed, officer):
    yesterday = timezone.localdate() - timedelta(days=1)
    with as_role("owner"):
        cycle = Cycle.objects.create(
            name="Lalu",
            opens_date=yesterday - timedelta(days=20),
            cutoff_date=yesterday,
            draw_date=yesterday + timedelta(days=1),
        )
        Batch.objects.filter(pk=closed.pk).update(cycle=cycle)
    closed.refresh_from_db()
    assert waiting(officer) == set()
    for refused in (
        lambda: row_fixes.edit(batch=closed, row_number=2, cells={}, seen=0, by=officer, now=NOW),
        lambda: row_fixes.drop(batch=closed, rows=[2], by=officer, now=NOW),
    ):
        with pytest.raises(DomainError, match="^mending_over$") as over:
            refused()
        assert over.value.params == {"name": "Lalu", "closed": yesterday.isoformat()}
