"""What the wall shows: the hazards of the board with their numbers, and how feeds do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from apps.commandcentre.board import events, feed_health
from apps.commandcentre.models import Plan
from apps.commandcentre.models.plan import PlanStatus
from apps.commandcentre.states import TOPIC
from apps.jobs import outbox

# Hazards that a wall can show at once.
MOST: Final = 6


@dataclass(frozen=True)
class Shown:
    """One hazard on the wall. `missing`: units that its plan cannot send, None without a plan."""

    event: events.Event
    missing: int | None


def wall(*, now: datetime) -> dict[str, Any]:
    """The context of the wall's board."""
    listed = events.events(now)
    shown = listed[:MOST]
    plans = _last_plans([one.hazard.pk for one in shown])
    return {
        "shown": [Shown(one, _missing(plans.get(one.hazard.pk))) for one in shown],
        "more": max(0, len(listed) - MOST),
        "feeds": feed_health.feeds(now),
        "last_event": outbox.last(TOPIC),
        "now": now,
    }


def _last_plans(hazards: list[int]) -> dict[int, Plan]:
    rows = Plan.objects.filter(hazard__in=hazards).exclude(status=PlanStatus.CANCELLED)
    return {plan.hazard_id: plan for plan in rows.order_by("pk")}


def _missing(plan: Plan | None) -> int | None:
    if plan is None:
        return None
    return sum(good["unmet"] for good in plan.solved.get("goods", {}).values())
