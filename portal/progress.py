"""Progress by region for the home page: counts alone, so that provinces may watch."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.utils import timezone

from apps.accounts.access import Principal, Scope, scope_of
from apps.accounts.roles import Permission
from apps.common import sql
from apps.proposals.states import ProposalStatus
from apps.regions.models import Region

# Shown columns, in the order of the work.
COLUMNS = [
    ProposalStatus.SUBMITTED,
    ProposalStatus.VERIFIED,
    ProposalStatus.ENDORSED,
    ProposalStatus.ACCEPTED,
    ProposalStatus.DETERMINED,
    ProposalStatus.RETURNED,
    ProposalStatus.REJECTED,
]
LEVELS = {0: 2, 2: 5, 5: 8, 8: 13, 13: 13}
KEPT_S = 60


@dataclass
class Line:
    """One region. `counts` go with COLUMNS."""

    code: str
    name: str
    counts: list[int] = field(default_factory=lambda: [0] * len(COLUMNS))
    last_at: datetime | None = None

    @property
    def total(self) -> int:
        return sum(self.counts)

    @property
    def cells(self) -> list[tuple[str, int]]:
        return [(status.value, count) for status, count in zip(COLUMNS, self.counts, strict=True)]


def progress(user: Principal) -> dict[str, Any] | None:
    """The regions just below one's scope, those with most waiting for the first step on top.

    Queries: two, or none while the counts are younger than KEPT_S.
    """
    scope = scope_of(user, Permission.VIEW_PROGRESS)
    if not scope:
        return None
    key = f"progress:{scope.setting()}"
    known: dict[str, Any] | None = cache.get(key)
    if known is None:
        known = {"lines": _lines(scope), "at": timezone.now()}
        cache.set(key, known, KEPT_S)
    return known


def _lines(scope: Scope) -> list[Line]:
    length = LEVELS[min(len(prefix) for prefix in scope.prefixes)]
    asked = {"scope": scope.setting().split(","), "code_length": length}
    rows = sql.run("proposals/count_progress", asked)
    names = dict(
        Region.objects.filter(code__in={row[0] for row in rows}).values_list("code", "name")
    )
    lines: dict[str, Line] = {}
    for code, status, count, last_at in rows:
        line = lines.setdefault(code, Line(code, names.get(code, code)))
        line.counts[COLUMNS.index(ProposalStatus(status))] += count
        line.last_at = max(filter(None, (line.last_at, last_at)))
    return sorted(lines.values(), key=lambda line: (-line.counts[0], line.code))
