"""Regions in the admin: look-up by name or code."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from apps.audit.admin_base import ScopedAdmin
from apps.regions.models import COUNTRY, Region


@admin.register(Region)
class RegionAdmin(ScopedAdmin):
    """Names and codes of regions are visible to all admin users; only imports change them."""

    view_permission = manage_permission = "regions.view_region"
    list_display = ("code", "name", "level", "above", "valid_from", "valid_until", "successor")
    list_filter = ("level",)
    search_fields = ("code", "name")
    search_help_text = gettext_lazy("A name, or the beginning of a code (34.04 or 3404)")
    ordering = ("code",)
    list_select_related = ("parent__parent__parent", "successor")
    show_facets = admin.ShowFacets.NEVER
    fields = (
        *("code", "name", "level", "above", "valid_from", "valid_until"),
        *("successor", "decree", "other_codes"),
    )
    readonly_fields = fields

    def within(self, queryset: Any, scope: Any) -> Any:
        return queryset if scope else queryset.none()

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[Any, bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        if term[0].isdigit():
            return queryset.filter(Q(code__startswith=term) | Q(digits__startswith=term)), False
        return queryset.filter(name__icontains=term), False

    @admin.display(description=gettext_lazy("in"))
    def above(self, region: Region) -> str:
        names, lower = [], region
        while lower.parent_id != COUNTRY and lower.parent is not None:
            lower = lower.parent
            names.append(lower.name)
        return ", ".join(names)

    @admin.display(description=gettext_lazy("codes of other systems"))
    def other_codes(self, region: Region) -> str:
        codes = region.foreign_codes.order_by("system", "vintage", "code")
        return ", ".join(f"{each.system} {each.code} ({each.vintage})" for each in codes)
