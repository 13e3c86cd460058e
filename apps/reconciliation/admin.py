"""Sources and deliveries in the admin: read-only lists; the work is done on the stewards' pages."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from apps.accounts.admin_base import ScopedAdmin
from apps.reconciliation.models import Dataset, Source


class _ListedAdmin(ScopedAdmin):
    """Each row of the list links to its page under /reconciliation/."""

    view_permission = manage_permission = "reconciliation.view_run"
    leads_to = ""

    def within(self, queryset: Any, scope: Any) -> Any:
        return queryset if scope.is_national else queryset.none()

    @method_decorator(require_safe)
    def change_view(
        self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        row: Model = self.row(request, object_id)
        return redirect(self.leads_to, row.pk)


@admin.register(Source)
class SourceAdmin(_ListedAdmin):
    leads_to = "reconciliation:source"
    list_display = ["code", "name", "kind", "ministry", "refresh_days", "is_draft"]
    ordering = ["code"]


@admin.register(Dataset)
class DatasetAdmin(_ListedAdmin):
    leads_to = "reconciliation:dataset"
    list_display = ["of", "number", "status", "rows_read", "as_of", "by_name", "received_at"]
    list_select_related = ["source"]
    ordering = ["-pk"]

    @admin.display(description=_("source"), ordering="source")
    def of(self, row: Dataset) -> str:
        return str(row.source)
