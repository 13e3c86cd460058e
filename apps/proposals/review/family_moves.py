"""A reviewer confirms or denies the move of a family, with name and time.

The register takes over a new family card, village, address or point only after a confirmation.
Without an answer the move is unconfirmed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Q

from apps.accounts.models import User
from apps.audit import record
from apps.audit.models import Action
from apps.common.errors import DomainError
from apps.proposals import register_filters
from apps.proposals.checks import identity
from apps.proposals.models import Proposal, RegisteredMatch
from apps.proposals.states import MOVING, Move
from apps.proposals.steps import Step, may_step, open_to

# Those who may send a proposal back may also confirm or deny its move.
SAID_BY: Final = Step.RETURN
IS_MOVE: Final = Q(differs__overlap=[code.value for code in MOVING]) & ~Q(
    proposal__kind=Proposal.Kind.REMOVAL
)


def is_move(proposal: Proposal, match: RegisteredMatch) -> bool:
    """Whether a confirmation would change anything in the register."""
    is_removal = proposal.kind == Proposal.Kind.REMOVAL
    return not is_removal and not set(match.differs).isdisjoint(MOVING)


def may_say(proposal: Proposal, by: User) -> bool:
    """Whether this person may confirm or deny a move now."""
    return may_step(SAID_BY, proposal, by)


@transaction.atomic
def record_move(
    *,
    proposal: Proposal,
    move: Move,
    by: User,
    now: datetime,
    compared: str,
    whole_family: bool = False,
) -> int:
    """Confirm or deny a move, for one proposal or for all of its family with the same status.

    `compared` is the comparison that the page showed (`identity.mark_of`). Members who are probably
    another person than the registered one are left out. Returns for how many proposals it is
    stored.
    Raises: `not_yours`, `move_gone`, `identity_unseen`.
    """
    if not may_say(proposal, by):
        raise DomainError("not_yours", region=proposal.village_id)
    match = RegisteredMatch.objects.filter(IS_MOVE, pk=proposal.pk).select_for_update().first()
    if match is None:
        raise DomainError("move_gone")
    if compared != identity.mark_of(match):
        raise DomainError("identity_unseen")
    ids = [proposal.pk]
    if whole_family:
        family = Proposal.objects.filter(
            open_to(SAID_BY, by),
            batch_id=proposal.batch_id,
            kk=proposal.kk,
            status=proposal.status,
        ).exclude(register_filters.IS_OTHER)
        ids += family.values_list("pk", flat=True)
    said = RegisteredMatch.objects.filter(IS_MOVE, pk__in=ids).values_list("pk", flat=True)
    rows = RegisteredMatch.objects.filter(pk__in=list(said)).update(
        move=move, move_by=by, move_by_name=str(by)[:200], move_at=now
    )
    record.entry(
        Action.DECIDE,
        about=proposal,
        by=by,
        step=f"move_{move.value}",
        fields=[code for code in match.differs if code in MOVING],
        rows=rows,
    )
    return rows
