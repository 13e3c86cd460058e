"""Corrects what was noted of shipments by mistake: how much arrived, that it arrived, that it left.

What was noted stays beside it, with the reason. Stock that did not leave comes back by lines of the
ledger.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import transaction

from apps.accounts.models import User
from apps.audit import record
from apps.audit.models import Action
from apps.commandcentre.models import Facility, Plan, Shipment, ShipmentCorrection
from apps.commandcentre.models.plan import PlanStatus, ShipmentStatus
from apps.commandcentre.planning import plans
from apps.commandcentre.planning.shipments import purpose_of
from apps.commandcentre.resources import stock_ledger
from apps.common.errors import DomainError

# What is noted → what may be noted instead: another quantity, or the step before.
INSTEAD: Final = {
    ShipmentStatus.RECEIVED: (ShipmentStatus.RECEIVED, ShipmentStatus.DISPATCHED),
    ShipmentStatus.DISPATCHED: (ShipmentStatus.RESERVED,),
}


@transaction.atomic
def correct_shipment(
    *,
    shipment: Shipment,
    status: ShipmentStatus,
    quantity: int | None,
    reason: str,
    by: User,
    now: datetime,
    seen: str | None = None,
) -> None:
    """Note of one shipment that it is in another status, or that another quantity was received.
    `seen` is what was noted when the operator looked (`Shipment.noted`); None: as it is now.

    Raises: `plan_correction_reason`, `plan_correction_none`, `plan_corrected_meanwhile`,
    `plan_received_more`.
    """
    plan = Plan.objects.select_for_update().get(pk=shipment.plan_id)
    held = Shipment.objects.get(pk=shipment.pk)
    if seen not in (None, held.noted):
        raise DomainError("plan_corrected_meanwhile", status=held.get_status_display())
    quantity = quantity if status == ShipmentStatus.RECEIVED else None
    is_same = (status, quantity) == (held.status, held.received_quantity)
    is_unknown = status == ShipmentStatus.RECEIVED and quantity is None
    if is_same or is_unknown or status not in INSTEAD.get(ShipmentStatus(held.status), ()):
        raise DomainError("plan_correction_none", status=held.get_status_display())
    if quantity is not None and quantity > held.quantity:
        raise DomainError("plan_received_more", sent=held.quantity, received=quantity)
    _correct(plan, [held], status, quantity, reason, by=by, now=now)


@transaction.atomic
def step_back(
    *,
    plan: Plan,
    facility: Facility,
    status: ShipmentStatus,
    expected: int,
    reason: str,
    by: User,
    now: datetime,
) -> int:
    """Take one step back with all shipments of a source that are in a status: they did not leave,
    or did not arrive yet. `expected` is how many the operator saw. Returns how many.

    Raises: `plan_correction_reason`, `plan_correction_none`, `plan_list_changed`.
    """
    held = Plan.objects.select_for_update().get(pk=plan.pk)
    if status not in INSTEAD:
        raise DomainError("plan_correction_none", status=status.label)
    rows = list(held.shipments.filter(facility=facility, status=status).order_by("pk"))
    if len(rows) != expected:
        raise DomainError("plan_list_changed", expected=expected, found=len(rows))
    if rows:
        _correct(held, rows, INSTEAD[status][-1], None, reason, by=by, now=now)
    return len(rows)


def _correct(
    plan: Plan,
    rows: Sequence[Shipment],
    status: ShipmentStatus,
    quantity: int | None,
    reason: str,
    *,
    by: User,
    now: datetime,
) -> None:
    """Correct shipments of a plan that the caller holds, all in the same status."""
    reason = reason.strip()
    if not reason:
        raise DomainError("plan_correction_reason")
    if status == ShipmentStatus.RESERVED:
        status = _take_back(plan, rows, by, now)
    ShipmentCorrection.objects.bulk_create(
        [
            ShipmentCorrection(
                shipment=row,
                former_status=row.status,
                former_quantity=row.received_quantity,
                status=status,
                quantity=quantity,
                reason=reason[:300],
                at=now,
                by=by,
            )
            for row in rows
        ],
        batch_size=1_000,
    )
    for row in rows:
        row.status, row.received_quantity = status, quantity
        if status != ShipmentStatus.RECEIVED:
            row.received_at = None
        if status in (ShipmentStatus.RESERVED, ShipmentStatus.CANCELLED):
            row.dispatched_at = None
    columns = ["status", "received_quantity", "received_at", "dispatched_at"]
    Shipment.objects.bulk_update(rows, columns, batch_size=1_000)
    record.entry(
        Action.CHANGE,
        about=plan,
        by=by,
        step="correct",
        status=status.value,
        received=quantity,
        shipments=[row.pk for row in rows],
    )
    plans.count_sent(plan)
    plans.tell_changed(plan)


def _take_back(plan: Plan, rows: Sequence[Shipment], by: User, now: datetime) -> ShipmentStatus:
    """Take the stock of shipments back that did not leave; returns what they are then: reserved
    again, or cancelled with their plan.
    """
    is_reserved = plan.status != PlanStatus.CANCELLED
    stock_ledger.take_back(
        facilities=[row.facility_id for row in rows],
        purposes=[purpose_of(row.pk) for row in rows],
        is_reserved=is_reserved,
        by=by,
        now=now,
    )
    return ShipmentStatus.RESERVED if is_reserved else ShipmentStatus.CANCELLED
