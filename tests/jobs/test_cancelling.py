"""A job that is cancelled while it waits leaves its subject as a failed one does."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from apps.accounts.access import open_gate
from apps.casework.models import Notice
from apps.jobs import work
from apps.jobs.models import Job
from apps.proposals.models import Amendment, Batch, PhotoArchive, Proposal
from apps.proposals.photos import photo_zip
from apps.proposals.returned import amendment
from apps.proposals.review import decisions
from apps.proposals.selection import Selection
from apps.proposals.steps import Step
from apps.proposals.submitting import submission
from apps.proposals.upload import intake
from portal import tasks
from tests import photo_files
from tests.base import NOW
from tests.conftest import as_role
from tests.jobs.doing import a_job, declared
from tests.proposals import factory, sending

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(person):
    return person("regency_officer")


@pytest.fixture
def cancelled(signed_in):
    """`cancelled(job)`: an administrator cancels it on the page of jobs."""
    chief = signed_in("administrator")

    def cancel(job: Job) -> Job:
        chief.post(reverse("admin:jobs_job_cancel", args=[job.pk]))
        with as_role("worker"):
            job.refresh_from_db()
        assert job.status == Job.Status.CANCELLED
        return job

    return cancel


def swept() -> None:
    with as_role("worker"):
        tasks.sweep()


def an_amendment(officer, verifier) -> Job:
    batch = sending.send([sending.row()], officer)
    with transaction.atomic():
        open_gate(officer)
        submission.submit(batch=batch, by=officer, now=NOW)
    with transaction.atomic():
        open_gate(verifier)
        row = Proposal.objects.get()
        given = {"reason": "wrong_point", "note": "Ulang"}
        decisions.decide(proposal=row, step=Step.RETURN, by=verifier, now=NOW, **given)
    with transaction.atomic():
        open_gate(officer)
        row = Proposal.objects.get()
        _amendment, job = amendment.amend(proposal=row, values={"rt": "009"}, by=officer, now=NOW)
    return job


def test_a_returned_row_whose_check_was_cancelled_can_be_sent_again(
    officer, person, signed_in, cancelled
):
    job = cancelled(an_amendment(officer, person("verifier")))
    browser = signed_in("regency_officer")
    with as_role("owner"):
        address = reverse("proposals:returned_row", args=[Proposal.objects.get().pk])
    # until it is put right the page asks on
    assert "poll:again" in browser.get(address).content.decode()
    swept()
    with as_role("owner"):
        assert Amendment.objects.get().status == Amendment.Status.REFUSED
    page = browser.get(address)
    assert page.context["sections"]
    assert not page.context["is_checking"]
    assert "hx-trigger" not in page.content.decode().partition('id="progress"')[2][:300]
    with as_role("owner"):
        assert not Job.objects.get(pk=job.pk).is_end_due


def test_the_zip_of_a_cancelled_reading_is_not_kept(officer, cancelled, gate):
    batch = sending.send([sending.row()], officer)
    file = SimpleUploadedFile("foto.zip", photo_files.archive({"1.jpg": photo_files.photo()}))
    gate(officer)
    archive = photo_zip.receive(batch=batch, file=file, by=officer, now=NOW)
    job = photo_zip.job_of(archive)
    assert job is not None
    cancelled(job)
    swept()
    with as_role("owner"):
        assert not PhotoArchive.objects.get(pk=archive.pk).file


def test_who_asked_for_a_bulk_decision_is_told_that_it_was_cancelled(officer, person, cancelled):
    verifier = person("verifier")
    batch = factory.batch(officer, status="submitted")
    factory.proposals(batch, 3, status="submitted")
    with transaction.atomic():
        open_gate(verifier)
        job = decisions.enqueue_bulk_decision(
            selection=Selection(batch=batch.pk), step=Step.VERIFY, by=verifier, now=NOW, expected=3
        )
    cancelled(job)
    swept()
    swept()
    with as_role("owner"):
        assert [one.user for one in Notice.objects.filter(kind="bulk_ended")] == [verifier]


def test_a_file_that_is_checked_again_is_left_to_its_new_job(officer, cancelled, gate):
    received = sending.receive(sending.as_csv([sending.row()]), officer)
    cancelled(received.job)
    gate(officer)
    again = intake.resume(batch=received.batch, by=officer, now=NOW)
    assert again.pk != received.job.pk
    swept()
    with as_role("owner"):
        assert Batch.objects.get(pk=received.batch.pk).status == Batch.Status.RECEIVED


def test_a_job_that_cannot_be_ended_keeps_no_other_from_it():
    called = []
    with as_role("worker"):
        broken = a_job(kind="tests.broken")
        sound = a_job(kind="tests.sound", subject="x.X:2")

        def fault(_job: Job) -> None:
            raise LookupError

        with (
            declared(lambda _lease: None, "tests.broken", on_failed=fault),
            declared(
                lambda _lease: None, "tests.sound", on_failed=lambda job: called.append(job.pk)
            ),
        ):
            for job in (broken, sound):
                work.cancel(job)
            for _nth in range(2):
                work.end_cancelled(now=timezone.now())
            assert called == [sound.pk]
            broken.refresh_from_db()
            assert broken.is_end_due
            # it is given up after a day
            later = timezone.now() + work.END_WITHIN
            with declared(
                lambda _lease: None, "tests.broken", on_failed=lambda job: called.append(job.pk)
            ):
                work.end_cancelled(now=later)
            assert called == [sound.pk]


def test_a_job_that_failed_after_its_cancelling_was_asked_is_resumed_and_done():
    with as_role("worker"), declared(lambda lease: lease.finish()):
        job = a_job()
        Job.objects.filter(pk=job.pk).update(status="running", cancel_asked=True)
        Job.objects.filter(pk=job.pk).update(status="failed")
        job.refresh_from_db()
        work.begin_again(job=job, by=None, now=timezone.now())
        work.run(job.pk, job.kind)
        job.refresh_from_db()
        assert job.status == Job.Status.DONE
