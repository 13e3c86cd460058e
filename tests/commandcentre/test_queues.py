"""What operators of the command centre wait for: nothing of it waits behind a plan or a file.

With the real workers, as bin/run starts them. Work takes long here because a lock that it needs is
held.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from celery import current_app
from django.db import connection, transaction
from django.utils import timezone

from apps.commandcentre.hazards.intake import enqueue_assessment
from apps.commandcentre.models import Facility, OfficeUpload, Plan
from apps.commandcentre.planning import plans
from apps.commandcentre.states import HazardKind
from apps.common import locks
from apps.common.locks import Lock
from apps.jobs.models import Job
from tests import workers
from tests.base import NOW
from tests.commandcentre.hazards.messages import BY, take
from tests.commandcentre.planning.needs import assessed
from tests.commandcentre.resources.places import facility, stocked
from tests.commandcentre.uploads.sent import FACILITIES, send
from tests.conftest import as_role
from tests.jobs.test_every_kind import a_batch
from tests.limits import within

pytestmark = [pytest.mark.slow, pytest.mark.long, pytest.mark.django_db(transaction=True)]
ASSESSED_S, PLANNED_S, CHECKED_S = 3, 10, 10


@pytest.fixture(scope="module")
def running(django_db_setup: None, django_db_blocker) -> Iterator[None]:
    """The workers of what is urgent, with the pools of bin/run; none for batches."""
    threads = ("--pool", "threads", "--concurrency", "8")
    with django_db_blocker.unblock():
        current_app.control.purge()
        with (
            workers.worker("hazards", pool=threads),
            workers.worker("relief", pool=("--pool", "prefork", "--concurrency", "2")),
            workers.worker("interactive"),
        ):
            yield


@contextmanager
def held(hold: Callable[[], object]) -> Iterator[None]:
    """Somebody else's transaction that keeps what `hold` takes."""
    is_held, may_end = threading.Event(), threading.Event()

    def keep() -> None:
        try:
            with as_role("owner"), transaction.atomic():
                hold()
                is_held.set()
                may_end.wait(60)
        finally:
            connection.close()

    thread = threading.Thread(target=keep)
    thread.start()
    try:
        assert is_held.wait(10)
        yield
    finally:
        may_end.set()
        thread.join(10)


def lock_facilities() -> None:
    """Facilities are read, and nobody writes one."""
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {Facility._meta.db_table} IN SHARE ROW EXCLUSIVE MODE")


def wait_until(job: Job, *status: str, seconds: float) -> float:
    """Seconds until the job had one of these states."""
    began = time.monotonic()
    with as_role("owner"):
        while job.status not in status:
            taken = time.monotonic() - began
            assert taken < within(seconds), f"{job.kind} is {job.status} after {taken:.1f} s"
            time.sleep(0.05)
            job.refresh_from_db()
    return time.monotonic() - began


def a_plan(person) -> tuple[Plan, Job]:
    assessment, by = assessed({"A": 40}), person("operator")
    with as_role("owner"):
        return plans.make_plan(assessment=assessment, days=3, by=by, now=NOW)


def an_import(signed_in) -> Job:
    upload: OfficeUpload = send(signed_in("operator"), "facilities", FACILITIES)
    with as_role("owner"):
        return Job.objects.get(subject=upload.subject)


def an_assessment() -> Job:
    with as_role("owner"):
        hazard = take(at=timezone.now(), kind=HazardKind.EARTHQUAKE).hazard
        return enqueue_assessment(hazard, by=BY)


def test_a_long_plan_delays_neither_an_assessment_nor_a_check_nor_another_file(
    running, person, signed_in, tmp_path
):
    with held(lambda: locks.hold(Lock.PLACES)):
        _plan, solving = a_plan(person)
        wait_until(solving, "running", seconds=10)
        wait_until(an_assessment(), "done", seconds=ASSESSED_S)
        wait_until(a_batch(tmp_path), "done", seconds=CHECKED_S)
        wait_until(an_import(signed_in), "done", seconds=PLANNED_S)
        solving.refresh_from_db()
        assert solving.status == "running"
    wait_until(solving, "done", seconds=PLANNED_S)


def test_a_long_import_delays_neither_an_assessment_nor_a_check_nor_a_plan(
    running, person, signed_in, tmp_path
):
    with as_role("owner"):
        stocked(facility(), 50)
    with held(lock_facilities):
        importing = an_import(signed_in)
        wait_until(importing, "running", seconds=10)
        wait_until(an_assessment(), "done", seconds=ASSESSED_S)
        wait_until(a_batch(tmp_path), "done", seconds=CHECKED_S)
        plan, solving = a_plan(person)
        wait_until(solving, "done", seconds=PLANNED_S)
        importing.refresh_from_db()
        assert importing.status == "running"
        assert plan.shipments.exists()
    wait_until(importing, "done", seconds=30)
