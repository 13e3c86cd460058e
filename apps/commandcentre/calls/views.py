"""The call list of a village, and the form that logs a call."""

from __future__ import annotations

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
from apps.ui.permissions import requires
from apps.ui.requests import user_of


@require_safe
@requires(Permission.VIEW_RESPONDER)
def page(request: HttpRequest, hazard_id: int, code: str) -> HttpResponse:
    """Whom to call for one village, nearest first. The view is recorded."""
    hazard = get_object_or_404(Hazard, pk=hazard_id)
    village = get_object_or_404(Region, pk=code, level=Level.VILLAGE)
    context = {
        "hazard": hazard,
        "village": village,
        "rows": call_list.call_list(hazard=hazard, village=village, by=user_of(request)),
        "outcomes": CallOutcome.choices,
    }
    return render(request, "commandcentre/calls/calls.html", context)


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
        flash.error(request, refused.text)
    else:
        flash.success(request, _("The call is noted."))
    return redirect("commandcentre:calls", hazard_id, code)
