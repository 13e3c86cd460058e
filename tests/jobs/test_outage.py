"""The database goes away under a job: no attempt is lost, and the next round rings for it."""

from __future__ import annotations

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from apps.jobs import work
from apps.jobs.models import MAX_ATTEMPTS, MAX_OUTAGES, Job
from tests.conftest import as_role
from tests.jobs.doing import a_job

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def job() -> Job:
    with as_role("owner"):
        return a_job()


def broken_off() -> None:
    """The database ends this very connection, in the midst of a transaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")


def interrupted(job: Job) -> None:
    with pytest.raises(OperationalError), work.claimed(job.pk, job.kind):
        broken_off()


def test_an_outage_is_no_attempt_and_the_sweeper_rings_at_its_next_turn(job):
    interrupted(job)
    job.refresh_from_db()
    assert (job.status, job.attempt, job.outages) == (Job.Status.WAITING, 0, 1)
    assert job in Job.objects.stale(now=timezone.now())
    with work.claimed(job.pk, job.kind) as lease:
        assert lease is not None
        lease.finish()
    job.refresh_from_db()
    assert job.status == Job.Status.DONE


def test_five_outages_put_nothing_aside(job):
    for _turn in range(MAX_ATTEMPTS + 2):
        interrupted(job)
    job.refresh_from_db()
    assert (job.status, job.attempt) == (Job.Status.WAITING, 0)


def test_work_that_takes_the_database_down_again_and_again_is_put_aside(job):
    with as_role("owner"):
        Job.objects.filter(pk=job.pk).update(outages=MAX_OUTAGES)
    for _turn in range(MAX_ATTEMPTS):
        interrupted(job)
    job.refresh_from_db()
    assert (job.status, job.message_code) == (Job.Status.FAILED, "kept_failing")
    assert work.resume(job)
    job.refresh_from_db()
    assert (job.attempt, job.outages) == (0, 0)
