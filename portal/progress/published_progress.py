"""The funnel for who may not view the proposals of an area: what the thematic maps show of them.

Counts by status, steps per day and findings are for who may view the rows: they would tell counts
that the maps hide (adr/0028).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.http import urlencode

from apps.accounts.access import may
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.indicators.measures import catalogue, region_figures
from apps.indicators.measures.region_figures import Figure, State
from apps.regions.models import COUNTRY
from portal.progress.areas import LEVEL_OF, VILLAGE_LENGTH, Area
from portal.progress.region_progress import BAR_WIDTH, Part

MEASURE: Final = "proposals_open"
# The bar has the colour of proposals that wait for their region.
COLOUR: Final = "submitted"


@dataclass(frozen=True)
class OpenLine:
    """One region and its proposals under way; None is suppressed."""

    code: str
    name: str
    count: int | None

    def count_at(self, _status: str) -> int:
        """All that is shown: there are no counts by status."""
        return self.count or 0

    @property
    def text(self) -> str:
        return "*" if self.count is None else str(number_format(self.count, force_grouping=True))

    @property
    def opens(self) -> bool:
        """Whether there is a level below."""
        return len(self.code) < VILLAGE_LENGTH


@dataclass(frozen=True)
class OpenProgress:
    """What the maps show of an area. `lines` are in the order of their counts, the suppressed ones
    last; `untouched` have nothing under way; `at` is when the register was counted.
    """

    lines: Sequence[OpenLine]
    untouched: Sequence[OpenLine]
    at: datetime | None

    @property
    def bars(self) -> list[tuple[OpenLine, Part | None]]:
        most = max((line.count_at("") for line in self.lines), default=0) or 1
        return [(line, _bar(line, most)) for line in self.lines]


def open_progress(area: Area) -> OpenProgress:
    """The proposals under way by region. Queries: six at most."""
    measure = catalogue.find(MEASURE)
    periods = catalogue.periods_of(measure) if measure is not None else []
    if measure is None or not periods:
        return OpenProgress((), (), None)
    level = LEVEL_OF[area.code_length]
    rows = region_figures.figures(
        measure, periods[0], level, area.code or COUNTRY, scope=area.within
    )
    lines = [_line(row) for row in rows if row.state != State.MISSING]
    counted = sorted(lines, key=lambda line: (line.count is None, -(line.count or 0), line.code))
    return OpenProgress(
        [line for line in counted if line.count != 0],
        [line for line in counted if line.count == 0],
        region_figures.counted_at(),
    )


def map_address(area: Area, user: User) -> str:
    """The thematic map of the same numbers; "" for who may not look at it."""
    if not may(user, Permission.VIEW_INDICATOR):
        return ""
    asked = {
        "measure": MEASURE,
        "within": area.code or COUNTRY,
        "level": LEVEL_OF[area.code_length].value,
    }
    return f"{reverse('maps:thematic')}?{urlencode(asked)}"


def _line(row: Figure) -> OpenLine:
    return OpenLine(row.code, row.name, row.numerator if row.state == State.SHOWN else None)


def _bar(line: OpenLine, most: int) -> Part | None:
    width = line.count_at("") * BAR_WIDTH / most
    label: Any = line.text
    return Part(COLOUR, label, "0.00", f"{width:.2f}") if width else None
