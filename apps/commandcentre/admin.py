"""Facilities with stock, goods and responders in the admin: read only, files change them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy

from apps.accounts.admin_base import ScopedAdmin, ScopedInline
from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import Subject
from apps.commandcentre.calls.wrong_numbers import wrong_numbers
from apps.commandcentre.models import Facility, Good, Responder, StockItem
from apps.common.text.identity import masked_phone


class StockInline(ScopedInline):
    """The batches in a facility, those that expire first before the others."""

    model = StockItem
    view_permission = manage_permission = "commandcentre.view_facility"
    fields = readonly_fields = ("good", "batch_label", "expiry_date", "on_hand", "reserved")

    def get_queryset(self, request: HttpRequest) -> Any:
        found = super().get_queryset(request).select_related("good").filter(on_hand__gt=0)
        return found.order_by("good__name", F("expiry_date").asc(nulls_last=True))


@admin.register(Facility)
class FacilityAdmin(ScopedAdmin):
    view_permission = manage_permission = "commandcentre.view_facility"
    list_display = ("name", "kind", "village", "office", "phone", "is_active", "updated_at")
    list_filter = ("kind", "is_active", "is_estimated")
    list_select_related = ("village",)
    search_fields = ("name", "reference")
    ordering = ("name", "pk")
    fields = (
        *("name", "kind", "reference", "village", "place", "is_estimated", "address"),
        *("office", "phone", "is_active", "updated_at"),
    )
    readonly_fields = fields
    inlines = (StockInline,)

    @admin.display(description=gettext_lazy("point"))
    def place(self, facility: Facility) -> str:
        return f"{facility.location.y:.5f}, {facility.location.x:.5f}"


@admin.register(StockItem)
class StockItemAdmin(ScopedAdmin):
    """All batches, those that expire first before the others."""

    view_permission = manage_permission = "commandcentre.view_facility"
    list_display = ("facility", "good", "batch_label", "expiry_date", "on_hand", "reserved")
    list_filter = (("good", admin.RelatedOnlyFieldListFilter), "expiry_date")
    list_select_related = ("facility", "good")
    search_fields = ("facility__name",)
    ordering = (F("expiry_date").asc(nulls_last=True), "pk")
    fields = readonly_fields = list_display

    def within(self, queryset: Any, scope: Any) -> Any:
        return queryset.filter(scope.query("facility__village__code"))


@admin.register(Good)
class GoodAdmin(ScopedAdmin):
    """The standard catalogue: the same for everybody."""

    view_permission = manage_permission = "commandcentre.view_facility"
    list_display = ("name", "unit")
    fields = readonly_fields = ("name", "unit")
    ordering = ("name",)

    def within(self, queryset: Any, scope: Any) -> Any:
        return queryset if scope else queryset.none()


class WrongNumberFilter(admin.SimpleListFilter):
    """Whose number was wrong when they were called: for the office that keeps the file."""

    title = gettext_lazy("number")
    parameter_name = "number"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("wrong", gettext_lazy("wrong when called"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() != "wrong":
            return queryset
        return queryset.filter(pk__in=wrong_numbers().values("pk"))


@admin.register(Responder)
class ResponderAdmin(ScopedAdmin):
    """Lists show phones masked and are recorded with whom they showed, as is each opened page."""

    view_permission = manage_permission = "commandcentre.view_responder"
    list_display = ("name", "kind", "village", "short_phone", "is_active", "updated_at")
    list_filter = ("kind", "is_active", WrongNumberFilter)
    list_select_related = ("village",)
    # a search stays in addresses and logs: no name of a person
    search_fields = ("=reference",)
    ordering = ("name", "pk")
    fields = (
        *("name", "kind", "reference", "village", "place", "phone", "is_active", "updated_at"),
    )
    readonly_fields = fields

    def heading(self, row: Responder) -> str:
        return row.name

    @admin.display(description=gettext_lazy("phone"))
    def short_phone(self, responder: Responder) -> str:
        return masked_phone(responder.phone)

    @admin.display(description=gettext_lazy("point"))
    def place(self, responder: Responder) -> str:
        where = responder.location
        return f"{where.y:.5f}, {where.x:.5f}" if where else "–"

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        answer = super().changelist_view(request, extra_context)
        shown = getattr(answer, "context_data", None) or {}
        if "cl" in shown:
            record.entry(
                Action.READ,
                about=Subject("commandcentre.Responder"),
                shown=[row.pk for row in shown["cl"].result_list],
            )
        return answer

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        record.entry(Action.READ, about=self.row(request, object_id))
        return super().change_view(request, object_id, form_url, extra_context)
