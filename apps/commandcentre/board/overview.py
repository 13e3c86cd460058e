"""What the wall shows: the active hazards by urgency with their numbers, and how feeds do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from apps.commandcentre.exposure import assessment as assessments
from apps.commandcentre.models import Assessment, Feed, Hazard, Plan
from apps.commandcentre.models.plan import PlanStatus
from apps.commandcentre.states import TOPIC, AlertLevel
from apps.jobs.models import Event

# Hazards that a wall can show at once.
MOST: Final = 6
URGENCY: Final = {level.value: place for place, level in enumerate(AlertLevel)}


@dataclass(frozen=True)
class Shown:
    """One hazard on the wall. `missing`: units that the plan cannot send, None without a plan."""

    hazard: Hazard
    assessment: Assessment | None
    plan: Plan | None

    @property
    def missing(self) -> int | None:
        if self.plan is None:
            return None
        goods = self.plan.solved.get("goods", {})
        return sum(good["unmet"] for good in goods.values())


def wall(*, now: datetime) -> dict[str, Any]:
    """The context of the wall's board. Queries: two for each hazard and three."""
    active = sorted(
        Hazard.objects.active().order_by("-occurred_at", "-pk")[:50],
        key=lambda one: URGENCY.get(one.level, len(URGENCY)),
    )
    newest = Event.objects.filter(topic=TOPIC).order_by("-id").values_list("id", flat=True).first()
    return {
        "hazards": [_shown(one) for one in active[:MOST]],
        "more": max(0, len(active) - MOST),
        "feeds": list(Feed.objects.order_by("name")),
        "last_event": newest or 0,
        "now": now,
    }


def _shown(hazard: Hazard) -> Shown:
    plan = hazard.plans.exclude(status=PlanStatus.CANCELLED).order_by("-pk").first()
    return Shown(hazard, assessments.last_assessment(hazard), plan)
