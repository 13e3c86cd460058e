"""One row of a checked file: its cells are typed over in place and checked again."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.accounts.roles import Permission
from apps.common.errors import DomainError
from apps.proposals import rules
from apps.proposals.access import trail
from apps.proposals.access.batch_access import batch_of, batch_to_change, may_change
from apps.proposals.fixes import row_fixes, rows
from apps.proposals.fixes.forms import RowForm
from apps.proposals.fixes.views.group_fixes import watched_fix
from apps.proposals.messages import UNCHANGED, why
from apps.proposals.models import Batch, Fix
from apps.ui.fragments import is_fragment
from apps.ui.permissions import requires
from apps.ui.requests import user_of

# Polling interval of a line: one row is checked in less than a second.
LINE_MS = 300
# Buttons beside "save" and the kind of fix for the whole row.
MOVES = {"drop": row_fixes.drop, "restore": row_fixes.restore}


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.VIEW_BATCH, to_send=(Permission.UPLOAD_BATCH,))
def row(request: HttpRequest, batch_id: int, row_number: int) -> HttpResponse:
    """GET: the row, or its line of a group while it is checked again. POST: changed cells."""
    batch = (batch_to_change if request.method == "POST" else batch_of)(request, batch_id)
    form = RowForm(request.POST if request.method == "POST" else request.GET)
    given = form.sent
    code = given["code"] if given["code"] in rules.RULES else ""
    # read the progress before the row, so that the row shows a change that is done
    fix = batch.fixes.filter(pk=given["fix"]).first()
    may = may_change(request, batch)
    found = rows.rows_of(batch, [row_number], code, hides_points=not may)
    if not found:
        raise Http404
    if request.method == "POST":
        return _change(request, batch, found[0], code, form)
    trail.note_row(user_of(request), batch, row_number)
    if is_fragment(request):
        return _line(request, batch, found[0], code, fix)
    context = {
        "batch": batch,
        "row": found[0],
        "may": may and row_fixes.is_open(batch),
        "changes": row_fixes.changes_of(batch, row_number),
    }
    if fix is not None and fix.status == Fix.Status.ASKED:
        poll = reverse("proposals:batch-fix", args=[batch.pk, fix.pk])
        context |= watched_fix(batch, fix, row_fixes.job_of(fix), poll)
    return render(request, "proposals/fixes/row.html", context)


def _change(
    request: HttpRequest, batch: Batch, shown: rows.BatchRow, code: str, form: RowForm
) -> HttpResponse:
    user = user_of(request)
    is_line = is_fragment(request)
    given = form.sent
    typed = rows.typed(shown, form.among(cell.name for cell in shown.cells))
    refused, fix = "", None
    verb = next((verb for verb in MOVES if given[verb]), "")
    if verb:
        typed = {}
        try:
            fix, job = MOVES[verb](batch=batch, rows=[shown.number], by=user, now=timezone.now())
        except DomainError as error:
            refused = error.text
    elif typed:
        try:
            fix, job = row_fixes.edit(
                batch=batch,
                row_number=shown.number,
                cells=typed,
                seen=given["seen"],
                by=user,
                now=timezone.now(),
                code=code,
            )
        except DomainError as error:
            refused = error.text
    else:
        refused = _("Row %(row)s: nothing was changed, every cell is as it was.") % {
            "row": shown.line
        }
    if is_line:
        return _line(request, batch, shown, code, fix, refused=refused, typed=typed)
    if refused:
        messages.warning(request, refused)
    address = redirect("proposals:batch-row", batch.pk, shown.number)
    if fix is not None:
        address["Location"] += f"?fix={fix.pk}"
    return address


def _line(
    request: HttpRequest,
    batch: Batch,
    shown: rows.BatchRow,
    code: str,
    fix: Fix | None,
    *,
    refused: str = "",
    typed: dict[str, str] | None = None,
) -> HttpResponse:
    """The line of a group: in progress, or the current row."""
    if fix is not None and fix.status == Fix.Status.REFUSED:
        job = row_fixes.job_of(fix)
        refused = why(job, UNCHANGED)
    is_waiting = fix is not None and fix.status == Fix.Status.ASKED
    if fix is not None and is_waiting:
        given = fix.values.get(str(shown.number)) or {}
        typed = {name: rows.hidden(name, value or "") for name, value in given.items()}
    return render(
        request,
        "proposals/fixes/_row.html",
        {
            "batch": batch,
            "row": shown,
            "code": code,
            "may": may_change(request, batch) and row_fixes.is_open(batch),
            "fix": fix,
            "is_waiting": is_waiting,
            **_polls(batch, shown, code, fix),
            "is_done": fix is not None and fix.status == Fix.Status.DONE,
            "refused": refused,
            "typed": typed or {},
        },
    )


def _polls(batch: Batch, shown: rows.BatchRow, code: str, fix: Fix | None) -> dict[str, Any]:
    """When and at which address a line in progress polls."""
    if fix is None:
        return {}
    address = reverse("proposals:batch-row", args=[batch.pk, shown.number])
    return {"poll": f"{address}?fix={fix.pk}&code={code}", "pause_ms": LINE_MS}


urlpatterns = [
    path("batches/<int:batch_id>/rows/<int:row_number>/", row, name="batch-row"),
]
