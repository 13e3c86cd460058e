"""The button of a whole group: preview, change, undo."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.roles import Permission
from apps.common.errors import DomainError
from apps.jobs import polling
from apps.jobs.models import Job
from apps.proposals import lines, maps
from apps.proposals.access import trail
from apps.proposals.access.batch_access import batch_of, batch_to_change, may_change
from apps.proposals.columns import TEMPLATE
from apps.proposals.fixes import row_fixes, rows
from apps.proposals.fixes.forms import GroupForm
from apps.proposals.messages import UNCHANGED, why
from apps.proposals.models import Batch, Fix, Verdict
from apps.ui.fragments import is_fragment
from apps.ui.permissions import requires
from apps.ui.requests import user_of

MOST_NAMED = 20


@require_POST
@requires(Permission.UPLOAD_BATCH)
def start(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Enqueue the preview of the button of a group."""
    batch = batch_to_change(request, batch_id)
    user = user_of(request)
    given = GroupForm(request.POST).sent
    foresee = row_fixes.preview_drop if given["drop"] else row_fixes.preview_group
    try:
        fix, job = foresee(batch=batch, code=given["code"], by=user, now=timezone.now())
    except DomainError as refused:
        messages.warning(request, refused.text)
        return redirect("proposals:batch", batch.pk)
    return redirect("proposals:batch-fix", batch.pk, fix.pk)


@require_safe
@requires(Permission.VIEW_BATCH)
def fix_page(request: HttpRequest, batch_id: int, fix_id: int) -> HttpResponse:
    """The page of a change: in progress, previewed, made, or refused. `?view=map` adds the map."""
    batch = batch_of(request, batch_id)
    fix = _fix(batch, fix_id)
    job = row_fixes.job_of(fix)
    is_waiting = not job.is_finished
    is_cancelled = job.status == Job.Status.CANCELLED
    if not is_waiting:
        fix.refresh_from_db(fields=["status", "result"])  # the worker's result
    may = may_change(request, batch)
    watched = watched_fix(batch, fix, job, request.path) | {"may_cancel": may}
    if is_fragment(request):
        answer = render(request, "proposals/fixes/_fix_progress.html", watched)
        return polling.reloading(answer, job)
    if not is_waiting and fix.result.get("examples"):
        trail.note_fix(user_of(request), batch, fix)
    missing = lines.lines_of(batch, row_fixes.absent(fix))
    return render(
        request,
        "proposals/fixes/fix.html",
        watched
        | {
            "is_waiting": is_waiting,
            "is_cancelled": is_cancelled,
            "is_refused": fix.status == Fix.Status.REFUSED
            or (is_cancelled and fix.status == Fix.Status.ASKED),
            "why": why(job, UNCHANGED)
            if fix.status == Fix.Status.REFUSED and not is_cancelled
            else "",
            "may": may and row_fixes.is_open(batch),
            "moved": lines.listed(batch, fix.result.get("moved", [])),
            "absent": missing,
            "absent_first": _first_of(missing),
            "before": _in_order(fix.result.get("before", {})),
            "after": _in_order(fix.result.get("after", {})),
            "examples": _examples(batch, fix, may=may),
            "left": fix.result.get("left", {}),
            "strange": lines.lines_of(batch, fix.result.get("left", {}).get("strange", [])),
            "has_points": bool(fix.result.get("points")),
            "undone_by": fix.undos.exclude(status=Fix.Status.REFUSED).first(),
            "view": request.GET.get("view", ""),
        },
    )


@require_POST
@requires(Permission.UPLOAD_BATCH)
def apply(request: HttpRequest, batch_id: int, fix_id: int) -> HttpResponse:
    """Make the change that was previewed."""
    batch = batch_to_change(request, batch_id)
    user = user_of(request)
    try:
        row_fixes.apply(fix=_fix(batch, fix_id), by=user, now=timezone.now())
    except DomainError as refused:
        messages.warning(request, refused.text)
    return redirect("proposals:batch-fix", batch.pk, fix_id)


@require_POST
@requires(Permission.UPLOAD_BATCH)
def drop_absent(request: HttpRequest, batch_id: int, fix_id: int) -> HttpResponse:
    """Drop the rows that a correction file did not hold."""
    return _follow_up(request, batch_id, fix_id, row_fixes.drop_absent)


@require_POST
@requires(Permission.UPLOAD_BATCH)
def undo(request: HttpRequest, batch_id: int, fix_id: int) -> HttpResponse:
    """Undo a change."""
    return _follow_up(request, batch_id, fix_id, row_fixes.undo)


@require_POST
@requires(Permission.UPLOAD_BATCH)
def cancel(request: HttpRequest, batch_id: int, fix_id: int) -> HttpResponse:
    """Cancel a change that waits or is in progress."""
    batch = batch_to_change(request, batch_id)
    user = user_of(request)
    try:
        asked = row_fixes.cancel(fix=_fix(batch, fix_id), by=user, now=timezone.now())
    except DomainError as refused:
        messages.warning(request, refused.text)
    else:
        if not asked:
            messages.info(request, _("There was nothing to cancel: the work has ended."))
    return redirect("proposals:batch-fix", batch.pk, fix_id)


@require_safe
@requires(Permission.VIEW_BATCH)
@gzip_page
def points(request: HttpRequest, batch_id: int, fix_id: int) -> HttpResponse:
    """The points of the changed rows: before the change (`?when=before`) or after it."""
    batch = batch_of(request, batch_id)
    fix = _fix(batch, fix_id)
    drawn = fix.result.get("points", [])
    picture = maps.picture_of_change(batch, drawn, is_before=request.GET.get("when") == "before")
    trail.note_batch_mapped(batch, picture, None)
    return JsonResponse(picture, json_dumps_params={"separators": (",", ":")})


def watched_fix(batch: Batch, fix: Fix, job: Job, poll: str) -> dict[str, Any]:
    """The context of `_fix_progress.html`; `poll` is the address of the fragment alone."""
    known = polling.watched(job, timezone.now(), is_awaited=True)
    return known | {"batch": batch, "fix": fix, "poll": poll}


def _follow_up(
    request: HttpRequest, batch_id: int, fix_id: int, enqueue: Callable[..., tuple[Fix, Job]]
) -> HttpResponse:
    """Enqueue a change that follows from another, and redirect to its page."""
    batch = batch_to_change(request, batch_id)
    try:
        fix, _job = enqueue(fix=_fix(batch, fix_id), by=user_of(request), now=timezone.now())
    except DomainError as refused:
        messages.warning(request, refused.text)
        return redirect("proposals:batch-fix", batch.pk, fix_id)
    return redirect("proposals:batch-fix", batch.pk, fix.pk)


def _fix(batch: Batch, fix_id: int) -> Fix:
    return get_object_or_404(batch.fixes.select_related("user", "undoes__user"), pk=fix_id)


def _first_of(numbers: list[int]) -> str:
    """The first lines of a long list, for a sentence."""
    named = ", ".join(map(str, numbers[:MOST_NAMED]))
    return named if len(numbers) <= MOST_NAMED else f"{named} …"


def _in_order(counts: dict[str, int]) -> list[tuple[str, int]]:
    return [(code, counts[code]) for code in ["", *Verdict.values] if counts.get(code)]


def _examples(batch: Batch, fix: Fix, *, may: bool) -> list[dict[str, Any]]:
    """Changed rows. The point of one that is protected, or was at the preview, and of one that the
    user does not see as a row, is for those who may change it. Queries: two or three, or none.
    """
    found = fix.result.get("examples", [])
    numbers = [] if may else [one["row_number"] for one in found if not one.get("is_protected")]
    shown = maps.open_rows(batch, numbers)
    return [_example(batch, one, hides=not may and one["row_number"] not in shown) for one in found]


def _example(batch: Batch, one: dict[str, Any], *, hides: bool) -> dict[str, Any]:
    """A changed row with its cells, numbers masked."""
    old, new = one.get("old") or {}, one.get("new") or {}
    if hides:
        old, new = (
            part | {name: maps.HIDDEN for name in maps.PLACE if part.get(name)}
            for part in (old, new)
        )
    cells = [
        {
            "label": TEMPLATE.get(name, name),
            "old": rows.hidden(name, str(old.get(name) or "")),
            "new": rows.hidden(name, str(new.get(name) or "")),
        }
        for name in new
    ]
    return one | {"cells": cells, "line": lines.line_of(batch, one["row_number"])}


urlpatterns = [
    path("batches/<int:batch_id>/fixes/", start, name="batch-fixes"),
    path("batches/<int:batch_id>/fixes/<int:fix_id>/", fix_page, name="batch-fix"),
    path("batches/<int:batch_id>/fixes/<int:fix_id>/apply/", apply, name="batch-fix-apply"),
    path("batches/<int:batch_id>/fixes/<int:fix_id>/undo/", undo, name="batch-fix-undo"),
    path("batches/<int:batch_id>/fixes/<int:fix_id>/drop/", drop_absent, name="batch-fix-drop"),
    path("batches/<int:batch_id>/fixes/<int:fix_id>/cancel/", cancel, name="batch-fix-cancel"),
    path("batches/<int:batch_id>/fixes/<int:fix_id>/points.json", points, name="batch-fix-points"),
]
