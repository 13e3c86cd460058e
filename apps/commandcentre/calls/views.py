"""The call list of a village, and the form that logs a call."""

from __future__ import annotations

from typing import Any

from django.contrib import messages as flash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.access import scope_of
from apps.accounts.roles import Permission
from apps.commandcentre.calls import call_list
from apps.commandcentre.calls.forms import CallForm
from apps.commandcentre.models import Hazard, Responder
from apps.commandcentre.models.call import CallOutcome
from apps.common.errors import DomainError
from apps.regions.models import Level, Region
from apps.ui.fragments import is_fragment
from apps.ui.permissions import requires
from apps.ui.requests import user_of


@require_safe
@requires(Permission.VIEW_RESPONDER)
def page(request: HttpRequest, hazard_id: int, code: str) -> HttpResponse:
    """Whom to call for one village, nearest first. The view is recorded."""
    hazard = get_object_or_404(Hazard, pk=hazard_id)
    village = get_object_or_404(Region, pk=code, level=Level.VILLAGE)
    return _listed(request, hazard, village)


@require_POST
@requires(Permission.VIEW_RESPONDER, to_send=(Permission.MANAGE_HAZARD,))
def log(request: HttpRequest, hazard_id: int, code: str) -> HttpResponse:
    """Write down what came of a call; back to the list, where the next one is marked."""
    hazard = get_object_or_404(Hazard, pk=hazard_id)
    village = get_object_or_404(Region, pk=code, level=Level.VILLAGE)
    asked = CallForm(request.POST).sent
    user = user_of(request)
    seen = Responder.objects.within(scope_of(user, Permission.VIEW_RESPONDER))
    try:
        call_list.log_call(
            hazard=hazard,
            village=village,
            responder=seen.filter(pk=asked["responder"]).first(),
            outcome=asked["outcome"],
            note=asked["note"],
            by=user,
            now=timezone.now(),
        )
    except DomainError as refused:
        said, is_refused = refused.text, True
    else:
        said, is_refused = _("The call is noted."), False
    if is_fragment(request):
        return _listed(request, hazard, village, {"said": said, "is_refused": is_refused})
    (flash.error if is_refused else flash.success)(request, said)
    return redirect("commandcentre:calls", hazard_id, code)


def _listed(
    request: HttpRequest, hazard: Hazard, village: Region, more: dict[str, Any] | None = None
) -> HttpResponse:
    """The list; as a fragment only who is to be called now, for the strip of the board."""
    rows = call_list.call_list(hazard=hazard, village=village, by=user_of(request))
    context = {
        "hazard": hazard,
        "village": village,
        "rows": rows,
        "now": next((row for row in rows if row.is_next), None),
        "coming": [row for row in rows if row.is_coming],
        "outcomes": CallOutcome.choices,
        **(more or {}),
    }
    is_part = is_fragment(request)
    template = "commandcentre/calls/_now.html" if is_part else "commandcentre/calls/calls.html"
    return render(request, template, context)
