"""Taking the duty, extending it, handing it over, and notes in between."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction

from apps.accounts.models import User
from apps.commandcentre import shift_log
from apps.commandcentre.models import Hazard, ShiftEntry
from apps.commandcentre.models.shift import ShiftEntryKind
from apps.commandcentre.shifts import assignment
from apps.common import locks
from apps.common.errors import DomainError
from apps.common.locks import Lock

EXTENDED_BY: Final = timedelta(hours=2)
# Nobody has the duty for longer without a hand-over.
LONGEST: Final = timedelta(hours=12)
TURNS: Final = (ShiftEntryKind.TAKE, ShiftEntryKind.HAND_OVER)


@dataclass(frozen=True)
class OnDuty:
    """Who has the duty since when, and when the shift ends; `person` is None after a hand-over that
    nobody took yet. `left_words` are those of the last hand-over.
    """

    person: User | None
    since: datetime | None
    left_words: str
    ends_at: datetime | None = None


def on_duty() -> OnDuty:
    """The present duty, and the words of the last hand-over. Queries: one."""
    kinds = [*TURNS, ShiftEntryKind.EXTEND]
    rows = ShiftEntry.objects.filter(kind__in=kinds).select_related("by")
    lasts = {row.kind: row for row in rows.order_by("kind", "-pk").distinct("kind")}
    handed = lasts.get(ShiftEntryKind.HAND_OVER)
    words = handed.text if handed is not None else ""
    turns = [row for kind, row in lasts.items() if kind != ShiftEntryKind.EXTEND]
    last = max(turns, key=lambda row: row.pk, default=None)
    if last is None or last.kind == ShiftEntryKind.HAND_OVER:
        return OnDuty(None, last.at if last is not None else None, words)
    longer = lasts.get(ShiftEntryKind.EXTEND)
    ends_at = longer.ends_at if longer is not None and longer.pk > last.pk else last.ends_at
    return OnDuty(last.by, last.at, words, ends_at)


def person_on_duty(now: datetime) -> User | None:
    """Who has the duty and whose shift is not over: an alarm reaches nobody whose session ended
    with the shift. Queries: one.
    """
    present = on_duty()
    is_over = present.ends_at is not None and present.ends_at < now
    return None if is_over else present.person


@transaction.atomic
def take_duty(*, by: User, now: datetime) -> ShiftEntry:
    """Take the duty over, from somebody who has it or after a hand-over; with it come the open
    hazards for which the former duty answered, and the alarms that waited while nobody had it.

    Raises: `duty_taken` where one has it already.
    """
    locks.hold(Lock.SHIFT)
    former = ShiftEntry.objects.filter(kind=ShiftEntryKind.TAKE).order_by("-pk").first()
    if on_duty().person == by:
        raise DomainError("duty_taken")
    ends_at = now + timedelta(hours=settings.SHIFT_HOURS)
    entry = shift_log.add_entry(ShiftEntryKind.TAKE, by=by, now=now, ends_at=ends_at)
    if former is not None and former.by is not None and former.by != by:
        assignment.pass_on(former=former.by, to=by, now=now)
    assignment.pass_waiting(to=by, now=now)
    return entry


@transaction.atomic
def extend_duty(*, by: User, now: datetime) -> ShiftEntry:
    """Let the own shift end two hours later, at most twelve hours after it began.

    Raises: `duty_not_yours`, `duty_longest`.
    """
    locks.hold(Lock.SHIFT)
    present = on_duty()
    if present.person != by or present.since is None:
        raise DomainError("duty_not_yours")
    latest = present.since + LONGEST
    ends_at = min(max(present.ends_at or now, now) + EXTENDED_BY, latest)
    if present.ends_at is not None and ends_at <= present.ends_at:
        raise DomainError("duty_longest", hours=LONGEST // timedelta(hours=1))
    return shift_log.add_entry(ShiftEntryKind.EXTEND, by=by, now=now, ends_at=ends_at)


@transaction.atomic
def hand_over(*, text: str, by: User, now: datetime) -> ShiftEntry:
    """Give the duty back, with words for the next shift. Raises: `duty_not_yours`, `duty_words`."""
    locks.hold(Lock.SHIFT)
    if on_duty().person != by:
        raise DomainError("duty_not_yours")
    if not text.strip():
        raise DomainError("duty_words")
    return shift_log.add_entry(ShiftEntryKind.HAND_OVER, by=by, now=now, text=text)


@transaction.atomic
def write_note(*, text: str, hazard: Hazard | None, by: User, now: datetime) -> ShiftEntry:
    """A note for the log. Raises: `duty_words`."""
    if not text.strip():
        raise DomainError("duty_words")
    return shift_log.add_entry(ShiftEntryKind.NOTE, by=by, now=now, text=text, hazard=hazard)
