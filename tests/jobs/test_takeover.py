"""Who may take a running job: nobody while its worker lives, whoever waits once it was killed."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from apps.common.locks import Lock
from apps.jobs import waiting, work
from apps.jobs.models import STALE_AFTER, Job
from tests import workers
from tests.jobs.doing import a_job, declared

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

# A worker inside one statement that outlasts its sign of life, as the last step of a large import.
SLOW = """
import sys, django
django.setup()
from django.db import connection, transaction
from apps.jobs import work
with work.claimed(int(sys.argv[1]), "tests.work") as lease:
    lease.progress(1, 2, stage="storing")
    print("claimed", flush=True)
    sys.stdin.readline()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(1.5)")
        lease.finish(by="first")
"""


@pytest.fixture
def job(role) -> Job:
    with role("owner"):
        return a_job(total=2)


@contextmanager
def slow_worker(job: Job) -> Iterator[subprocess.Popen[str]]:
    """Another process that has claimed the job; a line to it starts its slow statement."""
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW, str(job.pk)],
        cwd=workers.ROOT,
        env=workers.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "claimed\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def fall_silent(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(
        heartbeat_at=timezone.now() - STALE_AFTER - timedelta(seconds=1)
    )


@pytest.fixture
def known() -> Iterator[None]:
    """What this process does with the job, once it has claimed it."""
    with declared(lambda lease: lease.finish(by="second")):
        yield


@pytest.mark.long
def test_a_waiting_worker_takes_over_the_job_of_a_killed_one(job, known):
    with slow_worker(job) as process:
        process.kill()
        process.wait()
    job.refresh_from_db()
    assert job.status == Job.Status.RUNNING
    fall_silent(job)
    ended = waiting.wait_for(job, may_run=True, seconds=20)
    assert (ended.status, ended.result, ended.token) == (Job.Status.DONE, {"by": "second"}, 2)


@pytest.mark.long
def test_a_worker_inside_a_slow_statement_keeps_its_job_however_long_it_is_silent(job, known):
    with slow_worker(job) as process:
        fall_silent(job)
        assert job in Job.objects.stale(now=timezone.now())  # so that the bell rings
        work.run(job.pk, job.kind)
        assert waiting.wait_for(job, may_run=True, seconds=0.5).status == Job.Status.RUNNING
        process.communicate("go\n", timeout=20)
        job.refresh_from_db()
    assert (job.result, job.token, job.attempt) == ({"by": "first"}, 1, 1)


def until_free(job):
    """PostgreSQL notices within two seconds that a killed worker's connection is gone."""
    ends = time.monotonic() + 20
    with connection.cursor() as cursor:
        while time.monotonic() < ends:
            cursor.execute(
                "SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND objid = %s",
                [Lock.JOB.value, job.pk],
            )
            if not cursor.fetchall():
                return
            time.sleep(0.05)
    raise AssertionError("the killed worker still holds the job")


@pytest.mark.long
def test_a_job_whose_worker_was_killed_after_its_cancelling_was_asked_ends_cancelled(job):
    with slow_worker(job) as process:
        assert work.cancel(job)
        process.kill()
        process.wait()
    until_free(job)
    told: list[Job] = []
    with (
        declared(lambda _lease: None, on_failed=told.append),
        work.claimed(job.pk, job.kind) as lease,
    ):
        assert lease is None
    job.refresh_from_db()
    assert (job.status, [one.pk for one in told]) == (Job.Status.CANCELLED, [job.pk])
