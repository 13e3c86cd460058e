"""Merging duplicates of the register, and undoing it: a person's request, a job, one Change.

A merge does exactly what the page showed, or nothing. Another writer of the register comes before
or after it. Where the rows have changed since they were shown, the merge is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import actor_of, may
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import Subject, subject_of
from apps.common.errors import DomainError
from apps.jobs import kinds, work
from apps.jobs.models import Job
from apps.reconciliation.duplicates.person_groups import GroupFilter, Preview, preview
from apps.registry import changes, merge_preview, merging
from apps.registry.models import Change, Person

MERGE_PERSONS: Final = "reconciliation.merge_persons"
UNMERGE_PERSONS: Final = "reconciliation.unmerge_persons"
MERGE_REFERENCE, UNMERGE_REFERENCE = "merge/", "unmerge/"


@transaction.atomic
def enqueue_merge(
    *,
    chosen: GroupFilter,
    by: User,
    seen: str,
    expected: int,
    keep_id: int | None = None,
    reason: str = "",
) -> Job:
    """Ask for a merge of the groups that were shown (`seen`, and `expected` pairs).

    Raises: `merge_not_yours`, `shown_changed`, `nothing_to_merge`, `two_niks`,
    `merge_reason_missing`, `breaker_share`, `breaker_group`.
    """
    reason = reason.strip()
    asked = {
        "chosen": chosen.params(),
        "keep": keep_id,
        "seen": seen,
        "expected": expected,
        "reason": reason,
        "user": by.pk,
    }
    _shown(asked, by)
    return work.enqueue(
        MERGE_PERSONS,
        "reconciliation.Duplicates",
        by=actor_of(by),
        by_name=str(by),
        total=expected,
        parameters=asked,
    )


def _shown(asked: Mapping[str, Any], by: User) -> Preview:
    """The requested groups, if they are as they were shown and nothing prevents the merge."""
    if not may(by, Permission.RESOLVE_CONFLICT):
        raise DomainError("merge_not_yours")
    reason, chosen = asked["reason"], GroupFilter.from_params(asked["chosen"])
    shown = preview(chosen, by, keep_id=asked["keep"], is_argued=bool(reason))
    if shown.seen != asked["seen"]:
        raise DomainError("shown_changed", expected=asked["expected"])
    if not shown.pairs:
        if shown.left_out.keys() == {"two_niks"}:
            raise DomainError("two_niks")
        is_arguable = preview(chosen, by, keep_id=asked["keep"], is_argued=True).pairs
        raise (
            DomainError("merge_reason_missing")
            if is_arguable and not reason
            else DomainError("nothing_to_merge")
        )
    if len(shown.pairs) != asked["expected"]:
        raise DomainError("shown_changed", expected=asked["expected"])
    if shown.breaker and not reason:
        raise shown.breaker
    return shown


@transaction.atomic
def enqueue_unmerge(*, merged: Change, keeps: Sequence[int] | None, by: User, reason: str) -> Job:
    """Ask for undoing a merge, completely or for these kept persons.

    Raises: `merge_not_yours`, `merge_reason_missing`.
    """
    if not may(by, Permission.RESOLVE_CONFLICT):
        raise DomainError("merge_not_yours")
    if not reason.strip():
        raise DomainError("merge_reason_missing")
    return work.enqueue(
        UNMERGE_PERSONS,
        subject_of(merged),
        subject_name=merged.reference,
        by=actor_of(by),
        by_name=str(by),
        parameters={
            "change": merged.pk,
            "keeps": None if keeps is None else list(keeps),
            "reason": reason.strip(),
            "user": by.pk,
        },
    )


@kinds.job(MERGE_PERSONS, label=_("Merging of persons"))
def merge(lease: work.Lease) -> Change:
    """Do the requested merge in one transaction.

    Another writer of the register comes before or after it; rows that changed since they were shown
    are refused.
    Raises: as `enqueue_merge`, NotMergeable.
    """
    asked = lease.job.parameters
    by = User.objects.get(pk=asked["user"])
    with transaction.atomic():
        changes.lock_register()
        shown = _shown(asked, by)
        lease.timed("look")
        change = _begin(MERGE_REFERENCE, lease.job, by, asked["reason"])
        day = timezone.localdate(change.at)
        counts = merging.merge(change=change, pairs=shown.pairs, day=day)
        lease.timed("merge")
        _record_change(change, shown.pairs, by, "merge")
        lease.finish(change=change.pk, left_out=shown.left_out, **counts)
    return change


@kinds.job(UNMERGE_PERSONS, label=_("Undoing of a merge"))
def unmerge(lease: work.Lease) -> Change:
    """Undo the requested merge in one transaction. Raises: `merge_not_yours`, NothingToUndo."""
    asked = lease.job.parameters
    by = User.objects.get(pk=asked["user"])
    merged = Change.objects.get(pk=asked["change"])
    with transaction.atomic():
        if not may(by, Permission.RESOLVE_CONFLICT):
            raise DomainError("merge_not_yours")
        change = _begin(UNMERGE_REFERENCE, lease.job, by, asked["reason"])
        pairs = dict(merge_preview.merged_by(merged))
        counts = merging.unmerge(change=change, merged_change=merged, keeps=asked["keeps"])
        freed = Person.objects.filter(pk__in=pairs, change=change.pk)
        done = [(pairs[pk], pk) for pk in freed.values_list("pk", flat=True)]
        _record_change(change, done, by, "unmerge")
        lease.finish(change=change.pk, **counts)
    return change


def _begin(prefix: str, job: Job, by: User, reason: str) -> Change:
    return changes.begin(
        kind=Change.Kind.RESOLUTION,
        reference=f"{prefix}{job.pk}",
        source="merge",
        actor=actor_of(by),
        actor_name=str(by),
        reason=reason,
        now=timezone.now(),
    )


def _record_change(change: Change, pairs: Sequence[tuple[int, int]], by: User, step: str) -> None:
    """One entry for each person who was kept, and for each who was dropped."""
    ids = {id for pair in pairs for id in pair}
    villages = dict(Person.objects.filter(pk__in=ids).values_list("pk", "village_id"))

    def about() -> Iterable[tuple[Subject, dict[str, Any]]]:
        for pair in pairs:
            for one, other in (pair, pair[::-1]):
                role = "kept" if one == pair[0] else "dropped"
                said = {"step": step, "role": role, "other": other, "change": change.pk}
                yield Subject(f"registry.Person:{one}", region=villages[one]), said

    record.entries(Action.CHANGE, about(), reason=change.reason, by=by)


def merges() -> Any:
    """The Changes that merged persons, newest first."""
    return Change.objects.filter(
        kind=Change.Kind.RESOLUTION, reference__startswith=MERGE_REFERENCE
    ).order_by("-at", "-pk")
