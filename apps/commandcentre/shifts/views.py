"""The shift log: who is on duty, notes, the hand-over, and who answers for a hazard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages as flash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.authentication import sessions
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.commandcentre import shift_log
from apps.commandcentre.models import Hazard
from apps.commandcentre.shifts import assignment, duty, shift_session
from apps.commandcentre.shifts.forms import AssignForm, WordsForm
from apps.commandcentre.shifts.log_lines import lines_of
from apps.common.errors import DomainError
from apps.ui.permissions import requires
from apps.ui.requests import user_of


@require_safe
@requires(Permission.VIEW_HAZARD)
def page(request: HttpRequest) -> HttpResponse:
    """The log, newest first, with who is on duty."""
    now, present = timezone.now(), duty.on_duty()
    shift_session.follow_duty(request, present, now=now)
    context = {
        "duty": present,
        "entries": lines_of(shift_log.entries()),
        "worsened": lines_of(shift_log.worsened_lately()),
        "most": shift_log.MOST,
        "hazards": Hazard.objects.active().order_by("-occurred_at")[:30],
        "follows_shift": sessions.is_of_shift(request),
        "now": now,
    }
    return render(request, "commandcentre/shifts/shift.html", context)


@require_POST
@requires(Permission.MANAGE_HAZARD)
def take_over(request: HttpRequest) -> HttpResponse:
    """Take the duty; the session lasts as long as the shift."""

    def act() -> None:
        entry = duty.take_duty(by=user_of(request), now=timezone.now())
        sessions.follow_shift(request, ends_at=entry.ends_at)

    return _done(request, act, _("You have the duty."))


@require_POST
@requires(Permission.MANAGE_HAZARD)
def extend(request: HttpRequest) -> HttpResponse:
    """Let the shift, and with it the session, last longer."""

    def act() -> None:
        entry = duty.extend_duty(by=user_of(request), now=timezone.now())
        sessions.follow_shift(request, ends_at=entry.ends_at)

    return _done(request, act, _("The shift is extended."))


@require_POST
@requires(Permission.MANAGE_HAZARD)
def hand_over(request: HttpRequest) -> HttpResponse:
    """Give the duty back; the session lasts as any other from now on."""
    text = WordsForm(request.POST).sent["text"]

    def act() -> None:
        duty.hand_over(text=text, by=user_of(request), now=timezone.now())
        sessions.follow_shift(request, ends_at=None)

    return _done(request, act, _("The duty is handed over; the next one takes it here."))


@require_POST
@requires(Permission.MANAGE_HAZARD)
def note(request: HttpRequest) -> HttpResponse:
    """Write a note."""
    sent = WordsForm(request.POST).sent

    def act() -> None:
        about = Hazard.objects.filter(pk=sent["hazard"]).first()
        duty.write_note(text=sent["text"], hazard=about, by=user_of(request), now=timezone.now())

    return _done(request, act, _("The note is in the log."))


@require_POST
@requires(Permission.VIEW_HAZARD, to_send=(Permission.MANAGE_HAZARD,))
def assign(request: HttpRequest, hazard_id: int) -> HttpResponse:
    """Make another operator answer for a hazard."""
    hazard = get_object_or_404(Hazard, pk=hazard_id)
    person = User.objects.filter(pk=AssignForm(request.POST).sent["person"]).first()

    def act() -> None:
        assignment.assign_hazard(
            hazard=hazard, person=person, by=user_of(request), now=timezone.now()
        )

    said = _("%(name)s answers for this hazard.") % {"name": person}
    return _done(request, act, said, ("commandcentre:hazard", hazard_id))


def _done(
    request: HttpRequest,
    act: Callable[[], None],
    said: str,
    target: tuple[Any, ...] = ("commandcentre:shift",),
) -> HttpResponse:
    try:
        act()
    except DomainError as refused:
        flash.error(request, refused.text)
    else:
        flash.success(request, said)
    return redirect(*target)
