"""The calendar's rules for proposals: when one may submit and review, and what moves on."""

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

# The regional review, which ends when data are drawn. Returning, rejecting and withdrawing go on,
# and so does the work of Pusdatin on what was endorsed in time.
FROZEN_STEPS = frozenset({Step.VERIFY, Step.ENDORSE})
# What a cycle that is frozen hands on: everything that no head of office has endorsed.
NOT_ENDORSED = [
    ProposalStatus.DRAFT,
    ProposalStatus.SUBMITTED,
    ProposalStatus.VERIFIED,
    ProposalStatus.RETURNED,
]


class CycleClosed(DomainError):
    """No cycle takes proposals today: what is ready waits for the next one, with its date."""

    code = "cycle_closed"

    def __init__(self, standing: CycleCalendar) -> None:
        last, coming = standing.last, standing.next
        params: dict[str, str] = {}
        if last is not None:
            params |= {"name": last.name, "closed": last.cutoff_date.isoformat()}
        if coming is not None:
            params |= {"next": coming.name, "opens": coming.opens_date.isoformat()}
        code = "cycle_closed" if last and coming else "cycle_closed_last" if last else ""
        super().__init__(code or "cycle_not_begun", **params)


def need_open(now: datetime) -> CycleCalendar:
    """Submitting, once or again, is for the days of a cycle. Raises: CycleClosed. Queries: one."""
    today = calendar_on(timezone.localdate(now))
    if not today.takes_proposals:
        raise CycleClosed(today)
    return today


def need_review(step: Step, now: datetime) -> None:
    """A step fits the calendar. Raises: `cycle_frozen`, CycleClosed. Queries: at most one."""
    if step == Step.RESUBMIT:
        need_open(now)
    elif step in FROZEN_STEPS:
        today = calendar_on(timezone.localdate(now))
        if not today.is_reviewed:
            raise _frozen(today)


def is_over(batch: Batch, day: date) -> bool:
    """Whether what must be mended in a batch can be mended no more: its cycle has closed.

    A batch with ready rows goes on in the next cycle, and takes the others along.
    """
    return (
        batch.status != BatchStatus.READY
        and batch.cycle is not None
        and batch.cycle.cutoff_date < day
    )


def mendable(day: date) -> Q:
    """The batches of which `is_over` says no and whose check has ended."""
    open_ = Q(cycle=None) | Q(cycle__cutoff_date__gte=day)
    done = [BatchStatus.SUBMITTED, BatchStatus.CLOSED]
    return Q(status=BatchStatus.READY) | (Q(status__in=done) & open_)


@transaction.atomic
def carry_over(*, day: date) -> int:
    """Move batches of past cycles that still wait to the open cycle. A repeat does nothing.

    Ready ones move after the cut-off, those in review after the freeze. Runs as the worker.
    """
    current = calendar_on(day).open
    if current is None:
        return 0
    closed = Cycle.objects.filter(cutoff_date__lt=day).exclude(pk=current.pk)
    ready = Batch.objects.filter(cycle__in=closed, status=BatchStatus.READY).update(cycle=current)
    statuses = [status.value for status in NOT_ENDORSED]
    asked = {"day": day, "cycle": current.pk, "statuses": statuses}
    return ready + len(sql.run("proposals/submitting/carry_over_batches", asked))


def _frozen(standing: CycleCalendar) -> DomainError:
    """Between two cycles no step of the review is taken: the data of the last one are drawn."""
    last, coming = standing.last, standing.next
    if last is None:
        name = coming.name if coming else ""
        opens = coming.opens_date.isoformat() if coming else ""
        return DomainError("cycle_not_begun", next=name, opens=opens)
    params = {"name": last.name, "frozen": last.draw_date.isoformat()}
    if coming is None:
        return DomainError("cycle_frozen_last", **params)
    opens = coming.opens_date.isoformat()
    return DomainError("cycle_frozen", **params, next=coming.name, opens=opens)
