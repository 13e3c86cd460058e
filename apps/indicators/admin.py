"""Indicators, releases, publications and services in the admin: read only; pages change them. An
administrator allows the hosts of services here, and a planner has a confirmed name forgotten.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.admin_base import ScopedAdmin, ScopedInline, Verb
from apps.accounts.roles import Permission
from apps.indicators.figures import known_names
from apps.indicators.models import (
    HostStatus,
    Indicator,
    KnownName,
    Publication,
    Release,
    Service,
    ServiceHost,
)
from apps.indicators.services import hosts
from apps.ui.requests import user_of


class _Figures(ScopedAdmin):
    """Published figures are the same for everybody who may see them."""

    view_permission = "indicators.view_indicator"
    manage_permission = "indicators.manage_indicator"

    def within(self, queryset: Any, scope: Any) -> Any:
        return queryset if scope else queryset.none()


class _Working(_Figures):
    """What planners work with."""

    view_permission = "indicators.manage_indicator"


@admin.register(Indicator)
class IndicatorAdmin(_Figures):
    list_display = ("name", "origin", "kind", "unit")
    list_filter = ("origin", "kind")
    search_fields = ("code", "name")
    ordering = ("name",)
    fields = readonly_fields = (
        *("name", "origin", "kind", "unit", "decimals", "denominator"),
        *("limits", "method", "publisher", "is_sensitive"),
    )


@admin.register(Release)
class ReleaseAdmin(_Figures):
    list_display = ("indicator", "period", "level", "source", "values_count", "is_current")
    list_select_related = ("indicator",)
    list_filter = ("is_current", "level")
    ordering = ("-pk",)
    fields = readonly_fields = (
        *("indicator", "period", "period_start", "level", "source", "file_name", "sha256"),
        *("code_system", "vintage", "published_date", "stored_at", "values_count", "is_current"),
        *("current_since", "current_by"),
    )


@admin.register(Publication)
class PublicationAdmin(_Working):
    list_display = ("file_name", "period", "status", "source", "received_at")
    list_filter = ("status",)
    ordering = ("-pk",)
    fields = readonly_fields = (
        *("file_name", "period", "status", "source", "published_date", "code_system", "vintage"),
        *("by_code", "sha256", "file_size", "received_at", "received_by_name"),
        "stored_at",
    )


@admin.register(KnownName)
class KnownNameAdmin(_Working):
    list_display = ("written", "region", "confirmed_by", "confirmed_at")
    list_select_related = ("region",)
    ordering = ("name_key",)
    fields = readonly_fields = ("name_key", *list_display)
    verbs = (Verb("forget", gettext_lazy("Forget"), Permission.MANAGE_INDICATOR, danger=True),)

    def do_forget(self, request: HttpRequest, row: KnownName) -> HttpResponse:
        known_names.forget_name(row, by=user_of(request))
        told = _("%(name)s is forgotten. Figures that are in force stay as they are.")
        messages.success(request, told % {"name": row.written})
        return redirect("admin:indicators_knownname_changelist")


@admin.register(Service)
class ServiceAdmin(_Working):
    list_display = ("name", "kind", "url", "period", "is_active", "answered_at", "failures")
    list_filter = ("kind", "is_active")
    ordering = ("name",)
    fields = readonly_fields = (
        *("name", "kind", "url", "layer", "source", "columns_shown", "indicators_shown", "period"),
        *("code_system", "vintage", "page_size", "interval_s", "is_active", "asked_at"),
        *("answered_at", "failures"),
    )

    @admin.display(description=gettext_lazy("columns"))
    def columns_shown(self, service: Service) -> str:
        return ", ".join(service.fields.values())

    @admin.display(description=gettext_lazy("indicators"))
    def indicators_shown(self, service: Service) -> str:
        return ", ".join(service.values.values())


class ServiceInline(ScopedInline):
    """What is wanted of a host, and by whom."""

    model = Service
    view_permission = manage_permission = Permission.ALLOW_HOST
    fields = readonly_fields = ("name", "kind", "url", "layer", "source", "is_active")


@admin.register(ServiceHost)
class ServiceHostAdmin(ScopedAdmin):
    """A host is asked only after an administrator allowed it who is not the planner."""

    view_permission = manage_permission = Permission.ALLOW_HOST
    list_display = ("name", "status", "asked_by_name", "asked_at", "decided_by_name", "decided_at")
    list_filter = ("status",)
    ordering = ("-pk",)
    fields = readonly_fields = list_display
    inlines = [ServiceInline]  # noqa: RUF012 (Django's own type)
    verbs = (
        Verb("allow", gettext_lazy("Allow"), Permission.ALLOW_HOST, confirm=True),
        Verb("refuse", gettext_lazy("Do not allow"), Permission.ALLOW_HOST, danger=True),
    )

    def within(self, queryset: Any, scope: Any) -> Any:
        return queryset if scope.is_national else queryset.none()

    def verbs_for(self, request: HttpRequest, row: ServiceHost) -> list[Verb]:
        done = {HostStatus.ALLOWED: "allow", HostStatus.REFUSED: "refuse"}.get(
            HostStatus(row.status), ""
        )
        return [verb for verb in self.verbs if verb.name != done]

    def do_allow(self, request: HttpRequest, row: ServiceHost) -> str:
        hosts.decide_host(row, is_allowed=True, by=user_of(request), now=timezone.now())
        return _("Planners may have %(host)s asked now.") % {"host": row.name}

    def do_refuse(self, request: HttpRequest, row: ServiceHost) -> str:
        hosts.decide_host(row, is_allowed=False, by=user_of(request), now=timezone.now())
        return _("Nothing of %(host)s is asked any more.") % {"host": row.name}
