"""The calendar's rules for proposals: when they may be submitted and reviewed, and carry-over."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from apps.casework.calendar import CycleCalendar, calendar_on
from apps.casework.models import Cycle
from apps.common import sql
from apps.common.errors import DomainError
from apps.proposals.models import Batch
from apps.proposals.states import BatchStatus, ProposalStatus
from apps.proposals.steps import Step

# The steps of the regional review, which end at the freeze. Returning, rejecting and withdrawing
# remain possible, and so does Pusdatin's work on proposals that were endorsed in time.
FROZEN_STEPS = frozenset({Step.VERIFY, Step.ENDORSE})
# A frozen cycle hands on the proposals in these statuses: no head of office has endorsed them.
NOT_ENDORSED = [
    ProposalStatus.DRAFT,
    ProposalStatus.SUBMITTED,
    ProposalStatus.VERIFIED,
    ProposalStatus.RETURNED,
]


class CycleClosed(DomainError):
    """No cycle takes proposals today. Ready rows wait for the next cycle; the text has its date."""

    code = "cycle_closed"

    def __init__(self, calendar: CycleCalendar) -> None:
        last, coming = calendar.last, calendar.next
        params: dict[str, str] = {}
        if last is not None:
            params |= {"name": last.name, "closed": last.cutoff_date.isoformat()}
        if coming is not None:
            params |= {"next": coming.name, "opens": coming.opens_date.isoformat()}
        code = "cycle_closed" if last and coming else "cycle_closed_last" if last else ""
        super().__init__(code or "cycle_not_begun", **params)


def need_open(now: datetime) -> CycleCalendar:
    """Today's calendar, if a cycle is open for submission. Raises: CycleClosed. Queries: one."""
    today = calendar_on(timezone.localdate(now))
    if not today.takes_proposals:
        raise CycleClosed(today)
    return today


def need_review(step: Step, now: datetime) -> None:
    """Check a step against the calendar.

    Raises: `cycle_frozen`, CycleClosed. Queries: at most one.
    """
    if step == Step.RESUBMIT:
        need_open(now)
    elif step in FROZEN_STEPS:
        today = calendar_on(timezone.localdate(now))
        if not today.is_reviewed:
            raise _frozen(today)


def need_undo(reached: str, taken: datetime, now: datetime) -> None:
    """Check the undoing of a step that was taken at a moment and reached a status.

    A row that was endorsed before a freeze, or sent before a cut-off, would leave its cycle with
    the undoing, and the step could not be taken again for it. A verification may be undone: without
    an endorsement its row waits for the next cycle either way.
    Raises: `undo_frozen`, `undo_closed`. Queries: at most one.
    """
    day, today = timezone.localdate(taken), timezone.localdate(now)
    if day == today:
        return
    if reached == ProposalStatus.ENDORSED:
        code, ended = "undo_frozen", Cycle.objects.filter(draw_date__gt=day, draw_date__lte=today)
    elif reached == ProposalStatus.SUBMITTED:
        code, ended = (
            "undo_closed",
            Cycle.objects.filter(cutoff_date__gte=day, cutoff_date__lt=today),
        )
    else:
        return
    if cycle := ended.order_by("pk").last():
        raise DomainError(code, name=cycle.name)


def is_over(batch: Batch, day: date) -> bool:
    """Whether the rows of a batch can no longer be corrected, because its cycle has closed.

    A batch with ready rows moves to the next cycle, together with its other rows.
    """
    return (
        batch.status != BatchStatus.READY
        and batch.cycle is not None
        and batch.cycle.cutoff_date < day
    )


def mendable(day: date) -> Q:
    """The batches whose check has ended and for which `is_over` is false."""
    open_ = Q(cycle=None) | Q(cycle__cutoff_date__gte=day)
    done = [BatchStatus.SUBMITTED, BatchStatus.CLOSED]
    return Q(status=BatchStatus.READY) | (Q(status__in=done) & open_)


@transaction.atomic
def carry_over(*, day: date) -> int:
    """Move waiting batches of past cycles to the open cycle; returns how many. Idempotent.

    Ready batches move after the cut-off, those in review after the freeze. Runs as the worker.
    """
    current = calendar_on(day).open
    if current is None:
        return 0
    closed = Cycle.objects.filter(cutoff_date__lt=day).exclude(pk=current.pk)
    ready = Batch.objects.filter(cycle__in=closed, status=BatchStatus.READY).update(cycle=current)
    statuses = [status.value for status in NOT_ENDORSED]
    asked = {"day": day, "cycle": current.pk, "statuses": statuses}
    return ready + len(sql.run("proposals/submitting/carry_over_batches", asked))


def _frozen(calendar: CycleCalendar) -> DomainError:
    """The refusal of a step of the review after the freeze, when the cycle's data are drawn."""
    last, coming = calendar.last, calendar.next
    if last is None:
        name = coming.name if coming else ""
        opens = coming.opens_date.isoformat() if coming else ""
        return DomainError("cycle_not_begun", next=name, opens=opens)
    params = {"name": last.name, "frozen": last.draw_date.isoformat()}
    if coming is None:
        return DomainError("cycle_frozen_last", **params)
    opens = coming.opens_date.isoformat()
    return DomainError("cycle_frozen", **params, next=coming.name, opens=opens)
