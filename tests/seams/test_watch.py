"""What watches over the served portal: signs of life, brakes on reading, a folder of others."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db.models import F

from apps.accounts.models import ReadCount, User
from apps.audit import ownership
from apps.audit.models import Action, Entry
from apps.jobs.models import Heartbeat
from apps.registry.reading import RevealReason
from portal.operations import readiness
from tests.accounts import codes
from tests.conftest import as_role
from tests.personas import agency_client
from tests.registry.people import a_person
from tests.stack import Stack, Visitor, started

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
Person = Callable[..., User]
# A heartbeat is sent every 20 s; a process starts in some seconds.
BACK_WITHIN_S = 90
TIDY = """
from portal.celery import app
app.send_task("portal.tasks.tidy", queue="batches")
"""


def until(what: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            return False
        time.sleep(0.3)
    return True


def alarms(stack: Stack) -> set[str]:
    time.sleep(readiness.KEPT_S + 0.1)  # not the answer of a moment ago
    answer = stack.visitor().get("/readyz")
    assert answer.status_code == 200, answer.text
    return set(answer.json()["alarms"])


@pytest.mark.long
def test_a_dead_worker_and_a_dead_clock_are_named_and_their_return_is_seen(stack: Stack) -> None:
    dead = {"worker-batches": "queue:batches", "beat": "beat"}
    assert until(lambda: not alarms(stack) & set(dead.values()), BACK_WITHIN_S)
    for process in dead:
        stack.end(process, within_s=0)
    with as_role("worker"):
        gone = Heartbeat.objects.filter(name__in=dead.values())
        assert gone.update(at=F("at") - timedelta(minutes=3)) == 2
    try:
        assert set(dead.values()) <= alarms(stack)
        assert "queue:interactive" not in alarms(stack)
    finally:
        for process in dead:
            stack.launch(process)
    assert until(lambda: not alarms(stack) & set(dead.values()), BACK_WITHIN_S)


@pytest.mark.long
def test_wrong_revocations_are_stopped_and_are_one_entry(stack: Stack) -> None:
    with as_role("owner"):
        client, _secret = agency_client()
    wrong = {"token": "x", "client_id": client.client_id, "client_secret": "salah"}
    visitor = stack.visitor()
    try:
        statuses = [visitor.post("/api/oauth/revoke/", data=wrong).status_code for _ in range(32)]
    finally:
        stack.redis.flush()  # others sign in from this address
    assert set(statuses) == {401, 429}
    assert statuses[-1] == 429
    with as_role("owner"):
        failed = Entry.objects.filter(action=Action.SIGN_IN_FAILED)
        assert [entry.subject for entry in failed] == [f"accounts.Client:{client.pk}"]


@pytest.fixture
def foreign_folder() -> Iterator[Path]:
    """MEDIA_ROOT says that another database wrote it; in it is an old file that no row names."""
    left = Path(settings.MEDIA_ROOT) / "batches" / ("0" * 32)
    left.parent.mkdir(parents=True, exist_ok=True)
    left.write_bytes(b"nik")
    long_ago = time.time() - 3 * 86_400
    os.utime(left, (long_ago, long_ago))
    mark = ownership.path()
    before = mark.read_bytes() if mark.exists() else None
    other = ownership.OwnerMark("f" * 32, "elsewhere", 0, "", "2026-01-01T00:00:00+00:00")
    mark.write_text(json.dumps(other.__dict__))
    yield left
    left.unlink(missing_ok=True)
    mark.unlink()
    if before is not None:
        mark.write_bytes(before)


@pytest.mark.long
def test_the_worker_moves_no_file_out_of_a_folder_of_another_database(
    stack: Stack, foreign_folder: Path
) -> None:
    done = stack.manage("shell", "-c", TIDY)
    assert done.returncode == 0, done.stderr
    assert until(lambda: "tidy_stopped" in stack.log("worker-batches"), 30)
    assert '"reason": "other_database"' in stack.log("worker-batches")
    assert foreign_folder.exists()


@pytest.fixture
def strict() -> Iterator[Stack]:
    """A portal that asks for second factors and stops after two look-ups."""
    with started(SECOND_FACTOR_REQUIRED="true", READ_STOP="lookup=2") as running:
        yield running


@pytest.mark.long
def test_the_served_portal_asks_after_ten_reveals_and_stops_who_looks_up_too_much(
    strict: Stack, person: Person
) -> None:
    with as_role("owner"):
        known = a_person("97.01.01.2001")
    officer = person("verifier")
    codes.give_app(officer)
    visitor = _long_after_the_code(strict, officer)
    page = f"/register/{known.pk}/reveal/"
    reveal = {"reason": RevealReason.VERIFICATION.value}
    shown = [visitor.post(page, data=reveal).text for _ in range(11)]
    assert [str(known.nik) in text for text in shown] == [True] * 10 + [False]
    assert 'name="second_factor_code"' in shown[-1]
    number = {"nik": known.nik}
    statuses = [visitor.post("/register/", data=number).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    with as_role("owner"):
        assert ReadCount.objects.get(user=officer, kind="reveal").count == 10
        assert ReadCount.objects.get(user=officer, kind="lookup").stopped_at is not None


def _long_after_the_code(stack: Stack, user: User) -> Visitor:
    """Signed in by password and code, longer ago than the portal remembers the code."""
    inside = codes.sign_in(user)
    session = inside.session
    session["second_factor_at"] -= 301
    session.save()
    visitor = stack.visitor()
    cookie = inside.cookies[settings.SESSION_COOKIE_NAME]
    visitor.cookies.set(cookie.key, cookie.value)
    return visitor
