"""The answer about a row that an agency sent, read from its batch of one row."""

from __future__ import annotations

from typing import Any

from apps.accounts.access import scope_of
from apps.accounts.models import Agency
from apps.accounts.roles import Permission
from apps.proposals.checks import finding_texts
from apps.proposals.models import Batch, Finding, HeldRow, Proposal, Severity

UNFINISHED = {Batch.Status.RECEIVED, Batch.Status.READING, Batch.Status.CHECKING}
# Most rows are known: a person of the agency confirms on the batch's page.
ASKED = {Batch.Status.NEEDS_CONFIRMATION, Batch.Status.DISCARDED}


def batch_of(agency: Agency, reference: int) -> Batch | None:
    """The agency's own batch with this reference, inside its regions, or None."""
    scope = scope_of(agency, Permission.VIEW_PROPOSAL)
    return (
        Batch.objects.within(scope)
        .filter(pk=reference, agency=agency, origin=Batch.Origin.API)
        .first()
    )


def answer(batch: Batch) -> dict[str, Any]:
    """The answer in the shape of `ProposalOutput`."""
    row = (
        Proposal.objects.filter(batch=batch).first() or HeldRow.objects.filter(batch=batch).first()
    )
    held = isinstance(row, HeldRow)
    without = "dropped" if row is None and batch.counts.get("dropped") else "held"
    status = "checking" if batch.status in UNFINISHED else getattr(row, "status", without)
    if batch.status in ASKED:
        status = batch.status
    return {
        "id": batch.pk,
        "kind": row.kind if isinstance(row, Proposal) else None,
        "status": status,
        "verdict": (row.verdict or None) if row else None,
        "distance_m": row.distance_m if row else None,
        "village_code": (row.village_code if held else row.village_id) if row else None,  # type: ignore[union-attr]
        "actual_village_code": _actual(row),
        "flags": row.flags if row else [],
        "findings": [_finding(finding) for finding in batch.findings.order_by("-severity", "pk")],
    }


def _actual(row: Proposal | HeldRow | None) -> str | None:
    if isinstance(row, HeldRow):
        return row.actual_village_code or None
    return row.actual_village_id if row else None


def _finding(finding: Finding) -> dict[str, str]:
    text = finding_texts.text(finding.code, params=finding.params, field=finding.field)
    return {
        "code": finding.code,
        "severity": Severity(finding.severity).name.lower(),
        "field": finding.field,
        "message": f"{text.title} {text.detail}".strip(),
        "remedy": text.remedy,
    }
