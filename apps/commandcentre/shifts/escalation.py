"""A hazard that nobody takes on goes to the one who has the duty."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction

from apps.accounts.models import User
from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import Actor
from apps.commandcentre import shift_log
from apps.commandcentre.exposure import alarm
from apps.commandcentre.hazards.notices import tell_changed
from apps.commandcentre.models import Hazard
from apps.commandcentre.models.shift import ShiftEntryKind
from apps.commandcentre.shifts import assignment, duty
from apps.commandcentre.shifts.assignment import WAITS_FOR

ACTOR: Final = Actor("system", "escalation")


def escalate_waiting(*, now: datetime) -> int:
    """Pass every alarm that nobody took on in time to the duty, once; returns how many.

    For the worker. Queries: one where there is none.
    """
    waiting = Hazard.objects.active().filter(
        acknowledged_at__isnull=True, escalated_at__isnull=True, alarmed_at__lte=now - WAITS_FOR
    )
    return sum(_escalate(hazard, now) for hazard in waiting if alarm.is_alarm(hazard))


@transaction.atomic
def _escalate(hazard: Hazard, now: datetime) -> bool:
    """False where somebody took it on meanwhile, or another worker was faster."""
    waiting = Hazard.objects.filter(
        pk=hazard.pk, escalated_at__isnull=True, acknowledged_at__isnull=True
    )
    if not waiting.update(escalated_at=now):
        return False
    head = duty.person_on_duty(now)
    if head is not None:
        Hazard.objects.filter(pk=hazard.pk).update(assigned_to=head, assigned_at=now)
    record.entry(
        Action.DECIDE,
        about=hazard,
        by=ACTOR,
        step="escalate",
        person=head.audit_actor.key if head is not None else "",
    )
    shift_log.add_entry(
        ShiftEntryKind.ESCALATE, by=None, now=now, hazard=hazard, person=head, actor=ACTOR
    )
    _notify(hazard, head, now)
    tell_changed(hazard)
    return True


def _notify(hazard: Hazard, head: User | None, now: datetime) -> None:
    """The one on duty; every operator where nobody is."""
    known = (
        [head.pk] if head is not None else assignment.operators(now).values_list("pk", flat=True)
    )
    assignment.notify_waiting(hazard, known, now)
