"""What operators do with a hazard: take it on, close it, open it again."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from apps.accounts.models import User
from apps.audit import record
from apps.audit.models import Action
from apps.commandcentre.hazards.notices import tell_changed
from apps.commandcentre.models import Hazard
from apps.common.errors import DomainError


@transaction.atomic
def acknowledge(*, hazard: Hazard, by: User, now: datetime) -> None:
    """Take a hazard on: its alarm ends, and `by` answers for it from now on.

    Raises: `hazard_acknowledged` if another was faster.
    """
    taken = Hazard.objects.filter(pk=hazard.pk, acknowledged_at__isnull=True).update(
        acknowledged_at=now, acknowledged_by=by, assigned_to=by, assigned_at=now
    )
    if not taken:
        hazard.refresh_from_db()
        raise DomainError(
            "hazard_acknowledged", name=str(hazard.acknowledged_by), moment=hazard.acknowledged_at
        )
    record.entry(Action.DECIDE, about=hazard, by=by, step="acknowledge")
    tell_changed(hazard)


@transaction.atomic
def close(*, hazard: Hazard, by: User, now: datetime) -> None:
    """Take a hazard off the board. Raises: `hazard_closed` if it is off already."""
    closed = Hazard.objects.filter(pk=hazard.pk, closed_at__isnull=True).update(
        closed_at=now, closed_by=by
    )
    if not closed:
        raise DomainError("hazard_closed")
    record.entry(Action.DECIDE, about=hazard, by=by, step="close")
    tell_changed(hazard)


@transaction.atomic
def reopen(*, hazard: Hazard, by: User, now: datetime) -> None:
    """Bring a closed hazard back to the board. Raises: `hazard_open` if it is there already."""
    opened = Hazard.objects.filter(pk=hazard.pk, closed_at__isnull=False).update(
        closed_at=None, closed_by=None
    )
    if not opened:
        raise DomainError("hazard_open")
    record.entry(Action.DECIDE, about=hazard, by=by, step="reopen")
    tell_changed(hazard)
