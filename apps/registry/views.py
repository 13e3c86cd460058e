"""The register in the portal's shell: search first, read only, every read recorded."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.roles import Permission
from apps.registry import person_page
from apps.registry.forms import RevealForm
from apps.registry.person_page import PORTAL
from apps.ui.permissions import requires


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.VIEW_PERSON)
def search(request: HttpRequest) -> HttpResponse:
    """No list: one person by NIK, KK, or name with date of birth."""
    return render(request, "registry/search.html", person_page.searched(request, PORTAL))


@require_safe
@requires(Permission.VIEW_PERSON)
def person(request: HttpRequest, person_id: int) -> HttpResponse:
    """One person's record."""
    return render(request, "registry/person.html", person_page.opened(request, person_id, PORTAL))


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.VIEW_PERSON, to_send=(Permission.REVEAL_NIK,))
def reveal(request: HttpRequest, person_id: int) -> HttpResponse:
    """POST with a reason: the same page, once with the whole number."""
    form = RevealForm(request.POST) if request.method == "POST" else None
    context = person_page.opened(request, person_id, PORTAL, reveal=form)
    return render(request, "registry/person.html", context)


@require_POST
@requires(Permission.VIEW_PERSON)
def print_person(request: HttpRequest, person_id: int) -> HttpResponse:
    """The record on paper, for the person concerned."""
    return render(request, "registry/print.html", person_page.printed(request, person_id))
