"""The villages of a batch with evidence (minutes or statement), and those that still need it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts.access import scope_of
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.casework import documents
from apps.casework.models import Document
from apps.proposals import register_filters
from apps.proposals.models import Batch, Proposal
from apps.proposals.states import ProposalStatus
from apps.proposals.submitting import submission
from apps.regions.models import Region

MOST_NAMED = 5


@dataclass(frozen=True)
class Village:
    """A village with ready rows of a batch, and the evidence that they need, if there is any.

    `own` of the rows are removals and corrections, each with a paper of its own.
    """

    code: str
    name: str
    ready: int
    document: Document | None
    own: int = 0

    @property
    def is_lacking(self) -> bool:
        return self.document is None and self.own < self.ready


def villages(batch: Batch, by: User, now: datetime) -> list[Village]:
    """The villages of a batch's ready rows, those without evidence first. Queries: four."""
    scope = scope_of(by, Permission.UPLOAD_BATCH, Permission.VIEW_BATCH)
    rows = batch.proposals.within(scope).filter(status=ProposalStatus.DRAFT).order_by()
    counts = dict(rows.values_list("village_id").annotate(Count("pk")))
    asked = rows.exclude(kind=Proposal.Kind.NEW).values_list("village_id")
    own = dict(asked.annotate(Count("pk")))
    names = dict(Region.objects.filter(code__in=counts).values_list("code", "name"))
    cycle = documents.cycle_at(timezone.localdate(now))
    known = documents.latest_of(list(counts), cycle)
    found = [
        Village(code, names.get(code) or code, count, known.get(code), own.get(code, 0))
        for code, count in counts.items()
    ]
    return sorted(found, key=lambda one: (not one.is_lacking, one.code))


@dataclass(frozen=True)
class SubmissionPreview:
    """The number of ready rows the button would submit, and those held back for each reason."""

    can_go: int
    stay: dict[str, int]


def preview_submission(batch: Batch, by: User, found: list[Village]) -> SubmissionPreview:
    """The effect of the submit button on these villages' rows. An agency's rows need no evidence.

    Queries: one; none while no village has evidence.
    """
    scope = scope_of(by, Permission.UPLOAD_BATCH)
    going = {
        one.code: one.ready if one.document is not None or batch.agency_id else one.own
        for one in found
        if scope.contains(one.code)
    }
    let_go = {code for code, count in going.items() if count}
    if not let_go:
        return SubmissionPreview(0, {})
    held = submission.held_back(batch, scope, let_go)
    partly = {one.code for one in found if one.is_lacking and one.code in let_go}
    if partly and not batch.agency_id:
        without = batch.proposals.filter(pk__in=held, kind=Proposal.Kind.NEW, village__in=partly)
        held = {pk: held[pk] for pk in held.keys() - set(without.values_list("pk", flat=True))}
    return SubmissionPreview(sum(going.values()) - len(held), dict(Counter(held.values())))


def unproved(batch: Batch, by: User) -> int:
    """How many removals and corrections of a file cannot be verified yet for want of their paper.

    Queries: one.
    """
    rows = batch.proposals.within(scope_of(by, Permission.VIEW_PROPOSAL))
    waiting = (ProposalStatus.DRAFT, ProposalStatus.SUBMITTED, ProposalStatus.RETURNED)
    return rows.filter(register_filters.LACKS_PAPER, status__in=waiting).count()


def staying(reasons: dict[str, int]) -> list[str]:
    """One sentence for each reason why rows of villages with evidence are held back."""
    said = []
    if count := reasons.get("open_elsewhere"):
        said.append(
            _("{n} rows stay: the same person and programme is under review already.").format(
                n=number_format(count)
            )
        )
    if count := reasons.get("twice_in_batch"):
        said.append(
            _("{n} rows stay: another row of this file came first.").format(n=number_format(count))
        )
    return said


def sentence(found: list[Village]) -> str:
    """A sentence that names the villages without evidence; "" if there are none."""
    lacking = [one for one in found if one.is_lacking]
    if not lacking:
        return ""
    names = ", ".join(one.name for one in lacking[:MOST_NAMED])
    if len(lacking) > MOST_NAMED:
        names += " " + _("and {n} more").format(n=len(lacking) - MOST_NAMED)
    told = _(
        "Minutes were not uploaded for {lacking} of {all} villages. {names}. Upload the minutes or"
        " the SPTJM of these villages."
    ).format(lacking=len(lacking), all=len(found), names=names)
    rest = len(found) - len(lacking)
    if rest:
        told += " " + ngettext(
            "{n} other village can be submitted already.",
            "{n} other villages can be submitted already.",
            rest,
        ).format(n=rest)
    return told
