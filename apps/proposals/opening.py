"""Opening one proposal and revealing its NIK: both go on record before anything is shown."""

from __future__ import annotations

from collections.abc import Sequence

from apps.accounts.access import scope_of
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.audit import record
from apps.audit.models import Action
from apps.proposals.models import Batch, Finding, Fix, HeldRow, Proposal
from apps.proposals.refusals import NotYours, ReasonMissing
from apps.proposals.selection import Selection
from apps.registry.reading import RevealReason


def note_opened(proposal: Proposal) -> None:
    """Somebody looks at one proposal."""
    record.entry(
        Action.READ,
        subject=record.subject_of(proposal),
        subject_name=str(proposal),
        region_code=proposal.village_id,
    )


def note_listed(selection: Selection, rows: Sequence[Proposal]) -> None:
    """Somebody looks at a page of the list: names and masked numbers of these rows."""
    if rows:
        record.entry(
            Action.READ,
            subject="proposals.Selection",
            region_code=selection.region,
            selection=selection.params(),
            proposals=[row.pk for row in rows],
        )


def note_rows(batch: Batch, rows: Sequence[Finding | HeldRow]) -> None:
    """Somebody looks at these rows of an uploaded file."""
    if rows:
        record.entry(
            Action.READ,
            subject=batch.subject,
            subject_name=str(batch),
            region_code=batch.region_id,
            rows=[row.row_number for row in rows],
        )


def note_row(batch: Batch, row_number: int) -> None:
    """Somebody looks at one row of an uploaded file."""
    record.entry(
        Action.READ,
        subject=batch.subject,
        subject_name=str(batch),
        region_code=batch.region_id,
        rows=[row_number],
    )


def note_numbers(batch: Batch, row_numbers: Sequence[int]) -> None:
    """Somebody looks at the rows of these numbers."""
    if row_numbers:
        record.entry(
            Action.READ,
            subject=batch.subject,
            subject_name=str(batch),
            region_code=batch.region_id,
            rows=list(row_numbers),
        )


def note_fix(batch: Batch, fix: Fix) -> None:
    """Somebody looks at the examples of a change."""
    record.entry(
        Action.READ,
        subject=batch.subject,
        subject_name=str(batch),
        region_code=batch.region_id,
        rows=[one["row_number"] for one in fix.result["examples"]],
    )


def note_batch_mapped(batch: Batch, count: int) -> None:
    """Somebody looks at this many points of an uploaded file on a map."""
    if count:
        record.entry(
            Action.READ,
            subject=batch.subject,
            subject_name=str(batch),
            region_code=batch.region_id,
            points=count,
        )


def note_mapped(selection: Selection, count: int) -> None:
    """Somebody looks at this many points on a map."""
    if count:
        record.entry(
            Action.READ,
            subject="proposals.Selection",
            region_code=selection.region,
            selection=selection.params(),
            points=count,
        )


def reveal(*, proposal: Proposal, by: User, reason: str) -> str:
    """The whole NIK of a proposal, against a reason that goes on record.

    Raises: ReasonMissing, NotYours.
    """
    if reason not in RevealReason.values:
        raise ReasonMissing
    if not scope_of(by, Permission.REVEAL_NIK).contains(proposal.village_id):
        raise NotYours(region=proposal.village_id)
    record.entry(
        Action.REVEAL,
        subject=record.subject_of(proposal),
        subject_name=str(proposal),
        region_code=proposal.village_id,
        reason=reason,
        field="nik",
    )
    return proposal.nik
