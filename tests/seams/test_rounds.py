"""The sealer waits behind nobody's work, and what has legal effect is anchored at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings

from apps.audit import anchors, record
from apps.audit.models import Action, Entry, Seal
from apps.audit.subjects import Subject
from tests.limits import within
from tests.stack import Stack, frozen

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def until(found: Callable[[], object], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not found():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


@pytest.mark.long
def test_entries_are_sealed_while_both_workers_are_busy(stack: Stack) -> None:
    with frozen(stack.pid("worker-interactive")), frozen(stack.pid("worker-batches")):
        entry = record.entry(Action.READ, about=Subject("registry.Person:1"))
        assert until(lambda: Seal.objects.filter(entry_id=entry.pk).exists(), within(22))


@pytest.mark.timed
def test_a_grant_is_anchored_at_once(stack: Stack) -> None:
    """Nobody waits for the clock: it stands still."""
    for name in (anchors.FILE_NAME, anchors.HEAD_NAME):
        (Path(settings.ANCHOR_DIR) / name).unlink(missing_ok=True)
    with frozen(stack.pid("beat")):
        done = stack.manage("shell", "-c", GRANT)
        assert done.returncode == 0, done.stderr
        entry = Entry.objects.get(action=Action.GRANT, subject="accounts.Grant:1")
        assert until(lambda: anchored(entry), within(5))


def anchored(entry: Entry) -> bool:
    seal = Seal.objects.filter(entry_id=entry.pk).first()
    return seal is not None and any(
        line.position >= seal.position and not line.restored for line in anchors.read()
    )


GRANT = """
from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import Subject
record.entry(Action.GRANT, about=Subject("accounts.Grant:1"))
"""
