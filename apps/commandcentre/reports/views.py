"""Situation reports: the one of now, those that were issued, their files; the CAP message."""

from __future__ import annotations

from django.contrib import messages as flash
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.roles import Permission
from apps.audit import record
from apps.audit.models import Action
from apps.commandcentre.models import Hazard, ReportFile, SituationReport
from apps.commandcentre.models.situation_report import ReportFormat
from apps.commandcentre.readers import reader_of
from apps.commandcentre.reports import cap, issuing, pdf, sheet, svg
from apps.commandcentre.reports.forms import IssueForm
from apps.common.errors import DomainError
from apps.common.files.attachments import as_attachment
from apps.ui.permissions import requires
from apps.ui.requests import user_of


@require_safe
@requires(Permission.VIEW_HAZARD)
def page(request: HttpRequest, hazard_id: int) -> HttpResponse:
    """The report of now, which can be issued, and the list of those that were."""
    draft = _draft(request, hazard_id)
    context = {
        "hazard": draft.found.hazard,
        "sheet": draft.sheet,
        "has_assessment": draft.found.assessment is not None,
        "issued": issuing.issued_reports(draft.found.hazard),
        "about": draft.drawing.about,
    }
    return render(request, "commandcentre/reports/situation.html", context)


@require_safe
@requires(Permission.VIEW_HAZARD)
def as_svg(request: HttpRequest, hazard_id: int) -> HttpResponse:
    """The map of the report of now."""
    return HttpResponse(
        svg.write_svg(_draft(request, hazard_id).drawing),
        content_type=issuing.MEDIA_TYPES[ReportFormat.SVG],
    )


@require_safe
@requires(Permission.VIEW_HAZARD)
def as_pdf(request: HttpRequest, hazard_id: int) -> HttpResponse:
    """The report of now as PDF; it says that it is not an issued one."""
    draft = _draft(request, hazard_id)
    drawn = pdf.draw_pdf(draft.sheet, draft.drawing, mark=_("Draft: not issued, without a number."))
    return _file(request, draft.found.hazard, drawn, "application/pdf", "pdf")


@require_safe
@requires(Permission.VIEW_HAZARD)
def as_cap(request: HttpRequest, hazard_id: int) -> HttpResponse:
    """The hazard as a CAP message."""
    hazard = get_object_or_404(Hazard, pk=hazard_id)
    areas = list(hazard.footprints.filter(revision=hazard.revision).order_by("-lower"))
    try:
        content = cap.message(hazard, areas)
    except DomainError as refused:
        flash.error(request, refused.text)
        return redirect("commandcentre:report", hazard_id)
    return _file(request, hazard, content, "application/cap+xml", "xml")


@require_POST
@requires(Permission.VIEW_HAZARD, to_send=(Permission.MANAGE_HAZARD,))
def issue(request: HttpRequest, hazard_id: int) -> HttpResponse:
    """Issue the report of now under the next number."""
    hazard = get_object_or_404(Hazard, pk=hazard_id)
    sent = IssueForm(request.POST).sent
    corrected = hazard.situation_reports.filter(pk=sent["corrects"]).first()
    user = user_of(request)
    try:
        if sent["corrects"] and corrected is None:
            raise DomainError("report_other_hazard")
        made = issuing.issue_report(
            hazard=hazard,
            corrects=corrected,
            reason=sent["reason"],
            reader=reader_of(user),
            by=user,
            now=timezone.now(),
            seen=sent["seen"],
        )
    except DomainError as refused:
        flash.error(request, refused.text)
        return redirect("commandcentre:report", hazard_id)
    flash.success(request, _("Report number %(number)s is issued.") % {"number": made.number})
    return redirect("commandcentre:issued-report", made.pk)


@require_safe
@requires(Permission.MANAGE_HAZARD)
def issued(request: HttpRequest, report_id: int) -> HttpResponse:
    """A report as it went out, with true counts: for those who act."""
    rows = SituationReport.objects.select_related("hazard", "made_by", "corrects")
    report = get_object_or_404(rows, pk=report_id)
    context = {
        "report": report,
        "hazard": report.hazard,
        "sheet": sheet.read_sheet(report.content),
        "files": report.files.defer("content").order_by("format"),
        "corrections": report.hazard.situation_reports.filter(corrects=report).order_by("number"),
    }
    return render(request, "commandcentre/reports/issued.html", context)


@require_safe
@requires(Permission.MANAGE_HAZARD)
def issued_file(request: HttpRequest, report_id: int, ending: str) -> HttpResponse:
    """A file of a report as it went out; all but the map on its page are recorded exports."""
    if ending not in ReportFormat.values:
        raise Http404
    rows = ReportFile.objects.select_related("report", "report__hazard")
    file = get_object_or_404(rows, report=report_id, format=ending)
    kind = ReportFormat(file.format)
    answer = HttpResponse(bytes(file.content), content_type=issuing.MEDIA_TYPES[kind])
    if kind is not ReportFormat.SVG:
        record.entry(Action.EXPORT, about=file.report, by=user_of(request), format=ending)
        name = f"situasi-{file.report.hazard_id}-{file.report.number}.{ending}"
        return as_attachment(answer, name)
    return answer


def _draft(request: HttpRequest, hazard_id: int) -> issuing.Draft:
    rows = Hazard.objects.select_related("acknowledged_by", "assigned_to")
    hazard = get_object_or_404(rows, pk=hazard_id)
    reader = reader_of(user_of(request))
    return issuing.draft_report(hazard, reader=reader, at=timezone.now())


def _file(
    request: HttpRequest, hazard: Hazard, content: bytes, media_type: str, ending: str
) -> HttpResponse:
    record.entry(Action.EXPORT, about=hazard, by=user_of(request), format=ending)
    answer = HttpResponse(content, content_type=media_type)
    return as_attachment(answer, f"situasi-{hazard.pk}-{hazard.revision}.{ending}")
