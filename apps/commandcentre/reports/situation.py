"""The state of one hazard as a report gives it: numbers by village, no row about a person."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Count, F, Sum

from apps.accounts.models import User
from apps.commandcentre.exposure import assessment as assessments
from apps.commandcentre.exposure import village_figures
from apps.commandcentre.exposure.village_figures import Totals, VillageFigures
from apps.commandcentre.hazards import reported_losses
from apps.commandcentre.hazards.reported_losses import Losses
from apps.commandcentre.models import (
    Assessment,
    Footprint,
    Good,
    Hazard,
    HazardRevision,
    Plan,
    Shipment,
)
from apps.commandcentre.models.call import CallOutcome
from apps.commandcentre.models.plan import ShipmentStatus
from apps.commandcentre.planning import plans, statements
from apps.commandcentre.planning.standing import Standing, standing_of
from apps.commandcentre.readers import PREFIX, Reader
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
    """A report as its reader may see it. `assessment` is None before the first one, `totals` are
    its sums; `plan` is the last that counts, `standing` whether it answers for the hazard of now,
    and `unserved` the villages that do not get from it all they need. `shipments` are those of all
    plans. `has_quantities`: what a plan sends tells what is needed, so that it is left out
    for a reader who does not see all counts. `losses` are what the source reports. `duty` has the
    duty now. `unstated` are the regencies whose statement of emergency the plan's lumbung wait for;
    `warning` is what the source says of a tsunami.
    """

    hazard: Hazard
    at: datetime
    assessment: Assessment | None
    totals: Totals
    losses: Losses | None
    footprints: list[Footprint]
    villages: list[VillageFigures]
    goods: list[NeededGood]
    plan: Plan | None
    standing: Standing | None
    has_quantities: bool
    shipments: dict[str, int]
    calls: dict[str, int]
    duty: User | None
    unserved: int
    unstated: tuple[str, ...]
    warning: str

    @property
    def is_outdated(self) -> bool:
        """Whether the source changed the hazard after the assessment."""
        return self.assessment is not None and self.assessment.revision < self.hazard.revision


def report(hazard: Hazard, *, reader: Reader, at: datetime) -> Situation:
    """The report of now. Queries: about fifteen."""
    assessment = assessments.last_assessment(hazard)
    plan = plans.last_plan(hazard)
    counted = plan if reader.sees_all else None
    revision = assessment.revision if assessment is not None else hazard.revision
    return Situation(
        hazard=hazard,
        at=at,
        assessment=assessment,
        totals={} if assessment is None else village_figures.totals_of(assessment, reader),
        losses=reported_losses.losses_of(hazard),
        footprints=list(
            hazard.footprints.filter(revision=revision).defer("area").order_by("-lower")
        ),
        villages=_affected(assessment, reader) if assessment is not None else [],
        goods=needed_goods(assessment, counted, reader),
        plan=plan,
        has_quantities=counted is not None,
        standing=standing_of(plan, assessment) if plan is not None else None,
        shipments=_shipments(hazard) if reader.sees_all else {},
        calls=call_counts(hazard),
        duty=duty.person_on_duty(at),
        unserved=_unserved(counted),
        unstated=_unstated(counted),
        warning=_warning(hazard),
    )


def _affected(assessment: Assessment, reader: Reader) -> list[VillageFigures]:
    """The most severely met villages, then those with most people."""
    most = F(f"{PREFIX}persons").desc(nulls_last=True)
    rows = (
        village_figures.rows_of(assessment, reader)
        .select_related("village", "footprint")
        .defer("footprint__area")
        .order_by("-severity", most, "village_id")
    )
    return list(village_figures.figures_of(rows[:MOST_VILLAGES], reader))


def needed_goods(
    assessment: Assessment | None, plan: Plan | None, reader: Reader
) -> list[NeededGood]:
    """From the plan where there is one, with what other plans give; else from the assessment."""
    units = dict(Good.Unit.choices)
    if plan is not None:
        rows = plan.needs.values("good__name", "good__unit").annotate(
            needed=Sum("quantity") + Sum("given"), sent=Sum("sent") + Sum("given")
        )
        is_known = plan.solved_at is not None
        return [
            NeededGood(
                row["good__name"],
                str(units[row["good__unit"]]),
                row["needed"],
                row["sent"] if is_known else None,
            )
            for row in rows.order_by("good__name")
        ]
    if assessment is None:
        return []
    sums: Counter[str] = Counter()
    for wanted in village_figures.needs_of_villages(assessment, reader, DAYS).values():
        sums.update(wanted)
    return [
        NeededGood(good.name, str(good.get_unit_display()), sums[good.code], None)
        for good in Good.objects.filter(code__in=sums).order_by("name")
    ]


def _warning(hazard: Hazard) -> str:
    version = HazardRevision.objects.filter(hazard=hazard, number=hazard.revision).first()
    return version.warning if version is not None else ""


def _unserved(plan: Plan | None) -> int:
    """Villages of the plan of whose needs something is missing."""
    if plan is None or plan.solved_at is None:
        return 0
    return plan.needs.filter(sent__lt=F("quantity")).values("village").distinct().count()


def _unstated(plan: Plan | None) -> tuple[str, ...]:
    """Names of the regencies whose statement is missing."""
    if plan is None:
        return ()
    held = statements.held_facilities(plan)
    return tuple(one.name for one in statements.regencies_of(held))


def _shipments(hazard: Hazard) -> dict[str, int]:
    """Words of each status → shipments, of the last plan and of others that gave something."""
    own = Shipment.objects.filter(plan__in=plans.live_plans(hazard))
    rows = own.values_list("status").annotate(Count("pk"))
    return {str(ShipmentStatus(status).label): count for status, count in rows.order_by("status")}


def call_counts(hazard: Hazard) -> dict[str, int]:
    """Words of each outcome → calls."""
    rows = hazard.calls.values_list("outcome").annotate(Count("pk"))
    return {str(CallOutcome(outcome).label): count for outcome, count in rows.order_by("outcome")}
