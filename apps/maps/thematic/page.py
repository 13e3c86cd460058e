"""The context of the page of a thematic map, and the values that its script joins to the tiles."""

from __future__ import annotations

import math
from typing import Any, Final

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from apps.accounts.access import Scope
from apps.indicators.measures import catalogue
from apps.indicators.measures.classes import Method
from apps.indicators.measures.region_figures import Figure, State
from apps.maps import far_points
from apps.maps.boundary_tiles import LEVEL_FROM
from apps.maps.presentation import ANY_TILE, PLACES
from apps.maps.thematic import areas
from apps.maps.thematic.asked import WITHIN, Asked
from apps.maps.thematic.theme import HIDDEN, MISSING, Theme, method_labels
from apps.maps.thematic.theme import theme as theme_of
from apps.regions.models import COUNTRY, Level, Region, prefix_of

# Radius of the circle of the largest count. Units: pixels.
LARGEST_PX: Final = 28
BAR_HEIGHT: Final = 36
BAR_WIDTH: Final = 8
FORMATS: Final = ("csv", "geojson", "gpkg", "png", "pdf")
SORTS: Final = ("name", "-value", "value")


def context(theme: Theme, scope: Scope, sort: str) -> dict[str, Any]:
    """The context of `maps/thematic.html`. Queries: eighteen at most."""
    asked, state = theme.asked, theme.state
    second = asked.beside(scope)
    other = theme_of(second, scope) if second is not None else None
    extent = far_points.extent_of((prefix_of(asked.within),))
    return {
        "theme": theme,
        "asked": asked,
        "measures": catalogue.catalogue(),
        "levels": [(level, level.label) for level in asked.measure.levels],
        "methods": method_labels().items(),
        # without separators of thousands, which a reader would take for decimals
        "own_breaks": "; ".join(f"{one:.10g}" for one in theme.bounds[1:-1])
        if asked.method == Method.FIXED
        else "",
        "crumbs": crumbs(theme),
        "too_low": asked.wanted_level,
        "places": below(theme, scope) if asked.wanted_level else [],
        **steps(theme),
        "panes": [pane(one, place) for place, one in enumerate((theme, other)) if one is not None],
        "is_other_missing": bool(asked.other) and other is None,
        "rows": table(theme, sort, other),
        "by_name": asked.query(view="table", sort="name"),
        "by_value": asked.query(view="table", sort="value" if sort == "-value" else "-value"),
        "sort": sort,
        "hidden": theme.count_of(State.HIDDEN),
        "files": [(ending, asked.query(other="")) for ending in FORMATS],
        "tabs": [
            ("map", _("Map"), asked.query(view="map")),
            ("table", _("Table"), asked.query(view="table")),
        ],
        "boundaries": _tiles(f"boundaries-{state}") if state else "",
        "edition": state.edition if state else None,
        "extent": ",".join(f"{side:.5f}" for side in extent) if extent else "",
    }


def pane(theme: Theme, place: int) -> dict[str, Any]:
    """One map of the page with its legend; `place` is 0, or 1 for the second measure."""
    asked, state = theme.asked, theme.state
    query = asked.query(view="", other="")
    return {
        "theme": theme,
        "asked": asked,
        "element": f"vector-map-{place}" if place else "vector-map",
        "hidden": theme.count_of(State.HIDDEN),
        "missing": theme.count_of(State.MISSING),
        "bars": bars(theme),
        "bars_width": len(theme.histogram()) * BAR_WIDTH,
        "bars_height": BAR_HEIGHT,
        "summary": summary(theme),
        "sources": sources(theme),
        "values_address": f"{reverse('maps:values')}?{query}",
        "outlines_address": f"{reverse('maps:outlines')}?{query}",
        "areas_address": _tiles(f"{asked.level}-boundaries-{state}") if state else "",
        "areas_from": LEVEL_FROM[asked.level],
    }


def values(theme: Theme) -> dict[str, Any]:
    """The figures as arrays, in the order of the codes: feature ids, classes (or that there is
    none), texts, and for counts the places and radii of their circles. Queries: at most one.
    """
    codes = [row.code for row in theme.rows]
    found: dict[str, Any] = {
        "ids": [int(code.replace(".", "")) for code in codes],
        "names": [row.name for row in theme.rows],
        "texts": [theme.words_of(row) for row in theme.rows],
        "classes": [theme.class_of(row) for row in theme.rows],
        "shades": theme.shades,
        "is_rate": theme.measure.is_rate,
        "hidden": HIDDEN,
        "missing": MISSING,
        "inside": [_inside(theme.asked, row) for row in theme.rows],
    }
    if not theme.measure.is_rate:
        places = areas.places(codes)
        most = max(theme.bounds, default=0.0)
        found["places"] = [places.get(code) for code in codes]
        found["radii"] = [radius(row, most) for row in theme.rows]
    return found


def radius(row: Figure, most: float) -> float:
    """The radius of the circle of a count: its area is in proportion to the count."""
    if row.value is None or row.value <= 0 or most <= 0:
        return 0.0
    return round(max(2.0, LARGEST_PX * math.sqrt(row.value / most)), 1)


def table(theme: Theme, sort: str, other: Theme | None) -> list[dict[str, Any]]:
    """The rows of the table: region, value, value of the other measure; those without are last."""
    others = {row.code: other.words_of(row) for row in other.rows} if other is not None else {}
    rows = sorted(theme.rows, key=lambda row: (row.name, row.code))
    if sort != "name":
        sign = -1 if sort == "-value" else 1
        rows.sort(key=lambda row: (row.value is None, sign * (row.value or 0.0)))
    return [
        {
            "row": row,
            "words": theme.words_of(row),
            "other": others.get(row.code, ""),
            "inside": _inside(theme.asked, row),
        }
        for row in rows
    ]


def crumbs(theme: Theme) -> list[dict[str, str]]:
    """The regions above, from the country; each with the address of its map. Queries: one."""
    code = theme.region.code
    codes = [COUNTRY, *(code[:size] for size in (2, 5, 8) if code != COUNTRY and size <= len(code))]
    names = dict(Region.objects.filter(pk__in=codes).values_list("pk", "name"))
    return [
        {
            "name": names.get(one, one),
            "query": "" if one == code else theme.asked.query(within=one, level=""),
        }
        for one in codes
    ]


def below(theme: Theme, scope: Scope) -> list[dict[str, str]]:
    """The parts of the region, to choose one that is small enough. Queries: one."""
    asked = theme.asked
    parts = Region.objects.filter(parent=theme.region.code, valid_until__isnull=True)
    return [
        {
            "name": name,
            "query": asked.query(within=code, level=str(asked.wanted_level or asked.level)),
        }
        for code, name in parts.order_by("name").values_list("code", "name")
        if asked.measure.is_published
        or any(code.startswith(prefix) or prefix.startswith(code) for prefix in scope.prefixes)
    ]


def steps(theme: Theme) -> dict[str, Any]:
    """The periods, and the addresses of the one before and the one after. Queries: one."""
    asked = theme.asked
    periods = catalogue.periods_of(asked.measure)
    labels = [one.label for one in periods]
    place = labels.index(asked.period.label) if asked.period else 0
    return {
        "periods": labels,
        "periods_rising": " ".join(reversed(labels)),
        "periods_last": max(0, len(labels) - 1),
        "period_place": max(0, len(labels) - 1 - place),
        "earlier": asked.query(period=labels[place + 1]) if place + 1 < len(labels) else "",
        "later": asked.query(period=labels[place - 1]) if place > 0 else "",
        "other_period": asked.wanted_period
        if asked.period and asked.wanted_period not in ("", asked.period.label)
        else "",
    }


def bars(theme: Theme) -> list[dict[str, Any]]:
    """The bars of the histogram: x, y, height, and the colour of the class in their middle."""
    counts = theme.histogram()
    most = max(counts, default=0)
    found = []
    for place, count in enumerate(counts):
        step = (theme.bounds[-1] - theme.bounds[0]) / len(counts)
        middle = theme.bounds[0] + (place + 0.5) * step
        height = round(BAR_HEIGHT * count / most) if most else 0
        shade = theme.shades[
            min(sum(middle >= one for one in theme.bounds[1:-1]), len(theme.shades) - 1)
        ]
        found.append(
            {
                "x": place * BAR_WIDTH,
                "y": BAR_HEIGHT - height,
                "width": BAR_WIDTH - 1,
                "height": height,
                "shade": shade,
            }
        )
    return found


def summary(theme: Theme) -> str:
    """What the map says, in a sentence."""
    found = theme.extremes()
    if found is None:
        return _("No region has a value that can be shown.")
    highest, lowest = found
    return _("Highest: %(high)s (%(high_value)s). Lowest: %(low)s (%(low_value)s).") % {
        "high": highest.name,
        "high_value": theme.words_of(highest),
        "low": lowest.name,
        "low_value": theme.words_of(lowest),
    }


def sources(theme: Theme) -> list[str]:
    """Unit, denominator, source, day and edition: what stands beside every map and in each file."""
    measure, asked = theme.measure, theme.asked
    lines = [_("Unit: %(unit)s") % {"unit": theme.unit}]
    if measure.denominator:
        lines.append(_("Denominator: %(whole)s") % {"whole": measure.denominator})
    if asked.period is not None:
        source = asked.period.source or measure.source
        lines.append(
            _("Source: %(source)s, %(period)s") % {"source": source, "period": asked.period.label}
        )
    if theme.counted_at is not None:
        at = date_format(localtime(theme.counted_at), "j M Y, H:i")
        lines.append(_("Counted: %(at)s WIB") % {"at": at})
    if theme.state is not None:
        lines.append(
            _("Boundaries: BIG, edition %(edition)s, indicative, not a legal reference")
            % {"edition": theme.state.edition.name}
        )
    if not measure.is_published:
        lines.append(
            _(
                "Small counts, and others from which they could be computed, are suppressed:"
                " %(hidden)s regions."
            )
            % {"hidden": theme.count_of(State.HIDDEN)}
        )
    return lines


def _inside(asked: Asked, row: Figure) -> str:
    """The address of the map of a region's parts; empty where it has none."""
    level = Level.of(row.code)
    if level not in WITHIN or not set(WITHIN[level]) & set(asked.measure.levels):
        return ""
    return asked.query(within=row.code, level="")


def _tiles(layer: str) -> str:
    return reverse("maps:boundaries", args=[layer, 0, 0, 0]).replace(ANY_TILE, PLACES)
