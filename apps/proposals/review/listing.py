"""The list of proposals: its orders, its counts, and the legend that is a filter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from apps.proposals import maps
from apps.proposals.models import Proposal, ProposalQuerySet, Verdict
from apps.proposals.selection import Selection
from apps.ui.filters import Counts, Facet, count_facets
from apps.ui.paging import BY_ID, Order, Page, read_page

# Fields with few values, which are counted together in one reading of the rows.
COUNTED: Final = ("verdict", "status", "severity", "kind", "programme")


@dataclass(frozen=True)
class Sorting:
    """One way to sort the list; `code` is its value in the address."""

    code: str
    label: Any
    order: Order


SORTINGS: Final = (
    Sorting("", _("Order of arrival"), BY_ID),
    Sorting("newest", _("Newest first"), Order.by("-pk")),
    Sorting(
        "farthest",
        _("Farthest from the border first"),
        Order.by("-distance_m", "pk", nullable=["distance_m"]),
    ),
    Sorting("severity", _("Worst finding first"), Order.by("-severity", "pk")),
    Sorting("village", _("Village"), Order.by("village_id", "pk")),
    Sorting("name", _("Name"), Order.by("name", "pk")),
    Sorting("youngest", _("Youngest first"), Order.by("-birth_date", "pk")),
    Sorting("oldest", _("Oldest first"), Order.by("birth_date", "pk")),
    Sorting("waiting", _("Waiting longest first"), Order.by("step_at", "pk")),
)


def sorting_of(params: Mapping[str, str]) -> Sorting:
    """The sorting that an address names; the order of arrival for an unknown one."""
    code = params.get("sort", "")
    return next((one for one in SORTINGS if one.code == code), SORTINGS[0])


def page_of(
    seen: ProposalQuerySet, rows: ProposalQuerySet, selection: Selection, params: Mapping[str, str]
) -> Page[Proposal]:
    """One page of the selected rows; `seen` are all rows that the person may look at.

    Queries: one; another for the edge of a sorting by more than the key.
    """
    sorting = sorting_of(params)
    query = selection.params() | ({"sort": sorting.code} if sorting.code else {})
    shown = rows.select_related("village", "actual_village", "civil_match", "registered_match")
    return read_page(shown, sorting.order, params, query=query, known=seen)


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
