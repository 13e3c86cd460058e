"""The list of proposals: its pages, its counts, and the legend that is a filter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from django.core.cache import cache
from django.db.models import Count, Q, Value
from django.db.models.functions import Substr
from django.utils import timezone
from django.utils.crypto import salted_hmac

from apps.accounts.access import Scope
from apps.accounts.models import User
from apps.proposals import maps, regency_counts
from apps.proposals.models import Proposal, ProposalQuerySet, RegencyChange, Verdict
from apps.proposals.models.regency_change import REGENCY_LENGTH
from apps.proposals.review import lookers
from apps.proposals.review.display import Display
from apps.proposals.review.searching import Search
from apps.proposals.selection import Selection
from apps.ui.filters import Counts, Facet, count_facets
from apps.ui.paging import Page, read_page

# Fields with few values, which are counted together in one reading of the rows.
COUNTED: Final = ("verdict", "status", "severity", "kind", "programme")
KEEP_S: Final = 600
COUNTRY_SCOPE: Final = Scope(("",))
DRAWN: Final = Count("pk", filter=maps.DRAWABLE)
# So many rows are looked through for one that nobody else has open.
MOST_TAKEN: Final = 100


def page_of(
    seen: ProposalQuerySet,
    rows: ProposalQuerySet,
    selection: Selection,
    display: Display,
    params: Mapping[str, str],
) -> Page[Proposal]:
    """One page of the selected rows; `seen` are all rows that the person may look at.

    The keys are sorted first and the whole rows read after: sorting whole rows with their joins
    takes three times as long. Queries: two; another for the edge of a sorting by more than the key.
    """
    query = selection.params() | display.kept()
    order = display.sorting.order
    keys = read_page(rows.only(*order.carried), order, params, query=query, known=seen)
    shown = seen.select_related("village", "actual_village", "civil_match", "registered_match")
    known = shown.in_bulk([row.pk for row in keys.rows])
    return replace(keys, rows=[known[row.pk] for row in keys.rows if row.pk in known])


@dataclass(frozen=True)
class Following:
    """The key of the next row; `is_taken`: somebody else has it open, as all others that wait."""

    pk: int
    is_taken: bool = False


def following(
    waiting: ProposalQuerySet, row: Proposal, display: Display, by: User
) -> Following | None:
    """The next waiting row after this one in the order of the list, else the first; or None. `row`
    is as it was before its step, which may have changed its place in the order.

    Rows that others have open are left to them while there is another one. The row found is noted
    as this person's own, so that of two people who go on at once each gets another; `row` is left.
    Queries: one or two.
    """
    order = display.sorting.order
    ordered = waiting.order_by(*order.expressions()).values_list("pk", flat=True)
    after = ordered.filter(order.beyond(order.values_of(row), is_back=False))
    first: int | None = None
    for keys in (list(rows[:MOST_TAKEN]) for rows in (after, ordered)):
        taken = lookers.others_at(keys, by)
        for key in keys:
            if key not in taken and lookers.note_open(key, by, left=row.pk):
                return Following(key)
        first = first or next(iter(keys), None)
    return Following(first, is_taken=True) if first is not None else None


@dataclass(frozen=True)
class Tally(Facet):
    """One entry of the legend: a verdict, its rows, and how many of these the map draws."""

    drawn: int = 0

    @property
    def verdict(self) -> Verdict:
        return Verdict(self.value)


def counts_of(
    proposals: ProposalQuerySet, selection: Selection, scope: Scope, search: Search | None
) -> Counts:
    """The counts of every field in COUNTED, of the rows of a scope that a search finds.

    Switching these fields, sorting and paging need no new count: it is kept until a change in the
    scope is noted, where the other fields are (`Selection.is_noted`). In a scope wider than a
    regency a change counts only its regency again. Queries: two, or one. Cost: 50,000 rows in
    0.1 s.
    """
    rest = selection.without(*COUNTED)
    if not rest.is_noted:
        return _count(proposals, selection)
    if search is None and any(len(prefix) < REGENCY_LENGTH for prefix in scope.prefixes):
        return Counts(selection, COUNTED, _groups_of(proposals, rest, scope))
    version = RegencyChange.objects.version_of(scope.prefixes)
    known = (scope.setting(), rest.params(), version, str(timezone.localdate()), search)
    key = f"review-counts:{salted_hmac('review.counts', repr(known)).hexdigest()}"
    groups = cache.get(key)
    if groups is None:
        groups = _count(proposals, selection).groups
        cache.set(key, groups, KEEP_S)
    return Counts(selection, COUNTED, groups)


def _groups_of(proposals: ProposalQuerySet, rest: Selection, scope: Scope) -> list[Any]:
    """The groups of `count_facets`, from the counts that are kept by regency."""

    def count(where: Q) -> dict[str, dict[Any, int]]:
        code = Substr("village_id", Value(1), Value(REGENCY_LENGTH))
        rows = proposals.filter(where).annotate(regency=code)
        found: dict[str, dict[Any, int]] = defaultdict(dict)
        columns = [Selection.parameters()[name].column for name in COUNTED]
        grouped = rest.apply(rows).order_by().values_list("regency", *columns)
        for regency, *group, every, drawn in grouped.annotate(n=Count("pk"), drawn=DRAWN):
            found[regency] |= {(*group, 0): every, (*group, 1): drawn}
        return found

    sums = regency_counts.counted(_key_of(rest, scope), scope.prefixes, count).sums()
    return [(*key[:-1], n, sums.get((*key[:-1], 1), 0)) for key, n in sums.items() if not key[-1]]


def _key_of(rest: Selection, scope: Scope) -> str:
    day = str(timezone.localdate()) if rest.is_of_today else ""
    known = (scope.setting(), rest.params(), day)
    return salted_hmac("review.counts", repr(known)).hexdigest()


def refresh_country() -> None:
    """Count the list of the country, where it changed, so that nobody waits for it.

    Runs as the worker, which sees the same rows as who sees the country. Queries: one or two.
    """
    counts_of(Proposal.objects.all(), Selection(), COUNTRY_SCOPE, None)
    regency_counts.keep(_key_of(Selection(), COUNTRY_SCOPE))


def _count(proposals: ProposalQuerySet, selection: Selection) -> Counts:
    return count_facets(proposals, selection, COUNTED, drawn=DRAWN)


def legend(counts: Counts, selection: Selection) -> list[Tally]:
    """Counts per verdict under all other filters; each switches its verdict on or off."""
    drawn = counts.of("verdict", 1)
    return [
        Tally(**vars(facet), drawn=drawn.get(facet.value, 0))
        for facet in selection.facets("verdict", Verdict.choices, counts)
    ]
