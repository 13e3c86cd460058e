"""The choices above a thematic map: measure, region, period, comparison, filter."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.access import Scope
from apps.indicators.measures import catalogue
from apps.indicators.pockets.activation import editions_in_force
from apps.indicators.states import PROGRAMME
from apps.maps.thematic import region_filters
from apps.maps.thematic.asked import BESIDE, BIVARIATE, BOUNDARIES, NO_FILTER, POCKETS
from apps.maps.thematic.theme import Theme
from apps.regions.editions import shapes
from apps.regions.models import COUNTRY, Level, Region

# Former editions of BIG's pockets that are offered, the newest.
MOST_EDITIONS: Final = 5

# Whose parts have maps of their own.
REGIONS_WITH_MAPS: Final = (Level.COUNTRY, Level.PROVINCE, Level.REGENCY)


def choices(theme: Theme, scope: Scope) -> dict[str, Any]:
    """The choices of measure, region and filter. Queries: five."""
    asked, measures = theme.asked, catalogue.catalogue()
    of_programmes = {
        one.definition.numerator.removeprefix(PROGRAMME): one
        for one in measures
        if one.definition is not None and one.definition.numerator.startswith(PROGRAMME)
    }
    codes = {one.code: programme for programme, one in of_programmes.items()}
    programme = codes.get(asked.measure.code, "")
    return {
        # those of one programme are chosen by the filter; to compare with they are measures
        "measures": [one for one in measures if one.code not in codes],
        "others": [one for one in measures if one.code != asked.measure.code],
        "measure": catalogue.DEFAULT if programme else asked.measure.code,
        "programmes": [(code, one.name) for code, one in of_programmes.items()]
        if programme or asked.measure.code == catalogue.DEFAULT
        else [],
        "programme": programme,
        "crumbs": crumbs(theme),
        "places": below(theme, scope),
        "chosen": _chosen(theme),
        "pockets": region_filters.pocket_choices().items(),
        "hazards": region_filters.hazard_choices().items(),
        "left_out": len(theme.left_out),
        "is_filtered": _chosen(theme).is_set or bool(programme),
        "without_filter": replace(asked, region_filter=NO_FILTER).query(),
    }


def _chosen(theme: Theme) -> region_filters.RegionFilter:
    """The filter of the form; the pockets that are swiped are none of it."""
    chosen = theme.asked.region_filter
    return replace(chosen, pocket="") if theme.asked.swipes_pockets else chosen


def crumbs(theme: Theme) -> list[dict[str, str]]:
    """The regions above, from the country; each with the address of its map. Queries: one."""
    code = theme.region.code
    codes = [COUNTRY, *(code[:size] for size in (2, 5, 8) if code != COUNTRY and size <= len(code))]
    names = dict(Region.objects.filter(pk__in=codes).values_list("pk", "name"))
    return [
        {
            "code": one,
            "name": names.get(one, one),
            "query": "" if one == code else theme.asked.query(within=one, level=""),
        }
        for one in codes
    ]


def below(theme: Theme, scope: Scope) -> list[dict[str, str]]:
    """The parts of the region, to choose one that is small enough. Queries: one."""
    asked = theme.asked
    if Level.of(theme.region.code) not in REGIONS_WITH_MAPS:
        return []
    parts = Region.objects.filter(parent=theme.region.code).at(timezone.localdate())
    return [
        {
            "code": code,
            "name": name,
            "query": asked.query(within=code, level=str(asked.wanted_level or asked.level)),
        }
        for code, name in parts.order_by("name").values_list("code", "name")
        if asked.measure.is_published
        or any(code.startswith(prefix) or prefix.startswith(code) for prefix in scope.prefixes)
    ]


def steps(theme: Theme) -> dict[str, Any]:
    """The periods, the addresses of the one before and the one after, and what the period can be
    compared with. Queries: five.
    """
    asked = theme.asked
    periods = catalogue.periods_of(asked.measure)
    labels = [one.label for one in periods]
    now = asked.period
    place = labels.index(now.label) if now is not None and now.label in labels else 0
    others = [one for one in periods if now is not None and one.key != now.key]
    if now is not None:
        replaced = catalogue.replaced_periods(asked.measure, now)
        others += [one for one in replaced if one.key != now.key]
    former = asked.against or asked.swipe
    return {
        "periods": labels,
        # an edition that was replaced is a choice of its own: its label means what is in force
        "replaced": now if now is not None and now.in_force_since is not None else None,
        "in_force": asked.query(period=now.label, against="", compare="") if now else "",
        "compared": [*((one.key, one.name) for one in others), *editions()],
        "compared_with": asked.editions or (former.key if former is not None else ""),
        "periods_rising": " ".join(reversed(labels)),
        "periods_last": max(0, len(labels) - 1),
        "period_place": max(0, len(labels) - 1 - place),
        "earlier": asked.query(period=labels[place + 1]) if place + 1 < len(labels) else "",
        "later": asked.query(period=labels[place - 1]) if place > 0 else "",
        "other_period": asked.wanted_period
        if asked.period and asked.wanted_period not in ("", asked.period.key)
        else "",
    }


def editions() -> list[tuple[str, str]]:
    """Which editions can be swiped, by their keys. Queries: three."""
    in_force, found = editions_in_force(), list[tuple[str, str]]()
    if in_force.pair is not None:
        found.append((POCKETS, _("BIG's pockets against the register's, by swiping")))
    if in_force.published is not None:
        told = _("BIG's pockets against the former edition %(edition)s, by swiping")
        found += [
            (f"{POCKETS}-{one.pk}", told % {"edition": one.name})
            for one in region_filters.former_editions()[:MOST_EDITIONS]
        ]
    if shapes.former_set() is not None:
        found.append((BOUNDARIES, _("boundaries against those before, by swiping")))
    return found


def comparisons() -> list[tuple[str, str]]:
    """How two measures are shown."""
    return [(BESIDE, _("side by side")), (BIVARIATE, _("as one map, 3 × 3 classes"))]
