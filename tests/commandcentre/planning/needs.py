"""An assessed flood of the toy country, whose villages need goods."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.gis.geos import MultiPolygon, Polygon
from django.db.models import Sum

from apps.accounts.access import Scope
from apps.commandcentre.models import (
    AffectedVillage,
    Assessment,
    Facility,
    Footprint,
    Good,
    Hazard,
    Plan,
    PlanNeed,
    PlanSource,
    Shipment,
)
from apps.commandcentre.planning import plans
from apps.commandcentre.readers import Reader
from apps.demo.country import CODES
from apps.jobs.models import Job
from tests.base import NOW
from tests.commandcentre.resources.places import facility, stocked
from tests.conftest import as_role
from tests.jobs.doing import do

EVERYTHING = Reader(Scope(("",)), Scope(("",)))
BANDS = {1.0: "10–70 cm", 2.0: "71–150 cm"}


def assessed(
    persons: dict[str, int], *, severe: str = "", hazard: Hazard | None = None
) -> Assessment:
    """An assessment of a flood (a new one, or the present version of `hazard`): persons by letter
    of the village; families of four.
    """
    with as_role("worker"):
        return _assessed(persons, severe, hazard or _a_flood())


def _a_flood() -> Hazard:
    return Hazard.objects.create(
        kind="flood",
        source="tests",
        source_id=f"flood-{Hazard.objects.count()}",
        title="Banjir uji",
        occurred_at=NOW - timedelta(hours=2),
        first_received_at=NOW,
        received_at=NOW,
    )


def _assessed(persons: dict[str, int], severe: str, hazard: Hazard) -> Assessment:
    area = MultiPolygon(Polygon.from_bbox((110.0, -7.8, 110.1, -7.7)), srid=4326)
    bands = {
        lower: Footprint.objects.create(
            hazard=hazard,
            revision=hazard.revision,
            measure="class",
            lower=lower,
            label=label,
            method="published",
            area=area,
        )
        for lower, label in BANDS.items()
    }
    assessment = Assessment.objects.create(
        hazard=hazard, revision=hazard.revision, assessed_at=NOW, villages=len(persons)
    )
    for letter, count in persons.items():
        severity = 2.0 if letter == severe else 1.0
        AffectedVillage.objects.create(
            assessment=assessment,
            village_id=CODES[letter],
            footprint=bands[severity],
            severity=severity,
            share_area=0.5,
            families=-(-count // 4),
            persons=count,
        )
    return assessment


def worked(job: Job) -> None:
    """Do a job as the worker does."""
    with as_role("worker"):
        do(job)


def solved(assessment: Assessment, by: Any, days: int = 3) -> Plan:
    """A plan whose computation is done."""
    plan, job = plans.make_plan(assessment=assessment, days=days, by=by, now=NOW)
    worked(job)
    plan.refresh_from_db()
    return plan


def lines(plan: Plan, code: str = "rice") -> dict[tuple[str, str], int]:
    """(facility, letter of the village) → units."""
    letter = {number: name for name, number in CODES.items()}
    rows = Shipment.objects.filter(plan=plan, good__code=code).values_list(
        "facility__name", "village", "quantity"
    )
    return {(name, letter[village]): quantity for name, village, quantity in rows}


def missing(plan: Plan, code: str = "rice") -> int:
    found = plan.needs.filter(good__code=code).aggregate(needed=Sum("quantity"), sent=Sum("sent"))
    return found["needed"] - found["sent"]


def large_plan(by: Any) -> Plan:
    """A proposed plan of 600 shipments: four warehouses send ten goods to fifteen villages. The
    warehouses hold what they send.
    """
    with as_role("owner"):
        stores = [facility(f"Gudang {nth}", "A", kind="warehouse") for nth in range(4)]
        for store in stores:
            for good in Good.objects.all():
                stocked(store, 100, good.code)
    with as_role("worker"):
        plan, _job = plans.make_plan(
            assessment=assessed(dict.fromkeys(CODES, 40)), days=3, by=by, now=NOW
        )
        Plan.objects.filter(pk=plan.pk).update(status="proposed", solved_at=NOW)
        _store_lines(plan, stores)
    plan.refresh_from_db()
    return plan


def _store_lines(plan: Plan, stores: list[Facility]) -> None:
    goods = list(Good.objects.order_by("pk")[:10])
    Shipment.objects.bulk_create(
        Shipment(
            plan=plan,
            facility=store,
            village_id=CODES[letter],
            good=good,
            quantity=5,
            distance_m=1_000 * far,
        )
        for store in stores
        for far, letter in enumerate(list(CODES)[:15])
        for good in goods
    )
    PlanSource.objects.bulk_create(PlanSource(plan=plan, facility=store) for store in stores)
    PlanNeed.objects.filter(plan=plan, good__in=goods, quantity__lt=20).update(quantity=20)
    plans.count_sent(plan)
