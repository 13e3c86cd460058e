"""The page of all rows that must be mended, and the page of dropped rows."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.accounts.roles import Permission
from apps.common.errors import DomainError
from apps.common.http import integer
from apps.jobs import polling
from apps.proposals import lines, states
from apps.proposals.access import trail
from apps.proposals.access.batch_access import batch_to_change
from apps.proposals.fixes import mend_page, row_fixes, rows
from apps.proposals.fixes.forms import DroppedForm, MendForm
from apps.proposals.fixes.views.group_fixes import watched_fix
from apps.proposals.messages import UNCHANGED, why
from apps.proposals.models import Batch, Fix
from apps.ui.fragments import is_fragment, refreshing
from apps.ui.paging import PAGE, Order, read_page
from apps.ui.permissions import requires
from apps.ui.requests import user_of


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.UPLOAD_BATCH)
def mend(request: HttpRequest, batch_id: int) -> HttpResponse:
    """GET: fifty rows, the worst first, or the progress of a change. POST: changed cells."""
    batch = batch_to_change(request, batch_id)
    if batch.status not in states.CHECKED:
        return redirect("proposals:batch", batch.pk)
    if request.method == "POST":
        return _save(request, batch)
    # read the progress before the rows, so that the rows show a change that is done
    fix = batch.fixes.filter(pk=integer(request.GET.get("fix"), default=0)).first()
    if fix is not None and fix.status == Fix.Status.ASKED:
        known = watched_fix(batch, fix, row_fixes.job_of(fix), request.get_full_path())
        if is_fragment(request):
            answer = render(request, "proposals/fixes/_fix_progress.html", known)
            return polling.reloading(answer, known["job"])
        known |= {"is_waiting": True, "held": batch.counts.get("held", 0)}
        return render(request, "proposals/fixes/mend.html", known)
    if is_fragment(request):
        return refreshing(HttpResponse())
    typed: dict[int, Any] = {}
    refused = ""
    if fix is not None and fix.status == Fix.Status.REFUSED:
        typed = {int(row): cells for row, cells in fix.values.items()}
        refused = why(row_fixes.job_of(fix), UNCHANGED)
    page = mend_page.read(batch, request.GET, typed)
    return _shown(request, batch, page, fix=fix, refused=refused)


def _save(request: HttpRequest, batch: Batch) -> HttpResponse:
    user = user_of(request)
    form = MendForm(request.POST)
    shown = [number for number in form.sent["row"][:PAGE] if number]
    asked, seen = mend_page.changes(batch, shown, form.data)
    if not asked:
        refused = _("Nothing was changed: every cell is as it was.")
    else:
        try:
            fix, job = row_fixes.edit_rows(
                batch=batch, rows=asked, seen=seen, by=user, now=timezone.now()
            )
        except DomainError as error:
            refused = error.text
        else:
            address = redirect("proposals:batch-mend", batch.pk)
            address["Location"] += f"?fix={fix.pk}"
            return address
    page = mend_page.read_about(batch, shown, typed=asked)
    return _shown(request, batch, page, refused=refused)


def _shown(
    request: HttpRequest,
    batch: Batch,
    page: mend_page.MendPage,
    *,
    fix: Fix | None = None,
    refused: str = "",
) -> HttpResponse:
    trail.note_numbers(user_of(request), batch, [line.row.number for line in page.lines])
    return render(
        request,
        "proposals/fixes/mend.html",
        {
            "batch": batch,
            "page": page,
            "fix": fix,
            "is_done": fix is not None and fix.status == Fix.Status.DONE,
            "refused": refused,
            "held": batch.counts.get("held", 0),
            "may": row_fixes.is_open(batch),
            "deadline": mend_page.deadline(batch, timezone.localdate()),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.UPLOAD_BATCH)
def dropped(request: HttpRequest, batch_id: int) -> HttpResponse:
    """The dropped rows; POST restores one of them, or all that are shown."""
    batch = batch_to_change(request, batch_id)
    user = user_of(request)
    if request.method == "POST":
        chosen = DroppedForm(request.POST).sent["row"]
        try:
            fix, job = row_fixes.restore(batch=batch, rows=chosen, by=user, now=timezone.now())
        except DomainError as refused:
            messages.warning(request, refused.text)
            return redirect("proposals:batch-dropped", batch.pk)
        return redirect("proposals:batch-fix", batch.pk, fix.pk)
    waiting = batch.dropped_rows.select_related("fix__user")
    page = read_page(waiting, Order.by("row_number"), request.GET)
    shown = page.rows
    numbers = [one.row_number for one in shown]
    known = {row.number: row for row in rows.rows_of(batch, numbers)}
    trail.note_numbers(user, batch, numbers)
    return render(
        request,
        "proposals/fixes/dropped.html",
        {
            "batch": batch,
            "rows": [(known[one.row_number], one) for one in shown if one.row_number in known],
            "may": row_fixes.is_open(batch),
            "deadline": mend_page.deadline(batch, timezone.localdate()),
            "count": batch.counts.get("dropped", 0),
            "page": page,
            "above": lines.above(batch),
        },
    )


urlpatterns = [
    path("batches/<int:batch_id>/mend/", mend, name="batch-mend"),
    path("batches/<int:batch_id>/dropped/", dropped, name="batch-dropped"),
]
