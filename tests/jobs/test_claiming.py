"""Who may work on a job: a message that names its number and its kind, and nobody by its number."""

import contextlib

import pytest
from django.db import transaction
from django.utils import translation

from apps.jobs import kinds, messages, tasks, wake_up, work
from apps.jobs.models import Job
from apps.proposals.upload import intake
from apps.reconciliation.deliveries import datasets
from tests.conftest import as_role
from tests.jobs.doing import a_job, declared, do

pytestmark = pytest.mark.django_db


def test_an_old_message_does_not_begin_a_job_of_another_kind_with_the_same_number():
    """After a restore the numbers begin again, and the queue still holds yesterday's messages."""
    with as_role("worker"):
        job = a_job(kind=intake.CHECK_BATCH, subject="proposals.Batch:0")
        tasks.run(job_id=job.pk, kind=datasets.LOAD_DATASET)
        job.refresh_from_db()
        assert (job.status, job.attempt) == (Job.Status.WAITING, 0)
        with pytest.raises(Exception, match="Batch"):
            tasks.run(job_id=job.pk, kind=intake.CHECK_BATCH)
        job.refresh_from_db()
        assert job.attempt == 1


def test_work_of_an_unknown_kind_fails_in_words():
    with as_role("worker"):
        job = a_job(kind="later.new_work")
        do(job)
    job.refresh_from_db()
    assert (job.status, job.message_code) == (Job.Status.FAILED, "unknown_kind")
    with translation.override("en"):
        assert "does not know this kind of work" in messages.ending(job)


def test_work_of_an_unknown_kind_cannot_be_asked_for():
    with pytest.raises(kinds.UnknownKind, match="later.new_work"):
        work.enqueue("later.new_work", "x.X:1", by="system")
    assert not Job.objects.exists()


@pytest.mark.parametrize("is_resumed", [False, True], ids=["asked for", "resumed"])
def test_a_worker_is_told_when_the_transaction_has_committed_and_not_before(
    django_capture_on_commit_callbacks, monkeypatch, is_resumed
):
    told = []
    monkeypatch.setattr(wake_up, "send_wake_up", lambda job: told.append((job.pk, job.queue)))
    with declared(lambda lease: lease.finish(), queue="interactive"):
        with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
            if is_resumed:
                job = a_job(status=Job.Status.FAILED)
                work.begin_again(job=job, by=None, now=job.created_at)
            else:
                job = work.enqueue("tests.work", "x.X:1", by="system")
            assert told == []
        assert told == [(job.pk, job.queue)]
        assert is_resumed or job.queue == "interactive"


def test_a_job_that_gave_up_is_a_warning_in_the_log(caplog):
    with as_role("worker"):
        job = a_job(subject="proposals.Batch:0")
        for _ in range(4):
            with contextlib.suppress(ZeroDivisionError), work.claimed(job.pk, job.kind) as lease:
                if lease is not None:
                    raise ZeroDivisionError
    told = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    failed = [
        (one["level"], one["code"], one["kind"]) for one in told if one["event"] == "job_failed"
    ]
    assert failed == [("warning", "kept_failing", "tests.work")]
