"""The paper of a removal or a correction, as a file: kept, shown to who sees the row."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.accounts.access import scope_of
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import Subject
from apps.casework import documents
from apps.common.errors import DomainError
from apps.proposals import register_filters
from apps.proposals.models import Proposal, RowPaper
from apps.proposals.states import OPEN, EvidenceKind
from apps.regions.models import Region


def is_wanted(proposal: Proposal) -> bool:
    """Whether a paper proves this row, and it is not determined or ended."""
    return proposal.kind != Proposal.Kind.NEW and proposal.status in OPEN


def is_lacking(proposal: Proposal) -> bool:
    """Whether the paper of a removal or a correction is not there. Queries: one, or none."""
    if proposal.kind == Proposal.Kind.NEW:
        return False
    return Proposal.objects.filter(register_filters.LACKS_PAPER, pk=proposal.pk).exists()


def require(proposal: Proposal) -> None:
    """Raises: `minutes_lacking`, `paper_lacking` if the paper of a row is not there."""
    if is_lacking(proposal):
        code = "paper_lacking"
        if proposal.evidence_kind == EvidenceKind.MINUTES:
            code = "minutes_lacking"
        raise DomainError(code, paper=proposal.evidence_kind, proposal=str(proposal))


@transaction.atomic
def keep(
    *,
    batch_id: int,
    row_number: int | None,
    region: Region,
    number: str,
    prepared: documents.Prepared,
    by: User,
    now: datetime,
) -> RowPaper:
    """Keep the paper of a row, or of all rows of a form. The same file is kept once.

    The batch of a wider region may be outside the sender's scope although the row is inside.
    The caller checks whether the person acts for the sender. Raises: DomainError, NoRoom.
    """
    document = documents.receive_evidence(
        region=region,
        number=number.strip()[:80],
        file=prepared,
        file_name=prepared.file_name,
        by=by,
        now=now,
    )
    paper, _is_new = RowPaper.objects.get_or_create(
        batch_id=batch_id, row_number=row_number, document=document, defaults={"at": now}
    )
    return paper


def of_proposal(proposal: Proposal) -> list[RowPaper]:
    """The papers of a removal or a correction, the oldest first. Queries: one, or none."""
    if proposal.kind == Proposal.Kind.NEW:
        return []
    of_row = Q(row_number=None) | Q(row_number=proposal.row_number)
    rows = RowPaper.objects.filter(of_row, batch=proposal.batch_id)
    return list(rows.select_related("document").order_by("pk"))


def visible_to(user: User) -> QuerySet[RowPaper]:
    """The papers that a person may open: of rows in scope."""
    seen = Proposal.objects.within(scope_of(user, Permission.VIEW_PROPOSAL))
    whole = seen.filter(batch_id=OuterRef("batch_id"))
    row = whole.filter(row_number=OuterRef("row_number"))
    return RowPaper.objects.select_related("document").filter(
        Exists(row) | (Q(row_number=None) & Exists(whole))
    )


def open_file(paper: RowPaper, by: User) -> Path:
    """The path of the stored file. Opening it is on record for the document and its rows."""
    rows = Proposal.objects.filter(batch=paper.batch_id)
    if paper.row_number is not None:
        rows = rows.filter(row_number=paper.row_number)
    numbers = sorted(rows.values_list("row_number", flat=True)) or [paper.row_number or 1]
    batch = Subject(f"proposals.Batch:{paper.batch_id}", region=paper.document.region_id)
    record.entry(Action.READ, about=batch, by=by, rows=numbers, document=paper.document_id)
    return documents.open_document(paper.document, by)
