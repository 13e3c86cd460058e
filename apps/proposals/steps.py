"""The steps on a proposal: from which status to which, and who may take them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import Q, TextChoices
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Scope, grants_of, scope_of
from apps.accounts.models import Agency, User
from apps.accounts.roles import LEVEL_OF_ROLE, PERMISSIONS, Permission
from apps.proposals.models import Batch, Proposal, Verdict
from apps.proposals.states import ProposalStatus as S


class Step(StrEnum):
    VERIFY = "verify"
    ENDORSE = "endorse"
    ACCEPT = "accept"
    RETURN = "return"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    RESUBMIT = "resubmit"


@dataclass(frozen=True)
class Move:
    to: S
    permission: Permission


# Who may take the next step on a proposal may also return or reject it.
_NEXT = {
    S.SUBMITTED: Permission.VERIFY_PROPOSAL,
    S.VERIFIED: Permission.ENDORSE_PROPOSAL,
    S.ENDORSED: Permission.ACCEPT_PROPOSAL,
    S.ACCEPTED: Permission.DETERMINE_PROPOSAL,
}
_SENT = (S.DRAFT, S.SUBMITTED, S.VERIFIED, S.RETURNED)

STEPS: dict[Step, dict[S, Move]] = {
    Step.VERIFY: {S.SUBMITTED: Move(S.VERIFIED, _NEXT[S.SUBMITTED])},
    Step.ENDORSE: {S.VERIFIED: Move(S.ENDORSED, _NEXT[S.VERIFIED])},
    Step.ACCEPT: {S.ENDORSED: Move(S.ACCEPTED, _NEXT[S.ENDORSED])},
    Step.RETURN: {old: Move(S.RETURNED, permission) for old, permission in _NEXT.items()},
    Step.REJECT: {old: Move(S.REJECTED, permission) for old, permission in _NEXT.items()},
    Step.WITHDRAW: {old: Move(S.WITHDRAWN, Permission.UPLOAD_BATCH) for old in _SENT},
    Step.RESUBMIT: {S.RETURNED: Move(S.SUBMITTED, Permission.UPLOAD_BATCH)},
}
# Steps of the sender's side on its own proposals; the rule of two people does not apply to them.
SENDER_STEPS = frozenset({Step.WITHDRAW, Step.RESUBMIT})
# Decided one by one: these cannot be verified in bulk.
NOT_IN_BULK: dict[Step, tuple[Verdict, ...]] = {Step.VERIFY: (Verdict.ELSEWHERE, Verdict.UNMAPPED)}

# A removal or a correction takes these only when its paper is there.
NEEDS_PAPER: frozenset[Step] = frozenset({Step.VERIFY})


class ReturnReason(TextChoices):
    WRONG_POINT = "wrong_point", _("The point is not at the house")
    WRONG_DATA = "wrong_data", _("A field differs from the document")
    MISSING_EVIDENCE = "missing_evidence", _("Evidence is missing or unreadable")
    NOT_FOUND = "not_found", _("Nobody of that name was found at the address")
    OTHER = "other", _("Other, in words")


class RejectReason(TextChoices):
    NOT_ELIGIBLE = "not_eligible", _("Does not meet the criteria")
    DUPLICATE = "duplicate", _("The same person is proposed or registered already")
    DECEASED = "deceased", _("Deceased")
    MOVED_AWAY = "moved_away", _("Moved out of the village")
    OTHER = "other", _("Other, in words")


def is_explained(step: Step, reason: str, note: str) -> bool:
    """Whether a step has the reason that it needs. A return needs a listed reason and a note."""
    if step == Step.RETURN:
        return reason in ReturnReason.values and bool(note.strip())
    if step == Step.REJECT:
        return reason in RejectReason.values and (
            reason != RejectReason.OTHER or bool(note.strip())
        )
    return True


def open_to(step: Step, by: User) -> Q:
    """The proposals on which this person may take the step, including those they acted on last."""
    query = Q(pk__in=[])
    for old, move in STEPS[step].items():
        query |= Q(status=old) & _reach(step, move, by)
    return query


def steps_of(by: User) -> set[S]:
    """The statuses from which this person may move proposals forward."""
    return {old for old, permission in _NEXT.items() if scope_of(by, permission)}


def steps_for(proposal: Proposal, by: User) -> list[Step]:
    """The steps that this person may take on this proposal; its page has a button for each."""
    return [step for step in Step if may_step(step, proposal, by)]


def may_step(step: Step, proposal: Proposal, by: User) -> bool:
    move = STEPS[step].get(S(proposal.status))
    if move is None:
        return False
    if step in SENDER_STEPS:
        scope = sender_scope(by)
        sent = Batch.objects.filter(pk=proposal.batch_id, user=by)
        is_own = bool(scope_of(by, move.permission)) and sent.exists()
        return is_own or scope.contains(proposal.village_id)
    return scope_of(by, move.permission).contains(proposal.village_id)


def acts_for(by: Any, batch: Batch) -> bool:
    """Whether `by` acts for the sender of a batch: the batch is their own, or their office's.

    An office is a regional upload role in the batch's region. Staff of Pusdatin have no office and
    act only for their own batches. An agency acts for the batches that it sent.
    """
    if not scope_of(by, Permission.UPLOAD_BATCH).contains(batch.region_id):
        return False
    if isinstance(by, Agency):
        return batch.agency_id == by.pk
    return batch.user_id == by.pk or sender_scope(by).contains(batch.region_id)


def sender_scope(by: User) -> Scope:
    """The regions for whose senders this person acts: those of their regional upload roles.

    National staff may upload, too, but may take back only what they sent themselves.
    """
    return Scope.of_codes(
        region
        for role, region in grants_of(by)
        if role in LEVEL_OF_ROLE and Permission.UPLOAD_BATCH in PERMISSIONS[role]
    )


def sent_by(by: User) -> Q:
    """The proposals that this person answers for as a sender: of their own batches, or their
    office's.
    """
    # no join: the user may see a row whose batch is outside their scope
    sent = Batch.objects.filter(user=by).values("pk")
    own = Q(batch__in=sent) if scope_of(by, Permission.UPLOAD_BATCH) else Q(pk__in=[])
    return own | sender_scope(by).query("village__code")


def _reach(step: Step, move: Move, by: User) -> Q:
    if step in SENDER_STEPS:
        return sent_by(by)
    return scope_of(by, move.permission).query("village__code")
