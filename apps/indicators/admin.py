"""Indicators, releases, publications and services in the admin: read only; pages change them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin

from apps.accounts.admin_base import ScopedAdmin
from apps.indicators.models import Indicator, KnownName, Publication, Release, Service


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
        *("method", "publisher", "is_sensitive"),
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


@admin.register(Service)
class ServiceAdmin(_Working):
    list_display = ("name", "kind", "url", "period", "is_active", "answered_at", "failures")
    list_filter = ("kind", "is_active")
    ordering = ("name",)
    fields = readonly_fields = (
        *("name", "kind", "url", "layer", "source", "fields", "values", "period", "code_system"),
        *("vintage", "page_size", "interval_s", "is_active", "asked_at", "answered_at"),
        "failures",
    )
