"""The figures of a measure by region: the one function that maps, tables, files and tooltips use.

It leaves out what is hidden. No other module reads RegionCount for a person.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple

from django.conf import settings
from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import F, IntegerField, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone

from apps.accounts.access import Scope
from apps.common import disclosure, sql
from apps.indicators.measures import definitions
from apps.indicators.measures.catalogue import Measure, Period
from apps.indicators.measures.definitions import Definition
from apps.indicators.models import CountState, MonthCount, RegionCount, Value
from apps.indicators.states import PROGRAMME
from apps.regions.models import Level, Region, RegionQuerySet, prefix_of

# Percentages of a smaller denominator are shown beside their counts (ux.md 1.3).
FEW: Final = 20


class State(StrEnum):
    """Whether a figure is shown, hidden because it is small, or missing."""

    SHOWN = "shown"
    HIDDEN = "hidden"
    MISSING = "missing"


class Figure(NamedTuple):
    """The figure of one region. Without a value where its state is not `shown`.

    `value` is in the unit of the measure; a rate of the register has its counts. A tuple, because a
    map has thousands of them.
    """

    code: str
    name: str
    state: State
    value: float | None = None
    numerator: int | None = None
    denominator: int | None = None


def version(measure: str) -> int:
    """Rises with each change of the counts of a measure and of what is hidden. Queries: one."""
    versions = CountState.objects.values_list("versions", flat=True).first() or {}
    return max((versions.get(table, 0) for table in definitions.version_tables(measure)), default=0)


def counted_at() -> datetime | None:
    """When the register was counted last. Queries: one."""
    return CountState.objects.values_list("counted_at", flat=True).first()


def count_times(starts: Collection[date]) -> dict[date, datetime]:
    """When months of the register were counted last, by their first days. Queries: one."""
    known = MonthCount.objects.filter(period_start__in=starts)
    return dict(known.values_list("period_start", "counted_at"))


def figures(
    measure: Measure, period: Period, level: Level, within: str, *, scope: Scope
) -> list[Figure]:
    """The figures of all regions of a level in a region, by code. Queries: three at most.

    Counts of the register are those of the scope; published figures are public.
    """
    regions = Region.objects.filter(level=level).under(within)
    if measure.definition is not None:
        regions = regions.filter(scope.query("code")) if scope else regions.none()
    regions = regions.at(timezone.localdate())
    names = _names(regions)
    if measure.definition is None:
        return _published(names, period, within)
    return _counted(names, measure.definition, period, level, within, scope)


def _names(regions: RegionQuerySet) -> dict[str, str]:
    """The names by code, in the order of the codes. Queries: one.

    As two arrays: a row for each of thousands of regions makes Python's garbage collector run.
    """
    found = regions.order_by().aggregate(codes=ArrayAgg("code"), names=ArrayAgg("name"))
    known = dict(zip(found["codes"] or (), found["names"] or (), strict=True))
    return {code: known[code] for code in sorted(known)}


def _published(names: dict[str, str], period: Period, within: str) -> list[Figure]:
    values = Value.objects.filter(
        release=period.release, region__code__startswith=prefix_of(within)
    ).values_list("region_id", "value")
    known = dict(values)
    return [
        Figure(code, name, State.SHOWN, float(known[code]))
        if code in known
        else Figure(code, name, State.MISSING)
        for code, name in names.items()
    ]


def _counted(
    names: dict[str, str],
    definition: Definition,
    period: Period,
    level: Level,
    within: str,
    scope: Scope,
) -> list[Figure]:
    prefix = prefix_of(within)
    rows: QuerySet[Any, Any] = RegionCount.objects.within(scope).filter(
        period_start=period.start, level=level
    )
    if prefix:
        rows = rows.filter(region_id__gte=prefix, region_id__lt=f"{prefix}/")
    counted = rows.order_by().aggregate(
        codes=ArrayAgg("region_id"),
        parts=ArrayAgg(_column(definition.numerator)),
        wholes=ArrayAgg(_column(definition.denominator or definition.numerator)),
    )
    codes = counted["codes"] or ()
    parts = dict(zip(codes, counted["parts"] or (), strict=True))
    wholes = dict(zip(codes, counted["wholes"] or (), strict=True))
    hidden = hidden_in(names, definition)
    is_rate, small = definition.is_rate, settings.SMALL_COUNT
    return [
        _figure(
            code, name, parts[code], wholes[code], is_rate, is_hidden=code in hidden, small=small
        )
        if code in parts
        else Figure(code, name, State.MISSING)
        for code, name in names.items()
    ]


def hidden_in(codes: Collection[str], definition: Definition) -> set[str]:
    """The regions of one level, these among them, of which a measure must not be shown.

    Queries: one.
    """
    if not codes:
        return set()
    table = definitions.table_of(definition.numerator)
    tables = [table]
    if definition.denominator:
        tables.append(definitions.table_of(definition.denominator))
    first = min(codes)
    params = {"first": first, "last": max(codes), "size": len(first), "tables": tables}
    return set(sql.column("indicators/measures/read_hidden", params))


def _figure(
    code: str,
    name: str,
    part: int,
    whole: int,
    is_rate: bool,
    *,
    is_hidden: bool,
    small: int,
) -> Figure:
    """The figure of a part and its whole; `small` is the lowest count that is shown."""
    # a count that is newer than the list of the hidden ones must not pass either
    rest = whole - part if is_rate else 0
    if (
        is_hidden
        or disclosure.is_small(part, small)
        or disclosure.is_small(whole, small)
        or disclosure.is_small(rest, small)
    ):
        return Figure(code, name, State.HIDDEN)
    if not is_rate:
        return Figure(code, name, State.SHOWN, float(part), part)
    if not whole:
        return Figure(code, name, State.MISSING)
    return Figure(code, name, State.SHOWN, 100 * part / whole, part, whole)


def _column(name: str) -> Any:
    if name.startswith(PROGRAMME):
        key = name.removeprefix(PROGRAMME)
        return Coalesce(Cast(KeyTextTransform(key, "by_programme"), IntegerField()), 0)
    return F(name)


def shown_values(rows: Sequence[Figure]) -> list[float]:
    """The values that are shown."""
    return [row.value for row in rows if row.value is not None]
