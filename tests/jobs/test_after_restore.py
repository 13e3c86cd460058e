"""A restored database meets messages and workers of the time that was lost: they do no harm."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from django.utils import timezone

from apps.jobs import work
from apps.jobs.models import Job
from portal.backup import restoring
from tests.conftest import as_role
from tests.jobs.doing import a_job

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sequences() -> Iterator[None]:
    """As they were: a sequence does not go back with its transaction."""
    with as_role("owner"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT format('%%I.%%I', schemaname, sequencename), coalesce(last_value, 1),"
            " last_value IS NOT NULL FROM pg_sequences WHERE schemaname = 'public'",
            [],
        )
        before = cursor.fetchall()
    yield
    with as_role("owner"), connection.cursor() as cursor:
        for name, value, is_called in before:
            cursor.execute("SELECT setval(%s::regclass, %s, %s)", [name, value, is_called])


def safe_to_open() -> None:
    """What a restore does before the portal opens."""
    statements = restoring.SAFE_TO_OPEN.replace(":gap", str(restoring.GAP)).replace("%", "%%")
    with as_role("owner"), connection.cursor() as cursor:
        cursor.execute(statements, [])


def stored() -> Job:
    with as_role("owner"):
        return a_job()


def test_a_message_of_a_number_that_was_lost_finds_nothing() -> None:
    lost = stored()
    with as_role("owner"):
        Job.objects.all().delete()
    with as_role("worker"), work.claimed(lost.pk, lost.kind) as lease:
        assert lease is None
    safe_to_open()
    assert stored().pk > lost.pk + 50_000, "nor will it ever"


def test_a_lease_of_the_lost_time_writes_nothing() -> None:
    job = stored()
    with as_role("worker"), work.claimed(job.pk, job.kind) as lease:
        assert lease is not None
        safe_to_open()
        lease.finish(rows=7)
    job.refresh_from_db()
    assert (job.status, job.result) == ("waiting", {})
    assert job.heartbeat_at <= timezone.now()
    with as_role("worker"), work.claimed(job.pk, job.kind) as lease:
        assert lease is not None
        lease.finish(rows=8)
    job.refresh_from_db()
    assert (job.status, job.result) == ("done", {"rows": 8})
