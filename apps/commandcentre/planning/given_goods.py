"""What the other plans of a hazard give to the villages of a plan, beside what the plan has noted.

It is noted when a plan is computed, and is not sent again. Another plan may be reserved, cancelled
or lose goods afterwards: then the plan promises twice, or too little.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from apps.commandcentre.exposure import needs
from apps.commandcentre.models import Plan
from apps.common import sql


@dataclass(frozen=True)
class GivenChange:
    """One need (`PlanNeed.pk`) of which other plans give another number of units than is noted."""

    need_id: int
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
    daily = [rate.good for rate in needs.RATES if rate.is_daily]
    rows = sql.run("commandcentre/planning/compare_given", {"plan": plan.pk, "daily": daily})
    return [GivenChange(*row) for row in rows]


def write(found: Sequence[GivenChange]) -> None:
    """Note what other plans give now; the plan's shipments are counted afterwards."""
    values = {"needs": [one.need_id for one in found], "units": [one.now for one in found]}
    sql.run("commandcentre/planning/write_given", values)
