"""Another edition comes into force: rows that must be mended are judged again, like all others."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from apps.audit.models import Entry
from apps.audit.subjects import subject_of
from apps.casework.models import Cycle
from apps.jobs.models import Job
from apps.proposals.checks import recheck, stored_rows
from apps.proposals.models import Batch, FixedRow, HeldRow, Proposal, VerdictChange
from apps.proposals.submitting.submission import submit
from apps.regions.models import BoundaryEdition
from tests.base import NOW
from tests.conftest import as_role
from tests.jobs.doing import do
from tests.proposals.sending import B, findings, places, point, row, send
from tests.regions import editions

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(person: Any, gate: Any) -> Any:
    user = person("regency_officer")
    gate(user)
    return user


def without_a(folder: Path) -> None:
    """An edition that covers the province and lacks village A."""
    path = editions.write(folder / "tanpa.geojson", editions.toy(A=None))
    with as_role("worker"):
        editions.enforce(editions.read(path, "Tanpa A", covers="97"))


def with_a(folder: Path, **shapes: Any) -> dict[str, Any]:
    path = editions.write(folder / "lengkap.geojson", editions.toy(**shapes))
    with as_role("worker"):
        return editions.enforce(editions.read(path, "Lengkap"))


def judge() -> Job:
    """The worker's part, by the job that the activation asked for."""
    with as_role("worker"):
        job = Job.objects.filter(kind=recheck.RECHECK_HELD).latest("pk")
        do(job)
        job.refresh_from_db()
    assert job.status == Job.Status.DONE, job.message_code
    return job


def true_counts(batch: Batch) -> dict[str, Any]:
    """The counts as they are in the tables."""
    with as_role("owner"):
        ready = Proposal.objects.filter(batch=batch)
        held = HeldRow.objects.filter(batch=batch)
        verdicts = Counter([*ready.values_list("verdict", flat=True)])
        verdicts.update(held.exclude(verdict="").values_list("verdict", flat=True))
        flags = Counter(flag for one in [*ready, *held] for flag in one.flags)
        codes = Counter(batch.findings.values_list("code", flat=True))
        return {
            "ready": ready.count(),
            "held": held.count(),
            "verdicts": dict(verdicts),
            "findings": dict(codes),
            "flags": dict(flags),
        }


def counts(batch: Batch) -> dict[str, Any]:
    batch.refresh_from_db()
    return {name: batch.counts[name] for name in true_counts(batch)}


@pytest.mark.long
def test_held_rows_get_the_verdict_of_the_new_edition_and_the_counts_follow(officer, tmp_path):
    without_a(tmp_path)
    rows = [row(9001), row(9002, nik="12"), row(9003, nik="13", **point("B")), row(9004)]
    batch = send(rows, officer)
    assert {one.verdict for one in places(batch).values()} == {"no_polygon"}
    result = with_a(tmp_path)
    assert result["held"] == 2
    job = judge()
    assert {n: one.verdict for n, one in places(batch).items()} == {
        1: "inside",
        2: "inside",
        3: "neighbour",
        4: "inside",
    }
    assert job.result == {
        "rows": 2,
        "became_ready": 0,
        "verdicts_changed": 2,
        "batches": 1,
        "skipped": 0,
    }
    assert findings(batch)[2] == {"nik_length"}
    assert findings(batch)[3] == {"nik_length", "neighbour"}
    assert places(batch)[3].actual_village_code == B
    assert counts(batch) == true_counts(batch)


@pytest.mark.long
def test_what_nothing_holds_back_any_more_becomes_a_draft(officer, tmp_path):
    """The row that it repeated was taken out of the way since: only the new look sees that."""
    without_a(tmp_path)
    nik = row(9001)["nik"]
    batch = send([row(9001), row(9002, nik=nik)], officer)
    assert findings(batch)[2] >= {"duplicate_in_file"}
    with as_role("owner"):
        Proposal.objects.filter(batch=batch).update(nik=row(9009)["nik"])
    with_a(tmp_path)
    assert judge().result["became_ready"] == 1
    found = places(batch)[2]
    assert isinstance(found, Proposal)
    assert (found.status, found.verdict) == (Proposal.Status.DRAFT, "inside")
    assert counts(batch) == true_counts(batch)
    assert counts(batch)["held"] == 0
    assert not FixedRow.objects.exists()


@pytest.mark.long
def test_held_rows_of_a_file_of_which_rows_are_under_review_are_judged_too(officer, tmp_path):
    without_a(tmp_path)
    batch = send([row(9001), row(9002, nik="12")], officer)
    with as_role("owner"):
        submit(batch=batch, by=officer, now=NOW)
    with_a(tmp_path)
    judge()
    assert places(batch)[2].verdict == "inside"
    assert places(batch)[1].status == Proposal.Status.SUBMITTED
    assert counts(batch) == true_counts(batch)


@pytest.mark.long
def test_a_repeat_ends_in_the_same_rows_and_leaves_nothing_in_staging(officer, tmp_path):
    without_a(tmp_path)
    batch = send([row(9001), row(9002, nik="12")], officer)
    with_a(tmp_path)
    judge()
    first = (findings(batch), counts(batch))
    with as_role("worker"):
        numbers = stored_rows.judge_again(batch.pk, [2], "held_again")
    assert (numbers.rows, numbers.verdicts_changed) == (1, 0)
    assert (findings(batch), counts(batch)) == first
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE tablename LIKE 'held\\_%%'")
        assert cursor.fetchall() == []


@pytest.mark.parametrize(("cutoff", "held"), [("2020-01-17", 0), ("2099-01-17", 1)])
@pytest.mark.long
def test_a_file_that_was_sent_is_judged_again_until_its_cycle_is_over(
    officer, tmp_path, cutoff, held
):
    without_a(tmp_path)
    batch = send([row(9002, nik="12")], officer)
    with as_role("owner"):
        cycle = Cycle.objects.create(
            name="2020-01", opens_date="2020-01-01", cutoff_date=cutoff, draw_date="2099-01-18"
        )
        Batch.objects.filter(pk=batch.pk).update(cycle=cycle)
        Batch.objects.filter(pk=batch.pk).update(status="submitted")
        Batch.objects.filter(pk=batch.pk).update(status="closed")
    assert with_a(tmp_path)["held"] == held
    assert Job.objects.filter(kind=recheck.RECHECK_HELD).count() == held
    if held:
        judge()
    assert places(batch)[1].verdict == ("inside" if held else "no_polygon")


@pytest.mark.long
def test_a_batch_in_between_that_cannot_be_changed_stops_no_other(officer, tmp_path):
    without_a(tmp_path)
    first = send([row(9002, nik="12")], officer)
    second = send([row(9003, nik="13")], officer, name="lain.csv")
    with_a(tmp_path)
    job = Job.objects.get(kind=recheck.RECHECK_HELD)
    with as_role("owner"):
        Batch.objects.filter(pk=first.pk).update(status="submitted")
        Batch.objects.filter(pk=first.pk).update(status="closed")
    with as_role("worker"):
        do(job)
    assert places(second)[1].verdict == "inside"


@pytest.mark.long
def test_what_takes_long_goes_on_as_a_job_of_its_own(officer, tmp_path, monkeypatch):
    without_a(tmp_path)
    batches = [send([row(9001 + n, nik=f"1{n}")], officer, name=f"berkas{n}.csv") for n in range(3)]
    with_a(tmp_path)
    monkeypatch.setattr(recheck, "WORK_S", -1.0)
    assert judge().result["left"] == 3
    monkeypatch.setattr(recheck, "WORK_S", 60.0)
    assert Job.objects.filter(kind=recheck.RECHECK_HELD).count() == 2
    assert judge().result["rows"] == 3
    assert {places(one)[1].verdict for one in batches} == {"inside"}


@pytest.mark.long
def test_the_trail_names_edition_and_numbers(officer, tmp_path):
    without_a(tmp_path)
    batch = send([row(9002, nik="12")], officer)
    with_a(tmp_path)
    judge()
    with as_role("owner"):
        entry = Entry.objects.filter(subject=batch.subject, details__step="recheck").get()
    assert (entry.details["edition"], entry.details["rows"]) == ("Lengkap", 1)


@pytest.mark.long
def test_the_page_before_activating_counts_the_held_rows(officer, tmp_path, signed_in):
    without_a(tmp_path)
    send([row(9001), row(9002, nik="12")], officer)
    path = editions.write(tmp_path / "lengkap.geojson", editions.toy())
    with as_role("worker"):
        edition = editions.read(path, "Lengkap")
    page = signed_in("administrator").get(f"/admin/regions/boundaryedition/{edition.pk}/activate/")
    assert page.context["affected"] == {"proposals": 1, "held": 1}


@pytest.mark.long
def test_the_history_of_a_row_says_what_another_edition_changed(officer, tmp_path, signed_in):
    without_a(tmp_path)
    batch = send([row(9001), row(9002, village_code=B, **point("B"))], officer)
    moved, same = places(batch)[1], places(batch)[2]
    with_a(tmp_path)
    with as_role("owner"):
        (change,) = VerdictChange.objects.all()
    assert change.proposal_id == moved.pk
    assert (change.from_verdict, change.to_verdict) == ("no_polygon", "inside")
    browser = signed_in("verifier")
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    shown = browser.get(f"/proposals/review/{moved.pk}/").content.decode()
    words = "Checked again when edition Lengkap came into force: No boundary yet, now Inside."
    assert words in shown
    assert "Checked again" not in browser.get(f"/proposals/review/{same.pk}/").content.decode()


def test_the_page_of_the_edition_and_the_trail_say_what_it_changed(officer, tmp_path, signed_in):
    without_a(tmp_path)
    send([row(9001), row(9002, nik="12"), row(9003)], officer)
    result = with_a(tmp_path)
    assert result["verdict_moves"] == {"no_polygon": {"inside": 2}}
    edition = BoundaryEdition.objects.get(name="Lengkap")
    page = f"/admin/regions/boundaryedition/{edition.pk}/change/"
    pusdatin = signed_in("administrator")
    before = pusdatin.get(page).context["checked"]
    assert (before.rows, before.changed, before.held, before.held_done) == (2, 2, 1, 0)
    judge()
    answer = pusdatin.get(page)
    checked = answer.context["checked"]
    assert (checked.held_done, checked.held_changed, checked.held_ready) == (1, 1, 0)
    assert [count for _before, _now, count in checked.moves] == [2]
    assert 'id="checked-again"' in answer.content.decode()
    with as_role("owner"):
        entry = Entry.objects.filter(subject=subject_of(edition), details__step="activate").get()
    assert entry.details["verdict_moves"] == {"no_polygon": {"inside": 2}}
