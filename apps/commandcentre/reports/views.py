"""The situation report as page and PDF, and the affected villages as files."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.accounts.roles import Permission
from apps.audit import record
from apps.audit.models import Action
from apps.commandcentre.exposure import assessment as assessments
from apps.commandcentre.models import Assessment, Hazard
from apps.commandcentre.reports import cap, files, pdf, situation
from apps.common.tabular import csv_blocks, geojson_blocks
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
def as_csv(request: HttpRequest, hazard_id: int) -> HttpResponse:
    """The affected villages as a table."""
    hazard = get_object_or_404(Hazard, pk=hazard_id)
    content = b"".join(csv_blocks(files.rows(_assessment(hazard)), files.HEADER))
    return _file(request, hazard, content, "text/csv; charset=utf-8", "csv")


@require_safe
@requires(Permission.VIEW_HAZARD)
def as_geojson(request: HttpRequest, hazard_id: int) -> HttpResponse:
    """The affected villages with their borders."""
    hazard = get_object_or_404(Hazard, pk=hazard_id)
    content = b"".join(geojson_blocks(files.features(_assessment(hazard))))
    return _file(request, hazard, content, "application/geo+json", "geojson")


@require_safe
@requires(Permission.VIEW_HAZARD)
def as_cap(request: HttpRequest, hazard_id: int) -> HttpResponse:
    """The hazard as a CAP message."""
    hazard = get_object_or_404(Hazard, pk=hazard_id)
    areas = list(hazard.footprints.filter(revision=hazard.revision).order_by("-lower"))
    content = cap.message(hazard, areas, at=timezone.now())
    return _file(request, hazard, content, "application/cap+xml", "xml")


def _assessment(hazard: Hazard) -> Assessment:
    found = assessments.last_assessment(hazard)
    if found is None:
        raise Http404("not assessed")
    return found


def _file(
    request: HttpRequest, hazard: Hazard, content: bytes, media_type: str, ending: str
) -> HttpResponse:
    record.entry(Action.EXPORT, about=hazard, by=user_of(request), format=ending)
    response = HttpResponse(content, content_type=media_type)
    name = f"situasi-{hazard.pk}-{hazard.revision}.{ending}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
