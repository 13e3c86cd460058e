"""Counts of the fields of the filter that one row answers with several values, or other tables.

The list counts its other fields in one reading (`listing.COUNTED`). These are asked for when the
form of the filter is opened.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count, Exists, Func, OuterRef, Q, TextField

from apps.accounts.access import Scope
from apps.civilregister.states import CivilStatus
from apps.proposals import rules
from apps.proposals.models import Finding, Flag, ProposalQuerySet
from apps.proposals.review import listing
from apps.proposals.review.searching import Search
from apps.proposals.selection import Selection
from apps.proposals.states import IdentityDifference, RegisterFilter

# The values of the fields, each counted by the very condition that the filter has for it.
VALUES: Final[dict[str, list[str]]] = {
    "flag": Flag.values,
    "register": RegisterFilter.values,
    "differs": IdentityDifference.values,
    "civil": CivilStatus.values,
}
# The findings that a ready row can have.
FINDINGS: Final = [code for code, rule in rules.RULES.items() if rule.severity < rules.ERROR]
# A longer list is counted by its flags alone: the others take a second for each 100,000 rows.
MOST_COUNTED: Final = 100_000


@dataclass(frozen=True)
class FacetCounts:
    """How many rows each value has under all other filters, by field; fields that were left out
    because the list is too long are missing.
    """

    by_field: dict[str, dict[str, int]]
    is_whole: bool


def counts_of(
    found: ProposalQuerySet, selection: Selection, scope: Scope, search: Search | None
) -> FacetCounts:
    """The counts for the rows of a scope that a search finds. Queries: five, and the list's two."""
    rest = selection.without(*VALUES, "finding")
    is_whole = listing.counts_of(found, rest, scope, search).total() <= MOST_COUNTED
    names = list(VALUES) if is_whole else ["flag"]
    by_field = {name: _count(found, selection, name) for name in names}
    if is_whole:
        by_field["finding"] = _count_findings(found, selection)
    return FacetCounts(by_field, is_whole)


def _count(found: ProposalQuerySet, selection: Selection, name: str) -> dict[str, int]:
    """Rows of each value of a field, by the conditions of the filter. Queries: one."""
    condition = Selection.parameters()[name].query
    if condition is None:
        raise ValueError(name)
    rows = selection.without(name).apply(found).order_by()
    counted: dict[str, Any] = {
        f"n{place}": Count("pk", filter=condition((value,)))
        for place, value in enumerate(VALUES[name])
    }
    numbers = rows.aggregate(**counted)
    return {value: numbers[f"n{place}"] for place, value in enumerate(VALUES[name])}


def _count_findings(found: ProposalQuerySet, selection: Selection) -> dict[str, int]:
    """Rows of each finding; a row with the same finding in two cells counts once. Queries: one."""
    rows = selection.without("finding").apply(found).order_by()
    of_row = Q(batch_id=OuterRef("batch_id"), row_number=OuterRef("row_number"))
    row = Func("batch_id", "row_number", function="ROW", output_field=TextField())
    counted = (
        Finding.objects.filter(Exists(rows.filter(of_row)), code__in=FINDINGS)
        .order_by()
        .values_list("code")
        .annotate(rows=Count(row, distinct=True))
    )
    return dict.fromkeys(FINDINGS, 0) | dict(counted)
