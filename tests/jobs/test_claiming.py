"""Who may work on a job: the task that it was asked of, and nobody by its number alone."""

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
        job = work.ask(
            task="apps.proposals.tasks.check_batch", subject="proposals.Batch:0", by="system"
        )
        reconciliation.load_dataset(job_id=job.pk)
        job.refresh_from_db()
        assert (job.status, job.attempt) == (Job.Status.WAITING, 0)
        with pytest.raises(Exception, match="Batch"):
            proposals.check_batch(job_id=job.pk)
        job.refresh_from_db()
        assert job.attempt == 1
