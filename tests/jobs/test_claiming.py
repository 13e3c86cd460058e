"""Who may work on a job: the task that it was asked of, and nobody by its number alone."""

import contextlib

import pytest

from apps.jobs import work
from apps.jobs.models import Job
from apps.proposals import tasks as proposals
from apps.reconciliation import tasks as reconciliation
from tests.conftest import as_role

pytestmark = pytest.mark.django_db


def test_an_old_message_does_not_begin_another_tasks_job_of_the_same_number():
    """After a restore the numbers begin again, and the queue still holds yesterday's messages."""
    with as_role("worker"):
        job = work.create_job(
            task="apps.proposals.tasks.check_batch", subject="proposals.Batch:0", by="system"
        )
        reconciliation.load_dataset(job_id=job.pk)
        job.refresh_from_db()
        assert (job.status, job.attempt) == (Job.Status.WAITING, 0)
        with pytest.raises(Exception, match="Batch"):
            proposals.check_batch(job_id=job.pk)
        job.refresh_from_db()
        assert job.attempt == 1


def test_a_job_that_gave_up_is_a_warning_in_the_log(caplog):
    with as_role("worker"):
        job = work.create_job(task="any", subject="proposals.Batch:0", by="system")
        for _ in range(4):
            with contextlib.suppress(ZeroDivisionError), work.claimed(job.pk) as lease:
                if lease is not None:
                    raise ZeroDivisionError
    told = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    failed = [(one["level"], one["code"]) for one in told if one["event"] == "job_failed"]
    assert failed == [("warning", "kept_failing")]
