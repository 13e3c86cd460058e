"""What the page of one hazard shows: figures, bands, versions, needs, villages, their sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.http import QueryDict

from apps.accounts.access import Scope
from apps.audit.subjects import subject_of
from apps.commandcentre.exposure import alarm, needs
from apps.commandcentre.exposure.assessment import last_assessment
from apps.commandcentre.hazards.intake import ASSESS_HAZARD
from apps.commandcentre.models import (
    AffectedVillage,
    Assessment,
    Footprint,
    Good,
    Hazard,
    HazardRevision,
    Plan,
)
from apps.commandcentre.nearest import ranking
from apps.commandcentre.states import FootprintMethod
from apps.commandcentre.zones import village_zones
from apps.common.http import integer
from apps.jobs import messages
from apps.jobs.models import Job
from apps.ui.paging import Order, read_page

WORST_FIRST: Final = Order.by("-severity", "-persons", "pk")
VILLAGES_AT_ONCE: Final = 25
DAYS: Final = (1, 3, 7, 14)
DEFAULT_DAYS: Final = 3


@dataclass(frozen=True)
class NeedLine:
    """One good: whole units for the chosen days, and where the rate comes from."""

    name: str
    unit: str
    amount: int
    is_practice: bool


def shown(hazard: Hazard, params: QueryDict, scope: Scope) -> dict[str, Any]:
    """The context of the page."""
    assessment = last_assessment(hazard)
    bands = list(
        Footprint.objects.filter(
            hazard=hazard, revision=assessment.revision if assessment else hazard.revision
        )
        .defer("area")
        .order_by("-lower")
    )
    context: dict[str, Any] = {
        "hazard": hazard,
        "assessment": assessment,
        "is_assessed": assessment is not None and assessment.revision == hazard.revision,
        "is_alarm": alarm.is_alarm(hazard),
        "bands": bands,
        "method": bands[0].get_method_display() if bands else "",
        "relation": bands[0].relation if bands else {},
        "is_estimate": any(band.method == FootprintMethod.RELATION for band in bands),
        "versions": list(HazardRevision.objects.filter(hazard=hazard).order_by("-number")[:20]),
        "stopped": _why_stopped(hazard),
        "plans": list(Plan.objects.filter(hazard=hazard).order_by("-pk")[:5]),
    }
    if assessment is not None:
        context |= _of_assessment(assessment, params, scope)
    return context


def _why_stopped(hazard: Hazard) -> str:
    """Why the last assessment ended without a result; "" if it did not."""
    last = (
        Job.objects.filter(kind=ASSESS_HAZARD, subject=subject_of(hazard)).order_by("-pk").first()
    )
    return messages.ending(last) if last is not None else ""


def _of_assessment(assessment: Assessment, params: QueryDict, scope: Scope) -> dict[str, Any]:
    days = chosen_days(params)
    rows = AffectedVillage.objects.filter(assessment=assessment).within(scope)
    peopled = rows.filter(persons__gt=0)
    is_all = params.get("villages") == "all"
    page = read_page(
        (rows if is_all else peopled).select_related("village", "footprint"),
        WORST_FIRST,
        params,
        query={"days": str(days), **({"villages": "all"} if is_all else {})},
        known=rows,
        size=VILLAGES_AT_ONCE,
    )
    codes = [row.village_id for row in page.rows if row.persons]
    sources = ranking.sources_of(assessment, codes=codes, days=days) if codes else {}
    shown_codes = [row.village_id for row in page.rows]
    prone = village_zones.proneness_of(assessment.hazard.kind, shown_codes)
    return {
        "days": days,
        "days_offered": DAYS,
        "needs": need_lines(assessment, days),
        "clean_water_l": needs.clean_water_litres(assessment.persons, days),
        "shelter_m2": needs.shelter_m2(assessment.persons),
        "page": page,
        "rows": [
            (row, sources.get(row.village_id), prone.get(row.village_id)) for row in page.rows
        ],
        "is_all": is_all,
        "peopled": peopled.count(),
        "penalty_km": settings.SEA_CROSSING_PENALTY_KM,
    }


def chosen_days(params: Mapping[str, Any]) -> int:
    """For how many days needs are counted."""
    days = integer(params.get("days"), default=DEFAULT_DAYS)
    return days if days in DAYS else DEFAULT_DAYS


def need_lines(assessment: Assessment, days: int) -> list[NeedLine]:
    """The needs of all affected villages together. Queries: one."""
    counts: dict[str, int] = {
        needs.Per.PERSON: assessment.persons,
        needs.Per.FAMILY: assessment.families,
        needs.Per.UNDER_FIVE: assessment.totals.get("under_five", 0),
    }
    wanted = needs.goods_for(counts, days)
    practice = {rate.good for rate in needs.RATES if rate.source != needs.PERKA}
    goods = {good.code: good for good in Good.objects.filter(code__in=wanted)}
    return [
        NeedLine(goods[code].name, str(goods[code].get_unit_display()), amount, code in practice)
        for code, amount in wanted.items()
        if code in goods
    ]
