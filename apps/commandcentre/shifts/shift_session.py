"""The session of the one on duty follows the shift, in every browser in which the board is open."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest

from apps.accounts.authentication import sessions
from apps.commandcentre.shifts.duty import OnDuty
from apps.ui.requests import user_of


def follow_duty(request: HttpRequest, present: OnDuty, *, now: datetime) -> None:
    """Let the session last as the shift does, or as any other where another has the duty.

    Written where it changes: after another took the duty over or extended it elsewhere, and after
    signing in again within a shift.
    """
    is_on_duty = present.person is not None and present.person == user_of(request)
    ends_at = present.ends_at if is_on_duty else None
    if ends_at is not None and ends_at <= now:
        ends_at = None
    if ends_at != sessions.shift_end(request):
        sessions.follow_shift(request, ends_at=ends_at)
