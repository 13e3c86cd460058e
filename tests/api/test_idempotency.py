"""An Idempotency-Key: one effect and one answer, however often and however many at once."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.utils import timezone

from apps.api import idempotency, views
from apps.api.models import IdempotencyKey
from apps.audit.models import Entry
from apps.proposals.models import Batch
from portal.operations import leftovers
from tests import workers
from tests.api.test_proposals import ROW, Caller
from tests.conftest import as_role

pytestmark = pytest.mark.django_db(transaction=True)
KEY = "8e03978e-40d5-43dd-bc93-6894a57f9324"


@pytest.fixture(scope="module")
def _worker(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), workers.worker("interactive") as process:
        yield process


@pytest.fixture
def caller(_worker: Any) -> Caller:
    return Caller("97.01")


def send(caller: Caller, key: str = KEY, **changes: str) -> Any:
    return Browser().post(
        "/api/v1/proposals/",
        json.dumps(ROW | changes),
        "application/json",
        headers={"Authorization": f"Bearer {caller.token}", "Idempotency-Key": key},
    )


def batches() -> int:
    with as_role("owner"):
        return Batch.objects.count()


@pytest.mark.long
def test_a_row_sent_again_is_one_batch_and_the_same_answer(caller: Caller) -> None:
    first, again = send(caller), send(caller)
    assert first.status_code == again.status_code == 201, first.content
    assert again.content == first.content
    assert batches() == 1


@pytest.mark.long
def test_a_held_row_is_answered_alike_too(caller: Caller) -> None:
    first, again = send(caller, nik="12345"), send(caller, nik="12345")
    assert first.status_code == again.status_code == 422
    assert again.content == first.content


@pytest.mark.long
def test_another_row_under_the_key_is_refused_and_stores_nothing(caller: Caller) -> None:
    send(caller)
    answer = send(caller, name="ORANG LAIN")
    assert (answer.status_code, answer["Content-Type"]) == (409, "application/problem+json")
    assert answer.json()["errors"][0]["code"] == "idempotency_key_reused"
    assert batches() == 1


def test_the_order_of_the_columns_does_not_matter(caller: Caller) -> None:
    first = send(caller)
    again = Browser().post(
        "/api/v1/proposals/",
        json.dumps(dict(reversed(ROW.items())), indent=2),
        "application/json",
        headers={"Authorization": f"Bearer {caller.token}", "Idempotency-Key": KEY},
    )
    assert again.content == first.content


def test_without_a_key_a_row_sent_again_is_another_batch(caller: Caller) -> None:
    caller.send()
    caller.send()
    assert batches() == 2


def test_a_key_belongs_to_its_client(caller: Caller) -> None:
    send(caller)
    other = Caller("97")
    assert send(other).status_code != 409
    assert batches() == 2


@pytest.mark.parametrize("key", ["", "x" * 256, "é", "a\tb"])
@pytest.mark.long
def test_what_is_no_key_is_refused(caller: Caller, key: str) -> None:
    assert send(caller, key).status_code == 400
    assert batches() == 0


def test_what_was_refused_before_it_was_stored_leaves_no_key(caller: Caller) -> None:
    assert send(caller, nik="").status_code == 400
    assert send(caller).status_code == 201


def test_a_request_that_was_cut_while_it_waited_is_answered_when_it_comes_again(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process ended after it had stored the row: the key leads to the batch."""

    def killed(*_job: Any, **_seconds: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as cut:
        cut.setattr(views.waiting, "wait_for", killed)
        with pytest.raises(SystemExit):
            send(caller)
    assert send(caller).status_code == 201
    assert batches() == 1


@pytest.mark.slow
def test_ten_at_once_are_one_batch_and_ten_equal_answers(caller: Caller) -> None:
    def one(_turn: int) -> tuple[int, bytes]:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET ROLE portal_web")
            answer = send(caller)
            return answer.status_code, answer.content
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as threads:
        answers = set(threads.map(one, range(10)))
    assert len(answers) == 1, answers
    assert answers.pop()[0] == 201
    assert batches() == 1


def test_a_repeat_is_on_record(caller: Caller) -> None:
    reference = send(caller).json()["id"]
    send(caller)
    entries = Entry.objects.filter(subject=f"proposals.Batch:{reference}", action="read")
    assert [entry.actor for entry in entries] == [f"client:{caller.client.pk}"] * 2


def test_a_key_is_kept_for_a_day_and_then_swept(caller: Caller) -> None:
    send(caller)
    now = timezone.now()
    with as_role("worker"):
        leftovers.sweep(now=now + idempotency.KEPT - timedelta(minutes=1))
        assert IdempotencyKey.objects.count() == 1
        leftovers.sweep(now=now + idempotency.KEPT + timedelta(minutes=1))
        assert not IdempotencyKey.objects.exists()


def test_the_database_shows_a_key_to_nobody_else(caller: Caller) -> None:
    send(caller)
    assert not IdempotencyKey.objects.exists()  # the web role, for whom no gate is open
