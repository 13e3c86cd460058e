"""Predicates over proposals: their comparison with the person registered under their NIK, and the
papers that prove removals and corrections.

`checks.identity` stores the comparison; docs/adr/0009 describes its consequences.
"""

from __future__ import annotations

from typing import Final

from django.db.models import BooleanField, CharField, Exists, F, Func, OuterRef, Q, Value

from apps.casework.models import Document
from apps.proposals import rules
from apps.proposals.models import Proposal, RowPaper
from apps.proposals.states import EvidenceKind, Likely, Move

# Predicates over proposals. In SQL: proposals_registeredmatch m (proposal_id) with
# m.likely = 'other', and for the second p.kind <> 'correction' AND
# length(p.identity_note) < rules.EXPLAINED_CHARS beside it.
IS_OTHER: Final = Q(registered_match__likely=Likely.OTHER)
IS_UNEXPLAINED: Final = (
    IS_OTHER
    & ~Q(kind=Proposal.Kind.CORRECTION)
    & ~Q(identity_note__regex=rf"^.{{{rules.EXPLAINED_CHARS},}}$")
)
# A removal or a correction whose person the register does not have (any more), and one about what
# the register changed since the check: neither is determined. New rows are neither.
IS_GONE: Final = ~Q(kind=Proposal.Kind.NEW) & Q(registered_match__person_id__isnull=True)
CONFLICTS: Final = Q(registered_match__conflicts__len__gt=0)
# Two open proposals of one NIK exclude each other if their claims are equal or one is '*'.
CLAIM: Final = Func(
    F("kind"), F("ends"), F("programme_id"), function="proposals_claim", output_field=CharField()
)
WHOLE_PERSON: Final = "*"
DIFFERS: Final = IS_OTHER | Q(registered_match__differs__len__gt=0)
MOVED: Final = Q(registered_match__move=Move.CONFIRMED)
# A removal or a correction whose paper is not there as a file: its own, that of its form, or, where
# minutes prove it, those of its village for a cycle in which its file has been. The batch may be
# outside the scope of who sees the row, so that a function asks for its cycles.
_OWN_PAPER: Final = RowPaper.objects.filter(
    Q(row_number=None) | Q(row_number=OuterRef("row_number")), batch_id=OuterRef("batch_id")
)


def counts_for(batch: OuterRef | Value) -> Func:
    """Whether a document of a village is of a cycle in which the rows of a batch have been."""
    return Func(
        batch, F("cycle_id"), function="proposals_was_in_cycle", output_field=BooleanField()
    )


_MINUTES: Final = Document.objects.uncorrected().filter(
    counts_for(OuterRef("batch_id")),
    kind=Document.Kind.MINUTES,
    region_id=OuterRef("village_id"),
)
LACKS_PAPER: Final = (
    ~Q(kind=Proposal.Kind.NEW)
    & ~Exists(_OWN_PAPER)
    & ~(Q(evidence_kind=EvidenceKind.MINUTES) & Exists(_MINUTES))
)
