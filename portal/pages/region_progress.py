"""Progress by region for the home page: only counts, so that provinces may see it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.utils import timezone
from django.utils.formats import number_format

from apps.accounts.access import Principal, Scope, scope_of
from apps.accounts.roles import Permission
from apps.common import sql
from apps.proposals.states import ProposalStatus
from apps.regions.models import COUNTRY, Level, Region

# Columns, in the order of the work.
COLUMNS = [
    ProposalStatus.SUBMITTED,
    ProposalStatus.VERIFIED,
    ProposalStatus.ENDORSED,
    ProposalStatus.ACCEPTED,
    ProposalStatus.DETERMINED,
    ProposalStatus.RETURNED,
    ProposalStatus.REJECTED,
]
# Length of a code prefix → length of the codes one level below.
LEVELS = {0: 2, 2: 5, 5: 8, 8: 13, 13: 13}
LEVEL_OF = {2: Level.PROVINCE, 5: Level.REGENCY, 8: Level.DISTRICT, 13: Level.VILLAGE}
VILLAGE_LENGTH = 13
KEPT_S = 60
STEP = 5


@dataclass
class ProgressLine:
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

    @property
    def rough(self) -> list[str]:
        """The total and the counts, rounded, for users who may not view proposals (`roughly`)."""
        return [roughly(count) for count in (self.total, *self.counts)]

    @property
    def lag(self) -> int:
        """How many the region itself still has to verify and endorse."""
        return self.counts[0] + self.counts[1]

    @property
    def opens(self) -> bool:
        """Whether there is a level below."""
        return len(self.code) < VILLAGE_LENGTH


def roughly(count: int) -> str:
    """A rounded count, from which a single person cannot be inferred.

    Rounded to fives. The total is rounded like its parts, so that none follows from the others.
    """
    if not count:
        return "0"
    return (
        number_format(max(STEP, STEP * round(count / STEP))) if count >= STEP else f"1–{STEP - 1}"
    )


def progress(user: Principal, asked: str = "") -> dict[str, Any] | None:
    """The regions directly below the user's scope, or below a region in it, the most behind first.

    None for a region outside the scope. Queries: three, or one while the counts are younger than
    KEPT_S.
    """
    scope = scope_of(user, Permission.VIEW_PROGRESS)
    if not scope:
        return None
    area = asked if _is_code(asked) and scope.contains(asked) else ""
    within = Scope.of_codes([area]) if area else scope
    key = f"progress:{within.setting()}"
    known: dict[str, Any] | None = cache.get(key)
    if known is None:
        known = {"lines": _lines(within), "at": timezone.now()}
        cache.set(key, known, KEPT_S)
    untouched = sum(1 for line in known["lines"] if not line.total)
    return known | {"area": area, "path": _path(area, scope), "untouched": untouched}


def _is_code(text: str) -> bool:
    return len(text) in LEVEL_OF and text.replace(".", "").isascii()


def _path(area: str, scope: Scope) -> list[Region]:
    """The regions from the scope down to the area, for navigation. Queries: one, or none."""
    if not area:
        return []
    codes = [area[:length] for length in LEVEL_OF if length <= len(area)]
    inside = [code for code in codes if scope.contains(code)]
    return list(Region.objects.filter(code__in=inside).exclude(code=COUNTRY).order_by("code"))


def _lines(scope: Scope) -> list[ProgressLine]:
    length = LEVELS[min(len(prefix) for prefix in scope.prefixes)]
    asked = {"scope": scope.setting().split(","), "code_length": length}
    rows = sql.run("proposals/count_progress", asked)
    regions = Region.objects.at(timezone.localdate()).filter(
        scope.query("code"), level=LEVEL_OF[length]
    )
    lines = {code: ProgressLine(code, name) for code, name in regions.values_list("code", "name")}
    for code, status, count, last_at in rows:
        line = lines.setdefault(code, ProgressLine(code, code))
        line.counts[COLUMNS.index(ProposalStatus(status))] += count
        line.last_at = max(filter(None, (line.last_at, last_at)))
    return sorted(lines.values(), key=lambda line: (-line.lag, not line.total, line.code))
