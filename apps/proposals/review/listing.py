"""The list of proposals: its pages, its counts, and the legend that is a filter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.db.models import Count

from apps.proposals import maps
from apps.proposals.models import Proposal, ProposalQuerySet, Verdict
from apps.proposals.review.display import Display
from apps.proposals.selection import Selection
from apps.ui.filters import Counts, Facet, count_facets
from apps.ui.paging import Page, read_page

# Fields with few values, which are counted together in one reading of the rows.
COUNTED: Final = ("verdict", "status", "severity", "kind", "programme")


def page_of(
    seen: ProposalQuerySet,
    rows: ProposalQuerySet,
    selection: Selection,
    display: Display,
    params: Mapping[str, str],
) -> Page[Proposal]:
    """One page of the selected rows; `seen` are all rows that the person may look at.

    Queries: one; another for the edge of a sorting by more than the key.
    """
    query = selection.params() | display.kept()
    shown = rows.select_related("village", "actual_village", "civil_match", "registered_match")
    return read_page(shown, display.sorting.order, params, query=query, known=seen)


def following(
    seen: ProposalQuerySet, waiting: ProposalQuerySet, row: Proposal, display: Display
) -> Proposal | None:
    """The next waiting row after this one in the order of the list, else the first; or None.

    Queries: two or three.
    """
    order = display.sorting.order
    ordered = waiting.order_by(*order.expressions())
    edge = order.edge(str(row.pk), seen)
    after = ordered.filter(order.beyond(edge, is_back=False)).first() if edge else None
    return after or ordered.first()


@dataclass(frozen=True)
class Tally(Facet):
    """One entry of the legend: a verdict, its rows, and how many of these the map draws."""

    drawn: int = 0

    @property
    def verdict(self) -> Verdict:
        return Verdict(self.value)


def counts_of(proposals: ProposalQuerySet, selection: Selection) -> Counts:
    """The counts of every field in COUNTED. Queries: one."""
    return count_facets(proposals, selection, COUNTED, drawn=Count("pk", filter=maps.DRAWABLE))


def legend(counts: Counts, selection: Selection) -> list[Tally]:
    """Counts per verdict under all other filters; each switches its verdict on or off."""
    drawn = counts.of("verdict", 1)
    return [
        Tally(**vars(facet), drawn=drawn.get(facet.value, 0))
        for facet in selection.facets("verdict", Verdict.choices, counts)
    ]
