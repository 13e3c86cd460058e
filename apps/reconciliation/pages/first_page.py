"""The first page of reconciliation: sources with their due days, runs, and open work."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.accounts.access import may, scope_of
from apps.accounts.roles import Permission
from apps.reconciliation.pages import overview
from apps.ui.permissions import requires
from apps.ui.requests import user_of


@require_safe
@requires(Permission.VIEW_RUN)
def page(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    scope = scope_of(user, Permission.VIEW_RUN)
    return render(
        request,
        "reconciliation/pages/overview.html",
        {
            "sources": overview.sources(timezone.localdate()),
            "runs": overview.recent_runs(scope),
            "waits": overview.waits(user),
            "may_run": may(user, Permission.RUN_LINKAGE),
        },
    )


urlpatterns = [path("", page, name="overview")]
