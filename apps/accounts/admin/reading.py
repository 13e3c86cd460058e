"""Counts of reading by day, for the data-protection officer, who may lift a stop."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.admin_base import ScopedAdmin, Verb
from apps.accounts.limits import read_limits
from apps.accounts.models import ReadCount
from apps.accounts.roles import Permission
from apps.ui.requests import user_of


@admin.register(ReadCount)
class ReadCountAdmin(ScopedAdmin):
    """Read-only list: the newest day first, then the highest count."""

    view_permission = manage_permission = Permission.VIEW_ENTRY
    list_display = ("day", "user", "kind", "how_many", "alarmed_at", "stopped_at", "lifted_at")
    list_filter = ("kind", "day")
    list_select_related = ("user",)
    show_facets = admin.ShowFacets.NEVER
    ordering = ("-day", "-count")
    fields = ("day", "user", "kind", "count", "alarmed_at", "stopped_at", "lifted_at", "lifted_by")
    readonly_fields = fields
    verbs = (Verb("lift", gettext_lazy("Lift the stop"), Permission.VIEW_ENTRY, confirm=True),)

    def within(self, queryset: Any, scope: Any) -> Any:
        return queryset if scope.is_national else queryset.none()

    def verbs_for(self, request: HttpRequest, row: ReadCount) -> list[Verb]:
        return list(self.verbs) if row.stopped_at and not row.lifted_at else []

    @admin.display(description=gettext_lazy("how many"), ordering="count")
    def how_many(self, row: ReadCount) -> str:
        return str(number_format(row.count))

    def do_lift(self, request: HttpRequest, row: ReadCount) -> str:
        if not read_limits.lift(row, user_of(request)):
            return _("There was no stop to lift.")
        return _("%(name)s may read on for today.") % {"name": row.user}
