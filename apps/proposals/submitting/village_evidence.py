"""The villages of a batch with evidence (minutes or statement), and those that still need it: for
rows to be submitted, and for those that were sent.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Final

from django.db.models import Count, Q, Value
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts.access import scope_of
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.casework import documents
from apps.casework.models import Cycle, Document, DocumentQuerySet
from apps.proposals import register_filters
from apps.proposals.models import Batch, Proposal
from apps.proposals.states import EvidenceKind, ProposalStatus
from apps.proposals.submitting import submission
from apps.regions.models import Region

MOST_NAMED = 5
# Rows that were sent and may still lack their paper: nothing is verified without it.
SENT: Final = (ProposalStatus.SUBMITTED, ProposalStatus.RETURNED)


@dataclass(frozen=True)
class Village:
    """A village with rows of a batch, and the document that counts for them, if there is any.

    `ready` rows wait to be submitted; `own` of them are removals and corrections, each with a paper
    of its own. `sent` rows are in review or returned; `unproved` of them are to be proven by the
    minutes of the village, which are not there.
    """

    code: str
    name: str
    ready: int
    document: Document | None
    own: int = 0
    sent: int = 0
    unproved: int = 0

    @property
    def is_lacking(self) -> bool:
        return (self.document is None and self.own < self.ready) or self.unproved > 0


def villages(batch: Batch, by: User, now: datetime) -> list[Village]:
    """The villages of a batch's ready rows, those without evidence first. Queries: three."""
    cycle = documents.cycle_at(timezone.localdate(now))
    return _listed(batch, by, cycle, has_ready=True, has_sent=False)


def villages_of(batch: Batch, by: User, now: datetime, cycle: Cycle | None) -> list[Village]:
    """The villages whose rows need the evidence of one of the `cycles` of a batch, those without
    evidence first. Queries: four.
    """
    is_next = cycle == documents.cycle_at(timezone.localdate(now))
    return _listed(batch, by, cycle, has_ready=is_next, has_sent=cycle == batch.cycle)


def cycles(batch: Batch, by: User, now: datetime) -> list[Cycle | None]:
    """The cycles for which evidence about a batch is sent: that into which its ready rows will be
    submitted, and that of the rows that were sent, which may have closed. Queries: three.
    """
    scope = scope_of(by, Permission.UPLOAD_BATCH, Permission.VIEW_BATCH)
    rows = batch.proposals.within(scope)
    coming = documents.cycle_at(timezone.localdate(now))
    found = [coming] if rows.filter(status=ProposalStatus.DRAFT).exists() else []
    if batch.cycle not in found and rows.filter(status__in=SENT).exists():
        found.append(batch.cycle)
    return found or [coming]


def counting_for(batch_id: int) -> DocumentQuerySet:
    """The villages' documents that count for the rows of a batch; the newest of a village first."""
    found = Document.objects.of_villages().filter(register_filters.counts_for(Value(batch_id)))
    return found.select_related("cycle").order_by("-pk")


def _listed(
    batch: Batch, by: User, cycle: Cycle | None, *, has_ready: bool, has_sent: bool
) -> list[Village]:
    scope = scope_of(by, Permission.UPLOAD_BATCH, Permission.VIEW_BATCH)
    ready, sent = Q(status=ProposalStatus.DRAFT), Q(status__in=SENT)
    wanted = [one for one, is_wanted in ((ready, has_ready), (sent, has_sent)) if is_wanted]
    rows = batch.proposals.within(scope).filter(reduce(or_, wanted, Q(pk__in=[]))).order_by()
    by_minutes = register_filters.LACKS_PAPER & Q(evidence_kind=EvidenceKind.MINUTES)
    counted = rows.values("village_id").annotate(
        ready=Count("pk", filter=ready),
        own=Count("pk", filter=ready & ~Q(kind=Proposal.Kind.NEW)),
        sent=Count("pk", filter=sent),
        unproved=Count("pk", filter=sent & by_minutes),
    )
    counts = {one["village_id"]: one for one in counted}
    names = dict(Region.objects.filter(code__in=counts).values_list("code", "name"))
    known = documents.latest_of(list(counts), cycle)
    if has_sent:
        # rows that went over into this cycle are proven by the minutes of the one before
        for document in counting_for(batch.pk).filter(region__in=counts):
            if not counts[document.region_id]["ready"]:
                known.setdefault(document.region_id, document)
    found = [
        Village(
            code=code,
            name=names.get(code) or code,
            ready=count["ready"],
            document=known.get(code),
            own=count["own"],
            sent=count["sent"],
            unproved=count["unproved"],
        )
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
    waiting = [ProposalStatus.DRAFT, *SENT]
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


def unproved_sentence(found: list[Village]) -> str:
    """How many rows that were sent lack the minutes of their village; "" if there are none."""
    lacking = sum(one.unproved for one in found)
    if not lacking:
        return ""
    return ngettext(
        "{n} removal or correction that was sent is to be proven by the minutes of its village,"
        " which are not here. Upload them; an SPTJM does not prove it.",
        "{n} removals or corrections that were sent are to be proven by the minutes of their"
        " villages, which are not here. Upload them; an SPTJM does not prove them.",
        lacking,
    ).format(n=number_format(lacking))


def sentence(found: list[Village]) -> str:
    """A sentence that names the villages without evidence for their ready rows; "" if there are
    none.
    """
    found = [one for one in found if one.ready]
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
