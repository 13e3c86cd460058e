"""The only writer of stock: each function adds lines to the ledger, none changes a balance.

The database's trigger applies a line to its batch and refuses what the batch does not have. The
lock per facility makes a reservation over several batches all or nothing without a refusal by the
trigger: of two operators who ask for the last box, the second one is told how many are left.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q, Sum
from django.utils import timezone

from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import Actor, HasActor, describe_actor
from apps.commandcentre.models import Facility, Good, StockItem, StockMovement
from apps.common import locks, sql
from apps.common.errors import DomainError
from apps.common.locks import Lock

Kind = StockMovement.Kind


@dataclass(frozen=True)
class StockBatch:
    """Which batch of a good is meant. `expiry_date` is its last usable day, None where it keeps."""

    good: Good
    label: str = ""
    expiry_date: date | None = None


@transaction.atomic
def receive(
    *,
    facility: Facility,
    batch: StockBatch,
    quantity: int,
    by: HasActor | Actor,
    now: datetime,
    purpose: str = "",
) -> StockMovement:
    """Add what arrived to a facility's stock. Raises: `stock_quantity`."""
    _need_quantity(quantity)
    item, _is_new = StockItem.objects.get_or_create(
        facility=facility,
        good=batch.good,
        batch_label=batch.label,
        expiry_date=batch.expiry_date,
    )
    line = _add(item, Kind.RECEIPT, quantity, by, now, purpose=purpose)
    _note(facility, by, Kind.RECEIPT, batch.good, quantity)
    return line


@transaction.atomic
def reserve(
    *,
    facility: Facility,
    good: Good,
    quantity: int,
    purpose: str,
    by: HasActor | Actor,
    now: datetime,
) -> list[StockMovement]:
    """Promise units of a good, the batches that expire first before the others. All or nothing.

    Raises: `stock_quantity`, `stock_not_enough` with the usable quantity.
    """
    _need_quantity(quantity)
    locks.hold(Lock.STOCK, facility.pk)
    taken, missing = [], quantity
    for item in usable_batches(facility, good, timezone.localdate(now)):
        part = min(item.on_hand - item.reserved, missing)
        taken.append((item, part))
        missing -= part
        if not missing:
            break
    if missing:
        raise DomainError(
            "stock_not_enough",
            facility=facility.name,
            good=good.name,
            asked=quantity,
            usable=quantity - missing,
        )
    lines = [_add(item, Kind.RESERVATION, part, by, now, purpose=purpose) for item, part in taken]
    _note(facility, by, Kind.RESERVATION, good, quantity)
    return lines


@dataclass(frozen=True)
class WantedStock:
    """Units of a good that one facility shall promise for one purpose."""

    facility_id: int
    good_id: int
    quantity: int
    purpose: str


@dataclass(frozen=True)
class Shortage:
    """What could not be promised, and how many usable units its facility had left then."""

    wanted: WantedStock
    usable: int


@transaction.atomic
def reserve_many(
    *, wanted: Sequence[WantedStock], by: HasActor | Actor, now: datetime
) -> list[Shortage]:
    """Promise stock for many purposes at once, in their order, each wholly or not at all; returns
    those for which too little was left. The caller records it.

    Statements: three and one for each facility. Raises: `stock_quantity`.
    """
    for one in wanted:
        _need_quantity(one.quantity)
    hold_facilities(one.facility_id for one in wanted)
    given, short = _share_out(wanted, timezone.localdate(now))
    if given:
        values = _columns_of(given) | {
            "today": timezone.localdate(now),
            "quantities": [one.quantity for one in given],
            "purposes": [one.purpose for one in given],
            **_signed(by, now),
        }
        sql.run("commandcentre/resources/reserve_many", values)
    return short


def _share_out(
    wanted: Sequence[WantedStock], today: date
) -> tuple[list[WantedStock], list[Shortage]]:
    """What can be promised and what cannot; the caller holds the facilities. Statements: one."""
    values = _columns_of(wanted) | {"today": today}
    free = {
        (facility, good): usable
        for facility, good, usable in sql.run("commandcentre/resources/read_free", values)
    }
    given, short = [], []
    for one in wanted:
        key = one.facility_id, one.good_id
        usable = free.get(key, 0)
        if one.quantity <= usable:
            free[key] = usable - one.quantity
            given.append(one)
        else:
            short.append(one)
    return given, [Shortage(one, free.get((one.facility_id, one.good_id), 0)) for one in short]


def _columns_of(wanted: Sequence[WantedStock]) -> dict[str, Any]:
    return {
        "facilities": [one.facility_id for one in wanted],
        "goods": [one.good_id for one in wanted],
    }


@transaction.atomic
def take_many(
    *,
    kind: StockMovement.Kind,
    facilities: Iterable[int],
    purposes: Sequence[str],
    by: HasActor | Actor,
    now: datetime,
) -> int:
    """Dispatch or release what is left of the reservations for these purposes; returns the units.

    The caller records it. Statements: one and one for each facility.
    """
    hold_facilities(facilities)
    values = {"kind": kind.value, "purposes": list(purposes), **_signed(by, now)}
    return sum(sql.column("commandcentre/resources/take_reserved", values))


@transaction.atomic
def take_back(
    *,
    facilities: Iterable[int],
    purposes: Sequence[str],
    is_reserved: bool,
    by: HasActor | Actor,
    now: datetime,
) -> int:
    """Take back into its batches what was dispatched for these purposes and did not leave;
    `is_reserved` promises it for them again. Returns the units.

    The caller records it. Statements: one and one for each facility.
    """
    hold_facilities(facilities)
    values = {"purposes": list(purposes), "is_reserved": is_reserved, **_signed(by, now)}
    return sum(sql.column("commandcentre/resources/take_back", values))


def hold_facilities(facilities: Iterable[int]) -> None:
    """Hold the stock of facilities until the transaction ends, always in the same order."""
    for facility_id in sorted(set(facilities)):
        locks.hold(Lock.STOCK, facility_id)


def dispatch(
    *, reservations: Sequence[StockMovement], by: HasActor | Actor, now: datetime
) -> list[StockMovement]:
    """Send out what is left of reservations. Raises: `stock_nothing_reserved`."""
    return _take_reserved(reservations, Kind.DISPATCH, by, now)


def release(
    *, reservations: Sequence[StockMovement], by: HasActor | Actor, now: datetime
) -> list[StockMovement]:
    """Give back what is left of reservations. Raises: `stock_nothing_reserved`."""
    return _take_reserved(reservations, Kind.RELEASE, by, now)


@transaction.atomic
def write_off(
    *, item: StockItem, quantity: int, reason: str, by: HasActor | Actor, now: datetime
) -> StockMovement:
    """Remove units that are lost, spoilt or counted less. What is reserved stays.

    Raises: `stock_quantity`, `stock_not_enough`.
    """
    _need_quantity(quantity)
    locks.hold(Lock.STOCK, item.facility_id)
    item.refresh_from_db()
    free = item.on_hand - item.reserved
    if quantity > free:
        raise DomainError(
            "stock_not_enough",
            facility=item.facility.name,
            good=item.good.name,
            asked=quantity,
            usable=free,
        )
    line = _add(item, Kind.LOSS, quantity, by, now, purpose=reason)
    _note(item.facility, by, Kind.LOSS, item.good, quantity)
    return line


def usable_batches(facility: Facility, good: Good, today: date) -> Any:
    """The batches of a good that can be given out, those that expire first before the others."""
    return (
        StockItem.objects.filter(facility=facility, good=good, on_hand__gt=F("reserved"))
        .filter(Q(expiry_date__isnull=True) | Q(expiry_date__gte=today))
        .order_by(F("expiry_date").asc(nulls_last=True), "pk")
    )


@transaction.atomic
def _take_reserved(
    reservations: Sequence[StockMovement], kind: StockMovement.Kind, by: Any, now: datetime
) -> list[StockMovement]:
    hold_facilities(one.item.facility_id for one in reservations)
    numbers = [one.pk for one in reservations]
    taken = dict(
        StockMovement.objects.filter(reservation__in=numbers)
        .values_list("reservation")
        .annotate(Sum("quantity"))
    )
    left = [(one, one.quantity - taken.get(one.pk, 0)) for one in reservations]
    if not any(quantity for _one, quantity in left):
        raise DomainError("stock_nothing_reserved")
    lines = []
    for one, quantity in left:
        if quantity:
            lines.append(
                _add(one.item, kind, quantity, by, now, purpose=one.purpose, reservation=one)
            )
            _note(one.item.facility, by, kind, one.item.good, quantity)
    return lines


def _signed(by: HasActor | Actor, now: datetime) -> dict[str, Any]:
    actor = describe_actor(by)
    return {"at": now, "actor": actor.key, "actor_name": actor.name}


def _need_quantity(quantity: int) -> None:
    if quantity <= 0:
        raise DomainError("stock_quantity")


def _add(
    item: StockItem,
    kind: StockMovement.Kind,
    quantity: int,
    by: HasActor | Actor,
    now: datetime,
    **more: Any,
) -> StockMovement:
    actor = describe_actor(by)
    return StockMovement.objects.create(
        item=item,
        kind=kind,
        quantity=quantity,
        at=now,
        actor=actor.key,
        actor_name=actor.name,
        **more,
    )


def _note(
    facility: Facility, by: HasActor | Actor, kind: StockMovement.Kind, good: Good, quantity: int
) -> None:
    record.entry(
        Action.CHANGE, about=facility, by=by, stock=kind.value, good=good.code, quantity=quantity
    )
