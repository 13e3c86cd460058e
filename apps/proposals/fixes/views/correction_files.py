"""The upload page of a correction file."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.accounts.access import actor_of, scoped
from apps.accounts.roles import Permission
from apps.common.errors import DomainError
from apps.common.files import inspection
from apps.proposals.access.batch_access import batch_to_change
from apps.proposals.fixes import from_file as verbs
from apps.proposals.fixes import row_fixes
from apps.proposals.models import Batch
from apps.ui.permissions import requires
from apps.ui.requests import user_of


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.UPLOAD_BATCH)
@transaction.non_atomic_requests  # the file is inspected between two transactions
def corrections(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Choose the corrected file; its rows replace those with the same number."""
    user = user_of(request)
    with scoped(user):
        batch = batch_to_change(request, batch_id)
    wrong = ""
    if request.method == "POST":
        file: Any = request.FILES.get("file")
        if file is None:
            wrong = _("No file was chosen. Choose the corrected file and upload it.")
        else:
            try:
                return _received(request, batch, file)
            except DomainError as refused:
                wrong = refused.text
    with scoped(user):
        return render(request, "proposals/fixes/corrections.html", {"batch": batch, "wrong": wrong})


def _received(request: HttpRequest, batch: Batch, file: Any) -> HttpResponse:
    user = user_of(request)
    with scoped(user):
        row_fixes.need_open(batch, user)
    with inspection.slot(actor_of(user)):
        kept = verbs.keep(file, file.name)
    with scoped(user):
        job = verbs.enqueue_file(batch=batch, kept=kept, by=user, now=timezone.now())
    return redirect("proposals:batch-fix", batch.pk, int(job.subject.rpartition(":")[2]))


urlpatterns = [
    path("batches/<int:batch_id>/corrections/", corrections, name="batch-corrections"),
]
