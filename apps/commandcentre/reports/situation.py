"""The state of one hazard as a report gives it: numbers by village, no row about a person."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, F, Sum

from apps.accounts.models import User
from apps.commandcentre.exposure import assessment as assessments
from apps.commandcentre.models import AffectedVillage, Assessment, Footprint, Good, Hazard, Plan
from apps.commandcentre.models.call import CallOutcome
from apps.commandcentre.models.plan import ShipmentStatus
from apps.commandcentre.planning import plans
from apps.commandcentre.shifts import duty

# Days that the needs of a report cover, and villages in its table, so that it is two pages; the
# files have all.
DAYS: Final = 3
MOST_VILLAGES: Final = 15


@dataclass(frozen=True)
class NeededGood:
    """One good: units needed for `DAYS` days; sent and missing by the plan (None without one)."""

    name: str
    unit: str
    needed: int
    sent: int | None

    @property
    def missing(self) -> int | None:
        return None if self.sent is None else self.needed - self.sent


@dataclass(frozen=True)
class Situation:
    """A report. `assessment` is None before the first one; `plan` is the last that counts, and
    `unserved` the villages that do not get from it all they need. `duty` has the duty now.
    """

    hazard: Hazard
    at: datetime
    assessment: Assessment | None
    footprints: list[Footprint]
    villages: list[AffectedVillage]
    goods: list[NeededGood]
    plan: Plan | None
    shipments: dict[str, int]
    calls: dict[str, int]
    duty: User | None
    unserved: int

    @property
    def is_outdated(self) -> bool:
        """Whether the source changed the hazard after the assessment."""
        return self.assessment is not None and self.assessment.revision < self.hazard.revision


def report(hazard: Hazard, *, at: datetime) -> Situation:
    """The report of now. Queries: about fifteen."""
    assessment = assessments.last_assessment(hazard)
    plan = plans.last_plan(hazard)
    revision = assessment.revision if assessment is not None else hazard.revision
    return Situation(
        hazard=hazard,
        at=at,
        assessment=assessment,
        footprints=list(
            hazard.footprints.filter(revision=revision).defer("area").order_by("-lower")
        ),
        villages=list(affected(assessment)[:MOST_VILLAGES]) if assessment is not None else [],
        goods=needed_goods(assessment, plan),
        plan=plan,
        shipments=_shipments(plan),
        calls=call_counts(hazard),
        duty=duty.on_duty().person,
        unserved=_unserved(plan),
    )


def affected(assessment: Assessment) -> Any:
    """The affected villages, the most severely met first, then those with most people."""
    return (
        AffectedVillage.objects.filter(assessment=assessment)
        .select_related("village", "village__parent", "village__parent__parent", "footprint")
        .defer("footprint__area")
        .order_by("-severity", "-persons", "village_id")
    )


def needed_goods(assessment: Assessment | None, plan: Plan | None) -> list[NeededGood]:
    """From the plan where there is one, else from the assessment."""
    units = dict(Good.Unit.choices)
    if plan is not None:
        rows = plan.needs.values("good__name", "good__unit").annotate(
            needed=Sum("quantity"), given=Sum("sent")
        )
        return [
            NeededGood(
                row["good__name"], str(units[row["good__unit"]]), row["needed"], row["given"]
            )
            for row in rows.order_by("good__name")
        ]
    if assessment is None:
        return []
    sums: Counter[str] = Counter()
    for wanted in assessments.needs_of_villages(assessment.pk, DAYS).values():
        sums.update(wanted)
    return [
        NeededGood(good.name, str(good.get_unit_display()), sums[good.code], None)
        for good in Good.objects.filter(code__in=sums).order_by("name")
    ]


def _unserved(plan: Plan | None) -> int:
    """Villages of the plan of whose needs something is missing."""
    if plan is None:
        return 0
    return plan.needs.filter(sent__lt=F("quantity")).values("village").distinct().count()


def _shipments(plan: Plan | None) -> dict[str, int]:
    """Words of each status → shipments."""
    if plan is None:
        return {}
    rows = plan.shipments.values_list("status").annotate(Count("pk"))
    return {str(ShipmentStatus(status).label): count for status, count in rows.order_by("status")}


def call_counts(hazard: Hazard) -> dict[str, int]:
    """Words of each outcome → calls."""
    rows = hazard.calls.values_list("outcome").annotate(Count("pk"))
    return {str(CallOutcome(outcome).label): count for outcome, count in rows.order_by("outcome")}
