"""What becomes of a plan's shipments: stock is reserved, leaves, and arrives.

Every move is one conditional UPDATE, and the ledger of stock is written in the same transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import F, OuterRef, Subquery, Sum
from django.utils import timezone

from apps.accounts.models import User
from apps.audit import record
from apps.audit.models import Action
from apps.commandcentre.models import Facility, Plan, PlanNeed, Shipment, StockMovement
from apps.commandcentre.models.plan import PlanStatus, ShipmentStatus
from apps.commandcentre.planning import given_goods, plans, shipment_lists, statements
from apps.commandcentre.planning.shipment_lists import ShipmentFilter
from apps.commandcentre.resources import stock_ledger
from apps.commandcentre.resources.stock_ledger import Shortage, WantedStock
from apps.common import locks
from apps.common.errors import DomainError
from apps.common.locks import Lock
from apps.regions.models import Region


def purpose_of(shipment_id: int) -> str:
    """How the ledger names a shipment."""
    return f"commandcentre.Shipment:{shipment_id}"


@dataclass(frozen=True)
class Reservation:
    """How many shipments are promised, and how many are left out because their stock is gone."""

    reserved: int
    left_out: int


@transaction.atomic
def reserve(*, plan: Plan, by: User, now: datetime, seen: str | None = None) -> Reservation:
    """Promise the stock of all shipments. Where it has gone meanwhile, the most urgent ones get
    what is left, each wholly; the others are cancelled, with what their facility still had. `seen`
    is when the plan was computed that the operator saw (`Plan.solution`); None: as it is now.

    Raises: `plan_hazard_over`, `plan_changed`, `plan_solved_again`, `plan_given_changed`,
    `plan_nothing_needed`, `plan_nothing_to_send`, `plan_stock_gone` (nothing of it is left).
    """
    hazard_id = Plan.objects.values_list("hazard_id", flat=True).get(pk=plan.pk)
    # of two plans the second one sees what the first one promises: of one hazard, and of others
    # where it counts them
    locks.hold(Lock.PLAN, 0)
    locks.hold(Lock.PLAN, hazard_id)
    plans.hold_open_hazard(hazard_id)
    plans.move(plan, PlanStatus.PROPOSED, PlanStatus.RESERVED)
    if seen is not None and seen != plan.solution:
        raise DomainError("plan_solved_again")
    if given_goods.changes(plan):
        raise DomainError("plan_given_changed")
    planned = plan.shipments.filter(status=ShipmentStatus.PLANNED)
    wanted = {
        pk: WantedStock(facility, good, quantity, purpose_of(pk))
        for pk, facility, good, quantity in planned.annotate(urgency=_URGENCY)
        .order_by("-urgency", "distance_m", "pk")
        .values_list("pk", "facility", "good", "quantity")
    }
    if not wanted:
        is_needed = plan.needs.filter(quantity__gt=0).exists()
        raise DomainError("plan_nothing_to_send" if is_needed else "plan_nothing_needed")
    short = stock_ledger.reserve_many(wanted=list(wanted.values()), by=by, now=now)
    if len(short) == len(wanted):
        raise DomainError("plan_stock_gone")
    if short:
        _leave_out(plan, short)
    planned.update(status=ShipmentStatus.RESERVED)
    found = Reservation(len(wanted) - len(short), len(short))
    record.entry(
        Action.CHANGE,
        about=plan,
        by=by,
        step="reserve",
        shipments=found.reserved,
        left_out=found.left_out,
    )
    return found


# How urgent the need of a shipment's village is.
_URGENCY: Final = Subquery(
    PlanNeed.objects.filter(
        plan=OuterRef("plan"), good=OuterRef("good"), village=OuterRef("village")
    ).values("urgency")[:1]
)


def _leave_out(plan: Plan, short: Sequence[Shortage]) -> None:
    """Cancel shipments whose stock is gone; what they were for is missing in the plan from now."""
    usable = {one.wanted.purpose: one.usable for one in short}
    rows = plan.shipments.filter(status=ShipmentStatus.PLANNED)
    left = [row for row in rows if purpose_of(row.pk) in usable]
    for row in left:
        row.status = ShipmentStatus.CANCELLED
        row.usable_quantity = usable[purpose_of(row.pk)]
    Shipment.objects.bulk_update(left, ["status", "usable_quantity"], batch_size=1_000)
    plans.count_sent(plan)


def left_out_of(plan: Plan) -> Any:
    """The shipments that were left out when the others were reserved, the largest first."""
    rows = plan.shipments.filter(usable_quantity__isnull=False)
    return rows.select_related("facility", "village", "good").order_by("-quantity", "pk")


@transaction.atomic
def dispatch(*, plan: Plan, facility: Facility, by: User, now: datetime) -> Left:
    """Send out everything that one facility has reserved for a plan.

    Raises: `plan_statement_missing`, `plan_regency_unknown`, `plan_nothing_to_dispatch`.
    """
    Plan.objects.select_for_update().get(pk=plan.pk)
    if statements.waits_for_statement(facility, statements.permitted_regencies(plan.hazard_id)):
        raise _statement_missing(facility)
    waiting = Shipment.objects.filter(plan=plan, facility=facility, status=ShipmentStatus.RESERVED)
    return _send_out(plan, waiting, by, now, facility=facility.pk)


@dataclass(frozen=True)
class Left:
    """How many shipments left, how many stay because their lumbung may not give yet, and how many
    were given back to the stock because something of them has expired.
    """

    gone: int
    held_back: int
    expired: int


@transaction.atomic
def dispatch_many(
    *, plan: Plan, chosen: ShipmentFilter, expected: int, by: User, now: datetime
) -> Left:
    """Send out everything that is reserved under a filter; `expected` is how many the operator saw.
    What waits for a statement of emergency stays.

    Raises: `plan_list_changed`, and those of `dispatch` where nothing may leave.
    """
    Plan.objects.select_for_update().get(pk=plan.pk)
    waiting = shipment_lists.rows_of(plan, chosen).filter(shipment_lists.WAITING)
    _need_count(waiting.count(), expected)
    free = waiting.exclude(facility__in=statements.held_facilities(plan))
    if expected and not free.exists():
        raise _statement_missing(waiting.first().facility)
    left = _send_out(plan, free, by, now, selection=chosen.query)
    return replace(left, held_back=expected - left.gone - left.expired)


def _statement_missing(facility: Facility) -> DomainError:
    code = statements.regency_of(facility)
    if not code:
        return DomainError("plan_regency_unknown", facility=facility.name)
    regency = Region.objects.get(pk=code)
    return DomainError("plan_statement_missing", facility=facility.name, regency=regency.name)


def _send_out(plan: Plan, waiting: Any, by: User, now: datetime, **about: Any) -> Left:
    """Send out reserved shipments of a plan that the caller holds; what has expired meanwhile is
    given back to the stock.
    """
    rows = list(waiting.order_by("pk").values_list("pk", "facility_id"))
    if not rows:
        raise DomainError("plan_nothing_to_dispatch")
    expired = _expired(plan, rows, by, now)
    plans.tell_changed(plan)
    rows = [(number, facility) for number, facility in rows if number not in expired]
    if not rows:
        return Left(0, 0, len(expired))
    numbers = [number for number, _facility in rows]
    facilities = [facility for _number, facility in rows]
    units = _take_reserved(StockMovement.Kind.DISPATCH, facilities, numbers, by, now)
    reserved = Shipment.objects.filter(pk__in=numbers, status=ShipmentStatus.RESERVED)
    reserved.update(status=ShipmentStatus.DISPATCHED, dispatched_at=now)
    record.entry(
        Action.CHANGE,
        about=plan,
        by=by,
        step="dispatch",
        shipments=len(numbers),
        units=units,
        **about,
    )
    return Left(len(numbers), 0, len(expired))


def _expired(plan: Plan, rows: list[tuple[int, int]], by: User, now: datetime) -> set[int]:
    """Give reserved shipments (number, facility) back to the stock of which a batch has expired;
    returns their numbers. What they were for is missing from then on.
    """
    numbers = {purpose_of(number): number for number, _facility in rows}
    spoilt = StockMovement.objects.filter(
        kind=StockMovement.Kind.RESERVATION,
        purpose__in=list(numbers),
        item__expiry_date__lt=timezone.localdate(now),
    )
    expired = {numbers[purpose] for purpose in spoilt.values_list("purpose", flat=True)}
    if not expired:
        return expired
    facilities = [facility for number, facility in rows if number in expired]
    _take_reserved(StockMovement.Kind.RELEASE, facilities, sorted(expired), by, now)
    Shipment.objects.filter(pk__in=expired).update(status=ShipmentStatus.CANCELLED)
    plans.count_sent(plan)
    record.entry(Action.CHANGE, about=plan, by=by, step="expired", shipments=len(expired))
    return expired


@transaction.atomic
def receive(*, shipment: Shipment, quantity: int, remark: str, by: User, now: datetime) -> None:
    """Note how much of a shipment arrived; what did not is missing in the plan from then on.

    Raises: `plan_received_more`, `plan_not_under_way`.
    """
    # what two operators receive at once is counted one after the other
    Plan.objects.select_for_update().get(pk=shipment.plan_id)
    if quantity > shipment.quantity:
        raise DomainError("plan_received_more", sent=shipment.quantity, received=quantity)
    under_way = Shipment.objects.filter(pk=shipment.pk, status=ShipmentStatus.DISPATCHED)
    if not under_way.update(
        status=ShipmentStatus.RECEIVED, received_quantity=quantity, received_at=now, remark=remark
    ):
        now_ = Shipment.objects.get(pk=shipment.pk)
        raise DomainError("plan_not_under_way", status=now_.get_status_display())
    record.entry(
        Action.CHANGE,
        about=shipment.plan,
        by=by,
        step="receive",
        shipment=shipment.pk,
        sent=shipment.quantity,
        received=quantity,
    )
    if quantity < shipment.quantity:
        plans.count_sent(shipment.plan)
    plans.tell_changed(shipment.plan)


@transaction.atomic
def receive_many(
    *,
    plan: Plan,
    chosen: ShipmentFilter,
    numbers: Collection[int] | None,
    expected: int,
    remark: str,
    by: User,
    now: datetime,
) -> int:
    """Note that shipments under way arrived in full: all under a filter, or of these the ones with
    some numbers (of one page). `expected` is how many the operator saw. Returns how many.

    Raises: `plan_list_changed`, `plan_nothing_to_receive`.
    """
    Plan.objects.select_for_update().get(pk=plan.pk)
    rows = shipment_lists.rows_of(plan, chosen).filter(shipment_lists.UNDER_WAY)
    if numbers is not None:
        rows = rows.filter(pk__in=numbers)
    found = list(rows.order_by("pk").values_list("pk", flat=True))
    _need_count(len(found), expected)
    if not found:
        raise DomainError("plan_nothing_to_receive")
    under_way = Shipment.objects.filter(pk__in=found, status=ShipmentStatus.DISPATCHED)
    # one that another operator receives at this moment has its own quantity, and is left out
    done = under_way.update(
        status=ShipmentStatus.RECEIVED,
        received_quantity=F("quantity"),
        received_at=now,
        remark=remark,
    )
    record.entry(
        Action.CHANGE,
        about=plan,
        by=by,
        step="receive",
        shipments=done,
        selection=chosen.query,
    )
    plans.tell_changed(plan)
    return done


def _need_count(found: int, expected: int) -> None:
    """Raises: `plan_list_changed` where there are others than the operator saw."""
    if found != expected:
        raise DomainError("plan_list_changed", expected=expected, found=found)


@transaction.atomic
def cancel(*, plan: Plan, by: User, now: datetime, seen: str | None = None) -> None:
    """End a plan: what has not left is given back to the stock. `seen` is the plan's status that
    the operator saw; None: as it is now. Raises: `plan_changed`.
    """
    held = Plan.objects.select_for_update().get(pk=plan.pk)
    if held.status == PlanStatus.CANCELLED or seen not in (None, held.status):
        raise DomainError("plan_changed", status=held.get_status_display())
    plans.move(plan, PlanStatus(held.status), PlanStatus.CANCELLED)
    reserved = plan.shipments.filter(status=ShipmentStatus.RESERVED)
    rows = list(reserved.order_by("pk").values_list("pk", "facility"))
    if rows:
        facilities = [facility for _pk, facility in rows]
        _take_reserved(
            StockMovement.Kind.RELEASE, facilities, [pk for pk, _facility in rows], by, now
        )
    plan.shipments.filter(status__in=(ShipmentStatus.PLANNED, ShipmentStatus.RESERVED)).update(
        status=ShipmentStatus.CANCELLED
    )
    record.entry(Action.CHANGE, about=plan, by=by, step="cancel", released=len(rows))


def _take_reserved(
    kind: StockMovement.Kind, facilities: list[int], numbers: list[int], by: User, now: datetime
) -> int:
    purposes = [purpose_of(number) for number in numbers]
    return stock_ledger.take_many(
        kind=kind, facilities=facilities, purposes=purposes, by=by, now=now
    )


def lost_on_the_way(plan: Plan) -> int:
    """Units that were sent and did not arrive, of the shipments that were received."""
    received = plan.shipments.filter(status=ShipmentStatus.RECEIVED)
    found = received.aggregate(lost=Sum(F("quantity") - F("received_quantity")))["lost"]
    return int(found or 0)
