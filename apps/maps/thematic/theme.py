"""What a thematic map shows: the figures of one state, their classes, sources and edition."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property, lru_cache
from typing import Any, Final

from django.core.cache import cache
from django.utils.formats import number_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from apps.accounts.access import Scope
from apps.indicators.measures import catalogue, classes, region_figures
from apps.indicators.measures.catalogue import Measure, Period
from apps.indicators.measures.classes import Method
from apps.indicators.measures.region_figures import FEW, Figure, State
from apps.maps import packed
from apps.maps.boundary_tiles import SIZES
from apps.maps.thematic import region_filters
from apps.maps.thematic.asked import Asked, nearest_period
from apps.regions.editions import shapes
from apps.regions.models import Region, ShapeSet

# ColorBrewer YlGnBu with five and with seven classes.
SHADES: Final = ("#FFFFCC", "#A1DAB4", "#41B6C4", "#2C7FB8", "#253494")
MORE_SHADES: Final = (
    *("#FFFFCC", "#C7E9B4", "#7FCDBB", "#41B6C4", "#1D91C0", "#225EA8", "#0C2C84"),
)
# ColorBrewer PuOr, for differences: the middle class is around 0.
DIFFERENCES: Final = ("#E66101", "#FDB863", "#F7F7F7", "#B2ABD2", "#5E3C99")
STEPS: Final = (-1.0, -0.6, -0.2, 0.2, 0.6, 1.0)
# Which of the five shades are used where there are fewer classes.
FEWER: Final = {1: (2,), 2: (1, 3), 3: (0, 2, 4), 4: (0, 1, 3, 4)}
KEEP_S: Final = 3_600
WHOLE_COUNTRY: Final = Scope(("",))
HIDDEN, MISSING = -1, -2
# Bounds are fixed over so many periods at most, the newest, and over so many regions in them: those
# of the districts of the country over two periods.
MOST_PERIODS: Final = 24
MOST_VALUES: Final = 20_000


@dataclass(frozen=True)
class LegendClass:
    """One class of the legend: its colour, its limits as text, and how many regions are in it."""

    shade: str
    words: str
    count: int


@dataclass(frozen=True)
class Scale:
    """The bounds of the classes, and whether values beyond the outer ones may be drawn: of other
    levels, or of periods that were not read for them.
    """

    bounds: list[float]
    is_open: bool = False

    def around(self, values: Sequence[float]) -> Scale:
        """The same classes, the outer ones as wide as these values need."""
        if not self.bounds or not values:
            return self
        least, *inner, most = self.bounds
        ends = min(least, *values), max(most, *values)
        return replace(self, bounds=[ends[0], *inner, ends[1]])


@dataclass(frozen=True)
class Theme:
    """One thematic map. `scale` is that of all periods of its level and region, without the
    filter, so that a colour means the same with it; `left_out` are the regions outside of it.
    `counted` has when each shown month of the register was counted last, by its first day.
    """

    asked: Asked
    region: Region
    rows: list[Figure]
    scale: Scale
    state: ShapeSet | None
    counted: Mapping[date, datetime]
    left_out: tuple[Figure, ...] = ()

    @property
    def measure(self) -> Measure:
        return self.asked.measure

    @property
    def bounds(self) -> list[float]:
        """The bounds of its classes, all shown values between them."""
        return self.scale.bounds

    def class_of(self, row: Figure) -> int:
        """The number of a row's class; HIDDEN or MISSING without a value."""
        if row.value is None:
            return HIDDEN if row.state == State.HIDDEN else MISSING
        return classes.class_of(row.value, self.scale.bounds)

    def all_classes(self) -> list[int]:
        """The class of each row; of thousands at once, which is faster than one by one."""
        shown = iter(classes.classes_of(self.values, self.bounds))
        without = {State.HIDDEN: HIDDEN}
        return [
            next(shown) if row.value is not None else without.get(row.state, MISSING)
            for row in self.rows
        ]

    @property
    def unit(self) -> str:
        """The unit of the values: of a difference, percentage points."""
        asked = self.asked
        if asked.against is None or asked.period is None:
            return self.measure.unit
        periods = {"now": asked.period.name, "then": asked.against.name}
        if not self.measure.is_percentage:
            told = _("%(unit)s, %(now)s against %(then)s")
            return told % {"unit": self.measure.unit, **periods}
        return _("percentage points, %(now)s against %(then)s") % periods

    @property
    def shades(self) -> list[str]:
        if self.asked.against is not None:
            return list(DIFFERENCES) if self.bounds else []
        return shades_for(max(0, len(self.bounds) - 1))

    @cached_property  # a national map has thousands of them
    def _hidden_word(self) -> str:
        return _("suppressed")

    @cached_property
    def _missing_word(self) -> str:
        return _("no data")

    def words_of(self, row: Figure) -> str:
        """The value as text; a percentage of few has its counts."""
        if row.state == State.HIDDEN:
            return self._hidden_word
        if row.value is None:
            return self._missing_word
        decimals, ending = self._style
        words = _formatted(round(row.value, decimals) or 0.0, decimals, self.language)
        if ending is None:
            return words
        if self.asked.against is not None:
            return f"+{words}" if row.value > 0 else words
        if row.denominator is not None and row.denominator < FEW:
            return _("%(part)s of %(whole)s") % {"part": row.numerator, "whole": row.denominator}
        return words + ending

    @cached_property
    def _style(self) -> tuple[int, str | None]:
        """The decimals of values, and what follows those of a rate; None for counts."""
        measure = self.measure
        if not measure.is_rate:
            return measure.decimals, None
        return measure.decimals, " %" if measure.is_percentage else f" {measure.unit}"

    def first_words(self, row: Figure) -> str:
        """The value of the first measure as text."""
        return self.words_of(row)

    def number(self, value: float) -> str:
        """A value in the measure's decimals."""
        decimals = self.measure.decimals
        return _formatted(round(value, decimals) or 0.0, decimals, self.language)

    @cached_property
    def language(self) -> str | None:
        """The language of its texts, looked up once for thousands of regions."""
        return get_language()

    def legend(self) -> list[LegendClass]:
        """The classes from the lowest to the highest."""
        counts = Counter(self.class_of(row) for row in self.rows)
        return [
            LegendClass(shade, words, counts[place])
            for place, (shade, words) in enumerate(zip(self.shades, self.limits(), strict=True))
        ]

    def limits(self) -> list[str]:
        """The limits of the classes as text; outer ones that more may lie in have one limit."""
        numbers = [self.number(bound) for bound in self.bounds]
        found = [f"{low} – {high}" for low, high in zip(numbers, numbers[1:], strict=False)]
        if not self.scale.is_open:
            return found
        if len(found) < 2:
            return [_("all values") for _one in found]
        found[0] = _("below %(bound)s") % {"bound": numbers[1]}
        found[-1] = _("%(bound)s and above") % {"bound": numbers[-2]}
        return found

    def count_of(self, state: State) -> int:
        return sum(row.state == state for row in self.rows)

    @property
    def values(self) -> list[float]:
        return region_figures.shown_values(self.rows)

    def histogram(self) -> list[int]:
        """How many regions are in each of equal steps from the lowest to the highest bound."""
        if not self.bounds:
            return []
        return classes.histogram_of(self.values, least=self.bounds[0], most=self.bounds[-1])

    @property
    def largest(self) -> float:
        """The value of the largest circle; regencies under the classes of districts are larger than
        all bounds.
        """
        return max([*self.bounds, *self.values], default=0.0)

    def extremes(self) -> tuple[Figure, Figure] | None:
        """The regions with the highest and the lowest value."""
        shown = [row for row in self.rows if row.value is not None]
        if not shown:
            return None
        shown.sort(key=lambda row: (row.value or 0.0, row.code))
        return shown[-1], shown[0]


def theme(asked: Asked | None, scope: Scope, *, count: int = classes.CLASSES) -> Theme | None:
    """What an address shows, in so many classes; None where its region does not exist for the
    scope.

    Queries: eight at most while its classes are kept.
    """
    region = Region.objects.filter(pk=asked.within).first() if asked is not None else None
    if asked is None or region is None:
        return None
    rows = _figures(asked, asked.period, scope) if asked.period else []
    if asked.against is not None:
        rows = differences(rows, _figures(asked, asked.against, scope))
    starts = [period.start for period in (asked.period, asked.against) if period is not None]
    kept = filtered(asked, scope, rows)
    scale = scale_of(asked, scope, rows, count=count)
    return Theme(
        asked=asked,
        region=region,
        rows=kept,
        scale=scale.around(region_figures.shown_values(rows)),
        state=shapes.former_set() if asked.has_former_boundaries else shapes.current_set(),
        counted={} if asked.measure.is_published else region_figures.count_times(starts),
        left_out=_without(rows, kept),
    )


def _without(rows: list[Figure], kept: list[Figure]) -> tuple[Figure, ...]:
    """The rows that are not kept."""
    if kept is rows:
        return ()
    codes = {row.code for row in kept}
    return tuple(row for row in rows if row.code not in codes)


def filtered(asked: Asked, scope: Scope, rows: list[Figure]) -> list[Figure]:
    """The rows that the filter keeps. Queries: none without one, else twelve at most."""
    chosen = asked.region_filter
    if not chosen.is_set:
        return rows
    # pockets are open data; those of published figures are asked for wherever these are shown
    of_pockets = WHOLE_COUNTRY if asked.measure.is_published else scope
    codes = region_filters.kept_codes(chosen, asked.within, SIZES[asked.level], of_pockets)
    if chosen.has_range:
        ranged = {row.code for row in _ranged(asked, scope, rows) if chosen.holds(row)}
        codes = ranged if codes is None else codes & ranged
    return rows if codes is None else [row for row in rows if row.code in codes]


def _ranged(asked: Asked, scope: Scope, rows: list[Figure]) -> list[Figure]:
    """The figures whose values the range of the filter means."""
    code = asked.region_filter.ranged
    measure = catalogue.find(code) if code else None
    if measure is None or measure.code == asked.measure.code:
        return rows
    label = asked.period.label if asked.period else ""
    period = nearest_period(catalogue.periods_of(measure), label)
    return _figures(replace(asked, measure=measure), period, scope) if period else []


def differences(now: Sequence[Figure], then: Sequence[Figure]) -> list[Figure]:
    """How much each rate changed; hidden or missing where one of the two is."""
    known = {row.code: row for row in then}
    found = []
    for row in now:
        former = known.get(row.code)
        if row.value is not None and former is not None and former.value is not None:
            found.append(Figure(row.code, row.name, State.SHOWN, row.value - former.value))
        else:
            states = {row.state, former.state if former is not None else State.MISSING}
            state = State.HIDDEN if State.HIDDEN in states else State.MISSING
            found.append(Figure(row.code, row.name, state))
    return found


def scale_of(
    asked: Asked, scope: Scope, rows: Sequence[Figure], *, count: int = classes.CLASSES
) -> Scale:
    """The classes over all periods of the level in the region, kept while they hold."""
    if asked.period is None:
        return Scale([])
    # regencies and villages are drawn in the classes of the districts
    is_shared = asked.scale is not None or asked.is_layered
    level, within = asked.scale or (asked.level, asked.within)
    if asked.against is not None:
        if asked.scale is not None:
            above = replace(asked, level=level, within=within)
            rows = differences(
                _figures(above, asked.period, scope), _figures(above, asked.against, scope)
            )
        most = max(map(abs, region_figures.shown_values(rows)), default=0.0)
        return Scale([step * most for step in STEPS] if most else [], is_shared)
    # counts have no classes, and their circles are as large as the bounds say
    own = asked.bounds if asked.method == Method.FIXED and asked.measure.is_rate else ()
    key = "thematic:scale:" + packed.digest(
        *(version_of(asked), scope.setting(), asked.measure.code, level, within),
        *(asked.method, asked.bounds, count),
    )
    found: tuple[list[float], bool] | None = cache.get(key)
    # none are cheap to find again, and may be of a database before a restore
    if found is None or not found[0]:
        known = {asked.period.key: rows} if asked.scale is None else {}
        above = replace(asked, level=level, within=within)
        values, is_whole = scale_values(above, scope, known)
        # of a scale outside of the scope there are none
        values = values or region_figures.shown_values(rows)
        bounds = classes.bounds_of(values, asked.method, count=count, fixed=own)
        # own breaks say nothing about the outer limits
        found = bounds, bool(own) or not is_whole
        cache.set(key, found, KEEP_S)
    bounds, is_open = found
    return Scale(bounds, is_open or is_shared)


def scale_values(
    asked: Asked, scope: Scope, known: Mapping[str, Sequence[Figure]]
) -> tuple[list[float], bool]:
    """The values of the newest periods, by which classes are made, and whether these are all
    periods; `known` are figures by the key of their period.

    So many periods that there are at most MOST_VALUES regions, which are the same for every period
    that is shown.
    """
    values: list[float] = []
    read = 0
    periods = catalogue.periods_of(asked.measure)
    for period in periods[:MOST_PERIODS]:
        rows = known.get(period.key)
        now = rows if rows is not None else _figures(asked, period, scope)
        read += len(now)
        if values and read > MOST_VALUES:
            return values, False
        values += region_figures.shown_values(now)
    return values, len(periods) <= MOST_PERIODS


def version_of(asked: Asked) -> str:
    """Differs after each change of the figures of a measure. Queries: one."""
    if asked.measure.is_published:
        periods = catalogue.periods_of(asked.measure)
        return ",".join(str(period.release) for period in periods)
    return str(region_figures.version(asked.measure.code))


def shades_for(count: int) -> list[str]:
    """The colours of so many classes, from the lowest."""
    if count in FEWER:
        return [SHADES[place] for place in FEWER[count]]
    if count <= len(SHADES):
        return list(SHADES[:count])
    return list(MORE_SHADES[:count])


def method_labels() -> dict[Method, Any]:
    return {
        Method.QUANTILE: _("Quantiles"),
        Method.NATURAL: _("Natural breaks"),
        Method.EQUAL: _("Equal steps"),
        Method.FIXED: _("Own breaks"),
    }


@lru_cache(maxsize=20_000)
def _formatted(value: float, decimals: int, _language: str | None) -> str:
    """A rounded value as text (Django cuts decimals off); thousands of regions share a few."""
    return str(number_format(value, decimals, force_grouping=True))


def _figures(asked: Asked, period: Period, scope: Scope) -> list[Figure]:
    return region_figures.figures(asked.measure, period, asked.level, asked.within, scope=scope)
