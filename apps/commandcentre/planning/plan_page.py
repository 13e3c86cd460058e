"""What the page of a plan shows: goods with what is missing, sources with their shipments."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.db.models import Count, F, Prefetch, Q, Sum, prefetch_related_objects
from django.http import QueryDict

from apps.commandcentre.exposure.assessment import last_assessment
from apps.commandcentre.models import Facility, Good, Plan, Shipment, ShipmentCorrection
from apps.commandcentre.models.plan import PlanStatus, ShipmentStatus
from apps.commandcentre.planning import (
    forms,
    given_goods,
    plans,
    shipment_lists,
    shipments,
    statements,
    vehicles,
)
from apps.commandcentre.planning.shipment_lists import ShipmentFilter, SourceTotals
from apps.commandcentre.planning.standing import standing_of
from apps.ui.paging import read_page

# Shipments on one page, and villages that lack something; the files have all.
SHIPMENTS_AT_ONCE = 100
MOST_UNMET = 100


def shown(plan: Plan, params: QueryDict) -> dict[str, Any]:
    """The context of the page. Queries: about twenty."""
    chosen = ShipmentFilter.from_params(params)
    is_proposed = plan.status == PlanStatus.PROPOSED
    lumbung = statements.lumbung_of(plan)
    permitted = statements.permitted_regencies(plan.hazard_id)
    held = [one for one in lumbung if statements.waits_for_statement(one, permitted)]
    rows = shipment_lists.rows_of(plan, chosen)
    page = read_page(
        rows,
        shipment_lists.NEAREST_FIRST,
        params,
        query=chosen.params(),
        known=plans.shipments_of(plan),
        size=SHIPMENTS_AT_ONCE,
    )
    told = ShipmentCorrection.objects.select_related("by").order_by("pk")
    prefetch_related_objects(page.rows, Prefetch("corrections", told))
    return {
        "goods": _goods(plan),
        "last_plan": plans.last_number(plan.hazard),
        "standing": standing_of(plan, last_assessment(plan.hazard)),
        "page": page,
        "sources": _sources(plan, page.rows, held),
        "chosen": chosen,
        "form": forms.ShipmentFilterForm(plan, initial=chosen.params(), auto_id="filter_%s"),
        # every button leads back to the same part of the list
        "here": params.urlencode(),
        "totals": shipment_lists.totals_of(rows),
        "page_under_way": [
            line.pk for line in page.rows if line.status == ShipmentStatus.DISPATCHED
        ],
        "unmet": _unmet(plan),
        "line_form": forms.LineForm(plan=plan),
        "excluded": list(_excluded(plan)),
        "overloaded": vehicles.overloaded(plan),
        "lost": shipments.lost_on_the_way(plan),
        "left_out": _left_out(plan),
        "other_events": given_goods.of_other_events(plan) if is_proposed else None,
        **_statements(plan, lumbung, held),
        "is_solving": plan.status == PlanStatus.SOLVING,
        "is_proposed": is_proposed,
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
            sent_units=Sum("sent"),
            given_units=Sum("given"),
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
            "sent": row["sent_units"],
            "given": row["given_units"],
            "missing": row["needed"] - row["sent_units"],
            "villages": row["villages"],
            "short": row["short"],
            "seconds": figures.get(str(row["good"]), {}).get("seconds"),
        }
        for row in rows
    ]


def _statements(plan: Plan, lumbung: list[Facility], held: list[Facility]) -> dict[str, Any]:
    """What was stated, and which lumbung wait for the statement of which regency."""
    waiting = {statements.regency_of(one) for one in held}
    regencies = statements.regencies_of(lumbung)
    missing = [one for one in regencies if one.pk in waiting]
    form = forms.StatementForm(initial={"region": missing[0].pk if len(missing) == 1 else ""})
    form.offer(missing, [one for one in regencies if one.pk not in waiting])
    return {
        "statements": statements.statements_of(plan),
        "missing": missing,
        "may_state": bool(regencies),
        "statement_form": form,
    }


def _sources(plan: Plan, lines: list[Shipment], held: list[Facility]) -> list[dict[str, Any]]:
    """The facilities of a page of shipments, each with its lines on the page."""
    numbers = {line.facility_id for line in lines}
    sources = {one.facility_id: one for one in plan.sources.filter(facility__in=numbers)}
    totals = shipment_lists.totals_by_source(plan, numbers)
    return [
        _source(sources.get(facility.pk), facility, list(own), totals[facility.pk])
        | {"waits_for_statement": facility in held}
        for facility, own in groupby(lines, key=lambda one: one.facility)
    ]


def _source(
    source: Any, facility: Facility, lines: list[Shipment], totals: SourceTotals
) -> dict[str, Any]:
    return {
        "facility": facility,
        "source": source,
        "lines": lines,
        "totals": totals,
        "is_part": len(lines) < totals.count,
    }


def _excluded(plan: Plan) -> Any:
    """The facilities that an operator left out."""
    return Facility.objects.filter(
        pk__in=plan.sources.filter(is_excluded=True).values("facility")
    ).order_by("name", "pk")


def _left_out(plan: Plan) -> dict[str, Any]:
    """The shipments whose stock was gone when the others were reserved."""
    found = list(shipments.left_out_of(plan)[: MOST_UNMET + 1])
    return {"rows": found[:MOST_UNMET], "is_cut": len(found) > MOST_UNMET, "most": MOST_UNMET}


def _unmet(plan: Plan) -> dict[str, Any]:
    """The villages that do not get what they need, the most urgent first."""
    rows = plan.needs.filter(sent__lt=F("quantity"))
    ordered = rows.select_related("village", "good").order_by("-urgency", "village", "good")
    found = list(ordered[: MOST_UNMET + 1])
    return {"rows": found[:MOST_UNMET], "is_cut": len(found) > MOST_UNMET, "most": MOST_UNMET}
