"""The register in the admin: search first, read only, every read recorded."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import URLPattern
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.admin_base import ScopedAdmin
from apps.accounts.roles import Permission
from apps.registry import reading, views
from apps.registry.models import Person, Programme
from apps.ui.frames import FramedPages
from apps.ui.permissions import requires


@admin.register(Person)
class PersonAdmin(FramedPages, ScopedAdmin):
    """The list is a search; a person's page records one read and shows numbers masked."""

    view_permission = manage_permission = Permission.VIEW_PERSON
    frame_names = {"search": "changelist", "person": "change"}

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return self.in_frame(views.search)(request)

    @method_decorator(require_safe)
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> Any:
        return self.in_frame(views.person)(request, self.row(request, object_id).pk)

    def extra_urls(self) -> list[URLPattern]:
        return [
            self.page("<path:object_id>/reveal/", self.reveal_view, "reveal"),
            self.page("<path:object_id>/print/", self.print_view, "print"),
        ]

    def trail(self, row: Person) -> Any:
        return reading.access_trail(row)

    @method_decorator(requires(Permission.VIEW_PERSON, to_send=(Permission.REVEAL_NIK,)))
    def reveal_view(self, request: HttpRequest, object_id: str) -> Any:
        """POST with a reason: the same page, once with the full number."""
        return self.in_frame(views.reveal)(request, self.row(request, object_id).pk)

    @method_decorator([require_POST, requires(Permission.VIEW_PERSON)])
    def print_view(self, request: HttpRequest, object_id: str) -> Any:
        """The record on paper, for the person concerned."""
        return self.in_frame(views.print_person)(request, self.row(request, object_id).pk)


@admin.register(Programme)
class ProgrammeAdmin(ScopedAdmin):
    """The programmes, read only."""

    view_permission = manage_permission = Permission.VIEW_PERSON
    list_display = ("code", "name")

    def within(self, queryset: Any, scope: Any) -> Any:
        return queryset.order_by("code") if scope else queryset.none()
