"""Taking the duty, handing it over, and notes in between: a log that is only added to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction

from apps.accounts.models import User
from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import Subject
from apps.commandcentre.models import Hazard, ShiftEntry
from apps.commandcentre.models.shift import ShiftEntryKind
from apps.commandcentre.states import TOPIC
from apps.common import locks
from apps.common.errors import DomainError
from apps.common.locks import Lock
from apps.jobs import outbox

MOST: Final = 200


@dataclass(frozen=True)
class OnDuty:
    """Who has the duty since when; `person` is None after a hand-over that nobody took yet."""

    person: User | None
    since: datetime | None
    left_words: str


def on_duty() -> OnDuty:
    """The present duty, and the words of the last hand-over. Queries: two."""
    turns = ShiftEntry.objects.exclude(kind=ShiftEntryKind.NOTE).select_related("by")
    last = turns.order_by("-pk").first()
    handed = turns.filter(kind=ShiftEntryKind.HAND_OVER).order_by("-pk").first()
    words = handed.text if handed is not None else ""
    if last is None or last.kind == ShiftEntryKind.HAND_OVER:
        return OnDuty(None, last.at if last is not None else None, words)
    return OnDuty(last.by, last.at, words)


@transaction.atomic
def take_duty(*, by: User, now: datetime) -> ShiftEntry:
    """Take the duty over, from somebody who has it or after a hand-over.

    Raises: `duty_taken` where one has it already.
    """
    locks.hold(Lock.SHIFT)
    if on_duty().person == by:
        raise DomainError("duty_taken")
    return _add(ShiftEntryKind.TAKE, by, now)


@transaction.atomic
def hand_over(*, text: str, by: User, now: datetime) -> ShiftEntry:
    """Give the duty back, with words for the next shift. Raises: `duty_not_yours`, `duty_words`."""
    locks.hold(Lock.SHIFT)
    if on_duty().person != by:
        raise DomainError("duty_not_yours")
    if not text.strip():
        raise DomainError("duty_words")
    return _add(ShiftEntryKind.HAND_OVER, by, now, text=text)


@transaction.atomic
def write_note(*, text: str, hazard: Hazard | None, by: User, now: datetime) -> ShiftEntry:
    """A note for the log. Raises: `duty_words`."""
    if not text.strip():
        raise DomainError("duty_words")
    return _add(ShiftEntryKind.NOTE, by, now, text=text, hazard=hazard)


def entries() -> list[ShiftEntry]:
    """The last lines of the log, newest first. Queries: one."""
    return list(ShiftEntry.objects.select_related("by", "hazard").order_by("-pk")[:MOST])


def _add(
    kind: ShiftEntryKind, by: User, now: datetime, *, text: str = "", hazard: Hazard | None = None
) -> ShiftEntry:
    entry = ShiftEntry.objects.create(
        kind=kind, text=text.strip()[:1000], hazard=hazard, by=by, at=now
    )
    record.entry(
        Action.CHANGE,
        about=Subject(f"commandcentre.ShiftEntry:{entry.pk}"),
        by=by,
        shift=kind.value,
    )
    outbox.publish(TOPIC, "shift")
    return entry
