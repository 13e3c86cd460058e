"""What an office notes by hand about the stock of a facility: goods that came, and goods that are
lost or spoilt. Counts of all stock come by file.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from apps.accounts.models import User
from apps.audit.subjects import describe_actor
from apps.commandcentre.models import Facility, StockItem, StockMovement
from apps.commandcentre.resources import stock_ledger
from apps.commandcentre.resources.stock_ledger import StockBatch
from apps.commandcentre.states import TOPIC
from apps.common import locks
from apps.common.errors import DomainError
from apps.common.locks import Lock
from apps.jobs import outbox

Kind = StockMovement.Kind


def last_line(facility: Facility) -> int:
    """The number of the last line in the ledger of a facility, 0 without one. Queries: one."""
    lines = StockMovement.objects.filter(item__facility=facility)
    return lines.aggregate(last=Max("pk"))["last"] or 0


@transaction.atomic
def note_receipt(
    *,
    facility: Facility,
    batch: StockBatch,
    quantity: int,
    source: str,
    seen: int,
    by: User,
    now: datetime,
) -> None:
    """Add goods that came from `source` to the stock. `seen` is the last line of the ledger that
    the operator saw; what is sent twice is noted once.

    Raises: `stock_quantity`, `stock_moved`.
    """
    asked = {
        "kind": Kind.RECEIPT,
        "quantity": quantity,
        "purpose": source,
        "item__good": batch.good,
        "item__batch_label": batch.label,
        "item__expiry_date": batch.expiry_date,
    }
    if _is_noted(facility, seen, by, asked):
        return
    stock_ledger.receive(
        facility=facility, batch=batch, quantity=quantity, by=by, now=now, purpose=source
    )
    _tell_changed(facility.pk)


@transaction.atomic
def note_loss(
    *, item: StockItem, quantity: int, reason: str, seen: int, by: User, now: datetime
) -> None:
    """Take lost or spoilt units of a batch off the stock; what is reserved stays. `seen` as for
    `note_receipt`.

    Raises: `stock_quantity`, `stock_not_enough`, `stock_moved`.
    """
    asked = {"kind": Kind.LOSS, "quantity": quantity, "purpose": reason, "item": item}
    if not _is_noted(item.facility, seen, by, asked):
        stock_ledger.write_off(item=item, quantity=quantity, reason=reason, by=by, now=now)
        _tell_changed(item.facility_id)


def _tell_changed(facility_id: int) -> None:
    """Tell open boards, whose nearest sources rest on the stock."""
    outbox.publish(TOPIC, "stock", f"commandcentre.Facility:{facility_id}")


def _is_noted(facility: Facility, seen: int, by: User, asked: dict[str, Any]) -> bool:
    """Whether the only line since `seen` is what is asked for. Raises: `stock_moved` for others."""
    locks.hold(Lock.STOCK, facility.pk)
    newer = StockMovement.objects.filter(item__facility=facility, pk__gt=seen)
    count = newer.count()
    if count == 1 and newer.filter(actor=describe_actor(by).key, **asked).exists():
        return True
    if count:
        raise DomainError("stock_moved", facility=facility.name, count=count)
    return False
