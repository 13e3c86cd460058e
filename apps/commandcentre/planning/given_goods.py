"""What other plans give to the villages of a plan, beside what the plan has noted.

It is noted when a plan is computed, and is not sent again. Another plan may be reserved, cancelled
or lose goods afterwards: then the plan promises twice, or too little.

Plans of the own event always count. A mainshock and its aftershock, or a flood and a landslide, are
events of their own over the same villages: what plans of the other ones give is shown, and counts
where an operator says so (`Plan.counts_other_events`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.db.models import Exists, OuterRef

from apps.commandcentre.exposure import needs
from apps.commandcentre.models import Good, Hazard, Plan, Shipment
from apps.commandcentre.models.plan import ShipmentStatus
from apps.commandcentre.states import HazardStatus
from apps.common import sql

# Shipments whose goods are promised or gone.
GIVEN: Final = (ShipmentStatus.RESERVED, ShipmentStatus.DISPATCHED, ShipmentStatus.RECEIVED)
# Plans of other events that were made longer before a plan do not count in it.
OTHERS_SINCE: Final = timedelta(days=180)


@dataclass(frozen=True)
class GivenChange:
    """One need (`PlanNeed.pk`) of which other plans give another number of units than is noted."""

    need_id: int
    good_id: int
    noted: int
    now: int

    @property
    def is_less(self) -> bool:
        return self.now < self.noted


def changes(plan: Plan) -> list[GivenChange]:
    """The needs of a plan of which other plans give more or less than it has noted. Queries: one.

    What was delivered before the plan was made counts for the days that were left then: a plan
    covers its days from that moment.
    """
    return _compare(plan, with_others=plan.counts_other_events)


def _compare(plan: Plan, *, with_others: bool) -> list[GivenChange]:
    values = {
        "plan": plan.pk,
        "daily": [rate.good for rate in needs.RATES if rate.is_daily],
        "with_others": with_others,
        "since_days": OTHERS_SINCE.days,
    }
    rows = sql.run("commandcentre/planning/compare_given", values)
    return [GivenChange(*row) for row in rows]


@dataclass(frozen=True)
class OtherEvents:
    """The other events whose plans give some of what a plan needs, and the units of each good."""

    hazards: tuple[Hazard, ...]
    goods: tuple[tuple[Good, int], ...]


def of_other_events(plan: Plan) -> OtherEvents | None:
    """What plans of other events give to the villages of a plan of what it needs, whether it counts
    or not; None where they give nothing. Queries: one, or four.
    """
    hazards = _other_events(plan)
    if not hazards:
        return None
    units: Counter[int] = Counter()
    for with_others in (True, False):
        for one in _compare(plan, with_others=with_others):
            units[one.good_id] += (one.now - one.noted) * (1 if with_others else -1)
    known = Good.objects.in_bulk([good for good, count in units.items() if count])
    if not known:
        return None
    goods = sorted(known.values(), key=lambda good: good.name)
    return OtherEvents(hazards, tuple((good, units[good.pk]) for good in goods))


def _other_events(plan: Plan) -> tuple[Hazard, ...]:
    """The other events with a plan that gives anything to a village of this one, the newest first;
    the rule of `compare_given`.
    """
    gives = Shipment.objects.filter(
        plan__hazard=OuterRef("pk"),
        plan__made_at__gte=plan.made_at - OTHERS_SINCE,
        status__in=GIVEN,
        village__in=plan.needs.values("village"),
    )
    others = Hazard.objects.filter(status__in=(plan.hazard.status, HazardStatus.CANCELLED))
    found = others.exclude(pk=plan.hazard_id).filter(Exists(gives))
    return tuple(found.order_by("-occurred_at", "pk"))


def write(found: Sequence[GivenChange]) -> None:
    """Note what other plans give now; the plan's shipments are counted afterwards."""
    values = {"needs": [one.need_id for one in found], "units": [one.now for one in found]}
    sql.run("commandcentre/planning/write_given", values)
