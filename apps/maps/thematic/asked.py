"""What an address asks for: measure, level, region, period and classes; never more than allowed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from apps.accounts.access import Scope
from apps.indicators.measures import catalogue
from apps.indicators.measures.catalogue import Measure, Period
from apps.indicators.measures.classes import MOST_CLASSES, Method
from apps.regions.models import COUNTRY, Level, prefix_of

REGION: Final = re.compile(r"[0-9]{2}(\.[0-9]{2}(\.[0-9]{2})?)?")
NUMBER: Final = re.compile(r"-?[0-9]{1,9}([.,][0-9]{1,6})?")
# The levels that are shown in a region: its parts, and their parts.
WITHIN: Final[Mapping[Level, tuple[Level, ...]]] = {
    Level.COUNTRY: (Level.PROVINCE, Level.REGENCY),
    Level.PROVINCE: (Level.REGENCY, Level.DISTRICT),
    Level.REGENCY: (Level.DISTRICT, Level.VILLAGE),
    Level.DISTRICT: (Level.VILLAGE,),
}
VIEWS: Final = ("map", "table")


@dataclass(frozen=True)
class Asked:
    """A state of the page. `wanted_level` differs from `level` where the region is too large for
    it; `bounds` are given by the user for fixed classes; `other` is the code of a second measure
    beside the first; `against` is a period whose rates are subtracted.
    """

    measure: Measure
    level: Level
    within: str
    period: Period | None
    method: Method
    bounds: tuple[float, ...] = ()
    view: str = "map"
    wanted_level: Level | None = None
    wanted_period: str = ""
    other: str = ""
    against: Period | None = None

    @classmethod
    def of(cls, params: Mapping[str, Any], scope: Scope) -> Asked | None:
        """The state of an address; what cannot be read is the default.

        None where the region does not exist for this scope. Queries: at most three.
        """
        measure = catalogue.find(str(params.get("measure", ""))[:100]) or catalogue.default()
        within = _region(params.get("within", "")) or opening(scope, measure)
        if not _is_visible(within, measure, scope):
            return None
        periods = catalogue.periods_of(measure)
        wanted_period = str(params.get("period", ""))[:10]
        level, wanted = _level(params.get("level", ""), within, measure)
        method = params.get("method", "")
        bounds = _bounds(params.get("bounds", ""))
        view, other = params.get("view", ""), str(params.get("other", ""))[:100]
        period = _nearest(periods, wanted_period)
        against = next((one for one in periods if one.label == params.get("against", "")), None)
        return cls(
            measure=measure,
            level=level,
            within=within,
            period=period,
            method=Method(method) if method in set(Method) else Method.QUANTILE,
            bounds=bounds,
            view=view if view in VIEWS else VIEWS[0],
            wanted_level=wanted,
            wanted_period=wanted_period,
            other=other if other and other != measure.code and catalogue.find(other) else "",
            against=against if measure.is_rate and against != period else None,
        )

    def beside(self, scope: Scope) -> Asked | None:
        """The state of the second measure; None without one, or without values at this level.

        Queries: at most three.
        """
        if not self.other:
            return None
        label = self.period.label if self.period else ""
        params = {"measure": self.other, "level": str(self.level), "within": self.within}
        found = Asked.of(params | {"period": label, "method": self.method.value}, scope)
        return found if found is not None and found.level == self.level else None

    def query(self, **changes: str) -> str:
        """The address of this state, with changes."""
        values = {
            "measure": self.measure.code,
            "level": str(self.level),
            "within": self.within,
            "period": self.period.label if self.period else "",
            "method": str(self.method),
            "bounds": ";".join(f"{one:g}" for one in self.bounds),
            "view": self.view,
            "other": self.other,
            "against": self.against.label if self.against else "",
        } | changes
        return urlencode({name: value for name, value in values.items() if value})


def opening(scope: Scope, measure: Measure) -> str:
    """The region on which the map opens: the smallest one around the scope that has parts."""
    if measure.is_published or not scope.prefixes:
        return COUNTRY
    common = scope.prefixes[0]
    for prefix in scope.prefixes[1:]:
        while not prefix.startswith(common):
            common = common[:-1]
    return next((common[:size] for size in (8, 5, 2) if len(common) >= size), COUNTRY)


def _region(text: str) -> str:
    if text == COUNTRY or REGION.fullmatch(text):
        return text
    return ""


def _is_visible(within: str, measure: Measure, scope: Scope) -> bool:
    """Whether the scope has a part in the region; published figures are everybody's."""
    if measure.is_published or scope.contains(within):
        return True
    return any(prefix.startswith(prefix_of(within)) for prefix in scope.prefixes)


def _level(text: str, within: str, measure: Measure) -> tuple[Level, Level | None]:
    """The level that is shown, and the one that was asked for if the region is too large for it."""
    offered = [level for level in WITHIN[Level.of(within)] if level in measure.levels]
    if not offered:  # the measure ends above: its lowest level is shown
        return measure.levels[-1], None
    wanted = Level(text) if text in measure.levels else None
    if wanted in offered:
        return wanted, None
    lower = wanted is not None and measure.levels.index(wanted) > measure.levels.index(offered[-1])
    return (offered[-1] if lower else offered[0]), wanted if lower else None


def _nearest(periods: Sequence[Period], label: str) -> Period | None:
    """The period of this label, else the nearest one before it, else the first or the newest."""
    if not periods:
        return None
    exact = next((one for one in periods if one.label == label), None)
    if exact is not None or not label:
        return exact or periods[0]
    return next((one for one in periods if one.label < label), periods[-1])


def _bounds(text: str) -> tuple[float, ...]:
    parts = [part.strip() for part in str(text)[:200].split(";") if part.strip()]
    if not all(NUMBER.fullmatch(part) for part in parts):
        return ()
    return tuple(sorted({float(part.replace(",", ".")) for part in parts}))[: MOST_CLASSES - 1]
