"""A database crash empties what is UNLOGGED: a batch never ends with fewer rows than its file."""

from __future__ import annotations

import time

import pytest
from django.db import connection
from django.test import Client as Browser

from apps.jobs import wake_up
from apps.jobs.models import Job
from apps.proposals.models import Batch, Finding, HeldRow, Proposal
from apps.proposals.states import BatchStatus
from tests import workers
from tests.conftest import as_role
from tests.flows.steps import upload, wait
from tests.personas import OWN
from tests.proposals.sending import as_csv, row

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

ROWS, WRONG_EACH = 20_000, 50
BEGUN_WITHIN_S = 60


@pytest.fixture
def browser(person) -> Browser:
    browser = Browser()
    browser.force_login(person("regency_officer"))
    return browser


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "besar.csv"
    rows = (
        row(9001 + n % 900, nik="1" if n % WRONG_EACH == 0 else f"9701015005{n:06d}")
        for n in range(ROWS)
    )
    path.write_bytes(as_csv(rows))
    return path


def staged(batch: Batch) -> int:
    """Rows in the staging table; -1 while there is none."""
    with as_role("worker"), connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [f"staging.batch_{batch.pk}"])
        if cursor.fetchone()[0] is None:
            return -1
        cursor.execute(f"SELECT count(*) FROM staging.batch_{batch.pk}")
        return cursor.fetchone()[0]


def wait_until_read(batch: Batch) -> None:
    ends = time.monotonic() + BEGUN_WITHIN_S
    while True:
        with as_role("owner"):
            status = Batch.objects.values_list("status", flat=True).get(pk=batch.pk)
        if status == BatchStatus.CHECKING:
            return
        assert status in {BatchStatus.RECEIVED, BatchStatus.READING}, status
        assert time.monotonic() < ends
        time.sleep(0.002)


def wait_until_given_back(batch: Batch) -> Job:
    """Until nobody holds the lock of the job: the killed worker's session has ended."""
    with as_role("owner"):
        job = Job.objects.get(subject=batch.subject)
    ends = time.monotonic() + BEGUN_WITHIN_S
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s"
                " AND pid <> pg_backend_pid() AND objsubid = 2",
                [job.pk],
            )
            if not cursor.fetchone()[0]:
                return job
        assert time.monotonic() < ends
        time.sleep(0.01)


@pytest.mark.long
def test_rows_that_a_crash_took_between_reading_and_checking_are_read_again(browser, file):
    with workers.worker("batches") as killed:
        batch = upload(browser, file, OWN)
        wait_until_read(batch)
        workers.kill(killed)
    job = wait_until_given_back(batch)
    with as_role("owner"):
        assert Batch.objects.get(pk=batch.pk).status == BatchStatus.CHECKING
    assert staged(batch) == ROWS
    with as_role("worker"), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE staging.batch_{batch.pk}")  # what the crash would do
    with workers.worker("batches"):
        wake_up.send_wake_up(job)
        ended = wait(batch.subject)
    assert (ended.status, ended.attempt) == (Job.Status.DONE, 2)
    with as_role("owner"):
        batch = Batch.objects.get(pk=batch.pk)
        proposed = Proposal.objects.filter(batch=batch).count()
        held = HeldRow.objects.filter(batch=batch).count()
        short = Finding.objects.filter(batch=batch, code="nik_length").count()
    assert batch.rows_read == batch.counts["rows"] == proposed + held == ROWS
    assert short == ROWS // WRONG_EACH
    assert staged(batch) == -1
