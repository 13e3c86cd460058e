"""The area of a card: the user's scope, or a region in it, and the regions one level below."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.core.cache import cache
from django.utils import timezone

from apps.accounts.access import Scope, scope_of
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.proposals.states import ProposalStatus
from apps.regions.models import COUNTRY, Level, Region
from portal.page_addresses import address

# The statuses of the cards, in the order of the work. Drafts and withdrawn rows are their sender's.
COLUMNS = [
    ProposalStatus.SUBMITTED,
    ProposalStatus.VERIFIED,
    ProposalStatus.ENDORSED,
    ProposalStatus.ACCEPTED,
    ProposalStatus.DETERMINED,
    ProposalStatus.RETURNED,
    ProposalStatus.REJECTED,
]
EVERY_STATUS = ",".join(status.value for status in COLUMNS)
# Length of a code prefix → length of the codes one level below.
LEVELS = {0: 2, 2: 5, 5: 8, 8: 13, 13: 13}
LEVEL_OF = {2: Level.PROVINCE, 5: Level.REGENCY, 8: Level.DISTRICT, 13: Level.VILLAGE}
VILLAGE_LENGTH = 13
KEPT_S = 60

Counted = TypeVar("Counted")


@dataclass(frozen=True)
class Area:
    """What a card is about.

    `code` is the region that was asked for, or "" for the whole scope; `within` is what is counted.
    `code_length` is the length of the codes of the regions that have a line each. `list_address` is
    the list of proposals for a user who may view all of the area, or "": such a user sees true
    counts, everybody else those of the thematic maps (adr/0028).
    """

    code: str
    within: Scope
    code_length: int
    scope: Scope
    list_address: str

    @property
    def prefixes(self) -> list[str]:
        """The codes of the area, in the form of the counting statements."""
        return self.within.setting().split(",")

    def path(self) -> list[Region]:
        """The regions from the scope down to the area, for navigation. Queries: one, or none."""
        if not self.code:
            return []
        codes = [self.code[:length] for length in LEVEL_OF if length <= len(self.code)]
        inside = [code for code in codes if self.scope.contains(code)]
        return list(Region.objects.filter(code__in=inside).exclude(code=COUNTRY).order_by("code"))

    def regions(self) -> dict[str, str]:
        """Code → name of the regions one level below that are in force today. Queries: one."""
        found = Region.objects.at(timezone.localdate()).filter(
            self.within.query("code"), level=LEVEL_OF[self.code_length]
        )
        return dict(found.order_by("code").values_list("code", "name"))

    def counted(self, name: str, count: Callable[[], Counted]) -> tuple[Counted, datetime]:
        """What `count` returns, and when it was counted: at most KEPT_S ago."""
        key = f"progress:{name}:{self.within.setting()}"
        known: tuple[Counted, datetime] | None = cache.get(key)
        if known is None:
            known = (count(), timezone.now())
            cache.set(key, known, KEPT_S)
        return known


def area_of(user: User, asked: str, permission: Permission = Permission.VIEW_PROGRESS) -> Area:
    """The area for a user who holds a permission. A region outside its scope is not taken."""
    scope = scope_of(user, permission)
    code = asked if _is_code(asked) and scope.contains(asked) else ""
    within = Scope.of_codes([code]) if code else scope
    length = LEVELS[min(len(prefix) for prefix in within.prefixes)]
    viewed = scope_of(user, Permission.VIEW_PROPOSAL)
    is_viewer = bool(viewed) and all(map(viewed.contains, within.prefixes))
    return Area(
        code, within, length, scope, address(user, "proposals.Proposal") if is_viewer else ""
    )


def _is_code(text: str) -> bool:
    return len(text) in LEVEL_OF and text.replace(".", "").isascii()


def link(area: Area, **filters: Any) -> str:
    """The list of the counted rows; "" for a user who may not view them."""
    if not area.list_address:
        return ""
    query = "&".join(f"{name}={value}" for name, value in filters.items() if value)
    return f"{area.list_address}?{query}"
