"""A question to the sender of a proposal, answered beside the row without a formal return."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.urls import reverse

from apps.accounts.models import Grant, User
from apps.accounts.roles import LEVEL_OF_ROLE, PERMISSIONS, Permission
from apps.audit import record
from apps.audit.models import Action
from apps.casework import notices
from apps.casework.models import Notice
from apps.common.errors import DomainError
from apps.proposals.models import Batch, Proposal, Question
from apps.proposals.steps import SENDER_STEPS, Step, acts_for, sender_scope, steps_for
from apps.regions.models import LEVEL_BY_LENGTH

# As many characters as the models keep and the fields of the pages permit.
MOST_QUESTION_CHARS: Final = 500
MOST_ANSWER_CHARS: Final = 1000


def may_ask(steps: Iterable[Step]) -> bool:
    """Whether a person with these steps on a proposal is its reviewer, and so may ask about it."""
    return any(step not in SENDER_STEPS for step in steps)


def may_answer(proposal: Proposal, user: User) -> bool:
    """Whether a person acts for the sender of the proposal."""
    if sender_scope(user).contains(proposal.village_id):
        return True
    batch = Batch.objects.filter(pk=proposal.batch_id).first()
    return batch is not None and acts_for(user, batch)


def of_proposal(proposal: Proposal) -> list[Question]:
    """The questions about a proposal, the oldest first. Queries: one."""
    return list(Question.objects.filter(proposal=proposal).order_by("pk"))


@transaction.atomic
def ask_sender(*, proposal: Proposal, text: str, by: User, now: datetime) -> Question:
    """Ask the sender, who gets a notice; for rows of an agency the officers of the region do.

    Raises: `question_empty`, `question_too_long`, `not_yours`, `question_open`.
    """
    wanted = _wanted(text, MOST_QUESTION_CHARS)
    if not may_ask(steps_for(proposal, by)):
        raise DomainError("not_yours", region=proposal.village_id)
    try:
        with transaction.atomic():
            question = Question.objects.create(
                proposal=proposal,
                village_id=proposal.village_id,
                text=wanted,
                by=by,
                by_name=str(by)[:200],
                at=now,
            )
    except IntegrityError:
        raise DomainError("question_open") from None
    record.entry(Action.CREATE, about=proposal, by=by, what="question")
    _notify(_askable(proposal, now), Notice.Kind.ROW_ASKED, proposal, now)
    return question


@transaction.atomic
def answer_question(*, question: Question, text: str, by: User, now: datetime) -> None:
    """Answer a question; who asked gets a notice.

    Raises: `question_empty`, `question_too_long`, `not_yours`, `question_answered`.
    """
    wanted = _wanted(text, MOST_ANSWER_CHARS)
    if not may_answer(question.proposal, by):
        raise DomainError("not_yours", region=question.village_id)
    moved = Question.objects.filter(pk=question.pk, answered_at__isnull=True).update(
        answer=wanted, answered_by=by, answered_by_name=str(by)[:200], answered_at=now
    )
    if not moved:
        raise DomainError("question_answered")
    record.entry(Action.CHANGE, about=question.proposal, by=by, step="answer")
    _notify([question.by_id], Notice.Kind.ROW_ANSWERED, question.proposal, now)


def _wanted(text: str, most: int) -> str:
    """The text to store. Raises: `question_empty`, `question_too_long`."""
    wanted = text.strip()
    if not wanted:
        raise DomainError("question_empty")
    if len(wanted) > most:
        raise DomainError("question_too_long", chars=len(wanted), most=most)
    return wanted


def open_for(user: User) -> QuerySet[Question]:
    """The questions that wait for this person's office."""
    rows = Question.objects.filter(answered_at__isnull=True)
    return rows.filter(sender_scope(user).query("village__code"))


def _askable(proposal: Proposal, now: datetime) -> list[int]:
    """Who answers for a proposal: the person who sent its batch, else the officers of its village.

    There is no such person if an agency sent the batch, if the person has no role any more, or if
    the reviewer may not see the batch. Queries: one or two.
    """
    held = Grant.objects.at(now).filter(user__is_active=True)
    sent = Batch.objects.filter(pk=proposal.batch_id, user__isnull=False)
    people = set(held.filter(user__in=sent.values("user")).values_list("user", flat=True))
    if not people:
        codes = [proposal.village_id[:length] for length in LEVEL_BY_LENGTH]
        roles = [role for role in LEVEL_OF_ROLE if Permission.UPLOAD_BATCH in PERMISSIONS[role]]
        offices = held.filter(region__in=codes, role__in=roles)
        people = set(offices.values_list("user", flat=True))
    return sorted(user for user in people if user is not None)


def _notify(users: list[int], kind: Notice.Kind, proposal: Proposal, now: datetime) -> None:
    notices.write_notices(
        dict.fromkeys(users, 1),
        kind=kind,
        subject=f"proposals.Proposal:{proposal.pk}",
        url=reverse("proposals:review_row", args=[proposal.pk]),
        now=now,
        file=str(proposal.batch_id),
        row=proposal.line,
    )
