"""The list of a plan's shipments: its filter, its order, how many of them wait for what."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count, Q, Sum
from django.utils.translation import gettext_lazy as _

from apps.commandcentre.models import Plan
from apps.commandcentre.models.plan import ShipmentStatus
from apps.commandcentre.planning import plans
from apps.regions.region_filter import region
from apps.ui import filters
from apps.ui.paging import Order

NEAREST_FIRST: Final = Order.by("facility_id", "distance_m", "pk")
STATUSES: Final = {
    status.value: status.label for status in ShipmentStatus if status != ShipmentStatus.CANCELLED
}
WAITING: Final = Q(status=ShipmentStatus.RESERVED)
UNDER_WAY: Final = Q(status=ShipmentStatus.DISPATCHED)
RECEIVED: Final = Q(status=ShipmentStatus.RECEIVED)


@dataclass(frozen=True)
class ShipmentFilter(filters.Filter):
    """Which shipments of a plan."""

    facility: int | None = filters.number(label=_("source"), column="facility_id")
    region: str = region(label=_("region"), column="village__code")
    good: int | None = filters.number(label=_("good"), column="good_id")
    status: str = filters.choice(STATUSES, label=_("status"), column="status")


@dataclass(frozen=True)
class SourceTotals:
    """What one facility sends in a plan: its shipments, how many of them wait to leave, how many
    are under way, and how many were received.
    """

    count: int
    waiting: int
    under_way: int
    received: int


def rows_of(plan: Plan, chosen: ShipmentFilter) -> Any:
    """The shipments of a plan that a filter selects, without cancelled ones."""
    return chosen.apply(plans.shipments_of(plan))


def totals_of(rows: Any) -> dict[str, int]:
    """How many shipments there are, how many wait to leave, and how many are under way, with their
    units. Queries: one.
    """
    found: dict[str, int] = rows.order_by().aggregate(
        count=Count("pk"),
        waiting=Count("pk", filter=WAITING),
        under_way=Count("pk", filter=UNDER_WAY),
        units_under_way=Sum("quantity", filter=UNDER_WAY, default=0),
    )
    return found


def totals_by_source(plan: Plan, facilities: Collection[int]) -> dict[int, SourceTotals]:
    """The same for whole facilities, whatever the filter is. Queries: one."""
    rows = (
        plans.shipments_of(plan)
        .filter(facility__in=facilities)
        .order_by()
        .values_list("facility_id")
        .annotate(
            count=Count("pk"),
            waiting=Count("pk", filter=WAITING),
            under_way=Count("pk", filter=UNDER_WAY),
            received=Count("pk", filter=RECEIVED),
        )
    )
    return {facility: SourceTotals(*counts) for facility, *counts in rows}
