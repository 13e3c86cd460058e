"""Work that fails three times ends in words, and the page of its subject says who can do what."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape

import pytest
from django.urls import reverse

from apps.accounts.people import account_notices
from apps.commandcentre.coverage import village_coverage
from apps.commandcentre.hazards.intake import ASSESS_HAZARD
from apps.commandcentre.planning import plans
from apps.commandcentre.uploads import reception
from apps.indicators.figures import intake as figure_intake
from apps.indicators.measures import counting
from apps.indicators.pockets import reception as pocket_reception
from apps.indicators.services import previews, syncing
from apps.jobs import kinds, messages, work
from apps.jobs.models import MAX_ATTEMPTS, Job
from apps.proposals.checks import recheck
from apps.proposals.civil import civil_check
from apps.proposals.decree import annulment, determination
from apps.proposals.entry import remarks
from apps.proposals.fixes import row_fixes
from apps.proposals.models import Amendment, Batch, Decree, Fix, PhotoArchive
from apps.proposals.photos import photo_findings, photo_zip
from apps.proposals.returned import amendment
from apps.proposals.review import bulk_undo, decisions
from apps.proposals.upload import intake
from apps.reconciliation.conflicts import answers, detection
from apps.reconciliation.deliveries import datasets, reverting
from apps.reconciliation.duplicates import deduplication
from apps.reconciliation.linkage import register_runs, runs, thresholds
from apps.reconciliation.survivorship import field_rules
from apps.regions import boundaries
from apps.regions.editions import shapes
from tests.conftest import as_role
from tests.jobs.test_every_kind import ASKED

pytestmark = pytest.mark.django_db


def number(job: Job) -> int:
    return int(job.subject.rpartition(":")[2])


def at(name: str) -> Callable[[Job], str]:
    """The page whose address ends in the number of what the job is about."""
    return lambda job: reverse(name, args=[number(job)])


def of_job(name: str) -> Callable[[Job], str]:
    return lambda job: reverse(name, args=[job.pk])


def findings_page(job: Job) -> str:
    with as_role("owner"):
        return reverse("proposals:batch", args=[Fix.objects.get(pk=number(job)).batch_id])


def decree_page(job: Job) -> str:
    with as_role("owner"):
        decree = Decree.objects.get(change_id=number(job))
    return reverse("admin:proposals_decree_change", args=[decree.pk])


def row_page(job: Job) -> str:
    with as_role("owner"):
        return reverse(
            "proposals:returned_row", args=[Amendment.objects.get(pk=number(job)).proposal_id]
        )


# who looks where
def photos_page(job: Job) -> str:
    with as_role("owner"):
        batch_id = PhotoArchive.objects.values_list("batch_id", flat=True).get(pk=number(job))
    return reverse("proposals:batch-photos", args=[batch_id])


def service_detail(job: Job) -> str:
    return reverse("indicators:service", args=[job.subject.rpartition(":")[2]])


PAGES: dict[str, tuple[str, Callable[[Job], str]]] = {
    ASSESS_HAZARD: ("operator", at("commandcentre:hazard")),
    plans.SOLVE_PLAN: ("operator", at("commandcentre:plan")),
    figure_intake.READ_PUBLICATION: ("planner", at("indicators:publication")),
    syncing.SYNC_SERVICE: ("planner", lambda _job: reverse("indicators:services")),
    previews.PREVIEW_SERVICE: ("planner", service_detail),
    reception.IMPORT_UPLOAD: ("operator", at("commandcentre:upload")),
    village_coverage.REFRESH_COVERAGE: (
        "operator",
        lambda _job: reverse("commandcentre:coverage"),
    ),
    pocket_reception.IMPORT_POCKETS: ("planner", at("pockets:edition")),
    pocket_reception.COMPUTE_POCKETS: ("planner", at("pockets:edition")),
    counting.REFRESH_MEASURES: ("administrator", of_job("admin:jobs_job_change")),
    account_notices.SEND_LETTER: ("administrator", of_job("admin:jobs_job_change")),
    intake.CHECK_BATCH: ("regency_officer", at("proposals:batch")),
    remarks.CHECK_DRAFT: (
        "village_officer",
        lambda job: reverse("proposals:form-section", args=[number(job), "family"]),
    ),
    row_fixes.FIX_ROWS: ("regency_officer", findings_page),
    photo_zip.ADD_PHOTOS: ("regency_officer", photos_page),
    photo_findings.COMPARE: ("administrator", of_job("admin:jobs_job_change")),
    decisions.DECIDE_MANY: ("verifier", of_job("proposals:review_bulk_job")),
    bulk_undo.UNDO_MANY: ("verifier", of_job("proposals:review_bulk_job")),
    amendment.AMEND: ("regency_officer", row_page),
    determination.DETERMINE: ("determiner", at("admin:proposals_decree_change")),
    annulment.ANNUL: ("determiner", at("admin:proposals_decree_change")),
    civil_check.CHECK_CIVIL: ("pusdatin_verifier", of_job("admin:proposals_proposal_civil_job")),
    runs.RECONCILE: ("steward", at("reconciliation:run")),
    register_runs.COMPARE_REGISTER: ("steward", lambda _job: reverse("reconciliation:duplicates")),
    thresholds.MOVE_THRESHOLDS: ("steward", at("reconciliation:run")),
    detection.FIND_CONFLICTS: ("steward", at("reconciliation:run")),
    detection.FIND_DECREE_CONFLICTS: ("determiner", decree_page),
    datasets.LOAD_DATASET: ("steward", at("reconciliation:dataset")),
    reverting.TAKE_BACK_DATASET: ("steward", at("reconciliation:dataset")),
    answers.RESOLVE_ANSWERS: ("steward", of_job("reconciliation:conflicts-job")),
    field_rules.TAKE_SURVIVORS: ("steward", lambda _job: reverse("reconciliation:survivorship")),
    deduplication.MERGE_PERSONS: ("steward", of_job("reconciliation:duplicates_job")),
    deduplication.UNMERGE_PERSONS: ("steward", of_job("reconciliation:duplicates_job")),
    boundaries.IMPORT_EDITION: ("administrator", at("admin:regions_boundaryedition_change")),
    recheck.RECHECK_HELD: ("administrator", at("admin:regions_boundaryedition_change")),
    boundaries.ACTIVATE_EDITION: ("administrator", at("admin:regions_boundaryedition_change")),
    shapes.BUILD_SHAPES: ("administrator", lambda job: f"/admin/jobs/job/{job.pk}/change/"),
}


def begin_and_fail(job: Job) -> None:
    """What a fault of the code does: the work begins and breaks off."""
    with (
        as_role("worker"),
        pytest.raises(ZeroDivisionError),
        work.claimed(job.pk, job.kind) as lease,
    ):
        assert lease is not None
        raise ZeroDivisionError


def fails_for_good(job: Job) -> Job:
    for _time in range(MAX_ATTEMPTS):
        begin_and_fail(job)
    with as_role("owner"):
        job.refresh_from_db()
    return job


def test_two_faults_are_tried_again_and_the_third_is_the_last(tmp_path):
    job = ASKED[intake.CHECK_BATCH](tmp_path)
    for time in (1, 2):
        begin_and_fail(job)
        job.refresh_from_db()
        assert (job.status, job.attempt, job.message_code) == (Job.Status.WAITING, time, "")
    begin_and_fail(job)
    job.refresh_from_db()
    assert (job.status, job.attempt, job.message_code) == (Job.Status.FAILED, 3, "kept_failing")
    with as_role("owner"):
        assert Batch.objects.get().status == Batch.Status.FAILED
    with as_role("worker"), work.claimed(job.pk, job.kind) as lease:
        assert lease is None


@pytest.mark.parametrize("kind", sorted(kinds.kinds()))
@pytest.mark.long
def test_the_page_of_its_subject_says_why_and_who_can_do_what(kind, tmp_path, signed_in):
    job = fails_for_good(ASKED[kind](tmp_path))
    assert job.status == Job.Status.FAILED
    role, address = PAGES[kind]
    page = unescape(signed_in(role).get(address(job)).content.decode())
    said = messages.put_aside(job)
    assert said and messages.remedy_of(job) in said
    assert said in page


@pytest.mark.parametrize("kind", sorted(kinds.kinds()))
@pytest.mark.long
def test_it_is_resumed_on_the_page_of_jobs_or_requested_again(kind, tmp_path, signed_in):
    job = fails_for_good(ASKED[kind](tmp_path))
    signed_in("administrator").post(f"/admin/jobs/job/{job.pk}/resume/")
    with as_role("owner"):
        job.refresh_from_db()
        again = Job.objects.filter(kind=kind, subject=job.subject).latest("pk")
    if not kinds.named(kind).is_resumable or kind == determination.DETERMINE:
        # a decree goes on by the word of whoever may determine
        assert job.status == Job.Status.FAILED
        return
    assert (again.status, again.attempt) == (Job.Status.WAITING, 0)


def test_a_returned_proposal_is_sent_again_after_its_check_was_put_aside(tmp_path, signed_in):
    job = fails_for_good(ASKED[amendment.AMEND](tmp_path))
    with as_role("owner"):
        tried = Amendment.objects.get()
    assert tried.status == Amendment.Status.REFUSED
    browser = signed_in("regency_officer")
    page = browser.get(row_page(job))
    assert 'value="009"' in page.content.decode()  # what was typed is still there
    browser.post(row_page(job), {"rt": "009"})
    with as_role("owner"):
        assert Amendment.objects.latest("pk").status == Amendment.Status.ASKED


def test_a_waiting_change_is_on_the_findings_page(tmp_path, signed_in):
    job = ASKED[row_fixes.FIX_ROWS](tmp_path)
    page = signed_in("regency_officer").get(findings_page(job))
    assert page.context["asked"].pk == number(job)
    assert reverse("proposals:batch-fix", args=[page.context["batch"].pk, number(job)]) in (
        page.content.decode()
    )
