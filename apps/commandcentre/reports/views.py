"""The situation report as page and PDF, and the hazard as a CAP message."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.accounts.roles import Permission
from apps.audit import record
from apps.audit.models import Action
from apps.commandcentre.models import Hazard
from apps.commandcentre.reports import cap, pdf, situation
from apps.ui.permissions import requires
from apps.ui.requests import user_of


@require_safe
@requires(Permission.VIEW_HAZARD)
def page(request: HttpRequest, hazard_id: int) -> HttpResponse:
    """The report of now, for the screen and for paper."""
    hazard = get_object_or_404(Hazard, pk=hazard_id)
    found = situation.report(hazard, at=timezone.now())
    context = {"found": found, "hazard": hazard, "most": situation.MOST_VILLAGES}
    return render(request, "commandcentre/reports/situation.html", context)


@require_safe
@requires(Permission.VIEW_HAZARD)
def as_pdf(request: HttpRequest, hazard_id: int) -> HttpResponse:
    """The report of now as PDF."""
    hazard = get_object_or_404(Hazard, pk=hazard_id)
    drawn = pdf.draw(situation.report(hazard, at=timezone.now()))
    return _file(request, hazard, drawn, "application/pdf", "pdf")


@require_safe
@requires(Permission.VIEW_HAZARD)
def as_cap(request: HttpRequest, hazard_id: int) -> HttpResponse:
    """The hazard as a CAP message."""
    hazard = get_object_or_404(Hazard, pk=hazard_id)
    areas = list(hazard.footprints.filter(revision=hazard.revision).order_by("-lower"))
    content = cap.message(hazard, areas, at=timezone.now())
    return _file(request, hazard, content, "application/cap+xml", "xml")


def _file(
    request: HttpRequest, hazard: Hazard, content: bytes, media_type: str, ending: str
) -> HttpResponse:
    record.entry(Action.EXPORT, about=hazard, by=user_of(request), format=ending)
    response = HttpResponse(content, content_type=media_type)
    name = f"situasi-{hazard.pk}-{hazard.revision}.{ending}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
