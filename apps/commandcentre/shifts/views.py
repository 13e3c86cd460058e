"""The shift log: who is on duty, notes, and the hand-over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages as flash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.commandcentre.models import Hazard
from apps.commandcentre.shifts import duty
from apps.commandcentre.shifts.forms import WordsForm
from apps.common.errors import DomainError
from apps.ui.permissions import requires
from apps.ui.requests import user_of


@require_safe
@requires(Permission.VIEW_HAZARD)
def page(request: HttpRequest) -> HttpResponse:
    """The log, newest first, with who is on duty."""
    context = {
        "duty": duty.on_duty(),
        "entries": duty.entries(),
        "most": duty.MOST,
        "hazards": Hazard.objects.active().order_by("-occurred_at")[:30],
    }
    return render(request, "commandcentre/shifts/shift.html", context)


@require_POST
@requires(Permission.MANAGE_HAZARD)
def take_over(request: HttpRequest) -> HttpResponse:
    """Take the duty."""
    return _done(request, duty.take_duty, _("You have the duty."))


@require_POST
@requires(Permission.MANAGE_HAZARD)
def hand_over(request: HttpRequest) -> HttpResponse:
    """Give the duty back."""
    text = WordsForm(request.POST).sent["text"]

    def act(*, by: User, now: datetime) -> object:
        return duty.hand_over(text=text, by=by, now=now)

    return _done(request, act, _("The duty is handed over; the next one takes it here."))


@require_POST
@requires(Permission.MANAGE_HAZARD)
def note(request: HttpRequest) -> HttpResponse:
    """Write a note."""
    sent = WordsForm(request.POST).sent

    def act(*, by: User, now: datetime) -> object:
        about = Hazard.objects.filter(pk=sent["hazard"]).first()
        return duty.write_note(text=sent["text"], hazard=about, by=by, now=now)

    return _done(request, act, _("The note is in the log."))


def _done(request: HttpRequest, act: Callable[..., Any], said: str) -> HttpResponse:
    try:
        act(by=user_of(request), now=timezone.now())
    except DomainError as refused:
        flash.error(request, refused.text)
    else:
        flash.success(request, said)
    return redirect("commandcentre:shift")
