"""The officer's own file comes back with its corrections."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.common.errors import DomainError
from apps.jobs.bell import ring_on_commit
from apps.proposals import corrections as verbs
from apps.proposals.refusals import words_of
from apps.proposals.views.access import batch_to_change


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def corrections(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Choose the corrected file; its rows take the place of those with the same number."""
    batch = batch_to_change(request, batch_id)
    user: Any = request.user
    wrong = ""
    if request.method == "POST":
        file: Any = request.FILES.get("file")
        if file is None:
            wrong = _("No file was chosen. Choose the corrected file and upload it.")
        else:
            try:
                job = verbs.receive(
                    batch=batch, file=file, file_name=file.name, by=user, now=timezone.now()
                )
                ring_on_commit(job)
                return redirect(
                    "proposals:batch-fix", batch.pk, int(job.subject.rpartition(":")[2])
                )
            except DomainError as refused:
                wrong = words_of(refused)
    return render(request, "proposals/pages/corrections.html", {"batch": batch, "wrong": wrong})


urlpatterns = [
    path("batches/<int:batch_id>/corrections/", corrections, name="batch-corrections"),
]
