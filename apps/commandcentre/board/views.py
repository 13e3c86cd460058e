"""The board of hazards."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.accounts.roles import Permission
from apps.commandcentre.models import Hazard
from apps.ui.permissions import requires


@require_safe
@requires(Permission.VIEW_HAZARD)
def board(request: HttpRequest) -> HttpResponse:
    hazards = Hazard.objects.active().order_by("-occurred_at", "-pk")[:50]
    return render(request, "commandcentre/board.html", {"hazards": hazards})
