"""Who has a proposal open that they can decide: a soft sign, so that two people do not do the same
row.

Kept in the cache only; the conditional update of a decision is what decides. Without Redis there is
no sign.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.core.cache import cache
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _

from apps.accounts.models import User

# A row that was opened longer ago than this counts as left.
IDLE_S: Final = 30 * 60


@dataclass(frozen=True)
class Looker:
    """Somebody who has a proposal open, and since when."""

    user: int
    name: str
    since: datetime

    def words(self) -> str:
        """`Sri Wahyuni has had this open since 10.02`."""
        at = time_format(timezone.localtime(self.since), "TIME_FORMAT")
        return _("Being looked at by {name} since {at}").format(name=self.name, at=at)


def note_open(proposal: int, by: User, *, left: int | None = None, is_decider: bool = True) -> bool:
    """Note that a person has a proposal open. Of who cannot decide it, only what was left is
    noted: colleagues would pass over the row of somebody who only looks.

    `left` is the row that the same panel beside a list showed before (0: none), which is left;
    rows in other tabs stay. Without it the proposal is a page of its own, and the one that was
    such a page before is left.
    Returns whether nobody else has it: of two who ask at once, one.
    """
    own = f"review-looker:{by.pk}"
    before = cache.get(own) if left is None else left
    if before and before != proposal:
        leave(before, by)
    if not is_decider:
        leave(proposal, by)
        return False
    is_free = cache.add(_key(proposal), Looker(by.pk, str(by), timezone.now()), IDLE_S)
    if not is_free:
        known = cache.get(_key(proposal))
        is_free = known is None or known.user == by.pk
        if known is not None and is_free:
            cache.set(_key(proposal), known, IDLE_S)
    if left is None:
        cache.set(own, proposal, IDLE_S)
    return is_free


def others_at(proposals: Iterable[int], by: User) -> dict[int, str]:
    """The words about other people, by proposal. One request to the cache."""
    keys = {_key(pk): pk for pk in proposals}
    found: dict[str, Looker] = cache.get_many(keys)
    return {keys[key]: one.words() for key, one in found.items() if one.user != by.pk}


def leave(proposal: int, by: User) -> None:
    """Note that a person has left a proposal."""
    known = cache.get(_key(proposal))
    if known is not None and known.user == by.pk:
        cache.delete(_key(proposal))


def _key(proposal: int) -> str:
    return f"review-open:{proposal}"
