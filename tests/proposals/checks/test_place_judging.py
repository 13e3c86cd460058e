"""Two files of one family, stored at the same moment: its house is on no map."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager

import pytest
from django.db import connection, transaction

from apps.proposals.models import PlaceToJudge, Proposal
from portal import tasks
from tests.conftest import as_role
from tests.proposals import factory
from tests.registry.people import a_change, a_person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
WITHIN_S = 20
KK, NIK = "9701010101209555", "9701010101909777"


@pytest.fixture
def batch(person):
    return factory.batch(person("regency_officer"))


@contextmanager
def uncommitted(work):
    """What another connection has written and ends when the block does."""
    written, may_end, faults = threading.Event(), threading.Event(), []

    def run():
        try:
            with transaction.atomic():
                work()
                written.set()
                assert may_end.wait(WITHIN_S)
        except Exception as fault:
            faults.append(fault)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    assert written.wait(WITHIN_S)
    try:
        yield
    finally:
        may_end.set()
        thread.join(WITHIN_S)
        assert not thread.is_alive()
        assert faults == []


def judged() -> None:
    with as_role("worker"):
        tasks.judge_places()


def protected() -> dict[int, bool]:
    with as_role("owner"):
        return dict(
            Proposal.objects.order_by("row_number").values_list("row_number", "is_protected")
        )


def noted() -> int:
    with as_role("owner"):
        return PlaceToJudge.objects.count()


def until_nothing_is_noted() -> None:
    """Rounds until all transactions of the server that ran meanwhile have ended, also those of
    other tests beside this one."""
    deadline = time.monotonic() + 3 * WITHIN_S
    while noted():
        assert time.monotonic() < deadline
        time.sleep(0.1)
        judged()


def until_somebody_waits() -> None:
    """Until another connection stands before a row that this one has changed."""
    deadline = time.monotonic() + WITHIN_S
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.02)
    pytest.fail("nobody waited")


def test_a_row_stored_beside_the_one_that_protects_its_family(batch):
    with uncommitted(lambda: factory.proposal(batch, kk=KK, first=1, ppks=[18])):
        factory.proposal(batch, kk=KK, first=2)
    assert protected() == {1: True, 2: False}
    judged()
    assert protected() == {1: True, 2: True}


def test_the_round_waits_for_those_that_store_still(batch):
    with uncommitted(lambda: factory.proposal(batch, kk=KK, first=1)):
        factory.proposal(batch, kk=KK, first=2, ppks=[18])
        judged()
        judged()
        assert noted() == 1
    assert protected() == {1: False, 2: True}
    judged()
    assert protected() == {1: True, 2: True}
    until_nothing_is_noted()


def test_a_row_stored_beside_the_registered_person_who_protects_it(batch):
    with as_role("owner"):
        known = a_person(nik=NIK)

    def registered():
        with as_role("owner"):
            type(known).objects.filter(pk=known.pk).update(ppks=[17], change=a_change("m"))

    with uncommitted(registered):
        factory.proposal(batch, nik=NIK, first=1)
    assert protected() == {1: False}
    judged()
    assert protected() == {1: True}


def test_two_files_that_protect_one_row_at_the_same_moment(batch):
    """What the second has found holds, though the first changed the row before it."""
    factory.proposal(batch, kk=KK, first=1)
    assert protected() == {1: False}

    def other():
        try:
            factory.proposal(batch, kk=KK, first=3, ppks=[17])
        finally:
            connection.close()

    later = threading.Thread(target=other)
    with transaction.atomic():
        factory.proposal(batch, kk=KK, first=2, ppks=[18])
        later.start()
        until_somebody_waits()
    later.join(WITHIN_S)
    assert protected() == {1: True, 2: True, 3: True}


def test_what_was_noted_before_the_database_was_restored_is_judged_and_removed(batch):
    """The transactions of another cluster have other numbers."""
    factory.proposal(batch, kk=KK, first=1, ppks=[18])
    with as_role("owner"):
        PlaceToJudge.objects.update(horizon=2**62)
    until_nothing_is_noted()
