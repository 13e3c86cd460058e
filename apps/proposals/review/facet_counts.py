"""Counts of the fields of the filter that one row answers with several values, or other tables.

The list counts its other fields in one reading (`listing.COUNTED`). These are asked for when the
form of the filter is opened.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.db.models import BooleanField, Count, ExpressionWrapper, Min, Q

from apps.accounts.access import Scope
from apps.civilregister.states import CivilStatus
from apps.common import sql
from apps.proposals import rules
from apps.proposals.models import Flag, ProposalQuerySet
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
# All that the conditions of these fields read: rows that are equal in it are counted as one.
READ: Final[dict[str, tuple[str, ...]]] = {
    "flag": ("flags",),
    "register": (
        *("kind", "registered_match__likely", "registered_match__differs"),
        "registered_match__move",
    ),
    "differs": ("registered_match__differs",),
    "civil": ("civil_match__status",),
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
    """The counts for the rows of a scope that a search finds.

    Queries: three, and the list's two.
    """
    rest = selection.without(*VALUES, "finding")
    total = listing.counts_of(found, rest, scope, search).total()
    is_whole = total <= MOST_COUNTED
    if not total:
        found = found.none()
    by_field = _count(found, selection, list(VALUES) if is_whole else ["flag"])
    if is_whole:
        by_field["finding"] = _count_findings(found, selection)
    return FacetCounts(by_field, is_whole)


def _count(
    found: ProposalQuerySet, selection: Selection, names: list[str]
) -> dict[str, dict[str, int]]:
    """Rows of each value of some fields, by the conditions of the filter, under all other fields.

    The rows are read once and counted by what the conditions read; the conditions are asked of the
    first row of each such group. Queries: two.
    """
    columns = {column: None for name in names for column in READ[name]}
    rows = selection.without(*names).apply(found).order_by()
    grouped = rows.values(*columns).annotate(first=Min("pk"), rows=Count("pk"))
    counts: dict[int, int] = dict(grouped.values_list("first", "rows"))
    asked = _conditions(selection, names)
    holds: Any = {key: ExpressionWrapper(query, BooleanField()) for key, query in asked.items()}
    groups: Any = list(found.filter(pk__in=list(counts)).order_by().values("pk", **holds))
    found_in: dict[str, dict[str, int]] = {}
    for name in names:
        others = [f"own_{other}" for other in names if other != name]
        left = [group for group in groups if all(group.get(own, True) for own in others)]
        found_in[name] = {
            value: sum(counts[group["pk"]] for group in left if group[f"{name}_{place}"])
            for place, value in enumerate(VALUES[name])
        }
    return found_in


def _conditions(selection: Selection, names: list[str]) -> dict[str, Q]:
    """The condition of each value of these fields, `<name>_<place>`, and of what is chosen in them,
    `own_<name>`.
    """
    asked: dict[str, Q] = {}
    for name in names:
        parameter = Selection.parameters()[name]
        if parameter.query is None:
            raise ValueError(name)
        for place, value in enumerate(VALUES[name]):
            asked[f"{name}_{place}"] = parameter.query((value,))
        if (chosen := getattr(selection, name)) != parameter.empty:
            asked[f"own_{name}"] = parameter.query(chosen)
    return asked


def _count_findings(found: ProposalQuerySet, selection: Selection) -> dict[str, int]:
    """Rows of each finding; a row with the same finding in two cells counts once. Queries: one."""
    rows = selection.without("finding").apply(found).order_by()
    pairs = rows.values_list("batch_id", "row_number")
    counted = sql.run_over(pairs, "proposals/review/count_findings", {"codes": FINDINGS})
    return dict.fromkeys(FINDINGS, 0) | dict(counted)
