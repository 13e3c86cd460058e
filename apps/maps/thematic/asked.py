"""What an address asks for: measure, level, region, period and classes; never more than allowed.

No `ui.filters.Filter`: it is no selection of rows, and each part has a default, often of another
part (the level of the region, the period of the measure), where an address names none. The pages of
the table are numbers, as its rows are figures that are all in memory, in the order of their values.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlencode

from apps.accounts.access import Scope
from apps.common.http import plain_number, unambiguous_decimal
from apps.indicators.measures import catalogue, definitions
from apps.indicators.measures.catalogue import Measure, Period
from apps.indicators.measures.classes import MOST_CLASSES, Method
from apps.maps.thematic.region_filters import COMPUTED, EDITION, PUBLISHED, RegionFilter
from apps.regions.editions import shapes
from apps.regions.models import COUNTRY, Level, prefix_of

REGION: Final = re.compile(r"[0-9]{2}(\.[0-9]{2}(\.[0-9]{2})?)?")
SCALE: Final = re.compile(rf"(province|regency|district|village)-({COUNTRY}|{REGION.pattern})")
LONGEST_BOUNDS: Final = 200
LONGEST_PERIOD: Final = 20
NUMBER: Final = re.compile(r"-?[0-9]{1,9}([.,][0-9]{1,6})?")
# The levels that are shown in a region: its parts, and their parts; of the country the districts,
# too, whose map is drawn by level of zoom (`is_layered`).
WITHIN: Final[Mapping[Level, tuple[Level, ...]]] = {
    Level.COUNTRY: (Level.PROVINCE, Level.REGENCY, Level.DISTRICT),
    Level.PROVINCE: (Level.REGENCY, Level.DISTRICT),
    Level.REGENCY: (Level.DISTRICT, Level.VILLAGE),
    Level.DISTRICT: (Level.VILLAGE,),
}
VIEWS: Final = ("map", "table")
# Orders of the table; the first one where none is asked for.
SORTS: Final = ("-value", "value", "name")
# How a second measure, or another period, is shown.
BESIDE, BIVARIATE, SWIPE = "beside", "bivariate", "swipe"
# What stands in the place of a period to compare with: the pockets of both origins, those of BIG
# and of a former edition, the boundaries.
POCKETS, BOUNDARIES = "pockets", "boundaries"
EDITIONS: Final = re.compile(rf"{BOUNDARIES}|{POCKETS}(-[0-9]{{1,9}})?")
NO_FILTER: Final = RegionFilter()
# The parameters of an address, without those of the page alone.
PARAMETERS: Final = (
    *("measure", "programme", "level", "within", "period", "method", "bounds", "other", "against"),
    *("compare", "scale", "least", "most", "by", "pocket", "hazard"),
)
# The measure whose families may be narrowed to those of one programme.
IN_ANY: Final = catalogue.DEFAULT


@dataclass(frozen=True)
class Asked:
    """A state of the page. `wanted_level` differs from `level` where the region is too large for
    it; `bounds` are given by the user for fixed classes, `unread` are the parts of them that are
    none; `other` is the code of a second measure beside the first; `against` is a period, or a
    replaced edition of one, whose rates are subtracted, `swipe` one that lies under the other half
    of the map. `editions` are what is swiped in the place of periods: the pockets of BIG and the
    register's, those of BIG and of a former edition of BIG's (`pockets-12`), or the boundaries in
    force and those before (`has_former_boundaries`). `scale` is the level and region by whose
    values the classes are made, where these are not the ones that are shown. `is_against_itself`:
    what is to be compared with is what is shown, for example an edition that is in force again.
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
    region_filter: RegionFilter = NO_FILTER
    compare: str = BESIDE
    swipe: Period | None = None
    editions: str = ""
    has_former_boundaries: bool = False
    scale: tuple[Level, str] | None = None
    unread: tuple[str, ...] = ()
    sort: str = SORTS[0]
    is_against_itself: bool = False

    @classmethod
    def of(cls, params: Mapping[str, Any], scope: Scope) -> Asked | None:
        """The state of an address; what cannot be read is the default.

        None where the region does not exist for this scope. Queries: at most six.
        """
        code = _programme_measure(params) or str(params.get("measure", ""))[:100]
        measure = catalogue.find(code) or catalogue.default()
        within = _region(params.get("within", "")) or opening(scope, measure)
        if not _is_visible(within, measure, scope):
            return None
        periods = catalogue.periods_of(measure)
        wanted_period = str(params.get("period", ""))[:LONGEST_PERIOD]
        level, wanted = _level(params.get("level", ""), within, measure)
        method = params.get("method", "")
        bounds, unread = _bounds(params.get("bounds", ""))
        view, sort = params.get("view", ""), params.get("sort", "")
        other = str(params.get("other", ""))[:100]
        compare = params.get("compare", "")
        released = catalogue.released_period(measure, wanted_period)
        period = released or nearest_period(periods, wanted_period)
        former = str(params.get("against", ""))[:LONGEST_PERIOD]
        against = next((one for one in periods if one.label == former), None)
        against = against or catalogue.released_period(measure, former)
        is_against_itself = against is not None and against == period
        against = None if is_against_itself else against
        is_swipe = compare == SWIPE and against is not None
        region_filter = RegionFilter.of(params)
        editions = former if EDITIONS.fullmatch(former) else ""
        if editions == BOUNDARIES and shapes.former_set() is None:
            editions = ""
        if editions.startswith(POCKETS):
            region_filter = replace(region_filter, pocket=PUBLISHED)
        return cls(
            measure=measure,
            level=level,
            within=within,
            period=period,
            method=Method(method) if method in set(Method) else Method.QUANTILE,
            bounds=bounds,
            unread=unread,
            view=view if view in VIEWS else VIEWS[0],
            wanted_level=wanted,
            wanted_period=released.key if released else wanted_period,
            other=other if other and other != measure.code and catalogue.find(other) else "",
            against=against if measure.is_rate and not is_swipe else None,
            region_filter=region_filter,
            compare=compare if compare == BIVARIATE or is_swipe else BESIDE,
            swipe=against if is_swipe else None,
            editions=editions,
            scale=_scale(params.get("scale", ""), measure),
            sort=sort if sort in SORTS else SORTS[0],
            is_against_itself=is_against_itself,
        )

    @property
    def is_layered(self) -> bool:
        """Whether regencies are drawn from afar and villages from close by, besides districts."""
        return self.within == COUNTRY and self.level == Level.DISTRICT

    @property
    def is_swiped(self) -> bool:
        """Whether two maps lie one over the other."""
        return self.swipe is not None or bool(self.editions)

    @property
    def swipes_pockets(self) -> bool:
        return self.editions.startswith(POCKETS)

    @property
    def scale_text(self) -> str:
        level, within = self.scale or (self.level, self.within)
        return f"{level}-{within}"

    def beside(self, scope: Scope) -> Asked | None:
        """The state of the second measure; None without one, or without values at this level.

        Queries: at most three.
        """
        if not self.other:
            return None
        label = self.period.label if self.period else ""
        params = {"measure": self.other, "level": str(self.level), "within": self.within}
        # a range of changes since another period is none of values
        chosen = self.region_filter if self.against is None else self.region_filter.without_range()
        params |= chosen.for_other(self.measure.code).params()
        params["scale"] = self.scale_text if self.scale is not None else ""
        # own breaks are in the unit of the first measure
        method = Method.QUANTILE if self.method == Method.FIXED else self.method
        params |= {"period": label, "method": method.value}
        found = Asked.of(params, scope)
        return found if found is not None and found.level == self.level else None

    def swiped(self) -> Asked | None:
        """The state of the other half of a map that is swiped."""
        if self.editions == BOUNDARIES:
            return replace(self, editions="", has_former_boundaries=True)
        if self.editions:
            former = self.editions.removeprefix(f"{POCKETS}-")
            pocket = COMPUTED if self.editions == POCKETS else f"{EDITION}{former}"
            chosen = replace(self.region_filter, pocket=pocket)
            return replace(self, region_filter=chosen, editions="")
        if self.swipe is None:
            return None
        return replace(self, period=self.swipe, swipe=None, compare=BESIDE)

    def query(self, **changes: str) -> str:
        """The address of this state, with changes."""
        former = self.against or self.swipe
        values = {
            "measure": self.measure.code,
            "level": str(self.level),
            "within": self.within,
            "period": self.period.key if self.period else "",
            "method": str(self.method),
            "bounds": ";".join(plain_number(round(one, 6)) for one in self.bounds),
            "view": self.view,
            "sort": "" if self.sort == SORTS[0] else self.sort,
            "other": self.other,
            "against": former.key if former is not None else "",
            "compare": "" if self.compare == BESIDE else self.compare,
            "scale": self.scale_text if self.scale is not None else "",
            **self.region_filter.params(),
            **({"against": self.editions} if self.editions else {}),
            **({"pocket": ""} if self.swipes_pockets else {}),
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


def _programme_measure(params: Mapping[str, Any]) -> str:
    """The code of the measure of one programme; empty where no programme is asked for."""
    programme = str(params.get("programme", ""))[:40]
    if not programme or params.get("measure", IN_ANY) != IN_ANY:
        return ""
    return definitions.programme_definition(programme, "").code


def _region(text: str) -> str:
    if text == COUNTRY or REGION.fullmatch(text):
        return text
    return ""


def _scale(text: Any, measure: Measure) -> tuple[Level, str] | None:
    """The level and region of a scale: such as a map of the measure can show."""
    found = SCALE.fullmatch(str(text))
    if found is None:
        return None
    level, within = Level(found[1]), found[2]
    is_shown = level in measure.levels and level in WITHIN[Level.of(within)]
    return (level, within) if is_shown else None


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
    valued = [level for level in offered if level in measure.valued]
    if within == COUNTRY and Level.REGENCY not in measure.valued and Level.DISTRICT in valued:
        valued.remove(Level.DISTRICT)  # from afar nothing of them can be drawn
    if not valued and measure.valued:  # the way there leads over the parts of the region
        return (wanted if wanted in offered else offered[0]), measure.valued[0]
    if wanted in offered:
        return wanted, None
    lower = wanted is not None and measure.levels.index(wanted) > measure.levels.index(offered[-1])
    return (valued[-1] if lower else valued[0]), wanted if lower else None


def nearest_period(periods: Sequence[Period], label: str) -> Period | None:
    """The period of this label, else the nearest one before it, else the first or the newest."""
    if not periods:
        return None
    exact = next((one for one in periods if one.label == label), None)
    if exact is not None or not label:
        return exact or periods[0]
    return next((one for one in periods if one.label < label), periods[-1])


def _bounds(text: str) -> tuple[tuple[float, ...], tuple[str, ...]]:
    """The rising bounds in a text, and its parts that are no numbers, may be others or too many."""
    parts = [part.strip() for part in str(text)[:LONGEST_BOUNDS].split(";") if part.strip()]
    known: dict[float, str] = {}
    unread = list[str]()
    for part in parts:
        number = unambiguous_decimal(part) if NUMBER.fullmatch(part) else None
        if number is None:
            unread.append(part)
        else:
            known.setdefault(number, part)
    rising = sorted(known)
    kept, more = rising[: MOST_CLASSES - 1], rising[MOST_CLASSES - 1 :]
    return tuple(kept), (*unread, *(known[one] for one in more))
