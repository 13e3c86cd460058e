"""The findings of a batch as its pages show them: groups by cause, rows of one cause, held rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from apps.accounts.access import Scope, scope_of
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.common.text.identity import masked
from apps.proposals import lines, maps, rules
from apps.proposals.checks import finding_texts
from apps.proposals.models import Batch, Finding, HeldRow, Proposal
from apps.ui.paging import Order

# Findings and held rows of a file, in the order of its rows.
BY_ROW: Final = Order.by("row_number", "pk")


@dataclass(frozen=True)
class FindingGroup:
    """All findings with one cause. `message` is the group's text, `first` that of its first row."""

    code: str
    severity: int
    count: int
    message: finding_texts.Message
    first: str


def groups(batch: Batch) -> list[FindingGroup]:
    """The groups of a batch. Order: those that must be fixed, then by size. Queries: one."""
    counts: dict[str, int] = batch.counts.get("findings", {})
    firsts = batch.findings.order_by("code", "row_number", "pk").distinct("code")
    above = lines.above(batch)
    found = [
        FindingGroup(
            code=row.code,
            severity=row.severity,
            count=counts.get(row.code, 0),
            message=kind(row.code),
            first=finding_texts.line(row.row_number + above),
        )
        for row in firsts
    ]
    return sorted(found, key=lambda group: (-group.severity, -group.count, group.code))


def to_check(batch: Batch) -> int:
    """The number of findings to look at that do not hold their row."""
    counts: dict[str, int] = batch.counts.get("findings", {})
    return sum(
        count
        for code, count in counts.items()
        if code in rules.RULES and rules.RULES[code].severity == rules.WARNING
    )


def scope_to_look(user: User) -> Scope:
    """The scope whose proposals a person sees among the rows of a file."""
    return scope_of(user, Permission.VIEW_PROPOSAL, Permission.VIEW_BATCH)


def kind(code: str) -> finding_texts.Message:
    """The text of a group."""
    return finding_texts.kind(code, field=rules.RULES[code].field if code in rules.RULES else "")


def words(finding: Finding, above: int, *, hides_point: bool = False) -> finding_texts.Message:
    """The text of one finding: what, where, how to fix it. `above`: see `lines`."""
    params = finding.params
    if hides_point:
        params = finding_texts.without_point(params, finding.field)
    return finding_texts.text(
        finding.code,
        params=params,
        row_number=finding.row_number,
        field=finding.field,
        above=above,
    )


def of_proposal(proposal: Proposal) -> list[dict[str, Any]]:
    """The findings of one proposal, the most severe first. Queries: two."""
    rows = Finding.objects.filter(batch_id=proposal.batch_id, row_number=proposal.row_number)
    above, hides = proposal.line - proposal.row_number, proposal.is_protected
    return [
        {
            "severity": row.severity,
            "code": row.code,
            "message": words(row, above, hides_point=hides),
        }
        for row in rows.order_by("-severity", "pk")
    ]


def fields_of(proposal: Proposal) -> set[str]:
    """The columns with findings to fix or to look at. Queries: one."""
    rows = Finding.objects.filter(batch_id=proposal.batch_id, row_number=proposal.row_number)
    return set(rows.filter(severity__gte=rules.WARNING).values_list("field", flat=True))


def held(batch: Batch, rows: list[HeldRow], *, hides: bool = False) -> list[dict[str, Any]]:
    """Held rows with the findings that must be fixed in each. Queries: one."""
    numbers = [row.row_number for row in rows]
    cards = maps.protected_among(maps.card_in(row.values) for row in rows) if hides else set()
    hidden = {
        row.row_number
        for row in rows
        if hides and (maps.has_protected_kind(row.values) or maps.card_in(row.values) in cards)
    }
    above = lines.above(batch)
    reasons: dict[int, list[finding_texts.Message]] = {}
    for finding in batch.findings.filter(row_number__in=numbers, severity=rules.ERROR):
        reasons.setdefault(finding.row_number, []).append(
            words(finding, above, hides_point=finding.row_number in hidden)
        )
    return [
        {
            "row": row,
            "line": row.row_number + above,
            "name": row.values.get("name", ""),
            "nik": masked(row.values.get("nik")),
            "messages": reasons.get(row.row_number, []),
        }
        for row in rows
    ]
