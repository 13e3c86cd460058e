"""The register in the admin: search first, read only, every read recorded."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.admin_base import ScopedAdmin
from apps.registry import person_page, reading
from apps.registry.forms import RevealForm
from apps.registry.models import Person, Programme
from apps.registry.person_page import ADMIN
from apps.ui.permissions import requires


@admin.register(Person)
class PersonAdmin(ScopedAdmin):
    """The list is a search; a person's page records one read and shows numbers masked."""

    view_permission = manage_permission = "registry.view_person"

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return self.render(request, "registry/search.html", **person_page.searched(request, ADMIN))

    @method_decorator(require_safe)
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        return self._person(request, object_id)

    def extra_urls(self) -> list[URLPattern]:
        return [
            self.page("<path:object_id>/reveal/", self.reveal_view, "reveal"),
            self.page("<path:object_id>/print/", self.print_view, "print"),
        ]

    def trail(self, row: Person) -> Any:
        return reading.access_trail(row)

    @method_decorator(requires("registry.view_person", to_send=("registry.reveal_nik",)))
    def reveal_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """POST with a reason: the same page, once with the full number."""
        form = RevealForm(request.POST) if request.method == "POST" else None
        return self._person(request, object_id, reveal=form)

    @method_decorator([require_POST, requires("registry.view_person")])
    def print_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The record on paper, for the person concerned."""
        person_id = self.row(request, object_id).pk
        return self.render(
            request, "registry/print.html", **person_page.printed(request, person_id)
        )

    def _person(
        self, request: HttpRequest, object_id: str, reveal: RevealForm | None = None
    ) -> HttpResponse:
        person_id = self.row(request, object_id).pk
        context = person_page.opened(request, person_id, ADMIN, reveal=reveal)
        return self.render(request, "registry/person.html", **context)


@admin.register(Programme)
class ProgrammeAdmin(ScopedAdmin):
    """The programmes, read only."""

    view_permission = manage_permission = "registry.view_person"
    list_display = ("code", "name")

    def within(self, queryset: Any, scope: Any) -> Any:
        return queryset.order_by("code") if scope else queryset.none()
