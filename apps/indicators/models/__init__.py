"""Indicators and their values by region, in releases that replace each other; pockets of poverty.

An Indicator says what is measured. A Release is what one source said of one indicator for one
period; the release in force of a period is the newest that was not withdrawn, and the earlier ones
stay. A Value is the figure of one region in one release: numbers, no row about a person.
A Publication is the file or the service's answer that releases were made of.

A PocketEdition is one picture of the pockets of extreme poverty, BIG's or ours, with its villages
and areas; a PocketDifference is a village about which two of them were compared, a PocketSum the
coverage of the villages of a regency.

RegionCount are counts of the register itself by region and month, MonthCount says when each month
was counted last; SuppressedRegion says which of them are too small to be shown; VillageChange lists
the villages that have to be counted again.
"""

from apps.indicators.models.counts import (
    CountState,
    MonthCount,
    RegionCount,
    SuppressedRegion,
    VillageChange,
)
from apps.indicators.models.figures import Indicator, Release, Value
from apps.indicators.models.pockets import (
    PocketArea,
    PocketDifference,
    PocketEdition,
    PocketSum,
    PocketVillage,
)
from apps.indicators.models.publication import KnownName, OpenRow, Publication, RowFinding
from apps.indicators.models.service import HostStatus, Service, ServiceHost, ServicePage

__all__ = [
    "CountState",
    "HostStatus",
    "Indicator",
    "KnownName",
    "MonthCount",
    "OpenRow",
    "PocketArea",
    "PocketDifference",
    "PocketEdition",
    "PocketSum",
    "PocketVillage",
    "Publication",
    "RegionCount",
    "Release",
    "RowFinding",
    "Service",
    "ServiceHost",
    "ServicePage",
    "SuppressedRegion",
    "Value",
    "VillageChange",
]
