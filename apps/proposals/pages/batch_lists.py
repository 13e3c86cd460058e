"""The batches that a person is responsible for, in pages, and what they wait for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy

from apps.accounts.access import scope_of
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.proposals.models import Batch, BatchQuerySet, Proposal
from apps.proposals.states import BatchStatus, ProposalStatus
from apps.proposals.steps import sender_scope
from apps.proposals.submitting import calendar_rules

PAGE = 50


def in_hand(user: User) -> BatchQuerySet:
    """The batches of a person's responsibility: one's own and those of the office's region."""
    office = sender_scope(user)
    query = Q(user=user)
    if office:
        query |= office.query("region__code")
    return Batch.objects.within(scope_of(user, Permission.UPLOAD_BATCH)).filter(query)


# What a batch waits for, in the filters of lists and on the home page.
WAITS: dict[str, Any] = {
    "asking": gettext_lazy("waits for an answer"),
    "held": gettext_lazy("rows to fix"),
    "ready": gettext_lazy("ready to submit"),
    "failed": gettext_lazy("stopped"),
}


def waits(name: str) -> Q:
    """The condition for batches that wait for this today."""
    if name == "held":
        return calendar_rules.mendable(timezone.localdate()) & Q(counts__held__gt=0)
    if name == "ready":
        return Q(status=BatchStatus.READY, counts__ready__gt=0)
    return Q(status=BatchStatus.NEEDS_CONFIRMATION if name == "asking" else BatchStatus.FAILED)


@dataclass(frozen=True)
class Page:
    """One page of a list, newest first; `newer` and `older` are keys of the next pages, or None."""

    rows: list[Batch]
    newer: int | None
    older: int | None


def page_of(batches: BatchQuerySet, *, older_than: int = 0, newer_than: int = 0) -> Page:
    """At most 50 batches, after a key. Queries: at most two."""
    batches = batches.select_related("region", "user", "agency", "cycle").order_by("-pk")
    if newer_than:
        rows = list(batches.filter(pk__gt=newer_than).order_by("pk")[: PAGE + 1])
        has_newer, has_older, rows = len(rows) > PAGE, True, rows[:PAGE][::-1]
    else:
        wanted = batches.filter(pk__lt=older_than) if older_than else batches
        rows = list(wanted[: PAGE + 1])
        has_newer, has_older, rows = bool(older_than), len(rows) > PAGE, rows[:PAGE]
    return Page(
        rows,
        rows[0].pk if rows and has_newer else None,
        rows[-1].pk if rows and has_older else None,
    )


def submitted_of(batches: Sequence[Batch]) -> dict[int, tuple[int, int]]:
    """By batch: ready rows, submitted rows. Queries: one."""
    open_ones = [batch.pk for batch in batches if batch.status == BatchStatus.READY]
    drafts = Proposal.objects.filter(batch__in=open_ones, status=ProposalStatus.DRAFT)
    left = dict(drafts.order_by().values_list("batch").annotate(Count("pk")))
    ready = {batch.pk: batch.counts.get("ready", 0) for batch in batches if batch.counts}
    return {pk: (left.get(pk, 0), max(count - left.get(pk, 0), 0)) for pk, count in ready.items()}
