"""The database goes away under a job, or its disk is full: no attempt is lost, and the next round
rings for it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import Error, OperationalError, connection, transaction
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


def superuser(*statements: str) -> None:
    known = connection.settings_dict
    with psycopg.connect(
        host=known["HOST"], user="postgres", dbname=known["NAME"], autocommit=True
    ) as link:
        for statement in statements:
            link.execute(statement)  # type: ignore[arg-type]


@pytest.fixture
def small_table(tmp_path_factory) -> Iterator[str]:
    """A table on a disk of one megabyte."""
    if os.geteuid() != 0:
        pytest.skip("only root mounts a small disk")
    # not below pytest's own folder, which the database's user cannot enter
    disk = Path(f"/tmp/small-disk-{os.getpid()}")  # noqa: S108 (removed below)
    disk.mkdir(mode=0o755)
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "small", str(disk)]
    try:
        if subprocess.run(mount, check=False).returncode:
            pytest.skip("no disk can be mounted here")
        shutil.chown(disk, "postgres")
        try:
            superuser(
                f"CREATE TABLESPACE small_disk LOCATION '{disk}'",
                "CREATE TABLE small_table (text text) TABLESPACE small_disk",
                "ALTER TABLE small_table ALTER COLUMN text SET STORAGE EXTERNAL",
                "GRANT ALL ON small_table TO PUBLIC",
            )
            yield "small_table"
        finally:
            superuser("DROP TABLE IF EXISTS small_table", "DROP TABLESPACE small_disk")
            subprocess.run(["umount", str(disk)], check=True)
    finally:
        disk.rmdir()


@pytest.mark.parametrize("by_copy", [False, True])
@pytest.mark.long
def test_a_full_disk_of_the_database_is_no_attempt_and_the_work_waits_for_room(
    job, small_table, by_copy
):
    too_much = "x" * 3_000_000
    for _turn in range(MAX_ATTEMPTS + MAX_OUTAGES + 1):
        with (
            pytest.raises((Error, psycopg.Error), match="No space left"),
            work.claimed(job.pk, job.kind),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            if by_copy:
                with cursor.copy(f"COPY {small_table} FROM STDIN") as copy:
                    copy.write(too_much)
            else:
                cursor.execute(f"INSERT INTO {small_table} VALUES (%s)", [too_much])
        job.refresh_from_db()
        assert (job.status, job.attempt, job.outages) == (Job.Status.WAITING, 0, 0)
    with work.claimed(job.pk, job.kind) as lease:
        assert lease is not None
        lease.finish()
    job.refresh_from_db()
    assert job.status == Job.Status.DONE


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
