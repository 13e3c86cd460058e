"""Who answers for a hazard: who took it on, to whom it is assigned, and who has it after a
hand-over.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import QuerySet

from apps.accounts.models import Grant, User
from apps.accounts.roles import PERMISSIONS, Permission, Role
from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import subject_of
from apps.casework import notices
from apps.commandcentre import shift_log
from apps.commandcentre.exposure import alarm, doubt
from apps.commandcentre.hazards import handling
from apps.commandcentre.hazards.intake import enqueue_assessment
from apps.commandcentre.hazards.notices import tell_changed
from apps.commandcentre.models import Hazard
from apps.commandcentre.models.shift import ShiftEntryKind
from apps.common.errors import DomainError

# So long an alarm waits for somebody before it goes to the duty.
WAITS_FOR: Final = timedelta(minutes=5)
OPERATORS: Final = [role for role in Role if Permission.MANAGE_HAZARD in PERMISSIONS[role]]


def operators(now: datetime) -> QuerySet[User]:
    """Those to whom a hazard can be assigned, by name."""
    held = Grant.objects.at(now).filter(role__in=OPERATORS, user__isnull=False)
    found = User.objects.get_queryset().filter(is_active=True, pk__in=held.values("user"))
    return found.order_by("full_name", "pk")


@transaction.atomic
def take_on(*, hazard: Hazard, by: User, now: datetime, seen: int | None = None) -> None:
    """Take a hazard on: its alarm ends, `by` answers for it, and the log says so. `seen` is the
    version that the operator saw; None: as it is now. A doubtful one has its own level from then
    on (`exposure.doubt`).

    Raises: `hazard_acknowledged` if another was faster, `hazard_revised`.
    """
    _let_go(hazard, by)
    handling.acknowledge(hazard=hazard, by=by, now=now, seen=seen)
    shift_log.add_entry(ShiftEntryKind.ASSIGN, by=by, now=now, hazard=hazard, person=by)


@transaction.atomic
def close_hazard(
    *, hazard: Hazard, by: User, now: datetime, seen: int | None = None, reason: str = ""
) -> None:
    """Take a hazard off the board, and the log says so. Others read the reason, too: the CAP
    message that ends the former one has it.

    Raises: `hazard_closed`, `hazard_revised`, `hazard_closing_goods`.
    """
    handling.close(hazard=hazard, by=by, now=now, seen=seen)
    shift_log.add_entry(ShiftEntryKind.CLOSE, by=by, now=now, hazard=hazard, text=reason)


@transaction.atomic
def assign_hazard(*, hazard: Hazard, person: User | None, by: User, now: datetime) -> None:
    """Make an operator answer for a hazard. It stays an alarm until somebody takes it on.

    Raises: `assign_operator`, `assign_same`, `hazard_closed`.
    """
    if person is None or not operators(now).filter(pk=person.pk).exists():
        raise DomainError("assign_operator")
    _let_go(hazard, by)
    if not _write(hazard, person, by=by, now=now):
        hazard.refresh_from_db()
        if hazard.assigned_to_id == person.pk:
            raise DomainError("assign_same", name=str(person))
        raise DomainError("hazard_closed")


@transaction.atomic
def pass_on(*, former: User, to: User, now: datetime) -> int:
    """After a hand-over: the open hazards of the former duty go to the new one; how many."""
    open_ones = Hazard.objects.active().filter(assigned_to=former).order_by("pk")
    return sum(_write(hazard, to, by=to, now=now) for hazard in open_ones)


def _let_go(hazard: Hazard, by: User) -> None:
    """Request the assessment of a hazard that was held back until somebody looks at it."""
    if doubt.is_held(hazard):
        enqueue_assessment(hazard, by=by)


@transaction.atomic
def pass_waiting(*, to: User, now: datetime) -> int:
    """The alarms for which nobody answers though their time is over, because nobody had the duty
    then, go to the one who takes it, with a notice; how many.
    """
    waiting = Hazard.objects.active().filter(
        escalated_at__isnull=False, acknowledged_at__isnull=True, assigned_to__isnull=True
    )
    passed = [
        hazard
        for hazard in waiting.order_by("pk")
        if alarm.is_alarm(hazard) and _write(hazard, to, by=to, now=now)
    ]
    for hazard in passed:
        notify_waiting(hazard, [to.pk], now)
    return len(passed)


def notify_waiting(hazard: Hazard, users: Iterable[int], now: datetime) -> None:
    """Tell users (numbers) that an alarm waits for somebody to take it on."""
    notices.write_notices(
        dict.fromkeys(users, 1),
        kind=notices.Kind.HAZARD_WAITS,
        subject=subject_of(hazard),
        url=f"/command-centre/?hazard={hazard.pk}",
        now=now,
        title=hazard.title,
        minutes=WAITS_FOR // timedelta(minutes=1),
    )


def _write(hazard: Hazard, person: User, *, by: User, now: datetime) -> bool:
    """One conditional change with its lines in the log and the trail; False if it was none."""
    other = Hazard.objects.active().filter(pk=hazard.pk).exclude(assigned_to=person)
    if not other.update(assigned_to=person, assigned_at=now):
        return False
    record.entry(Action.DECIDE, about=hazard, by=by, step="assign", person=person.audit_actor.key)
    shift_log.add_entry(ShiftEntryKind.ASSIGN, by=by, now=now, hazard=hazard, person=person)
    tell_changed(hazard)
    return True
