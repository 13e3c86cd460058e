"""A checked file: counts, groups by cause, rows of a group, the map, the download, submission."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.common.errors import DomainError
from apps.proposals import maps, rules
from apps.proposals.access import trail
from apps.proposals.access.batch_access import (
    batch_of,
    batch_to_change,
    may_change,
)
from apps.proposals.checks import findings, known_rows
from apps.proposals.export.downloads import returned_file
from apps.proposals.fixes import mend_page, row_fixes, rows
from apps.proposals.messages import UNCHANGED, why
from apps.proposals.models import Batch, Severity, Verdict
from apps.proposals.states import BatchStatus, ProposalStatus
from apps.proposals.submitting import submission, village_evidence, when_checked
from apps.proposals.upload import column_mapping
from apps.ui.paging import read_page
from apps.ui.permissions import requires
from apps.ui.requests import user_of

RECENT = 10


def page(request: HttpRequest, batch: Batch) -> HttpResponse:
    """The findings of a checked file. `?view=map` adds the map."""
    user = user_of(request)
    may = may_change(request, batch)
    found = findings.groups(batch)
    villages = village_evidence.villages(batch, user, timezone.now())
    is_open = row_fixes.is_open(batch)
    going = village_evidence.preview_submission(batch, user, villages)
    asked = row_fixes.last_asked(batch) if may else None
    sees_rows = submission.sees_rows_of(user, batch)
    staying = _staying(batch, going.stay if is_open else {}) if may else []
    if may and going.can_go and not sees_rows:
        staying.append(DomainError("submit_unseen").text)
    return render(
        request,
        "proposals/fixes/findings.html",
        {
            "batch": batch,
            "may": may and is_open,
            "is_mine": may,
            "deadline": mend_page.deadline(batch, timezone.localdate()),
            "step": 4 if batch.counts.get("held") else 5,
            "to_check": findings.to_check(batch),
            "known_rows": known_rows.title(batch) if batch.went_on_at else "",
            "use": column_mapping.use_of(batch),
            "groups": sorted(
                (group for group in found if group.severity != Severity.NOTE),
                key=lambda group: (-group.count, group.code),
            ),
            "notes": [group for group in found if group.severity == Severity.NOTE],
            "offers": row_fixes.offers(batch) if may and is_open else {},
            "verdicts": _in_order(batch.counts.get("verdicts", {})),
            "asked": asked[0] if asked else None,
            "why": why(asked[1], UNCHANGED) if asked and asked[1].is_finished else "",
            "history": row_fixes.history(batch)[:RECENT],
            "ready": sum(one.ready for one in villages),
            "can_go": going.can_go if sees_rows else 0,
            "staying": staying,
            "lacking": "" if batch.agency_id else village_evidence.sentence(villages),
            "unproved": village_evidence.unproved(batch, user),
            "submitted": batch.proposals.exclude(status=ProposalStatus.DRAFT).count(),
            "is_map": request.GET.get("view") == "map",
        },
    )


def _in_order(counts: dict[str, int]) -> list[tuple[str, int]]:
    return [(code, counts[code]) for code in Verdict.values if counts.get(code)]


@require_safe
@requires(Permission.VIEW_BATCH)
def group(request: HttpRequest, batch_id: int, code: str) -> HttpResponse:
    """The rows with one finding; their cells can be typed over in place."""
    batch = batch_of(request, batch_id)
    if code not in rules.RULES:
        raise Http404
    listed = batch.findings.filter(code=code)
    shown = read_page(listed, findings.BY_ROW, request.GET)
    found = shown.rows
    trail.note_rows(user_of(request), batch, found)
    numbers = list(dict.fromkeys(finding.row_number for finding in found))
    may = may_change(request, batch)
    return render(
        request,
        "proposals/fixes/group.html",
        {
            "batch": batch,
            "code": code,
            "message": findings.kind(code) if found else None,
            "count": batch.counts.get("findings", {}).get(code, 0),
            "rows": rows.rows_of(batch, numbers, code, hides_points=not may),
            "may": may and row_fixes.is_open(batch),
            "offer": row_fixes.offers(batch).get(code) if may else None,
            "droppable": row_fixes.droppable(batch, code) if may else 0,
            "page": shown,
        },
    )


@require_safe
@requires(Permission.VIEW_BATCH)
def held(request: HttpRequest, batch_id: int) -> HttpResponse:
    """The rows that must be fixed, each with all its causes."""
    batch = batch_of(request, batch_id)
    shown = read_page(batch.held_rows.all(), findings.BY_ROW, request.GET)
    trail.note_rows(user_of(request), batch, shown.rows)
    return render(
        request,
        "proposals/fixes/held.html",
        {
            "batch": batch,
            "may": may_change(request, batch) and row_fixes.is_open(batch),
            "deadline": mend_page.deadline(batch, timezone.localdate()),
            "held": findings.held(batch, shown.rows, hides=not may_change(request, batch)),
            "page": shown,
        },
    )


@require_safe
@requires(Permission.VIEW_BATCH)
@gzip_page
def points(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Positions and verdicts of the rows of a file, good and held."""
    batch = batch_of(request, batch_id)
    box = maps.Box.of(request.GET.get("box", ""))
    picture = maps.picture_of_batch(batch, _seen(request, batch), box)
    trail.note_batch_mapped(batch, picture, box)
    return JsonResponse(picture, json_dumps_params={"separators": (",", ":")})


@require_safe
@requires(Permission.VIEW_BATCH)
@gzip_page
def outlines(request: HttpRequest, batch_id: int) -> HttpResponse:
    """The outlines of the villages in the file."""
    batch = batch_of(request, batch_id)
    drawn = maps.outlines(_seen(request, batch), also=maps.villages_held(batch))
    return JsonResponse(drawn, json_dumps_params={"separators": (",", ":")})


def _seen(request: HttpRequest, batch: Batch) -> Any:
    return batch.proposals.within(findings.scope_to_look(user_of(request)))


@require_safe
@requires(Permission.UPLOAD_BATCH)
def download(request: HttpRequest, batch_id: int) -> HttpResponseBase:
    """The officer's own file with its findings; with `?rows=held` only rows that must be fixed."""
    batch = batch_to_change(request, batch_id)
    user = user_of(request)
    try:
        return returned_file(batch, user, is_held_only=request.GET.get("rows") == "held")
    except DomainError as refused:
        messages.error(request, refused.text)
        return redirect("proposals:batch", batch.pk)


@require_POST
@requires(Permission.UPLOAD_BATCH)
def submit(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Submit the good rows of the villages that have their evidence. A repeat does nothing."""
    batch = batch_to_change(request, batch_id)
    user = user_of(request)
    try:
        done = submission.submit(batch=batch, by=user, now=timezone.now())
    except DomainError as refused:
        messages.warning(request, refused.text)
        return redirect("proposals:batch", batch.pk)
    batch.refresh_from_db()
    for words in _outcome_lines(batch, done, user):
        messages.info(request, words)
    return redirect("proposals:batch", batch.pk)


def _outcome_lines(batch: Batch, done: submission.Submitted, user: User) -> list[str]:
    """The result for the rows, one sentence for each outcome."""
    said = []
    if done.moved:
        said.append(
            ngettext(
                "{n} row submitted for review.", "{n} rows submitted for review.", done.moved
            ).format(n=number_format(done.moved))
        )
    elif batch.status == BatchStatus.SUBMITTED and batch.submitted_at:
        at = date_format(timezone.localtime(batch.submitted_at), "DATETIME_FORMAT")
        said.append(_("These rows were submitted on {at} already; once is enough.").format(at=at))
    if done.held_back.get("no_evidence"):
        said.append(
            village_evidence.sentence(village_evidence.villages(batch, user, timezone.now()))
        )
    return said + village_evidence.staying(done.held_back)


def _staying(batch: Batch, reasons: dict[str, int]) -> list[str]:
    """Why rows are not submitted: a refused submission, and the causes that hold the rows."""
    refused = when_checked.refusal(batch)
    return [*([refused] if refused else []), *village_evidence.staying(reasons)]


urlpatterns = [
    path("batches/<int:batch_id>/points.json", points, name="batch-points"),
    path("batches/<int:batch_id>/outlines.json", outlines, name="batch-outlines"),
    path("batches/<int:batch_id>/findings/<slug:code>/", group, name="batch-finding"),
    path("batches/<int:batch_id>/held/", held, name="batch-held"),
    path("batches/<int:batch_id>/download/", download, name="batch-download"),
    path("batches/<int:batch_id>/submit/", submit, name="batch-submit"),
]
