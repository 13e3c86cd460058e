"""Saved filters of the list: one's own, and those shared in the office."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.http import QueryDict

from apps.accounts.access import scope_of
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.common.errors import DomainError
from apps.proposals.models import SavedFilter, SavedFilterQuerySet
from apps.proposals.review.display import Display, query_of
from apps.proposals.selection import Selection
from apps.regions.models import COUNTRY

MOST_SAVED: Final = 50
# The longest address that is kept.
MOST_CHARS: Final = 2_000


@dataclass(frozen=True)
class Saved:
    """A filter that was saved; `is_new`: none of one's own had its name. `drops_search`: the list
    was searched, and the words of a search are kept nowhere.
    """

    filter: SavedFilter
    is_new: bool
    drops_search: bool


def visible(user: User) -> SavedFilterQuerySet:
    """The filters that a person can choose, by name."""
    return SavedFilter.objects.of(user, offices_of(user)).select_related("user").order_by("name")


def offices_of(user: User) -> list[str]:
    """The regions in which a person works; a shared filter is seen in all of them."""
    return [prefix or COUNTRY for prefix in scope_of(user, Permission.VIEW_PROPOSAL).prefixes]


def save(*, name: str, query: str, is_shared: bool, by: User, now: datetime) -> Saved:
    """Save the filter of an address under a name; one's own of the same name is replaced.

    Raises: `filter_name_missing`, `filters_full`, `filter_too_long`.
    """
    wanted = " ".join(name.split())[:60]
    if not wanted:
        raise DomainError("filter_name_missing")
    mine = SavedFilter.objects.filter(user=by)
    if mine.exclude(name=wanted).count() >= MOST_SAVED:
        raise DomainError("filters_full", most=MOST_SAVED)
    params = QueryDict(query)
    display = Display.of(params)
    kept = query_of(Selection.from_params(params).without("rows"), display.unsearched())
    if len(kept) > MOST_CHARS:
        raise DomainError("filter_too_long")
    saved, is_new = SavedFilter.objects.update_or_create(
        user=by,
        name=wanted,
        defaults={
            "query": kept,
            "is_shared": is_shared,
            "offices": offices_of(by),
            "saved_at": now,
        },
    )
    return Saved(saved, is_new, drops_search=bool(display.search))


def remove(*, pk: int, by: User) -> bool:
    """Remove one's own saved filter. Returns whether there was one."""
    removed, _models = SavedFilter.objects.filter(pk=pk, user=by).delete()
    return bool(removed)
