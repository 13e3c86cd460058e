"""Cycles of the calendar: when proposals open, close and are drawn."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.accounts.roles import PERMISSIONS, REGIONAL_ROLES, Permission
from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import Actor, subject_of
from apps.casework.models import Cycle
from apps.common import sql
from apps.common.errors import DomainError

# Days before the cut-off on which the warning is sent.
WARN_BEFORE: Final = timedelta(days=3)
WARNED: Final = {
    Permission.UPLOAD_BATCH,
    Permission.VERIFY_PROPOSAL,
    Permission.ENDORSE_PROPOSAL,
}


@transaction.atomic
def set_cycle(
    *,
    cycle: Cycle,
    name: str,
    opens_date: date,
    cutoff_date: date,
    draw_date: date,
    by: str,
    by_name: str,
    now: datetime,
) -> Cycle:
    """Create a cycle, or change its name and dates. Raises: DomainError."""
    if not opens_date <= cutoff_date < draw_date:
        raise DomainError("cycle_order", name=name)
    action = Action.CREATE if cycle.pk is None else Action.CHANGE
    cycle.name, cycle.opens_date = name, opens_date
    cycle.cutoff_date, cycle.draw_date = cutoff_date, draw_date
    try:
        with transaction.atomic():
            cycle.save()
    except IntegrityError as error:
        raise DomainError("cycle_name_taken", name=name) from error
    record.entry(
        action,
        about=cycle,
        by=Actor(by, by_name),
        opens=opens_date.isoformat(),
        closes=cutoff_date.isoformat(),
        drawn=draw_date.isoformat(),
    )
    return cycle


def warn_of_cutoff(*, now: datetime) -> int:
    """Notify the regional chain once that a cycle closes within WARN_BEFORE. Returns how many."""
    today = timezone.localdate(now)
    roles = [role.value for role in REGIONAL_ROLES if not PERMISSIONS[role].isdisjoint(WARNED)]
    told = 0
    for cycle in Cycle.objects.open_on(today).filter(cutoff_date__lte=today + WARN_BEFORE):
        params = {"name": cycle.name, "closes": cycle.cutoff_date.isoformat()}
        asked = {
            "roles": roles,
            "subject": subject_of(cycle),
            "url": "/",
            "params": sql.json(params),
            "now": now,
        }
        told += int(sql.scalar("casework/warn_of_cutoff", asked))
    return told
