"""The batches that a person is responsible for, in pages, and what they wait for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from apps.ui import filters
from apps.ui.paging import NEWEST_FIRST, Page, read_page


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


WHOSE: dict[str, Any] = {
    "mine": gettext_lazy("my office"),
    "all": gettext_lazy("whole region"),
}


def _no_limit(_value: str) -> Q:
    return Q()


@dataclass(frozen=True)
class BatchFilter(filters.Filter):
    """A filter of batches. `of` is "all" for the whole region's, "mine" for those in hand."""

    waits: str = filters.choice(WAITS, label=gettext_lazy("what waits"), query=waits)
    status: str = filters.choice(BatchStatus, label=gettext_lazy("status"), column="status")
    origin: str = filters.choice(Batch.Origin, label=gettext_lazy("origin"), column="origin")
    of: str = filters.choice(WHOSE, label=gettext_lazy("whose"), query=_no_limit)


def page_of(batches: BatchQuerySet, params: Mapping[str, Any], wanted: BatchFilter) -> Page[Batch]:
    """One page, the newest first. Queries: one."""
    shown = batches.select_related("region", "user", "agency", "cycle")
    return read_page(shown, NEWEST_FIRST, params, query=wanted.params())


def submitted_of(batches: Sequence[Batch]) -> dict[int, tuple[int, int]]:
    """By batch: ready rows, submitted rows. Queries: one."""
    open_ones = [batch.pk for batch in batches if batch.status == BatchStatus.READY]
    drafts = Proposal.objects.filter(batch__in=open_ones, status=ProposalStatus.DRAFT)
    left = dict(drafts.order_by().values_list("batch").annotate(Count("pk")))
    ready = {batch.pk: batch.counts.get("ready", 0) for batch in batches if batch.counts}
    return {pk: (left.get(pk, 0), max(count - left.get(pk, 0), 0)) for pk, count in ready.items()}
