"""Foreign files are looked at few at a time, one for each person, outside of transactions."""

from __future__ import annotations

import json
import threading
import time

import pytest
from django.db import connection

from apps.accounts.access import scoped
from apps.common import deadline
from apps.common.files import inspection
from apps.common.files.inspection import Busy, Slots
from tests.limits import within

pytestmark = pytest.mark.django_db


def taken(places, *people):
    """Places of these people, held by threads of their own until the event is set."""
    done, ready = threading.Event(), threading.Barrier(len(people) + 1)

    def hold(who):
        with places(who):
            ready.wait(5)
            done.wait(5)

    for who in people:
        threading.Thread(target=hold, args=[who]).start()
    ready.wait(5)
    return done


def test_one_user_has_one_slot_for_looking_at_a_file():
    places = Slots(at_once=4, wait_s=0.05)
    done = taken(places, "user:1")
    with pytest.raises(Busy) as busy, places("user:1"):
        pass
    assert busy.value.status == 429
    with places("user:2"):
        pass
    done.set()


def test_only_a_limited_number_of_files_is_inspected_at_once():
    places = Slots(at_once=2, wait_s=0.05)
    done = taken(places, "user:1", "user:2")
    with pytest.raises(Busy) as busy, places("user:3"):
        pass
    assert busy.value.status == 503
    done.set()


@pytest.mark.timed
def test_an_inspection_shortens_the_deadline_of_its_request():
    with deadline.within(60):
        with Slots(at_once=1, wait_s=1)("user:1"):
            assert deadline.left_s() > deadline.AFTER_LOOK_S
        assert 0 < deadline.left_s() <= deadline.AFTER_LOOK_S


def test_a_slot_that_becomes_free_soon_is_waited_for():
    places = Slots(at_once=1, wait_s=60)
    done = taken(places, "user:1")
    threading.Timer(0.2, done.set).start()
    started = time.monotonic()
    with places("user:2"):
        assert time.monotonic() - started < within(2)


def test_a_slot_is_free_again_after_a_failure():
    places = Slots(at_once=1, wait_s=0.05)
    for _ in range(3):
        with pytest.raises(ValueError, match="broken"), places("user:1"):
            raise ValueError("broken")


def test_inspecting_inside_the_transaction_of_a_request_is_refused():
    with scoped(None), pytest.raises(RuntimeError), inspection.slot("user:1"):
        pass


@pytest.mark.django_db(transaction=True)
def test_the_database_is_not_held_meanwhile():
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    with inspection.slot("user:1"):
        assert connection.connection is None


def test_a_download_keeps_the_transaction_of_its_request():
    with scoped(None), inspection.download_slot("user:1"):
        assert connection.in_atomic_block


@pytest.mark.parametrize(
    ("status", "words"), [(429, "berkas lain milik Anda"), (503, "berkas orang lain")]
)
def test_a_download_without_a_slot_is_told_that_nothing_was_fetched(rf, status, words):
    page = inspection.answer(rf.get("/proposals/"), Busy(status, is_download=True))
    assert (page.status_code, page["Retry-After"]) == (status, "5")
    text = page.content.decode().lower()
    assert words.lower() in text
    assert "tidak ada yang diunduh" in text


@pytest.mark.parametrize(("status", "words"), [(429, "Berkas Anda"), (503, "berkas orang lain")])
def test_a_request_without_a_slot_is_told_when_to_try_again(rf, status, words):
    page = inspection.answer(rf.get("/proposals/"), Busy(status))
    script = inspection.answer(
        rf.get("/proposals/", headers={"Accept": "application/json"}), Busy(status)
    )
    assert (page.status_code, script.status_code) == (status, status)
    assert page["Retry-After"] == script["Retry-After"] == "5"
    assert words in page.content.decode()
    assert set(json.loads(script.content)) == {"busy", "seconds"}
