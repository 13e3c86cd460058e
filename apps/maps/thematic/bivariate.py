"""Two rates on one map: three classes of each, nine colours.

A region is hidden where one of its two values is, and missing where one is missing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, Final

from django.utils.translation import gettext as _

from apps.accounts.access import Scope
from apps.indicators.measures import classes
from apps.indicators.measures.classes import Method
from apps.indicators.measures.region_figures import Figure, State
from apps.maps.thematic.asked import BIVARIATE, NO_FILTER, Asked
from apps.maps.thematic.theme import HIDDEN, MISSING, LegendClass, Theme, theme

SIDES: Final = 3
# Rows of the second measure from low to high, in each the first one from low to high. Blue to amber
# over black; any two differ by 12 or more in CIELAB also for readers without red, green or blue
# cones (Machado et al., 2009). Source: Bernard, Bivariate Choropleth Color Generator (blue–orange).
SHADES: Final = (
    *("#F3F3F3", "#B4D3E1", "#509DC2"),
    *("#F3E6B3", "#B3B3B3", "#376387"),
    *("#F3B300", "#B36600", "#000000"),
)


@dataclass(frozen=True)
class Bivariate(Theme):
    """A map of two rates. `rows` are those of the first; classes count 3 × second + first."""

    second: Theme | None = None

    @property
    def other(self) -> Theme:
        assert self.second is not None  # noqa: S101  only `shown` makes one
        return self.second

    @cached_property
    def others(self) -> dict[str, Figure]:
        """The rows of the second measure by code."""
        return {row.code: row for row in self.other.rows}

    def other_of(self, row: Figure) -> Figure:
        """The figure of the second measure in the region of a row."""
        return self.others.get(row.code) or Figure(row.code, row.name, State.MISSING)

    def class_of(self, row: Figure) -> int:
        first, second = self.pair_of(row)
        return first if first < 0 else first + SIDES * second

    def all_classes(self) -> list[int]:
        return [self.class_of(row) for row in self.rows]

    def pair_of(self, row: Figure) -> tuple[int, int]:
        """The classes of both values, 0 to 2; twice HIDDEN or MISSING where one is."""
        other = self.other_of(row)
        states = {row.state, other.state}
        if row.value is None or other.value is None:
            number = HIDDEN if State.HIDDEN in states else MISSING
            return number, number
        return (
            place_of(classes.class_of(row.value, self.bounds), self),
            place_of(classes.class_of(other.value, self.other.bounds), self.other),
        )

    @property
    def shades(self) -> list[str]:
        return list(SHADES)

    def words_of(self, row: Figure) -> str:
        return f"{self.first_words(row)} · {self.second_words(row)}"

    def first_words(self, row: Figure) -> str:
        return super().words_of(row)

    def second_words(self, row: Figure) -> str:
        return self.other.words_of(self.other_of(row))

    def class_words(self, row: Figure) -> str:
        """The classes of a row, e.g. "high · low"; empty without one."""
        first, second = self.pair_of(row)
        steps = (_("low"), _("middle"), _("high"))
        return "" if first < 0 else f"{steps[first]} · {steps[second]}"

    def legend(self) -> list[LegendClass]:
        """The nine classes as the file's legend lists them."""
        return [cell for line in reversed(self.grid()) for cell in line["cells"]]

    def grid(self) -> list[dict[str, Any]]:
        """The scheme, the highest class of the second measure first: its limits and its cells."""
        counts = Counter(self.class_of(row) for row in self.rows)
        columns, lines = limits(self), limits(self.other)
        return [
            {
                "limits": lines[line],
                "cells": [
                    LegendClass(
                        SHADES[column + SIDES * line],
                        f"{columns[column]} · {lines[line]}",
                        counts[column + SIDES * line],
                    )
                    for column in range(SIDES)
                ],
            }
            for line in reversed(range(SIDES))
        ]

    @property
    def columns(self) -> list[str]:
        """The limits of the three classes of the first measure."""
        return limits(self)

    def count_of(self, state: State) -> int:
        number = {State.HIDDEN: HIDDEN, State.MISSING: MISSING}.get(state)
        return sum(
            (one == number) if number is not None else one >= 0
            for one in map(self.class_of, self.rows)
        )

    def histogram(self) -> list[int]:
        """A histogram is of one measure; the scheme has the counts of its cells."""
        return []


def place_of(number: int, theme: Theme) -> int:
    """Where a class stands among low, middle and high: of two the upper one is high."""
    return SIDES - 1 if number == 1 and len(theme.bounds) == SIDES else number


def limits(theme: Theme) -> list[str]:
    """The limits of three classes as text; a dash where there are fewer."""
    found = theme.limits()
    if len(found) == SIDES - 1:
        found.insert(1, "–")
    return (found + ["–"] * SIDES)[:SIDES]


def shown(asked: Asked | None, scope: Scope) -> Theme | None:
    """What an address shows: one measure, or two as one map; None where the region does not exist.

    Queries: eight for each measure at most while classes are kept, and those of a filter.
    """
    if asked is None or asked.compare != BIVARIATE:
        return theme(asked, scope)
    second = asked.beside(scope)
    rates = asked.measure.is_rate and second is not None and second.measure.is_rate
    if second is None or not rates or asked.against is not None:
        return theme(asked, scope)
    # own breaks are those of five or more classes of one measure
    method = Method.QUANTILE if asked.method == Method.FIXED else asked.method
    first = theme(replace(asked, method=method, bounds=()), scope, count=SIDES)
    other = theme(replace(second, method=method, region_filter=NO_FILTER), scope, count=SIDES)
    if first is None or other is None:
        return first
    known = {one.name: getattr(first, one.name) for one in fields(Theme)}
    return Bivariate(**known | {"asked": asked, "second": other})
