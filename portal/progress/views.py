"""The cards of the dashboard, each a page of its own and a fragment of the home page."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from apps.accounts.access import Scope, scope_of
from apps.accounts.roles import Permission
from apps.common.http import integer
from apps.proposals.access import trail
from apps.proposals.models import Decision
from apps.proposals.selection import Selection
from apps.proposals.states import ProposalStatus
from apps.ui.fragments import is_fragment
from apps.ui.permissions import requires
from apps.ui.requests import user_of
from portal.progress import (
    daily_trend,
    published_progress,
    region_findings,
    region_map,
    region_progress,
)
from portal.progress.areas import COLUMNS, Area, area_of

# Steps on one page.
PAGE = 50


@require_safe
@requires(Permission.VIEW_PROGRESS)
def funnel(request: HttpRequest) -> HttpResponse:
    """Proposals by region: bars, numbers, and the map of the regions; by status for who may view
    them, for others as the thematic maps show them.
    """
    area = _area(request)
    is_map = request.GET.get("view") == "map"
    title = _("Progress by region")
    if not area.list_address:
        shown = published_progress.open_progress(area)
        context: dict[str, Any] = {
            "progress": shown,
            "map_address": published_progress.map_address(area, user_of(request)),
        }
        if is_map:
            context |= {"view": "map", "map": region_map.drawing(area, shown.lines, "")}
        return _card(request, area, "open", title, **context)
    known = region_progress.progress(area)
    context = {"progress": known, "columns": COLUMNS}
    if is_map:
        chosen = region_map.status_of(request.GET.get("show", ""))
        lines = [one["line"] for one in known["lines"]]
        drawn = region_map.drawing(area, lines, chosen)
        context |= {"view": "map", "chosen": chosen, "map": drawn}
    return _card(request, area, "funnel", title, **context)


@require_safe
@requires(Permission.VIEW_PROPOSAL)
def trend(request: HttpRequest) -> HttpResponse:
    """The steps of each day against the cut-off, for who may view their proposals."""
    area = _area(request, Permission.VIEW_PROPOSAL)
    known = daily_trend.trend(area)
    return _card(
        request, area, "trend", _("Steps of the cycle"), trend=known, reached=daily_trend.REACHED
    )


@require_safe
@requires(Permission.VIEW_PROPOSAL)
def findings(request: HttpRequest) -> HttpResponse:
    """What the checks found, by region, for who may view the proposals."""
    area = _area(request, Permission.VIEW_PROPOSAL)
    known = region_findings.by_region(area)
    return _card(request, area, "findings", _("Findings by region"), findings=known)


@require_safe
@requires(Permission.VIEW_PROPOSAL)
def steps(request: HttpRequest) -> HttpResponse:
    """The steps of one day that reached a status: what a number of the trend counts."""
    user = user_of(request)
    scope = scope_of(user, Permission.VIEW_PROPOSAL)
    area = _area(request, Permission.VIEW_PROPOSAL)
    day, status = _asked_day(request), _asked_status(request)
    rows = _decisions(scope, area.code, day, status)
    total = rows.count()
    after = integer(request.GET.get("after"))
    found = list(
        (rows.filter(pk__gt=after) if after is not None else rows)
        .select_related("proposal__village")
        .order_by("pk")[: PAGE + 1]
    )
    shown = found[:PAGE]
    chosen = Selection(region=area.code, status=(status.value,))
    trail.note_listed(user, chosen, [one.proposal for one in shown])
    asked = {"region": area.code, "day": day.isoformat(), "status": status.value}
    return render(
        request,
        "portal/progress/steps.html",
        {
            "rows": shown,
            "total": total,
            "day": day,
            "status": status,
            "path": area.path(),
            "list_address": area.list_address,
            "next": urlencode(asked | {"after": shown[-1].pk}) if len(found) > PAGE else "",
        },
    )


def _decisions(scope: Scope, code: str, day: date, status: ProposalStatus) -> Any:
    zone = timezone.get_current_timezone()
    start = datetime.combine(day, time.min, zone)
    visible = Decision.objects.filter(scope.query("village__code"), at__gte=start)
    # only the last step of a proposal can be undone: it is the one before the undo
    before = Decision.objects.filter(proposal=OuterRef("proposal"), pk__lt=OuterRef("pk"))
    undone = visible.filter(is_undo=True).annotate(
        step=Subquery(before.order_by("-pk").values("pk")[:1])
    )
    rows = visible.filter(
        at__lte=datetime.combine(day, time.max, zone),
        to_status=status.value,
        is_undo=False,
    ).exclude(pk__in=undone.filter(step__isnull=False).values("step"))
    return rows.filter(Scope.of_codes([code]).query("village__code")) if code else rows


def _asked_day(request: HttpRequest) -> date:
    try:
        day = parse_date(request.GET.get("day", ""))
    except ValueError:
        day = None
    return day or timezone.localdate()


def _asked_status(request: HttpRequest) -> ProposalStatus:
    asked = request.GET.get("status", "")
    return ProposalStatus(asked) if asked in ProposalStatus.values else ProposalStatus.SUBMITTED


def _area(request: HttpRequest, permission: Permission = Permission.VIEW_PROGRESS) -> Area:
    return area_of(user_of(request), request.GET.get("region", ""), permission)


def _card(request: HttpRequest, area: Area, name: str, title: str, **context: Any) -> HttpResponse:
    """The fragment for the home page, else the card as a page. `base` is where its links stay."""
    template = f"portal/progress/_{name}.html"
    is_part = is_fragment(request)
    known = {
        "card": template,
        "title": title,
        "area": area,
        "path": area.path(),
        "base": reverse("home") if is_part else request.path,
    }
    return render(request, template if is_part else "portal/progress/card.html", known | context)
