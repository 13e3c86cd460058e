"""Rows on their way into staging: nothing left out, whatever stops in between."""

import os
import signal
import subprocess
import sys
import time
from urllib.parse import quote

import pytest
from django.db import connection
from django.utils import timezone

from apps.accounts.access import open_gate
from apps.common import sql
from apps.jobs import work
from apps.jobs.models import Job
from apps.proposals.checks import batch_check, check_tables, reading
from apps.proposals.models import Batch, Finding, HeldRow, Proposal
from apps.proposals.upload import intake
from tests.conftest import as_role
from tests.jobs.doing import do
from tests.proposals.sending import as_csv, check, receive, row

ROWS = 400


@pytest.fixture
def officer(person):
    return person("regency_officer")


def many(count=ROWS):
    return as_csv(
        row(9001 + i, nik="1" if i % 50 == 7 else row(9001 + i)["nik"]) for i in range(count)
    )


def digest(batch):
    with as_role("worker"):
        rows = [*Proposal.objects.filter(batch=batch).values_list("row_number", "nik", "verdict")]
        rows += HeldRow.objects.filter(batch=batch).values_list("row_number", "values", "verdict")
        found = Finding.objects.filter(batch=batch).values_list("row_number", "code")
        return sorted(map(str, rows)), sorted(found)


@pytest.mark.django_db
def test_blank_lines_count_but_are_no_rows(officer):
    names = ["nik", "kk", "name", "birth_date", "sex", "programme", "village_code"]
    lines = as_csv([row(9001), row(9002)], names).split(b"\r\n")
    batch = check(receive(b"\r\n".join([*lines[:2], b"," * 6, *lines[2:]]), officer))
    assert batch.rows_read == 2
    with as_role("worker"):
        assert sorted(batch.proposals.values_list("row_number", flat=True)) == [1, 3]


@pytest.mark.django_db
def test_rows_that_a_crash_took_from_staging_are_read_again(officer, monkeypatch):
    received = receive(many(), officer)
    checked = batch_check._check

    def crash(lease, batch, tables):
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE staging.batch_{batch.pk}")
        monkeypatch.setattr(batch_check, "_check", checked)
        checked(lease, batch, tables)

    monkeypatch.setattr(batch_check, "_check", crash)
    with as_role("worker"), pytest.raises(batch_check.RowsLost):
        do(received.job)
    received.job.refresh_from_db()
    assert received.job.status == Job.Status.WAITING
    assert check(received).counts["rows"] == ROWS


@pytest.mark.django_db
def test_reading_goes_on_where_it_stopped(officer, monkeypatch):
    received = receive(many(), officer)
    batch = Batch.objects.get(pk=received.batch.pk)
    with as_role("worker"), work.claimed(received.job.pk, received.job.kind) as lease:
        reading._begin(batch)
        first = next(reading._chunks(batch, 0))
        names = ["row_number", *reading.columns.COLUMNS, check_tables.EXTRA]
        block = b"".join(first).split(b"\n")
        sql.copy_in(reading.staging(batch), names, [b"\n".join(block[:150]) + b"\n"])
        Batch.objects.filter(pk=batch.pk).update(rows_read=150)
        batch = Batch.objects.get(pk=batch.pk)
        reading.read_batch(lease, batch)
        assert reading._count(batch) == (ROWS, ROWS)
    assert batch.rows_read == ROWS


@pytest.mark.django_db
def test_staged_rows_that_are_not_as_many_as_were_read_are_thrown_away(officer):
    received = receive(many(), officer)
    batch = Batch.objects.get(pk=received.batch.pk)
    with as_role("worker"), work.claimed(received.job.pk, received.job.kind) as lease:
        reading._begin(batch)
        Batch.objects.filter(pk=batch.pk).update(rows_read=150)
        reading.read_batch(lease, Batch.objects.get(pk=batch.pk))
        assert reading._count(batch) == (ROWS, ROWS)


@pytest.mark.django_db
def test_a_file_that_is_broken_further_down_fails_in_words(officer):
    content = many(60) + b'"never closed,' + b"x" * 40_000
    received = receive(many(60), officer)
    reading.stored_path(received.batch).write_bytes(content)
    with as_role("owner"):
        Batch.objects.filter(pk=received.batch.pk).update(file_size=len(content))
    batch = check(received)
    assert batch.status == Batch.Status.FAILED
    assert received.job.status == Job.Status.FAILED
    assert received.job.message_code == "csv_broken_quotes"


@pytest.mark.django_db
def test_a_failed_batch_is_resumed_and_ends(officer):
    received = receive(many(60), officer)
    path = reading.stored_path(received.batch)
    good = path.read_bytes()
    path.write_bytes(good + b'"never closed,' + b"x" * 40_000)
    batch = check(received)
    path.write_bytes(good)
    job = intake.resume(batch=batch, by=officer, now=timezone.now())
    assert job.status == Job.Status.WAITING
    assert check(received).counts["rows"] == 60


@pytest.mark.django_db
def test_a_batch_that_was_cancelled_is_resumed_by_a_new_job(officer, monkeypatch):
    received = receive(many(60), officer)
    looked = batch_check._find_faults

    def cancel(tables):
        looked(tables)
        work.cancel(received.job)

    monkeypatch.setattr(batch_check, "_find_faults", cancel)
    batch = check(received)
    assert (batch.status, received.job.status) == ("failed", "cancelled")
    monkeypatch.setattr(batch_check, "_find_faults", looked)
    job = intake.resume(batch=batch, by=officer, now=timezone.now())
    assert job.pk != received.job.pk
    assert check(intake.Received(batch, job, False)).counts["rows"] == 60


@pytest.mark.django_db
def test_a_batch_cancelled_before_it_began_is_resumed_too(officer):
    received = receive(many(60), officer)
    work.cancel(received.job)
    job = intake.resume(batch=received.batch, by=officer, now=timezone.now())
    assert check(intake.Received(received.batch, job, False)).counts["rows"] == 60


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.long
def test_a_worker_killed_at_any_moment_leaves_the_same_result(officer, tmp_path, settings):
    undisturbed = digest(check(receive(many(3_000), officer, name="a.csv")))
    wiped()
    received = receive(many(3_000), officer, name="b.csv")
    kills = 0
    for wait_s in (0.05, 0.25, 0.5):
        worker = start_worker(received.job.pk, settings, announce=tmp_path / f"ready{kills}")
        time.sleep(wait_s)
        worker.send_signal(signal.SIGKILL)
        kills += worker.wait() == -signal.SIGKILL
        with as_role("worker"):
            # the kills of this test are no fault of the job's
            Job.objects.filter(pk=received.job.pk).exclude(status="done").update(attempt=0)
    assert kills >= 2
    free_of_ghosts(received.job.pk)
    with as_role("worker"):
        do(received.job)
        assert Batch.objects.get(pk=received.batch.pk).status == Batch.Status.READY
    assert digest(received.batch) == undisturbed


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.long
def test_two_workers_at_one_job_do_it_once(officer, tmp_path, settings):
    received = receive(many(2_000), officer)
    workers = [
        start_worker(received.job.pk, settings, announce=tmp_path / f"ready{n}") for n in range(2)
    ]
    assert [worker.wait(60) for worker in workers] == [0, 0]
    received.job.refresh_from_db()
    assert (received.job.status, received.job.attempt) == (Job.Status.DONE, 1)
    with as_role("worker"):
        assert Proposal.objects.count() + HeldRow.objects.count() == 2_000


WORKER = """
import os, sys, pathlib
os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
import django; django.setup()
from django.conf import settings
from django.db import connection
settings.MEDIA_ROOT = sys.argv[2]
from apps.jobs import work
connection.ensure_connection()
pathlib.Path(sys.argv[3]).touch()
work.run(int(sys.argv[1]), "proposals.check_batch")
"""


def start_worker(job_id, settings, announce):
    """A process of its own, as the worker's database role, ready to begin."""
    known = connection.settings_dict
    address = f"postgresql://portal_worker@{quote(known['HOST'], safe='')}/{known['NAME']}"
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(job_id), str(settings.MEDIA_ROOT), str(announce)],
        env={
            **os.environ,
            "PORTAL_DATABASE_ROLE": "worker",
            "DATABASE_WORKER_URL": address,
        },
    )
    until = time.monotonic() + 60
    while not announce.exists() and worker.poll() is None and time.monotonic() < until:
        time.sleep(0.01)
    return worker


def free_of_ghosts(job_id):
    """The killed worker's session ends within seconds; its lock on the job with it."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s", [job_id]
            )
            if cursor.fetchone()[0] == 0:
                return
        time.sleep(0.1)
    raise AssertionError("the killed worker still holds the job")


def wiped():
    """No trace of an earlier batch, against which this one would be compared."""
    with as_role("worker"):
        Finding.objects.all().delete()
        HeldRow.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM proposals_proposal")
            cursor.execute("UPDATE proposals_batch SET sha256 = ''")


@pytest.mark.django_db
def test_a_row_of_the_api_is_staged_as_a_row_of_a_file_is(officer):
    open_gate(officer)
    received = intake.receive_row(
        values={**row(9001), "address": "JL. A\tB\\C"},
        by=officer,
        region_code="97.01",
        origin=Batch.Origin.FORM,
        now=timezone.now(),
    )
    batch = check(received)
    with as_role("worker"):
        assert batch.proposals.get().address == "JL. A\tB\\C"
