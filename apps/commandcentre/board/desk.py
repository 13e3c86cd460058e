"""What the desk shows beside the map for the chosen hazard: plan or need, sources, calls.

It is read again at each change by every open board: sums and a few rows. Names and telephones of
responders are on the call list only, whose reading is recorded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from django.conf import settings
from django.core.cache import cache
from django.db.models import Count, Max, Min, Sum
from django.utils.translation import get_language

from apps.commandcentre.board.events import Event
from apps.commandcentre.exposure import village_figures
from apps.commandcentre.exposure.village_figures import VillageFigures
from apps.commandcentre.models import Assessment, Plan, StockMovement
from apps.commandcentre.models.call import CallOutcome
from apps.commandcentre.models.plan import PlanStatus, ShipmentStatus
from apps.commandcentre.models.resources import Facility
from apps.commandcentre.nearest import clusters, ranking
from apps.commandcentre.nearest.ranking import Source
from apps.commandcentre.planning import plans, statements
from apps.commandcentre.planning.standing import Standing, standing_of
from apps.commandcentre.readers import Reader, facility_name
from apps.commandcentre.reports import situation
from apps.commandcentre.reports.situation import NeededGood

# Villages in the table of the desk, and sources; the pages have all.
MOST_VILLAGES: Final = 12
MOST_SOURCES: Final = 6
MOST_CALLS: Final = 3
MOST_CLUSTERS: Final = 5
# Ranking reads all stock and needs all villages: boards that watch one hazard share an answer.
SHARED_S: Final = 60
T = TypeVar("T")


@dataclass(frozen=True)
class SourceLine:
    """One source: `units` that the plan takes from it (None without a plan). `km` is in a straight
    line to the nearest of its villages, `is_sea` where any way crosses the sea.
    """

    name: str
    km: int
    is_sea: bool
    units: int | None
    villages: int
    waits_for_statement: bool


@dataclass(frozen=True)
class ClusterLine:
    """Neighbouring villages, named by the most severe one, with their nearest sufficient source
    (None: no facility alone has enough).
    """

    name: str
    regency: str
    villages: int
    persons: int
    source: SourceLine | None


@dataclass(frozen=True)
class CallLine:
    """One call of the log, without the person."""

    kind: str
    outcome: str
    at: datetime


def shown(chosen: Event | None, reader: Reader) -> dict[str, Any]:
    """The context of the desk. Queries: at most twelve. What a plan sends tells what is needed, so
    that its quantities are for a reader who sees all counts.
    """
    if chosen is None:
        return {}
    hazard, assessment = chosen.hazard, chosen.assessment
    made = plans.last_plan(hazard)
    plan = made if reader.sees_all else None
    standing = standing_of(made, assessment) if made is not None else None
    villages = _villages(assessment, reader)
    has_needs = any(one.has_needs for one in villages)
    moved = _last_movement() if has_needs else 0
    worst = villages[0] if villages and villages[0].has_needs else None
    return {
        "plan": plan,
        "made": made,
        "standing": standing,
        "needs_plan": _needs_plan(made, standing),
        "others_under_way": plans.under_way_by_others(hazard, made) if reader.sees_all else 0,
        "goods": _goods(assessment, plan, reader),
        "need_days": plan.days if plan is not None else situation.DAYS,
        "villages": villages,
        "worst": worst,
        "clusters": _clusters(assessment, reader, moved) if has_needs else [],
        "cluster_km": settings.CLUSTER_DISTANCE_KM,
        "sources": _sources(plan, assessment, worst, reader, moved),
        "calls": _calls(chosen),
        "call_counts": situation.call_counts(hazard),
    }


def _needs_plan(made: Plan | None, standing: Standing | None) -> bool:
    """Whether a plan is to be made: there is none, it is outdated, or what it has reserved, sent
    and delivered is too little. One that is only proposed is computed again.
    """
    if made is None or standing is None or standing.is_outdated:
        return True
    return standing.is_short and made.status == PlanStatus.RESERVED


def _goods(assessment: Assessment | None, plan: Plan | None, reader: Reader) -> list[NeededGood]:
    """From the plan; without one the needs of an assessment, which do not change."""
    if assessment is None or plan is not None or not reader.sees_all:
        return situation.needed_goods(assessment, plan, reader)
    key = f"commandcentre:needs:{assessment.pk}:{get_language()}"
    return _shared(key, lambda: situation.needed_goods(assessment, None, reader))


def _shared(key: str, read: Callable[[], list[T]]) -> list[T]:
    """What boards that watch one hazard share for a minute."""
    found: list[T] | None = cache.get(key)
    if found is None:
        found = read()
        cache.set(key, found, SHARED_S)
    return found


def _villages(assessment: Assessment | None, reader: Reader) -> list[VillageFigures]:
    """Those with registered people; all where there is none."""
    if assessment is None:
        return []
    rows = village_figures.rows_of(assessment, reader)
    named = rows.select_related("village", "footprint").defer("footprint__area")
    ordered = named.order_by(*village_figures.WORST_FIRST.expressions())
    peopled = village_figures.peopled(ordered)[:MOST_VILLAGES]
    found = list(village_figures.figures_of(peopled, reader))
    return found or list(village_figures.figures_of(ordered[:MOST_VILLAGES], reader))


def _sources(
    plan: Plan | None,
    assessment: Assessment | None,
    worst: VillageFigures | None,
    reader: Reader,
    moved: int,
) -> list[SourceLine]:
    """Those of the plan; without one the nearest."""
    if plan is not None:
        return _planned(plan, reader)
    return _nearest(assessment, worst, reader, moved)


def _planned(plan: Plan, reader: Reader) -> list[SourceLine]:
    """The sources of the plan, the nearest first."""
    permitted = statements.permitted_regencies(plan.hazard_id)
    rows = (
        plan.shipments.exclude(status=ShipmentStatus.CANCELLED)
        .values("facility__name", "facility__kind", "facility__village")
        .annotate(
            units=Sum("quantity"),
            metres=Min("distance_m"),
            crossings=Max("crossings"),
            served=Count("village", distinct=True),
        )
        .order_by("metres", "facility__name")
    )
    found = []
    for row in rows[:MOST_SOURCES]:
        facility = Facility(
            name=row["facility__name"],
            kind=row["facility__kind"],
            village_id=row["facility__village"],
        )
        found.append(
            SourceLine(
                facility_name(facility, reader),
                round(row["metres"] / 1000),
                row["crossings"] > 0,
                row["units"],
                row["served"],
                statements.waits_for_statement(facility, permitted),
            )
        )
    return found


def _nearest(
    assessment: Assessment | None, worst: VillageFigures | None, reader: Reader, moved: int
) -> list[SourceLine]:
    """Without a plan: the nearest sources that have enough for the most severely met village."""
    if assessment is None or worst is None:
        return []
    named = reader.facilities.setting()
    key = f"commandcentre:nearest:{assessment.pk}:{worst.village_id}:{moved}:{named}"
    return _shared(key, lambda: _ranked(assessment, worst.village_id, reader))


def _last_movement() -> int:
    """The number of the last line in the ledger of stock: answers that rest on it carry it."""
    return StockMovement.objects.aggregate(last=Max("pk"))["last"] or 0


def _clusters(assessment: Assessment | None, reader: Reader, moved: int) -> list[ClusterLine]:
    """The most severe clusters; readers of one scope share them."""
    if assessment is None:
        return []
    scopes = (reader.scope, reader.true_counts, reader.facilities)
    scope = ":".join(one.setting() for one in scopes)
    key = f"commandcentre:clusters:{assessment.pk}:{moved}:{scope}"
    return _shared(key, lambda: _most_severe(assessment, reader))


def _most_severe(assessment: Assessment, reader: Reader) -> list[ClusterLine]:
    found = clusters.clusters_of(assessment, reader, days=situation.DAYS, most=MOST_CLUSTERS)
    return [
        ClusterLine(
            one.villages[0].village.name,
            one.regency_name,
            len(one.villages),
            one.persons,
            next((_nearest_line(source, reader) for source in one.found.sources), None),
        )
        for one in found.clusters
    ]


def _nearest_line(one: Source, reader: Reader) -> SourceLine:
    return SourceLine(
        facility_name(one.facility, reader),
        round(one.distance_m / 1000),
        one.crossings > 0,
        None,
        1,
        False,
    )


def _ranked(assessment: Assessment, village: str, reader: Reader) -> list[SourceLine]:
    found = ranking.sources_of(assessment, codes=[village]).get(village)
    return [_nearest_line(one, reader) for one in (found.sources if found is not None else ())]


def _calls(chosen: Event) -> list[CallLine]:
    rows = chosen.hazard.calls.select_related("responder").order_by("-pk")[:MOST_CALLS]
    return [
        CallLine(call.responder.get_kind_display(), str(CallOutcome(call.outcome).label), call.at)
        for call in rows
    ]
