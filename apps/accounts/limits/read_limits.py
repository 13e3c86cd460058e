"""Limits on reading: how much of other people's data a user reads in a day, with alarm and stop.

Counted in the database, in the transaction of the read. Nothing is shown without being counted, and
it works without Redis. Thresholds are the settings READ_ALARM and READ_STOP.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import structlog
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import number_format

from apps.accounts.access import actor_of
from apps.accounts.interposed_page import InterposedPage
from apps.accounts.models import ReadCount, User
from apps.audit import record
from apps.audit.models import Action
from apps.common import sql

Kind = ReadCount.Kind
TOO_MUCH: Final = 429
log = structlog.get_logger(__name__)
# Called with the count that passed its threshold; filled by the apps above (AppConfig.ready).
on_alarm: list[Callable[[ReadCount], None]] = []


class ReadingStopped(InterposedPage):
    """The user has reached today's limit of reading."""

    def __init__(self, kind: Kind, user: User, asked: int) -> None:
        self.kind, self.user, self.asked = kind, user, asked
        super().__init__(kind.value)

    def answer(self, request: HttpRequest) -> HttpResponse:
        """The page with the refusal, and the alarm. What was read before stays counted."""
        row = _row(self.user, self.kind, 0)
        if row.stopped_at is None:
            row.stopped_at = timezone.now()
            row.save(update_fields=["stopped_at"])
            _alarm(row)
        record.entry(
            Action.REFUSED,
            about=self.user,
            kind=self.kind.value,
            counted=row.count,
            asked=self.asked,
        )
        context = {
            "kind": self.kind.label,
            "count": number_format(row.count),
            "asked": number_format(self.asked),
            "most": number_format(settings.READ_STOP[self.kind]),
        }
        page = render_to_string("accounts/limits/stopped.html", context, request=request)
        return HttpResponse(page, status=TOO_MUCH)


def count(by: Any, kind: Kind, n: int = 1) -> None:
    """Add `n` to what this user read today. Queries: one. Raises: ReadingStopped.

    Locks: the row of the day, so reads of the same user wait until this one is over.
    """
    if not isinstance(by, User) or n <= 0:
        return
    row = _row(by, kind, n)
    if row.count > settings.READ_STOP[kind] and row.lifted_at is None:
        raise ReadingStopped(kind, by, n)
    if row.count >= settings.READ_ALARM[kind] and row.alarmed_at is None:
        row.alarmed_at = timezone.now()
        row.save(update_fields=["alarmed_at"])
        _alarm(row)


@transaction.atomic
def lift(row: ReadCount, by: User) -> bool:
    """Let a user read on for the rest of the day. False if nothing was stopped."""
    lifted = ReadCount.objects.filter(
        pk=row.pk, stopped_at__isnull=False, lifted_at__isnull=True
    ).exclude(user=by)
    if not lifted.update(lifted_at=timezone.now(), lifted_by=str(by)):
        return False
    record.entry(
        Action.CHANGE, about=row.user, step="lift_stop", kind=row.kind, day=row.day.isoformat()
    )
    return True


def _row(user: User, kind: Kind, n: int) -> ReadCount:
    day = timezone.localdate()
    params = {"user": user.pk, "day": day, "kind": kind.value, "n": n}
    (found,) = sql.run("accounts/limits/count_reading", params)
    pk, counted, alarmed_at, stopped_at, lifted_at = found
    return ReadCount(
        pk=pk,
        user=user,
        day=day,
        kind=kind.value,
        count=counted,
        alarmed_at=alarmed_at,
        stopped_at=stopped_at,
        lifted_at=lifted_at,
    )


def _alarm(row: ReadCount) -> None:
    """Write the alarm to the log, and call the functions that the apps above registered."""
    log.warning("much_reading", actor=actor_of(row.user), kind=row.kind, count=row.count)
    for tell in on_alarm:
        tell(row)
