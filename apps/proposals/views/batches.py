"""One file's page: while it is checked, and when it is ready."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_safe

from apps.proposals.states import BatchStatus
from apps.proposals.views import findings
from apps.proposals.views.access import batch_of

CHECKED = (BatchStatus.READY, BatchStatus.SUBMITTED, BatchStatus.CLOSED)


@require_safe
@login_required
def batch_page(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Its findings once it is checked."""
    batch = batch_of(request, batch_id)
    if batch.status not in CHECKED:
        return redirect("admin:proposals_batch_change", batch.pk)
    return findings.page(request, batch)


urlpatterns = [path("batches/<int:batch_id>/", batch_page, name="batch")]
