"""Undoing a bulk decision as one act: all of its rows that no later step followed, in one
transaction; the others are named.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import PROPOSAL_PERMISSIONS, actor_of, scope_of
from apps.accounts.models import User
from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import Subject
from apps.common import sql
from apps.common.errors import DomainError
from apps.jobs import kinds, work
from apps.jobs.models import Job
from apps.proposals import news
from apps.proposals.models import Decision, Proposal
from apps.proposals.review.decisions import BULK_IN_REQUEST, MOST_LEFT, SUBJECT, UNDO_WITHIN
from apps.proposals.states import ProposalStatus
from apps.proposals.submitting import calendar_rules

UNDO_MANY: Final = "proposals.undo_many"
# A step on more rows is no step on a family.
MOST_OF_FAMILY: Final = 100


@dataclass(frozen=True)
class Undone:
    """The result: rows whose step was taken back, and those with a later step (`left` has the keys
    of at most MOST_LEFT of them, under `later`).
    """

    undone: int
    later: int = 0
    left: dict[str, list[int]] = field(default_factory=dict)


def count_decided(*, by: User, at: datetime, now: datetime) -> int:
    """How many rows a person decided at one moment, while that can be undone. Queries: one."""
    return _decided(by, at).count() if _is_open(at, now) else 0


def decided_together(proposal: Proposal, by: User) -> list[int]:
    """The keys of the rows of a proposal's family that a person's last step on it decided with it;
    only its own key after a step on rows of several families, or on one row. Queries: one.
    """
    rows = _decided(by, proposal.step_at).order_by("proposal_id")
    named = rows.values_list("proposal_id", "proposal__batch_id", "proposal__kk")
    found = list(named[: MOST_OF_FAMILY + 1])
    families = {(batch, kk) for _key, batch, kk in found}
    is_family = families == {(proposal.batch_id, proposal.kk)} and len(found) <= MOST_OF_FAMILY
    return [key for key, _batch, _kk in found] if is_family else [proposal.pk]


@transaction.atomic
def undo_many(*, by: User, at: datetime, now: datetime) -> Undone:
    """Take back the step that a person took on many rows at one moment (`at` of its decisions).

    Raises: `undo_too_late`, `undo_frozen`, `undo_closed`.
    Cost: one statement for each BULK_IN_REQUEST rows, all in one transaction.
    """
    if not _is_open(at, now):
        raise DomainError("undo_too_late")
    keys = list(_decided(by, at).order_by("proposal_id").values_list("proposal_id", flat=True))
    if not keys:
        raise DomainError("undo_too_late")
    _need_undo(by, at, now)
    seen = Proposal.objects.within(scope_of(by, *PROPOSAL_PERMISSIONS))
    undone: set[int] = set()
    for first in range(0, len(keys), BULK_IN_REQUEST):
        chunk = keys[first : first + BULK_IN_REQUEST]
        undone |= _move_back(seen.filter(pk__in=chunk).values_list("pk", flat=True), by, at, now)
    returned = _decided(by, at).filter(to_status=ProposalStatus.RETURNED, proposal_id__in=undone)
    if ids := list(returned.values_list("proposal_id", flat=True)):
        news.return_undone(ids, at)
    later = [key for key in keys if key not in undone]
    record.entry(
        Action.DECIDE,
        about=Subject(SUBJECT),
        by=by,
        step="undo",
        decided_at=at.isoformat(),
        rows=len(undone),
        later=len(later),
    )
    return Undone(len(undone), len(later), {"later": later[:MOST_LEFT]} if later else {})


def enqueue_undo(*, by: User, at: datetime, now: datetime) -> Job:
    """Enqueue the undoing of more than BULK_IN_REQUEST rows; `run_undo` is its job.

    Raises: `undo_too_late`, `undo_frozen`, `undo_closed`.
    """
    count = count_decided(by=by, at=at, now=now)
    if not count:
        raise DomainError("undo_too_late")
    _need_undo(by, at, now)
    return work.enqueue(
        UNDO_MANY,
        f"{SUBJECT}:undo",
        by=actor_of(by),
        by_name=str(by),
        total=count,
        parameters={"user": by.pk, "at": at.isoformat(), "asked_at": now.isoformat()},
    )


def tell_stopped(job: Job) -> None:
    """Notify the person that the undoing of a bulk decision failed or was cancelled."""
    news.bulk_ended(job, timezone.now(), is_undo=True, is_stopped=True)


@kinds.job(
    UNDO_MANY,
    label=_("Undoing a decision on many rows"),
    remedy=_(
        "Nothing was undone. Undo the rows one by one, or return them; an administrator can resume"
        " it on the page of jobs, too (job %(job)s)."
    ),
    on_failed=tell_stopped,
)
def run_undo(lease: work.Lease) -> Undone:
    """Undo the decision of a job in one transaction: all rows that can be, or none."""
    asked = lease.job.parameters
    with transaction.atomic():
        done = undo_many(
            by=User.objects.get(pk=asked["user"], is_active=True),
            at=datetime.fromisoformat(asked["at"]),
            now=datetime.fromisoformat(asked["asked_at"]),
        )
        news.bulk_ended(lease.job, timezone.now(), done=done.undone, is_undo=True)
        lease.timed("undo")
        lease.finish(**asdict(done))
    return done


def _is_open(at: datetime, now: datetime) -> bool:
    return timedelta(0) <= now - at <= UNDO_WITHIN


def _need_undo(by: User, at: datetime, now: datetime) -> None:
    """Check the calendar for the statuses that the step reached. Queries: at most two."""
    reached = _decided(by, at).order_by().values_list("to_status", flat=True).distinct()
    for status in reached:
        calendar_rules.need_undo(status, at, now)


def _decided(by: User, at: datetime) -> QuerySet[Decision]:
    return Decision.objects.filter(by=by, at=at, is_undo=False)


def _move_back(keys: Iterable[int], by: User, at: datetime, now: datetime) -> set[int]:
    """Locks: the rows, in the order of their ids."""
    ids = sorted(keys)
    if not ids:
        return set()
    pairs = [(was, back) for was, backs in Proposal.TRANSITIONS.items() for back in backs]
    found = sql.run(
        "proposals/review/undo_rows",
        {
            "ids": ids,
            "by": by.pk,
            "by_name": str(by)[:200],
            "now": now,
            "at": at,
            "froms": [was.value for was, _back in pairs],
            "tos": [back.value for _was, back in pairs],
        },
        rows=len(ids),
    )
    return {pk for (pk,) in found}
