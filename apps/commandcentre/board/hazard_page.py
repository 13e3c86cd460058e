"""What the page of one hazard shows: figures, bands, versions, needs, villages, their sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.http import QueryDict
from django.utils import timezone

from apps.audit.subjects import subject_of
from apps.commandcentre import readers, shift_log
from apps.commandcentre.exposure import alarm, doubt, needs, village_figures, worsening
from apps.commandcentre.exposure.assessment import is_without_area, last_assessment
from apps.commandcentre.exposure.village_figures import WORST_FIRST, Totals
from apps.commandcentre.exposure.village_filter import VillageFilterForm, chosen_villages
from apps.commandcentre.hazards import reported_losses, tsunami
from apps.commandcentre.hazards.intake import ASSESS_HAZARD
from apps.commandcentre.models import Assessment, Footprint, Good, Hazard, HazardRevision, Plan
from apps.commandcentre.nearest import clusters, ranking
from apps.commandcentre.nearest.snapshot import Snapshot
from apps.commandcentre.readers import Reader
from apps.commandcentre.shifts.log_lines import lines_of
from apps.commandcentre.states import FootprintMethod
from apps.commandcentre.zones import village_zones
from apps.common.http import integer
from apps.jobs import messages
from apps.jobs.models import Job
from apps.ui.paging import read_page

VILLAGES_AT_ONCE: Final = 25
# Clusters of villages, the most severe first; the file has all.
MOST_CLUSTERS: Final = 10
DAYS: Final = (1, 3, 7, 14)
DEFAULT_DAYS: Final = 3


@dataclass(frozen=True)
class NeedLine:
    """One good: whole units for the chosen days, and where the rate comes from."""

    name: str
    unit: str
    amount: int
    is_practice: bool


def shown(hazard: Hazard, params: QueryDict, reader: Reader) -> dict[str, Any]:
    """The context of the page."""
    assessment = last_assessment(hazard)
    bands = list(
        Footprint.objects.filter(
            hazard=hazard, revision=assessment.revision if assessment else hazard.revision
        )
        .defer("area")
        .order_by("-lower")
    )
    versions = list(HazardRevision.objects.filter(hazard=hazard).order_by("-number")[:20])
    made = list(Plan.objects.filter(hazard=hazard).order_by("-pk")[:5])
    context: dict[str, Any] = {
        "hazard": hazard,
        "assessment": assessment,
        "is_assessed": assessment is not None and assessment.revision == hazard.revision,
        "is_alarm": alarm.is_alarm(hazard),
        "worsening": worsening.describe_worsening(hazard),
        "doubt": doubt.describe_doubt(hazard, versions[0] if versions else None, assessment),
        "losses": reported_losses.losses_of(hazard),
        "bands": bands,
        "method": bands[0].get_method_display() if bands else "",
        "relation": bands[0].relation if bands else {},
        "is_estimate": any(band.method == FootprintMethod.RELATION for band in bands),
        "versions": versions,
        "ends_at": versions[0].ends_at if versions else None,
        "warning": versions[0].warning if versions else "",
        "is_tsunami_expected": bool(versions and tsunami.is_expected(versions[0].warning)),
        "now": timezone.now(),
        "is_turned": _is_turned(hazard, versions),
        "is_without_area": is_without_area(hazard),
        **_last_job(hazard),
        "plans": made,
        "entries": lines_of(shift_log.entries_about(hazard)),
        "last_plan": made[0].pk if made else 0,
    }
    if assessment is not None:
        context |= _of_assessment(assessment, params, reader)
    return context


def _is_turned(hazard: Hazard, versions: list[HazardRevision]) -> bool:
    """Whether the present version's coordinates came in the wrong order (`feeds.bmkg`)."""
    own = next((one for one in versions if one.number == hazard.revision), None)
    return own is not None and "axes_swapped" in own.received.get("remarks", ())


def _last_job(hazard: Hazard) -> dict[str, Any]:
    """Whether an assessment is awaited, and why the last one ended without a result."""
    last = (
        Job.objects.filter(kind=ASSESS_HAZARD, subject=subject_of(hazard)).order_by("-pk").first()
    )
    return {
        "is_awaited": last is not None and not last.is_finished,
        "stopped": messages.ending(last) if last is not None else "",
    }


def _of_assessment(assessment: Assessment, params: QueryDict, reader: Reader) -> dict[str, Any]:
    days = chosen_days(params)
    known = village_figures.rows_of(assessment, reader)
    chosen = chosen_villages(params, reader)
    rows = chosen.apply(known)
    peopled = village_figures.peopled(rows)
    totals = village_figures.totals_of(assessment, reader)
    is_all = params.get("villages") == "all"
    page = read_page(
        (rows if is_all else peopled).select_related("village", "footprint"),
        WORST_FIRST,
        params,
        query={
            "days": str(days),
            **({"villages": "all"} if is_all else {}),
            **chosen.params(),
        },
        known=known,
        size=VILLAGES_AT_ONCE,
    )
    lines = list(village_figures.figures_of(page.rows, reader))
    codes = [line.village_id for line in lines if line.has_needs]
    # the groups first: they read the places of all villages
    now = Snapshot(is_detailed=True)
    groups = clusters.clusters_of(assessment, reader, days=days, most=MOST_CLUSTERS, snapshot=now)
    sources = ranking.sources_of(assessment, codes=codes, days=days, snapshot=now) if codes else {}
    prone = village_zones.proneness_of(assessment.hazard.kind, [line.village_id for line in lines])
    return {
        "days": days,
        "days_offered": DAYS,
        "totals": totals,
        "sees_all": reader.sees_all,
        "programmes": village_figures.programmes_of(assessment, reader),
        "explanation": readers.explanation_for(reader),
        "needs": need_lines(totals, days),
        "clean_water_l": needs.clean_water_litres(totals["persons"].value, days),
        "shelter_m2": needs.shelter_m2(totals["persons"].value),
        "page": page,
        "rows": [
            (line, sources.get(line.village_id), prone.get(line.village_id)) for line in lines
        ],
        "is_all": is_all,
        "chosen": chosen,
        "village_form": VillageFilterForm(
            initial=chosen.params(), reader=reader, auto_id="filter_%s"
        ),
        "peopled": (count := peopled.count()),
        "fitting": rows.count() if is_all and chosen.query else count,
        "shows_shares": bool(reader.true_counts),
        "clusters": groups,
        "cluster_km": settings.CLUSTER_DISTANCE_KM,
        "penalty_km": settings.SEA_CROSSING_PENALTY_KM,
    }


def chosen_days(params: Mapping[str, Any]) -> int:
    """For how many days needs are counted."""
    days = integer(params.get("days"), default=DEFAULT_DAYS)
    return days if days in DAYS else DEFAULT_DAYS


def need_lines(totals: Totals, days: int) -> list[NeedLine]:
    """The needs of all affected villages together. Queries: one."""
    wanted = village_figures.needs_of_totals(totals, days)
    practice = {rate.good for rate in needs.RATES if rate.source != needs.PERKA}
    goods = {good.code: good for good in Good.objects.filter(code__in=wanted)}
    return [
        NeedLine(goods[code].name, str(goods[code].get_unit_display()), amount, code in practice)
        for code, amount in wanted.items()
        if code in goods
    ]
