"""Indicators and their values by region, in releases that replace each other.

An Indicator says what is measured. A Release is what one source said of one indicator for one
period; the release in force of a period is the newest that was not withdrawn, and the earlier ones
stay. A Value is the figure of one region in one release: numbers, no row about a person.
"""

from apps.indicators.models.figures import Indicator, Release, Value

__all__ = ["Indicator", "Release", "Value"]
