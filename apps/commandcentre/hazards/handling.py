"""What operators do with a hazard: take it on, close it, open it again."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Count, Q

from apps.accounts.models import User
from apps.audit import record
from apps.audit.models import Action
from apps.commandcentre.hazards.notices import tell_changed
from apps.commandcentre.models import Hazard, Shipment
from apps.commandcentre.models.plan import ShipmentStatus
from apps.commandcentre.states import HazardStatus
from apps.common.errors import DomainError


@transaction.atomic
def acknowledge(*, hazard: Hazard, by: User, now: datetime, seen: int | None = None) -> None:
    """Take a hazard on: its alarm ends, and `by` answers for it from now on. `seen` is the version
    that the operator saw; None: as it is now.

    Raises: `hazard_acknowledged` if another was faster, `hazard_revised`.
    """
    need_seen(hazard, seen)
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
def close(*, hazard: Hazard, by: User, now: datetime, seen: int | None = None) -> None:
    """Take a hazard off the board. Its goods would be on no list any more: none may be reserved or
    under way.

    Raises: `hazard_closed` if it is off already, `hazard_revised`, `hazard_closing_goods`.
    """
    need_seen(hazard, seen)
    counts = Shipment.objects.filter(plan__hazard=hazard).aggregate(
        reserved=Count("pk", filter=Q(status=ShipmentStatus.RESERVED)),
        under_way=Count("pk", filter=Q(status=ShipmentStatus.DISPATCHED)),
    )
    if any(counts.values()):
        raise DomainError("hazard_closing_goods", **counts)
    closed = Hazard.objects.filter(pk=hazard.pk, closed_at__isnull=True).update(
        closed_at=now, closed_by=by
    )
    if not closed:
        raise DomainError("hazard_closed")
    record.entry(Action.DECIDE, about=hazard, by=by, step="close")
    tell_changed(hazard)


def need_status(source: str, source_id: str, status: HazardStatus) -> None:
    """Raises: `hazard_other_status` where the event of this number is known as something that it
    stays, e.g. a scenario under whose name a real event comes.
    """
    known = Hazard.objects.filter(source=source, source_id=source_id).first()
    if known is None or known.status == status:
        return
    if status not in Hazard.TRANSITIONS[HazardStatus(known.status)]:
        raise DomainError(
            "hazard_other_status", title=known.title, status=known.get_status_display()
        )


def need_seen(hazard: Hazard, seen: int | None) -> None:
    """Hold the hazard's row. Raises: `hazard_revised` where another version was seen."""
    held = Hazard.objects.select_for_update().get(pk=hazard.pk)
    if seen is not None and held.revision != seen:
        raise DomainError("hazard_revised", now=held.revision, seen=seen)


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
