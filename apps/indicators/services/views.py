"""The page of services: how each of them is, of which period, and a button that asks one now."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.roles import Permission
from apps.common import errors
from apps.common.errors import DomainError
from apps.indicators.models import Service
from apps.indicators.services import syncing
from apps.jobs import messages as job_messages
from apps.ui.permissions import requires
from apps.ui.requests import user_of


@require_safe
@requires(Permission.MANAGE_INDICATOR)
def service_list(request: HttpRequest) -> HttpResponse:
    """Every service, with what the last attempt gave."""
    rows = Service.objects.select_related("publication").order_by("name")
    last = syncing.last_jobs(rows)
    told = [
        (
            one,
            errors.text(one.code, one.params) if one.code else "",
            job_messages.ending(job) if (job := last.get(one.subject)) else "",
        )
        for one in rows
    ]
    return render(request, "indicators/services/services.html", {"rows": told})


@require_POST
@requires(Permission.MANAGE_INDICATOR)
def service_sync(request: HttpRequest, name: str) -> HttpResponse:
    """Ask a service now."""
    service = get_object_or_404(Service, pk=name)
    syncing.enqueue_sync(service, by=user_of(request))
    messages.info(request, _("The service is asked now. This page shows what it gave."))
    return redirect("indicators:services")


class PeriodForm(forms.Form):
    """Of which period the figures of a service are."""

    period = forms.CharField(max_length=10)


@require_POST
@requires(Permission.MANAGE_INDICATOR)
def service_period(request: HttpRequest, name: str) -> HttpResponse:
    """Give the figures of a service another period."""
    service = get_object_or_404(Service, pk=name)
    form = PeriodForm(request.POST)
    period = form.cleaned_data["period"] if form.is_valid() else ""
    try:
        syncing.change_period(service, period=period, by=user_of(request))
        messages.success(request, _("The period is stored. Ask the service to read it anew."))
    except DomainError as refused:
        messages.error(request, refused.text)
    return redirect("indicators:services")


urlpatterns = [
    path("services/", service_list, name="services"),
    path("services/<slug:name>/sync/", service_sync, name="service-sync"),
    path("services/<slug:name>/period/", service_period, name="service-period"),
]
