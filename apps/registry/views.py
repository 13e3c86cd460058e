"""The register: search first, read only, every read recorded; a view for portal and admin."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.roles import Permission
from apps.registry import person_page
from apps.registry.forms import RevealForm
from apps.ui import frames
from apps.ui.frames import Frame, Names
from apps.ui.permissions import requires

PORTAL: Final = Frame(
    "ui/portal_shell.html",
    Names("registry:", {"reveal": "registry:person-reveal", "print": "registry:person-print"}),
)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.VIEW_PERSON)
def search(request: HttpRequest) -> HttpResponse:
    """No list: one person by NIK, KK, or name with date of birth."""
    return frames.render(request, PORTAL, "registry/search.html", person_page.searched(request))


@require_safe
@requires(Permission.VIEW_PERSON)
def person(request: HttpRequest, person_id: int) -> HttpResponse:
    """One person's record."""
    return _page(request, person_page.opened(request, person_id))


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.VIEW_PERSON, to_send=(Permission.REVEAL_NIK,))
def reveal(request: HttpRequest, person_id: int) -> HttpResponse:
    """POST with a reason: the same page, once with the whole number."""
    form = RevealForm(request.POST) if request.method == "POST" else None
    return _page(request, person_page.opened(request, person_id, reveal=form))


@require_POST
@requires(Permission.VIEW_PERSON)
def print_person(request: HttpRequest, person_id: int) -> HttpResponse:
    """The record on paper, for the person concerned."""
    return render(request, "registry/print.html", person_page.printed(request, person_id))


def _page(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    search = frames.frame_of(request, PORTAL).address("search")
    back = {"address": search, "label": _("Find a person")}
    return frames.render(request, PORTAL, "registry/person.html", context | {"back": back})
