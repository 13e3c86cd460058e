"""The pages of services: how each of them is, and how planners define, look at and switch one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.common import errors
from apps.common.errors import DomainError
from apps.indicators.models import Service
from apps.indicators.services import definition, previews, service_page, syncing
from apps.indicators.services.forms import FieldsForm, PeriodForm, ServiceForm
from apps.jobs import messages as job_messages
from apps.ui.permissions import requires
from apps.ui.requests import user_of

MANAGE: Final = Permission.MANAGE_INDICATOR


@require_safe
@requires(MANAGE)
def service_list(request: HttpRequest) -> HttpResponse:
    """Every service, with what the last attempt gave."""
    rows = Service.objects.select_related("publication", "host").order_by("name")
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


@require_http_methods(["GET", "HEAD", "POST"])
@requires(MANAGE)
def service_new(request: HttpRequest) -> HttpResponse:
    """Want a service: it is off, and its host waits for an administrator."""
    form = ServiceForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        try:
            service = definition.propose_service(by=user_of(request), now=timezone.now(), **given)
            return redirect("indicators:service", service.pk)
        except DomainError as refused:
            form.add_error("name", refused.text)
    return render(request, "indicators/services/service_form.html", {"form": form})


@require_safe
@requires(MANAGE)
def service_detail(request: HttpRequest, name: str) -> HttpResponse:
    """One service: its state, what it gives, its fields, its history."""
    service = _service(name)
    return render(request, "indicators/services/service.html", service_page.context_of(service))


@require_http_methods(["GET", "HEAD", "POST"])
@requires(MANAGE)
def service_edit(request: HttpRequest, name: str) -> HttpResponse:
    """Change the definition of a service."""
    service = _service(name)
    form = ServiceForm(request.POST if request.method == "POST" else None, service=service)
    if request.method == "POST" and form.is_valid():
        given, by = dict(form.cleaned_data), user_of(request)
        try:
            definition.change_service(service, by=by, now=timezone.now(), **given)
            messages.success(request, _("Stored."))
            return redirect("indicators:service", service.pk)
        except DomainError as refused:
            form.add_error("url", refused.text)
    context = {"form": form, "service": service}
    return render(request, "indicators/services/service_form.html", context)


@require_POST
@requires(MANAGE)
def service_fields(request: HttpRequest, name: str) -> HttpResponse:
    """Store what each field of a service is."""

    def choose(service: Service, by: User) -> None:
        fields, values = FieldsForm(request.POST).chosen(service.preview.get("fields", ()))
        definition.choose_fields(service, fields=fields, values=values, by=by)

    return _acted(request, name, choose, _("The fields are stored."))


@require_POST
@requires(MANAGE)
def service_look(request: HttpRequest, name: str) -> HttpResponse:
    """Have a worker look at the first page of a service."""
    words = _("A worker looks at the service now. Load this page again to see what it gives.")
    return _acted(request, name, lambda one, by: previews.enqueue_preview(one, by=by), words)


@require_POST
@requires(MANAGE)
def service_on(request: HttpRequest, name: str) -> HttpResponse:
    """Have a service read by itself."""
    words = _("The service is on, and asked now for the first time.")
    return _acted(request, name, lambda one, by: definition.switch_on(one, by=by), words)


@require_POST
@requires(MANAGE)
def service_off(request: HttpRequest, name: str) -> HttpResponse:
    """Do not read a service by itself any more."""
    words = _("The service is off. Its figures stay.")
    return _acted(request, name, lambda one, by: definition.switch_off(one, by=by), words)


@require_POST
@requires(MANAGE)
def service_sync(request: HttpRequest, name: str) -> HttpResponse:
    """Ask a service now."""
    syncing.enqueue_sync(_service(name), by=user_of(request))
    messages.info(request, _("The service is asked now. This page shows what it gave."))
    return redirect("indicators:services")


@require_POST
@requires(MANAGE)
def service_period(request: HttpRequest, name: str) -> HttpResponse:
    """Give the figures of a service another period."""
    service = _service(name)
    form = PeriodForm(request.POST)
    period = form.cleaned_data["period"] if form.is_valid() else ""
    try:
        syncing.change_period(service, period=period, by=user_of(request))
        messages.success(request, _("The period is stored. Ask the service to read it anew."))
    except DomainError as refused:
        messages.error(request, refused.text)
    return redirect("indicators:services")


def _service(name: str) -> Service:
    return get_object_or_404(Service.objects.select_related("host"), pk=name)


def _acted(
    request: HttpRequest, name: str, act: Callable[[Service, User], object], words: str
) -> HttpResponse:
    """Do one thing with a service, and say what became of it on its page."""
    service = _service(name)
    try:
        act(service, user_of(request))
        messages.success(request, words)
    except DomainError as refused:
        messages.error(request, refused.text)
    return redirect("indicators:service", service.pk)


_ONE: Final = "services/<slug:name>/"
urlpatterns = [
    path("services/", service_list, name="services"),
    path("services/new/", service_new, name="service-new"),
    path(_ONE, service_detail, name="service"),
    path(f"{_ONE}edit/", service_edit, name="service-edit"),
    path(f"{_ONE}fields/", service_fields, name="service-fields"),
    path(f"{_ONE}look/", service_look, name="service-look"),
    path(f"{_ONE}on/", service_on, name="service-on"),
    path(f"{_ONE}off/", service_off, name="service-off"),
    path(f"{_ONE}sync/", service_sync, name="service-sync"),
    path(f"{_ONE}period/", service_period, name="service-period"),
]
