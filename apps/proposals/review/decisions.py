"""Decisions on one proposal, a family, or all rows of a filter; and undo of one's own last step.

Every move is one conditional UPDATE that also writes its decisions (`decide_rows.sql`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final

from django.db import transaction
from django.db.models import BooleanField, Count, ExpressionWrapper, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import PROPOSAL_PERMISSIONS, actor_of, scope_of
from apps.accounts.models import User
from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import Subject
from apps.common import locks, sql
from apps.common.errors import DomainError
from apps.common.locks import Lock
from apps.jobs import kinds, work
from apps.jobs.models import Job
from apps.proposals import news, register_filters
from apps.proposals.checks import identity
from apps.proposals.models import Decision, Proposal, ProposalQuerySet
from apps.proposals.review import selection_digest
from apps.proposals.selection import Selection
from apps.proposals.states import Likely, ProposalStatus
from apps.proposals.steps import (
    NEEDS_PAPER,
    NOT_IN_BULK,
    SENDER_STEPS,
    STEPS,
    RejectReason,
    ReturnReason,
    Step,
    is_explained,
    may_step,
    open_to,
    steps_for,
)
from apps.proposals.submitting import row_papers
from apps.proposals.submitting.calendar_rules import need_review, need_undo

__all__ = [
    "BULK_IN_REQUEST", "STEPS", "Decided", "Preview", "RejectReason", "ReturnReason", "Step",
    "decide", "decide_many", "enqueue_bulk_decision", "family_of", "preview", "run_bulk_decision",
    "steps_for", "undo",
]  # fmt: skip

UNDO_WITHIN: Final = timedelta(minutes=10)
# A bulk decision above this many rows is a job; below it the request waits (10,000 rows: 0.5 s).
BULK_IN_REQUEST: Final = 10_000
# Of the rows that a bulk step leaves out, the keys of so many are kept for each cause.
MOST_LEFT: Final = 1_000
# id, status, who took the last step, verdict, who it probably is under its NIK, lacks its paper
type_row = tuple[int, str, int | None, str, str | None, bool]
DECIDE_MANY: Final = "proposals.decide_many"
SUBJECT: Final = "proposals.Selection"


@dataclass(frozen=True)
class Preview:
    """The rows that a bulk step would touch. `total` is the number to show and to pass as
    `expected`.

    `own` rows are left out because the person took their last step, and `others` because another
    person is probably registered under their NIK. `barred` rows are left out because their point
    lies outside the village; they are decided one by one. `unproved` rows are left out because the
    paper of a removal or a correction is not there. `seen` is the digest of all these rows as they
    are now, to pass as `seen`.
    """

    total: int
    own: int
    barred: int
    seen: str = ""
    others: int = 0
    unproved: int = 0

    @property
    def decidable(self) -> int:
        return self.total - self.own - self.others - self.barred - self.unproved


@dataclass(frozen=True)
class Decided:
    """The result of a bulk step: rows decided, rows changed meanwhile, and rows left out as one's
    own, as barred, as probably another person than the registered one, or for want of their paper.

    `left` has the keys of the rows that were not decided, by these causes, at most MOST_LEFT each.
    """

    decided: int
    changed: int
    own: int
    barred: int = 0
    others: int = 0
    unproved: int = 0
    left: dict[str, list[int]] = field(default_factory=dict)

    def counts(self) -> dict[str, int]:
        """The numbers alone, for the audit trail."""
        return {name: value for name, value in asdict(self).items() if name != "left"}


def family_of(proposal: Proposal) -> ProposalQuerySet:
    """The rows of one KK in the batch, which are shown and decided together."""
    return Proposal.objects.filter(batch_id=proposal.batch_id, kk=proposal.kk)


@transaction.atomic
def decide(
    *,
    proposal: Proposal,
    step: Step,
    by: User,
    now: datetime,
    reason: str = "",
    note: str = "",
    whole_family: bool = False,
    seen: str = "",
    compared: str = "",
) -> Decision:
    """Take one step on one proposal, or on all proposals of its family with the same status.

    `seen` is the status that the person was shown; without it, the status of `proposal`. If another
    person is probably registered under its NIK, `compared` is the comparison that the page showed
    (`identity.mark_of`). Such members of the family are not decided together with it, nor are those
    that no bulk step may decide (NOT_IN_BULK) or whose paper is not there.
    Raises: `already_decided`, `two_steps`, `not_yours`, `reason_missing`, `cycle_frozen`,
    CycleClosed, `paper_lacking`, `minutes_lacking`, `identity_unseen`.
    """
    _explain(step, reason, note)
    need_review(step, now)
    if seen and seen != proposal.status:
        raise _who_was_faster(proposal)
    if not may_step(step, proposal, by):
        raise _refusal(proposal, step, by)
    if step in NEEDS_PAPER:
        row_papers.require(proposal)
    if step not in SENDER_STEPS and identity.needs_look(proposal, compared):
        raise DomainError("identity_unseen")
    rows = [(proposal.pk, proposal.status)]
    if whole_family:
        family = family_of(proposal).filter(open_to(step, by), status=proposal.status)
        family = family if step in SENDER_STEPS else family.exclude(register_filters.IS_OTHER)
        family = family.exclude(_barred(step)).exclude(_unproved(step))
        rows += [(pk, proposal.status) for pk in family.values_list("pk", flat=True)]
    moved = _move(sorted(set(rows)), step, by, now, reason, note)
    if proposal.pk not in moved:
        raise _refusal(proposal, step, by)
    record.entry(
        Action.DECIDE, about=proposal, reason=reason, by=by, step=str(step), rows=len(moved)
    )
    return Decision.objects.filter(proposal=proposal).latest("pk")


def preview(*, selection: Selection, step: Step, by: User) -> Preview:
    """The rows that `decide_many` would touch now. Queries: one. Cost: 100,000 rows in 0.4 s."""
    own = Q(step_by=by) if step not in SENDER_STEPS else Q(pk__in=[])
    others = Q(pk__in=[]) if step in SENDER_STEPS else register_filters.IS_OTHER
    barred = _barred(step)
    left_out = own | others | barred
    found = _chosen(selection, step, by).aggregate(
        total=Count("pk"),
        own=Count("pk", filter=own),
        others=Count("pk", filter=others & ~own),
        barred=Count("pk", filter=barred & ~own & ~others),
        unproved=Count("pk", filter=_unproved(step) & ~left_out),
        seen=selection_digest.of_rows(),
    )
    counted = (found["total"], found["own"], found["barred"])
    seen = found["seen"] or ""
    return Preview(*counted, seen=seen, others=found["others"], unproved=found["unproved"])


@transaction.atomic
def decide_many(
    *,
    selection: Selection,
    step: Step,
    by: User,
    now: datetime,
    expected: int,
    seen: str = "",
    reason: str = "",
    note: str = "",
    asked_at: datetime | None = None,
) -> Decided:
    """Take one step on all rows of a filter that are open to this step.

    `expected` and `seen` come from the preview: the number of rows, and the digest of the rows.
    Without `seen` only the number is compared. `now` is the moment of the decisions, `asked_at`
    that of the person's request, by which the calendar judges; without it, `now`.
    Raises: `selection_changed` or `selection_swapped` when the rows are others (nothing changes),
    `reason_missing`.
    Cost: 10,000 rows in 0.5 s on one core, all in one transaction.
    """
    _explain(step, reason, note)
    need_review(step, asked_at or now)
    rows = _chosen(selection, step, by).order_by("pk")
    total = decided = 0
    counts: Counter[str] = Counter()
    left: dict[str, list[int]] = {}
    found = selection_digest.Growing()
    # one query is one snapshot: the rows counted are the rows decided
    for chunk in _chunks(_wanted(rows, step).iterator(chunk_size=BULK_IN_REQUEST)):
        total += len(chunk)
        found.add(row[:4] for row in chunk)
        able, left_out = _sort_out(chunk, step, by)
        moved = _move(able, step, by, now, reason, note)
        decided += len(moved)
        left_out["changed"] = [key for key, _status in able if key not in moved]
        for cause, keys in left_out.items():
            counts[cause] += len(keys)
            left.setdefault(cause, []).extend(keys[: MOST_LEFT - len(left.get(cause, []))])
    if total != expected:
        # rolls back the moves above
        raise DomainError("selection_changed", expected=expected, now=total)
    if seen and seen != found.text():
        raise DomainError("selection_swapped", now=total)
    kept = {cause: keys for cause, keys in left.items() if keys}
    causes = ("changed", "own", "barred", "others", "unproved")
    done = Decided(decided, **{cause: counts[cause] for cause in causes}, left=kept)
    record.entry(
        Action.DECIDE,
        about=_subject_of(selection),
        reason=reason,
        by=by,
        step=str(step),
        selection=selection.params(),
        **done.counts(),
    )
    return done


def _wanted(rows: ProposalQuerySet, step: Step) -> Any:
    """What `_sort_out` asks of each row."""
    lacks_paper = ExpressionWrapper(_unproved(step), output_field=BooleanField())
    return rows.values_list(
        "pk", "status", "step_by_id", "verdict", "registered_match__likely", lacks_paper
    )


def _sort_out(
    chunk: Sequence[type_row], step: Step, by: User
) -> tuple[list[tuple[int, str]], dict[str, list[int]]]:
    """The rows that a bulk step may move (key, status), and the keys of the others by cause."""
    able: list[tuple[int, str]] = []
    left_out: dict[str, list[int]] = {
        cause: [] for cause in ("own", "others", "barred", "unproved")
    }
    for key, status, last_by, verdict, likely, lacks_paper in chunk:
        if step not in SENDER_STEPS and last_by == by.pk:
            left_out["own"].append(key)
        elif _is_other(likely, step):
            left_out["others"].append(key)
        elif verdict in NOT_IN_BULK.get(step, ()):
            left_out["barred"].append(key)
        elif lacks_paper:
            left_out["unproved"].append(key)
        else:
            able.append((key, status))
    return able, left_out


def enqueue_bulk_decision(
    *,
    selection: Selection,
    step: Step,
    by: User,
    now: datetime,
    expected: int,
    seen: str = "",
    reason: str = "",
    note: str = "",
) -> Job:
    """Enqueue a bulk decision above BULK_IN_REQUEST rows; `run_bulk_decision` is its job. Asked
    twice by one person before it has ended, it is one job: the first.

    Locks: what this person asks for.
    """
    _explain(step, reason, note)
    asked = {
        "selection": selection.params(),
        "step": step.value,
        "user": by.pk,
        "expected": expected,
        "seen": seen,
        "reason": reason,
        "note": note,
    }
    with transaction.atomic():
        locks.hold(Lock.BULK_REQUEST, by.pk)
        return _same_unfinished(asked) or work.enqueue(
            DECIDE_MANY,
            f"{SUBJECT}:{step}",
            by=actor_of(by),
            by_name=str(by),
            region_code=selection.region,
            total=expected,
            parameters=asked | {"asked_at": now.isoformat()},
        )


def _same_unfinished(asked: dict[str, Any]) -> Job | None:
    """The bulk decision under way that was asked for with the same values. Queries: one."""
    own = Job.objects.unfinished().filter(kind=DECIDE_MANY, subject=f"{SUBJECT}:{asked['step']}")
    for job in own.filter(parameters__user=asked["user"], cancel_asked=False).order_by("pk"):
        if {name: job.parameters[name] for name in asked} == asked:
            return job
    return None


def tell_stopped(job: Job) -> None:
    """Notify the person that a bulk decision failed or was cancelled."""
    news.bulk_ended(job, timezone.now(), is_stopped=True)


@kinds.job(
    DECIDE_MANY,
    label=_("Decision on many rows"),
    remedy=_(
        "Nothing was decided. Decide again from the list; an administrator can resume it on the"
        " page of jobs, too (job %(job)s)."
    ),
    on_failed=tell_stopped,
)
def run_bulk_decision(lease: work.Lease) -> Decided:
    """Do the bulk decision of a job in one transaction: all rows or none.

    Its moment is that of the work, not of the request, so that a job that waited can be undone.
    """
    asked, now = lease.job.parameters, timezone.now()
    with transaction.atomic():
        done = decide_many(
            selection=Selection.from_params(asked["selection"]),
            step=Step(asked["step"]),
            by=User.objects.get(pk=asked["user"], is_active=True),
            now=now,
            asked_at=datetime.fromisoformat(asked["asked_at"]),
            expected=asked["expected"],
            seen=asked.get("seen", ""),
            reason=asked["reason"],
            note=asked["note"],
        )
        news.bulk_ended(lease.job, now, done=done.decided)
        lease.timed("decide")
        lease.finish(at=now.isoformat(), **asdict(done))
    return done


@transaction.atomic
def undo(*, proposal: Proposal, by: User, now: datetime) -> Decision:
    """Undo one's own last step if no later step follows it. The undo is stored as a decision, too.

    Raises: `undo_too_late`, `undo_frozen`, `undo_closed`.
    """
    last = Decision.objects.filter(proposal=proposal).order_by("-pk").first()
    if last is None or last.by_id != by.pk or last.is_undo or now - last.at > UNDO_WITHIN:
        raise DomainError("undo_too_late")
    need_undo(last.to_status, last.at, now)
    before = (
        Decision.objects.filter(
            proposal=proposal, pk__lt=last.pk, to_status=last.from_status, is_undo=False
        )
        .order_by("-pk")
        .first()
    )
    back: dict[str, Any] = {
        "status": last.from_status,
        "step_by_id": before.by_id if before else None,
    }
    if before:
        back["step_at"] = before.at
    if ProposalStatus(last.from_status) not in Proposal.TRANSITIONS[ProposalStatus(last.to_status)]:
        raise DomainError("undo_too_late")
    unchanged = Proposal.objects.filter(pk=proposal.pk, status=last.to_status, step_by=by)
    if not unchanged.filter(step_at=last.at).update(**back):
        raise DomainError("undo_too_late")
    undone = Decision.objects.create(
        proposal=proposal,
        village_id=proposal.village_id,
        from_status=last.to_status,
        to_status=last.from_status,
        by=by,
        by_name=str(by)[:200],
        at=now,
        is_undo=True,
    )
    if last.to_status == ProposalStatus.RETURNED:
        news.return_undone([proposal.pk], last.at)
    record.entry(Action.DECIDE, about=proposal, by=by, step="undo", rows=1)
    return undone


def _explain(step: Step, reason: str, note: str) -> None:
    if not is_explained(step, reason, note):
        raise DomainError("reason_missing")


def left_of_family(proposal: Proposal, by: User, status: str, step: Step) -> dict[str, int]:
    """How many others of a family still have `status`, by the cause that keeps each from being
    decided together with it (as in `Preview`). Queries: one.
    """
    rows = Proposal.objects.within(scope_of(by, *PROPOSAL_PERMISSIONS))
    family = rows.filter(batch_id=proposal.batch_id, kk=proposal.kk, status=status)
    others, barred = register_filters.IS_OTHER, _barred(step)
    return family.exclude(pk=proposal.pk).aggregate(
        others=Count("pk", filter=others),
        barred=Count("pk", filter=barred & ~others),
        unproved=Count("pk", filter=_unproved(step) & ~others & ~barred),
    )


def _barred(step: Step) -> Q:
    return Q(verdict__in=NOT_IN_BULK.get(step, ()))


def _unproved(step: Step) -> Q:
    return register_filters.LACKS_PAPER if step in NEEDS_PAPER else Q(pk__in=[])


def _is_other(likely: str | None, step: Step) -> bool:
    return likely == Likely.OTHER and step not in SENDER_STEPS


def _chosen(selection: Selection, step: Step, by: User) -> ProposalQuerySet:
    scope = scope_of(by, *PROPOSAL_PERMISSIONS)
    return selection.apply(Proposal.objects.within(scope)).filter(open_to(step, by))


def _chunks(rows: Iterable[type_row]) -> Iterable[list[type_row]]:
    rows = iter(rows)
    while chunk := list(islice(rows, BULK_IN_REQUEST)):
        yield chunk


def _move(
    rows: Sequence[tuple[int, str]], step: Step, by: User, now: datetime, reason: str, note: str
) -> set[int]:
    """Move the rows. Returns the ids that moved. Locks: the rows, in the order of their ids."""
    if not rows:
        return set()
    moves = STEPS[step]
    found = sql.run(
        "proposals/review/decide_rows",
        {
            "ids": [pk for pk, _old in rows],
            "olds": [str(old) for _pk, old in rows],
            "froms": [old.value for old in moves],
            "tos": [move.to.value for move in moves.values()],
            "by": by.pk,
            "by_name": str(by)[:200],
            "now": now,
            "reason": reason,
            "note": note.strip()[:1000],
            "two_people": step not in SENDER_STEPS,
        },
        rows=len(rows),
    )
    moved = {pk for (pk,) in found}
    if step == Step.RETURN:
        news.rows_returned(moved, now)
    return moved


def _refusal(proposal: Proposal, step: Step, by: User) -> Exception:
    """Why a step was refused: decided by somebody else first, one's own step, or not permitted."""
    current = Proposal.objects.filter(pk=proposal.pk).first()
    if current is None:
        return DomainError("not_yours", region=proposal.village_id)
    if current.status != proposal.status:
        return _who_was_faster(current)
    if may_step(step, current, by):
        return DomainError("two_steps")
    if _could_before(step, current, by):
        return _who_was_faster(current)
    return DomainError("not_yours", region=proposal.village_id)


def _could_before(step: Step, proposal: Proposal, by: User) -> bool:
    """Whether the person could take the step at another status. Then the page is outdated."""
    return ProposalStatus(proposal.status) not in STEPS[step] and any(
        scope_of(by, move.permission).contains(proposal.village_id) for move in STEPS[step].values()
    )


def _who_was_faster(proposal: Proposal) -> Exception:
    last = Decision.objects.filter(proposal=proposal).order_by("-pk").first()
    if last is None:
        return DomainError("not_yours", region=proposal.village_id)
    return DomainError("already_decided", who=last.by_name, when=last.at, to=last.to_status)


def _subject_of(selection: Selection) -> Subject:
    """The batch, if a whole batch is decided, so that its history has the entry."""
    if selection.batch is None:
        return selection.audit_subject
    return Subject(f"proposals.Batch:{selection.batch}", region=selection.region)
