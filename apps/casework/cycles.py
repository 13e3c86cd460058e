"""Setting the calendar: when proposals open, close and are drawn."""

from __future__ import annotations

from datetime import date, datetime

from django.db import IntegrityError, transaction

from apps.audit import record
from apps.audit.models import Action
from apps.casework.models import Cycle
from apps.common.errors import DomainError


class CycleRefused(DomainError):
    """Dates or a name that the calendar cannot have; the words stand in `messages`."""

    code = "cycle_order"


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
    """Make a cycle, or change its name and dates. Raises: CycleRefused."""
    if not opens_date <= cutoff_date < draw_date:
        raise CycleRefused("cycle_order", name=name)
    action = Action.CREATE if cycle.pk is None else Action.CHANGE
    cycle.name, cycle.opens_date = name, opens_date
    cycle.cutoff_date, cycle.draw_date = cutoff_date, draw_date
    try:
        with transaction.atomic():
            cycle.save()
    except IntegrityError as error:
        raise CycleRefused("cycle_name_taken", name=name) from error
    record.entry(
        action,
        subject=record.subject_of(cycle),
        subject_name=name,
        by=by,
        by_name=by_name,
        opens=opens_date.isoformat(),
        closes=cutoff_date.isoformat(),
        drawn=draw_date.isoformat(),
    )
    return cycle
