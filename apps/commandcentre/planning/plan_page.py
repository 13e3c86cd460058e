"""What the page of a plan shows: goods with what is missing, sources with their shipments."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.db.models import Count, F, Q, Sum

from apps.commandcentre.models import Facility, Good, Plan, Shipment
from apps.commandcentre.models.plan import PlanStatus, ShipmentStatus
from apps.commandcentre.planning import forms, plans, shipments, vehicles

# Shipments on one page; the file has all.
MOST_SHIPMENTS = 500
MOST_UNMET = 100


def shown(plan: Plan) -> dict[str, Any]:
    """The context of the page. Queries: about ten."""
    rows = list(plans.shipments_of(plan)[: MOST_SHIPMENTS + 1])
    sources = {one.facility_id: one for one in plan.sources.all()}
    return {
        "goods": _goods(plan),
        "sources": [
            _source(sources.get(facility.pk), facility, list(lines))
            for facility, lines in groupby(rows[:MOST_SHIPMENTS], key=lambda one: one.facility)
        ],
        "is_cut": len(rows) > MOST_SHIPMENTS,
        "most": MOST_SHIPMENTS,
        "unmet": _unmet(plan),
        "overloaded": vehicles.overloaded(plan),
        "lost": shipments.lost_on_the_way(plan),
        "statement_form": forms.StatementForm(),
        "is_solving": plan.status == PlanStatus.SOLVING,
        "is_proposed": plan.status == PlanStatus.PROPOSED,
        "is_reserved": plan.status == PlanStatus.RESERVED,
        "is_over": plan.status == PlanStatus.CANCELLED,
    }


def _goods(plan: Plan) -> list[dict[str, Any]]:
    """Each good with what is needed, sent and missing, and in how many villages."""
    figures = plan.solved.get("goods", {})
    rows = (
        plan.needs.values("good", "good__name", "good__unit")
        .annotate(
            needed=Sum("quantity"),
            given=Sum("sent"),
            villages=Count("pk"),
            short=Count("pk", filter=Q(sent__lt=F("quantity"))),
        )
        .order_by("good__name")
    )
    units = dict(Good.Unit.choices)
    return [
        {
            "name": row["good__name"],
            "unit": units[row["good__unit"]],
            "needed": row["needed"],
            "sent": row["given"],
            "missing": row["needed"] - row["given"],
            "villages": row["villages"],
            "short": row["short"],
            "seconds": figures.get(str(row["good"]), {}).get("seconds"),
        }
        for row in rows
    ]


def _source(source: Any, facility: Facility, lines: list[Shipment]) -> dict[str, Any]:
    statuses = {line.status for line in lines}
    return {
        "facility": facility,
        "source": source,
        "lines": lines,
        "may_leave": ShipmentStatus.RESERVED in statuses,
        "needs_statement": facility.kind == Facility.Kind.LUMBUNG,
    }


def _unmet(plan: Plan) -> list[Any]:
    """The villages that do not get what they need, the most urgent first."""
    return list(
        plan.needs.filter(sent__lt=F("quantity"))
        .select_related("village", "good")
        .order_by("-urgency", "village", "good")[:MOST_UNMET]
    )
