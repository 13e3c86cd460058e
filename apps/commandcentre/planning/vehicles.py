"""The loads of a plan's sources beside what their vehicles carry. Checked after the allocation.

The weights are assumptions for a first check (no published list was found): they say whether a
truck is enough, not what a scale would show.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.db.models import F, Sum

from apps.commandcentre.models import Plan, PlanSource, Shipment
from apps.commandcentre.models.plan import ShipmentStatus
from apps.commandcentre.planning.allocation import limit_loads
from apps.common import sql

# Kilograms of one unit, by code of the good (`resources/catalogue.py`).
ASSUMED_KG: Final[Mapping[str, float]] = {
    "ready_meal": 0.5,
    "side_dish": 3.0,
    "child_meal": 1.5,
    "family_kit": 5.0,
    "kidware": 2.0,
    "kitchen_kit": 8.0,
    "food_parcel": 10.0,
    "blanket": 1.5,
    "mattress": 6.0,
    "clothing": 2.0,
    "tarpaulin": 6.0,
    "family_tent": 45.0,
    "utility_tent": 160.0,
    "rice": 1.0,
    "cooking_oil": 0.92,
    "noodles": 0.09,
    "water": 1.0,
    "generator": 50.0,
}
# A good without an assumption.
OTHER_KG: Final = 1.0


def write_loads(plan: Plan, shipments: int) -> None:
    """Write the load of each source of a plan of so many shipments. Statements: one."""
    values = {
        "plan": plan.pk,
        "codes": list(ASSUMED_KG),
        "kg": list(ASSUMED_KG.values()),
        "other_kg": OTHER_KG,
    }
    sql.run("commandcentre/planning/write_loads", values, rows=shipments)


def overloaded(plan: Plan) -> list[PlanSource]:
    """The sources whose load is above the capacity that was given, heaviest excess first."""
    found = plan.sources.filter(capacity_kg__isnull=False, load_kg__gt=F("capacity_kg"))
    return list(found.select_related("facility").order_by(F("capacity_kg") - F("load_kg")))


def limit_overloaded(plan: Plan) -> int:
    """Give each overloaded source limits per good that its vehicles carry; of a good that it does
    not send yet none. Returns how many.

    The next solution obeys them.
    """
    found = overloaded(plan)
    goods = plan.needs.values_list("good", flat=True).distinct()
    for source in found:
        assert source.capacity_kg is not None  # noqa: S101  overloaded() selects these only
        loads = dict(
            Shipment.objects.filter(plan=plan, facility=source.facility)
            .exclude(status=ShipmentStatus.CANCELLED)
            .values_list("good")
            .annotate(quantity=Sum("quantity"))
        )
        less = dict.fromkeys(goods, 0) | limit_loads(loads, source.load_kg, source.capacity_kg)
        source.limits = {str(good): quantity for good, quantity in less.items()}
        source.save(update_fields=["limits"])
    return len(found)
