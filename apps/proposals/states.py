"""The statuses of batches and proposals and the moves between them: one table each.

Every move is one conditional UPDATE (`WHERE status = old`); triggers refuse all other moves.
"""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.common.states import Moves


class BatchStatus(TextChoices):
    RECEIVED = "received", _("Received")
    READING = "reading", _("Reading")
    CHECKING = "checking", _("Checking")
    NEEDS_CONFIRMATION = "asking", _("Waits for an answer")
    READY = "ready", _("Ready to submit")
    SUBMITTED = "submitted", _("Batch submitted")
    CLOSED = "closed", _("Closed")
    FAILED = "failed", _("Failed – can be resumed")
    DISCARDED = "discarded", _("Thrown away")


# Its check has been asked for and has not ended.
BEING_CHECKED = (BatchStatus.RECEIVED, BatchStatus.READING, BatchStatus.CHECKING)


class SubmitWhenChecked(TextChoices):
    """What is submitted when a batch's check has ended."""

    NO = "", "no"
    READY_ROWS = "rows", "ready rows"
    WHOLE = "whole", "all rows or none"


BATCH_TRANSITIONS: Moves = {
    BatchStatus.RECEIVED: {BatchStatus.READING, BatchStatus.FAILED},
    BatchStatus.READING: {BatchStatus.READING, BatchStatus.CHECKING, BatchStatus.FAILED},
    BatchStatus.CHECKING: {
        BatchStatus.READING,
        BatchStatus.CHECKING,
        BatchStatus.NEEDS_CONFIRMATION,
        BatchStatus.READY,
        BatchStatus.FAILED,
    },
    # most of its rows are known already (checks.known_rows)
    BatchStatus.NEEDS_CONFIRMATION: {BatchStatus.RECEIVED, BatchStatus.DISCARDED},
    BatchStatus.READY: {BatchStatus.SUBMITTED, BatchStatus.CLOSED, BatchStatus.CHECKING},
    # held rows that are corrected later are ready again
    BatchStatus.SUBMITTED: {BatchStatus.CLOSED, BatchStatus.READY},
    BatchStatus.CLOSED: {BatchStatus.READY},
    BatchStatus.FAILED: {BatchStatus.RECEIVED},
    BatchStatus.DISCARDED: set(),
}


class ProposalStatus(TextChoices):
    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Submitted")
    VERIFIED = "verified", _("Verified")
    ENDORSED = "endorsed", _("Endorsed")
    ACCEPTED = "accepted", _("Accepted")
    DETERMINED = "determined", _("Determined")
    RETURNED = "returned", _("Returned")
    REJECTED = "rejected", _("Rejected")
    WITHDRAWN = "withdrawn", _("Withdrawn")


# A step back to the status before is an undo by the person who took the step (review.decisions).
PROPOSAL_TRANSITIONS: Moves = {
    ProposalStatus.DRAFT: {ProposalStatus.SUBMITTED, ProposalStatus.WITHDRAWN},
    ProposalStatus.SUBMITTED: {
        ProposalStatus.VERIFIED,
        ProposalStatus.RETURNED,
        ProposalStatus.REJECTED,
        ProposalStatus.WITHDRAWN,
        ProposalStatus.DRAFT,
    },
    ProposalStatus.VERIFIED: {
        ProposalStatus.ENDORSED,
        ProposalStatus.RETURNED,
        ProposalStatus.REJECTED,
        ProposalStatus.WITHDRAWN,
        ProposalStatus.SUBMITTED,
    },
    ProposalStatus.ENDORSED: {
        ProposalStatus.ACCEPTED,
        ProposalStatus.RETURNED,
        ProposalStatus.REJECTED,
        ProposalStatus.VERIFIED,
    },
    ProposalStatus.ACCEPTED: {
        ProposalStatus.DETERMINED,
        ProposalStatus.RETURNED,
        ProposalStatus.REJECTED,
        ProposalStatus.ENDORSED,
    },
    ProposalStatus.RETURNED: {
        ProposalStatus.SUBMITTED,
        ProposalStatus.WITHDRAWN,
        ProposalStatus.VERIFIED,
        ProposalStatus.ENDORSED,
        ProposalStatus.ACCEPTED,
    },
    ProposalStatus.REJECTED: {
        ProposalStatus.SUBMITTED,
        ProposalStatus.VERIFIED,
        ProposalStatus.ENDORSED,
        ProposalStatus.ACCEPTED,
    },
    ProposalStatus.DETERMINED: set(),
    ProposalStatus.WITHDRAWN: set(),
}
OPEN = [
    ProposalStatus.DRAFT,
    ProposalStatus.SUBMITTED,
    ProposalStatus.VERIFIED,
    ProposalStatus.ENDORSED,
    ProposalStatus.ACCEPTED,
    ProposalStatus.RETURNED,
]


class Likely(TextChoices):
    """Whether the proposed person is the active person registered under the same NIK.

    Empty if no person is registered under the NIK and only the family card is known.
    """

    SAME = "same", pgettext_lazy("identity", "probably the same person")
    OTHER = "other", pgettext_lazy("identity", "probably another person")


class RemovalEnds(TextChoices):
    """What a removal ends in the register."""

    PERSON = "person", _("the person's registration, with all programmes")
    ENROLMENT = "enrolment", _("this programme only")


class EvidenceKind(TextChoices):
    """The paper that proves a removal or a correction."""

    DEATH_CERTIFICATE = "death_certificate", _("Death certificate")
    MOVING_LETTER = "moving_letter", _("Moving letter (SKPWNI)")
    STATEMENT = "statement", _("Statement of the village")
    OWN_STATEMENT = "own_statement", _("Statement signed by the person")
    MINUTES = "minutes", _("Minutes of the village meeting")
    WORK_CERTIFICATE = "work_certificate", _("Decree of appointment or employer's letter")
    IDENTITY_CARD = "identity_card", _("Identity card (KTP)")
    FAMILY_CARD = "family_card", _("Family card (KK)")
    BIRTH_CERTIFICATE = "birth_certificate", _("Birth certificate")
    MARRIAGE_CERTIFICATE = "marriage_certificate", _("Marriage or divorce certificate")
    MEDICAL_LETTER = "medical_letter", _("Letter of a doctor")


class IdentityDifference(TextChoices):
    """A difference between a proposal and the register, whose table has the values."""

    NAME = "name", pgettext_lazy("identity", "name")
    MOTHER_NAME = "mother_name", pgettext_lazy("identity", "mother's name")
    BIRTH_DATE = "birth_date", pgettext_lazy("identity", "date of birth")
    SEX = "sex", pgettext_lazy("identity", "sex")
    KK = "kk", pgettext_lazy("identity", "family card")
    VILLAGE = "village", pgettext_lazy("identity", "village")
    ADDRESS = "address", pgettext_lazy("identity", "address")
    LOCATION = "location", pgettext_lazy("identity", "point")


# The differences that are a move; the register takes them over only if a reviewer confirmed it.
MOVING = (
    IdentityDifference.KK,
    IdentityDifference.VILLAGE,
    IdentityDifference.ADDRESS,
    IdentityDifference.LOCATION,
)


class RegisterFilter(TextChoices):
    """Filters of proposals by their comparison with the register."""

    OTHER = "other", pgettext_lazy("identity", "probably another person")
    DIFFERS = "differs", pgettext_lazy("identity", "differs from the register")
    MOVE = "move", pgettext_lazy("identity", "a move waits for confirmation")


class Move(TextChoices):
    """A reviewer's answer about a move; empty before there is one."""

    CONFIRMED = "confirmed", pgettext_lazy("identity", "move confirmed")
    DENIED = "denied", pgettext_lazy("identity", "move denied")


# A batch whose check has ended well shows its findings; before that, its progress.
CHECKED = (BatchStatus.READY, BatchStatus.SUBMITTED, BatchStatus.CLOSED)
