"""What the wall shows: the worst hazard with its numbers and its map, the others, and the feeds."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.utils import timezone

from apps.commandcentre.board import events, feed_health
from apps.commandcentre.exposure import village_figures
from apps.commandcentre.exposure.assessment import last_assessment
from apps.commandcentre.exposure.village_figures import Totals
from apps.commandcentre.models import Hazard, Plan, Shipment
from apps.commandcentre.models.plan import ShipmentStatus
from apps.commandcentre.planning import plans, statements
from apps.commandcentre.planning.standing import standing_of
from apps.commandcentre.readers import EVERYBODY
from apps.commandcentre.reports import hazard_map
from apps.commandcentre.reports.map_drawing import Style, draw_map
from apps.commandcentre.reports.svg import write_svg
from apps.commandcentre.states import TOPIC
from apps.jobs import outbox

# Hazards that a wall can show at once.
MOST: Final = 6
# The map on the wall: 60 % of a screen of 1920 x 1080, letters that are read from four metres.
MAP: Final = Style(width=1124, height=800, letter=25, legend=0.3, ink="#ffffff", paper="#10202f")


def wall(*, now: datetime) -> dict[str, Any]:
    """The context of the wall's board: sums of villages, nobody's name. Who passes by reads it, so
    that it shows what everybody may see. Queries: about ten.
    """
    listed = events.events(now, EVERYBODY)
    worst = listed[0] if listed else None
    plan = plans.last_plan(worst.hazard) if worst is not None else None
    return {
        "shown": listed[:MOST],
        "worst": worst,
        "totals": _totals(worst),
        "plan": plan,
        "standing": standing_of(plan, worst.assessment) if worst is not None and plan else None,
        "others_under_way": plans.under_way_by_others(worst.hazard, plan) if worst else 0,
        "waits_for_statement": plan is not None and bool(statements.held_facilities(plan)),
        "version": _version(worst, plan),
        "more": max(0, len(listed) - MOST) + events.left_out(now, listed),
        "alarms": sum(one.waits for one in listed),
        "feeds": feed_health.feeds(now),
        "last_event": outbox.last(TOPIC),
        "now": now,
        "zone": timezone.get_current_timezone_name(),
    }


def wall_map(hazard: Hazard) -> bytes:
    """The map of a hazard for the wall, as SVG. Queries: four."""
    assessment = last_assessment(hazard)
    drawn = [
        *hazard_map.features(hazard, assessment, EVERYBODY),
        *hazard_map.help_features(assessment, plans.live_plans(hazard)),
    ]
    return write_svg(draw_map(drawn, MAP))


def _totals(worst: events.Event | None) -> Totals:
    """The key figures of the worst hazard."""
    if worst is None or worst.assessment is None:
        return {}
    return village_figures.totals_of(worst.assessment, EVERYBODY)


def _version(worst: events.Event | None, plan: Plan | None) -> str:
    """Changes with the areas, the villages and the lines of the map. Queries: three."""
    if worst is None:
        return ""
    assessed = worst.assessment.pk if worst.assessment is not None else 0
    solved = f"{plan.pk}-{plan.solved_at:%H%M%S}" if plan is not None and plan.solved_at else "0"
    drawn = Shipment.objects.filter(plan__in=plans.live_plans(worst.hazard))
    lines = drawn.exclude(status=ShipmentStatus.CANCELLED).count()
    status = f"{worst.hazard.status}-{worst.hazard.level or 'none'}"
    return f"{worst.hazard.revision}-{assessed}-{status}-{solved}-{lines}"
