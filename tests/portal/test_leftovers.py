"""What nobody needs any more goes; what belongs to a row, to work or to today stays."""

import json
import os
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.utils import timezone
from oauth2_provider.models import AccessToken

from apps.audit import ownership
from apps.jobs.models import Job
from apps.proposals.models import Batch, Proposal
from portal.operations import leftovers
from portal.tasks import tidy
from tests.conftest import as_role
from tests.jobs.doing import a_job
from tests.personas import agency_client
from tests.proposals import factory

pytestmark = pytest.mark.django_db

DAY = timedelta(hours=25)


@pytest.fixture(autouse=True)
def media(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture(autouse=True)
def worker(media):
    """The worker of the database whose folder it is."""
    with as_role("worker"):
        ownership.claim(now=timezone.now())
        yield


def put(name: str, *, age: timedelta = DAY) -> Path:
    path = Path(settings.MEDIA_ROOT) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    written = (timezone.now() - age).timestamp()
    for each in (path, path.parent):
        os.utime(each, (written, written))
    return path


def staged() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'staging'::regnamespace"
            " AND relkind = 'r'"
        )
        return {name for (name,) in cursor.fetchall()}


def stage(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE staging.{name} (n int)")


@pytest.mark.parametrize(
    "name",
    ["batches/cut-off", "boundaries/a.zip", "decrees/a.pdf", "parked/0f", "returned/a.csv",
     "scratch/unpacked-1/a.shp"],
)  # fmt: skip
def test_a_file_that_no_row_names_goes_after_a_day_and_not_before(name):
    path = put(name)
    now = timezone.now()
    assert leftovers.files(now=now - timedelta(hours=2)) == 0
    assert path.exists()
    assert leftovers.files(now=now) == 1
    assert not path.exists()
    assert leftovers.files(now=now) == 0
    waits = Path(settings.MEDIA_ROOT) / "quarantine" / now.date().isoformat() / name
    assert waits.read_bytes() == b"x"


def test_the_file_of_a_row_stays_however_old(person):
    batch = factory.batch(person("regency_officer"))
    batch.file.save("usulan.csv", ContentFile(b"x"))
    put(batch.file.name, age=timedelta(days=900))
    assert leftovers.files(now=timezone.now()) == 0
    assert Path(batch.file.path).exists()


def test_folders_with_a_cleanup_of_their_own_are_not_touched():
    kept = [put("uploads/part"), put("anchors/head")]
    assert leftovers.files(now=timezone.now()) == 0
    assert all(path.exists() for path in kept)


def test_what_a_link_points_to_is_not_removed(tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "kept"
    outside.write_bytes(b"x")
    link = put("scratch/other").parent / "link"
    link.symlink_to(outside.parent)
    leftovers.files(now=timezone.now() + DAY)
    assert not link.is_symlink()
    assert outside.exists()


def test_a_staging_table_goes_on_the_second_day():
    stage("batch_77_tidy")
    now = timezone.now()
    assert leftovers.tables(now=now) == 0
    assert leftovers.tables(now=now + timedelta(hours=23)) == 0
    assert "batch_77_tidy" in staged()
    assert leftovers.tables(now=now + DAY) == 1
    assert "batch_77_tidy" not in staged()
    assert leftovers.tables(now=now + DAY) == 0


@pytest.mark.django_db(transaction=True)
def test_a_staging_table_that_its_work_drops_meanwhile_ends_no_round():
    stage("batch_78_tidy")
    removed, faults = [], []

    def round_of_the_tidy():
        try:
            with as_role("worker"):
                removed.append(leftovers.tables(now=timezone.now()))
        except Exception as fault:
            faults.append(fault)
        finally:
            connection.close()

    other = threading.Thread(target=round_of_the_tidy)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DROP TABLE staging.batch_78_tidy")
        other.start()
        waits = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"
        until = time.monotonic() + 10
        while not cursor.execute(waits).fetchone()[0]:
            assert time.monotonic() < until
    other.join(10)
    assert (removed, faults) == ([0], [])


@pytest.mark.parametrize(("status", "is_kept"), [("running", True), ("failed", False)])
def test_a_staging_table_stays_while_work_that_may_own_it_is_unfinished(status, is_kept):
    job = a_job()
    Job.objects.filter(pk=job.pk).update(status="running")
    Job.objects.filter(pk=job.pk).update(status=status)
    stage("edition_77_rows")
    now = timezone.now()
    leftovers.tables(now=now)
    leftovers.tables(now=now + DAY)
    assert ("edition_77_rows" in staged()) is is_kept


def test_the_partition_of_a_failed_batch_is_emptied_and_can_be_filled_again(person):
    batch = factory.batch(person("regency_officer"), status="failed", partition=77)
    row = factory.proposal(batch)
    written = (one.column for one in Proposal._meta.concrete_fields if not one.generated)
    columns = ", ".join(written)
    with connection.cursor() as cursor:
        cursor.execute("SELECT proposals_create_partition(77)")
        cursor.execute(
            f"INSERT INTO staging.partition_77 ({columns}) SELECT {columns} FROM ("  # noqa: S608
            " SELECT (jsonb_populate_record(p, %s::jsonb)).* FROM proposals_proposal AS p"
            " WHERE id = %s) AS made",
            [json.dumps({"id": 77 * 10**10 + 1}), row.pk],
        )
        young = Batch.objects.filter(pk=batch.pk)
        young.update(received_at=timezone.now())
        assert leftovers.empty_partitions(now=timezone.now()) == 0
        young.update(received_at=timezone.now() - DAY)
        assert leftovers.empty_partitions(now=timezone.now()) == 1
        cursor.execute("SELECT count(*) FROM staging.partition_77")
        assert cursor.fetchone()[0] == 0
    assert leftovers.empty_partitions(now=timezone.now()) == 0


def test_expired_sessions_and_tokens_go_at_the_next_round_and_the_others_stay():
    now = timezone.now()
    with as_role("owner"):
        client = agency_client()[0]
    for name, expires in (("old", now - timedelta(minutes=1)), ("new", now + DAY)):
        Session.objects.create(session_key=name, session_data="", expire_date=expires)
        AccessToken.objects.create(application=client, token=name, expires=expires, scope="")
    tidy()
    assert list(Session.objects.values_list("session_key", flat=True)) == ["new"]
    assert list(AccessToken.objects.values_list("token", flat=True)) == ["new"]
    tidy()
