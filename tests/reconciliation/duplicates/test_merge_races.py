"""Two who write the register at once: one comes first, the other one is told or finds it done."""

import threading
import time
from contextlib import ExitStack, contextmanager

import pytest
from django.db import connection, transaction

from apps.common.locks import Lock
from apps.jobs.models import Job
from apps.registry.models import Change, Enrolment, Person
from tests.conftest import as_role
from tests.jobs.doing import do
from tests.reconciliation.duplicates.test_deduplication import ask
from tests.reconciliation.sample_duplicates import a_merge, joined
from tests.registry.people import a_person
from tests.registry.rows import row, write

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
WITHIN_S = 20


@pytest.fixture
def pair():
    with as_role("owner"):
        keep, drop = a_person(programme="PKH"), a_person(programme="SEMBAKO")
        joined(keep, drop)
    return keep, drop


@contextmanager
def beside(*works):
    """Each of these on a connection of its own, until all have ended."""
    faults = []

    def run(work):
        try:
            work()
        except Exception as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    yield
    for thread in threads:
        thread.join(WITHIN_S)
        assert not thread.is_alive()
    assert faults == []


def worked(job):
    def here():
        with as_role("worker"):
            do(job)

    return here


def until_somebody_waits():
    """Until another connection stands before the register's lock."""
    deadline = time.monotonic() + WITHIN_S
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE classid = %s AND NOT granted",
                [Lock.REGISTER.value],
            )
            if cursor.fetchone()[0]:
                return
        time.sleep(0.02)
    raise AssertionError("nobody waits")


def test_of_two_merges_of_one_pair_at_once_one_is_done_and_the_other_told(pair, person):
    with as_role("owner"):
        jobs = [ask(person("steward", name=name)) for name in ("penata", "rekan")]
    with beside(*map(worked, jobs)):
        pass
    with as_role("owner"):
        ended = Job.objects.order_by("status").values_list("status", "message_code")
        assert list(ended) == [("done", ""), ("failed", "shown_changed")]
        assert Change.objects.filter(kind="resolution").count() == 1
        assert Person.objects.filter(status="merged").count() == 1
        assert Enrolment.objects.filter(active_until=None).count() == 2


def test_a_merge_waits_for_a_decree_and_is_then_told_of_it(pair, person):
    _keep, drop = pair
    with as_role("owner"):
        job = ask(person("steward"))
    with ExitStack() as meanwhile, transaction.atomic():
        write("decree", row(1, nik=drop.nik, kk=drop.family.kk, programmes=["BST"]))
        meanwhile.enter_context(beside(worked(job)))
        until_somebody_waits()
    with as_role("owner"):
        job.refresh_from_db()
        assert (job.status, job.message_code) == ("failed", "shown_changed")
        assert set(drop.enrolments.values_list("programme", flat=True)) == {"SEMBAKO", "BST"}


def test_a_decree_waits_for_a_merge_and_never_writes_a_merged_person(pair):
    keep, drop = pair

    def decree():
        write("decree", row(1, nik=drop.nik, kk=drop.family.kk, name="LAIN", programmes=["BST"]))

    with ExitStack() as meanwhile, as_role("worker"), transaction.atomic():
        a_merge(keep, drop)
        meanwhile.enter_context(beside(decree))
        until_somebody_waits()
    with as_role("owner"):
        known = Person.objects.filter(nik=drop.nik).order_by("pk")
        assert list(known.values_list("status", "name")) == [
            ("merged", drop.name),
            ("active", "LAIN"),
        ]
        assert Enrolment.objects.get(programme="BST").person_id == known[1].pk
