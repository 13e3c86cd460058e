"""The state of the calendar on a day: which cycle is open, in review, closed or next.

A cycle takes proposals until its cut-off, that day included. From the draw date on its review is
frozen: proposals not endorsed by then continue in the next cycle, once that is open.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from apps.casework.models import Cycle


@dataclass(frozen=True)
class CycleCalendar:
    """The state on one day. `is_planned` is false without any cycle; then nothing is closed."""

    day: date
    is_planned: bool = False
    open: Cycle | None = None
    in_review: Cycle | None = None
    last: Cycle | None = None
    next: Cycle | None = None

    @property
    def takes_proposals(self) -> bool:
        return self.open is not None or not self.is_planned

    @property
    def is_reviewed(self) -> bool:
        """Whether regional review is open: a cycle is open, or closed and not frozen yet."""
        return self.in_review is not None or not self.is_planned

    @property
    def shown(self) -> Cycle | None:
        """The cycle for a calendar view: the open or reviewed one, else the next, else the last."""
        return self.open or self.in_review or self.next or self.last

    @property
    def days_left(self) -> int:
        """Days until the open cycle closes."""
        return (self.open.cutoff_date - self.day).days if self.open else 0


def calendar_on(day: date) -> CycleCalendar:
    """The state of the calendar on a day. Queries: one."""
    cycles = list(Cycle.objects.order_by("opens_date", "cutoff_date", "pk"))
    begun = [cycle for cycle in cycles if cycle.opens_date <= day]
    by_cutoff = sorted(begun, key=lambda cycle: (cycle.cutoff_date, cycle.pk))
    return CycleCalendar(
        day=day,
        is_planned=bool(cycles),
        open=next((cycle for cycle in by_cutoff if day <= cycle.cutoff_date), None),
        in_review=next((cycle for cycle in by_cutoff if day < cycle.draw_date), None),
        last=next((cycle for cycle in reversed(by_cutoff) if cycle.cutoff_date < day), None),
        next=next((cycle for cycle in cycles if cycle.opens_date > day), None),
    )
