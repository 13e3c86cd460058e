"""The context of the page of a thematic map, and the values that its script joins to the tiles."""

from __future__ import annotations

import json
import math
from typing import Any, Final

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts.access import Scope
from apps.common.http import plain_number
from apps.indicators.measures.catalogue import Period
from apps.indicators.measures.classes import MOST_CLASSES, Method
from apps.indicators.measures.region_figures import State
from apps.maps import far_points
from apps.maps.boundary_tiles import LEVEL_FROM
from apps.maps.presentation import ANY_TILE, PLACES
from apps.maps.thematic import areas, controls, region_filters
from apps.maps.thematic.asked import BIVARIATE, BOUNDARIES, SORTS, WITHIN, Asked
from apps.maps.thematic.bivariate import Bivariate
from apps.maps.thematic.theme import HIDDEN, MISSING, Theme, method_labels
from apps.maps.thematic.theme import theme as theme_of
from apps.regions.models import COUNTRY, Level, prefix_of

# Radius of the circle of the largest count. Units: pixels.
LARGEST_PX: Final = 28
CIRCLE: Final = "#2C7FB8"
# The circles of the legend are of the largest value and of these parts of it, rounded down.
REFERENCES: Final = (1.0, 1 / 4, 1 / 16)
BAR_HEIGHT: Final = 36
BAR_WIDTH: Final = 8
FORMATS: Final = ("csv", "geojson", "gpkg", "png", "pdf")
# Stands for a code in an address that is filled in later.
PLACE: Final = "CODE"
# What is drawn beside the districts of the country: level, region of its values, and the zooms of
# the tiles (from, until).
DISTRICT_ZOOMS: Final = (6, 8)
TIERS: Final = (
    (Level.REGENCY, COUNTRY, (0, DISTRICT_ZOOMS[0])),
    (Level.VILLAGE, PLACE, (DISTRICT_ZOOMS[1], 24)),
)
# Rows of the table on one page.
PAGE_ROWS: Final = 600


def context(theme: Theme, scope: Scope, number: int = 1) -> dict[str, Any]:
    """The context of `maps/thematic.html`; `number` is the page of the table, from 1.

    Queries: twenty-six at most.
    """
    asked, state = theme.asked, theme.state
    panes: list[Theme] = [theme]
    other: Theme | None = None
    if isinstance(theme, Bivariate):
        other = theme.other
    elif asked.editions and asked.view == "table":
        pass  # the page of differences is the table of both pockets; figures of boundaries are one
    elif (second := asked.swiped() or asked.beside(scope)) is not None:
        other = theme_of(second, scope)
        if other is not None:
            panes.append(other)
    extent = far_points.extent_of((prefix_of(asked.within),))
    return {
        "theme": theme,
        "asked": asked,
        **controls.choices(theme, scope),
        "levels": [(level, level.label) for level in asked.measure.levels],
        "methods": method_labels().items(),
        "has_classes": any(one.measure.is_rate for one in panes),
        # without separators of thousands, which a reader would take for decimals
        "own_breaks": own_breaks(theme),
        "unread_breaks": "; ".join(asked.unread) if asked.method == Method.FIXED else "",
        "most_breaks": MOST_CLASSES - 1,
        "too_low": asked.wanted_level,
        **controls.steps(theme),
        "panes": [
            # the slider of time moves only the first half of a map that is swiped, and no change,
            # whose classes are those of its two periods
            pane(one, asked, place)
            | {"is_fixed": (place > 0 and asked.swipe is not None) or asked.against is not None}
            | ({"half": half(one, asked)} if asked.is_swiped else {})
            for place, one in enumerate(panes)
        ],
        "beside": other,
        "heads": heads(theme, other),
        "is_other_missing": bool(asked.other) and other is None,
        "is_no_rate": asked.compare == BIVARIATE and other is not None and len(panes) > 1,
        "is_other_by_quantiles": asked.method == Method.FIXED
        and bool(asked.other)
        and len(panes) > 1,
        "comparisons": controls.comparisons(),
        "change_query": asked.query(compare="", other="", view="table"),
        **table_page(theme, other, number),
        "by_name": asked.query(view="table", sort="name"),
        "by_value": asked.query(view="table", sort="value" if asked.sort == SORTS[0] else ""),
        "hidden": theme.count_of(State.HIDDEN),
        "tabs": [
            ("map", _("Map"), asked.query(view="map")),
            ("table", _("Table"), asked.query(view="table")),
        ],
        "edition": state.edition if state else None,
        "extent": ",".join(f"{side:.5f}" for side in extent) if extent else "",
    }


def own_breaks(theme: Theme) -> str:
    """The breaks of the field: those that were given, or the ones that are shown to begin with."""
    asked = theme.asked
    if asked.method != Method.FIXED:
        return ""
    # own breaks are kept for a region in which no value lies between them
    return "; ".join(plain_number(round(one, 6)) for one in asked.bounds or theme.bounds[1:-1])


def pane(theme: Theme, shown: Asked, place: int) -> dict[str, Any]:
    """One map of a page with its legend; `shown` is what the page shows, `place` is 0, or 1 for the
    second map.
    """
    asked, state = theme.asked, theme.state
    query, extra = file_query(theme, view="", sort=""), tiers(theme, shown)
    outlines = query
    if extra:  # thousands of outlines are too many for a browser without WebGL2
        coarse = {"level": str(Level.REGENCY), "scale": asked.scale_text}
        outlines = file_query(theme, view="", sort="", **coarse)
    return {
        "theme": theme,
        "asked": asked,
        "element": f"vector-map-{place}" if place else "vector-map",
        "hidden": theme.count_of(State.HIDDEN),
        "missing": theme.count_of(State.MISSING),
        "left_out": len(theme.left_out),
        "bars": bars(theme),
        "circles": circles(theme),
        "scheme": theme if isinstance(theme, Bivariate) else None,
        "name": name(theme),
        "half": asked.period.name if asked.period is not None else "",
        # files have the boundaries in force
        "files": []
        if asked.has_former_boundaries
        else [(ending, file_query(theme)) for ending in FORMATS],
        "boundaries": _tiles(f"boundaries-{state}") if state else "",
        "edition": state.edition if state else None,
        "bars_width": len(theme.histogram()) * BAR_WIDTH,
        "bars_height": BAR_HEIGHT,
        "summary": summary(theme),
        "sources": sources(theme),
        "ways": ways(theme),
        "values_address": f"{reverse('maps:values')}?{query}",
        "inside": inside_address(shown),
        "outlines_address": f"{reverse('maps:outlines')}?{outlines}",
        "tiers": json.dumps(extra) if extra else "",
        "zooms": DISTRICT_ZOOMS if extra else (),
        "areas_address": _tiles(f"{asked.level}-boundaries-{state}") if state else "",
        "areas_from": LEVEL_FROM[asked.level],
    }


def name(theme: Theme) -> str:
    """The measure, or both measures, of a map."""
    if isinstance(theme, Bivariate):
        names = {"first": theme.measure.name, "second": theme.other.measure.name}
        return _("%(first)s and %(second)s") % names
    return theme.measure.name


def half(theme: Theme, page: Asked) -> str:
    """What one half of the map of a page shows that is swiped."""
    asked = theme.asked
    if page.editions == BOUNDARIES and theme.state is not None:
        ready = theme.state.ready_at or theme.state.asked_at
        told = {"edition": theme.state.edition, "day": date_format(localtime(ready), "j M Y")}
        return _("boundaries %(edition)s, from %(day)s") % told
    if page.swipes_pockets:
        return region_filters.pocket_words(asked.region_filter.pocket)
    return asked.period.name if asked.period is not None else ""


def file_query(theme: Theme, **changes: str) -> str:
    """The address of what one map shows: of two measures only where they are one map."""
    if not isinstance(theme, Bivariate):
        changes |= {"other": "", "compare": ""}
    if theme.asked.swipe is not None:
        changes |= {"against": ""}
    if theme.asked.editions:
        changes |= {"against": "", "pocket": theme.asked.region_filter.pocket}
    return theme.asked.query(**changes)


def heads(theme: Theme, other: Theme | None) -> list[str]:
    """The headings of the columns of values: units, measures or periods, as they differ."""
    if other is None:
        return [theme.unit]
    if theme.asked.swipe is not None:
        return [
            f"{one.asked.period.name}, {one.unit}" for one in (theme, other) if one.asked.period
        ]
    return [f"{one.measure.name}, {one.unit}" for one in (theme, other)]


def values(theme: Theme) -> dict[str, Any]:
    """The figures as arrays, in the order of the codes: feature ids, classes (or that there is
    none), texts, and for counts the places and radii of their circles. Queries: at most one.
    """
    codes = [row.code for row in theme.rows]
    found: dict[str, Any] = {
        "ids": [int(code.replace(".", "")) for code in codes],
        "names": [row.name for row in theme.rows],
        "texts": [theme.words_of(row) for row in theme.rows],
        "classes": theme.all_classes(),
        "shades": theme.shades,
        "is_rate": theme.measure.is_rate,
        "hidden": HIDDEN,
        "missing": MISSING,
    }
    if not theme.measure.is_rate:
        places = areas.places(codes)
        most = theme.largest
        found["places"] = [places.get(code) for code in codes]
        found["radii"] = [radius_of(row.value, most) for row in theme.rows]
    return found


def radius_of(value: float | None, most: float) -> float:
    """The radius in pixels of the circle of a count: its area is in proportion to the count."""
    if value is None or value <= 0 or most <= 0:
        return 0.0
    return round(max(2.0, LARGEST_PX * math.sqrt(value / most)), 1)


def circles(theme: Theme) -> list[dict[str, Any]]:
    """The circles of a legend of counts, the largest first: round values and their radii."""
    if theme.measure.is_rate or theme.largest <= 0:
        return []
    found = []
    for part in REFERENCES:
        wanted = theme.largest * part
        step = 10.0 ** math.floor(math.log10(wanted))
        value = math.floor(wanted / step) * step
        if round(value, theme.measure.decimals) == value:
            radius = radius_of(value, theme.largest)
            found.append({"words": theme.number(value), "radius": radius, "side": 2 * radius + 2})
    return found


def table_page(theme: Theme, other: Theme | None, number: int) -> dict[str, Any]:
    """One page of the table, with the addresses of the pages beside it; nothing with the map."""
    asked, count = theme.asked, len(theme.rows)
    if asked.view != "table":
        return {"rows": []}
    last = max(1, math.ceil(count / PAGE_ROWS))
    number = min(max(1, number), last)
    first = (number - 1) * PAGE_ROWS

    def address(page: int) -> str:
        return asked.query(page=str(page)) if 1 <= page <= last != 1 else ""

    return {
        "rows": table(theme, other)[first : first + PAGE_ROWS],
        "rows_before": address(number - 1),
        "rows_after": address(number + 1),
        "rows_first": first + 1,
        "rows_last": min(first + PAGE_ROWS, count),
        "rows_count": count,
    }


def table(theme: Theme, other: Theme | None) -> list[dict[str, Any]]:
    """The rows of the table: region, value, value of the other measure; those without are last."""
    others = {row.code: other.words_of(row) for row in other.rows} if other is not None else {}
    inside = inside_address(theme.asked)
    rows = sorted(theme.rows, key=lambda row: (row.name, row.code))
    if theme.asked.sort != "name":
        sign = -1 if theme.asked.sort == "-value" else 1
        rows.sort(key=lambda row: (row.value is None, sign * (row.value or 0.0)))
    return [
        {
            "row": row,
            "words": theme.first_words(row),
            "class": theme.class_words(row) if isinstance(theme, Bivariate) else "",
            "other": others.get(row.code, ""),
            "inside": inside.replace("{code}", row.code),
        }
        for row in rows
    ]


def bars(theme: Theme) -> list[dict[str, Any]]:
    """The bars of the histogram: x, y, height, and the colour of the class in their middle; of
    counts, which are drawn without classes, that of their circles.
    """
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
                "shade": shade if theme.measure.is_rate else CIRCLE,
            }
        )
    return found


def summary(theme: Theme) -> str:
    """What the map says, in a sentence."""
    if isinstance(theme, Bivariate):
        (high, low) = (theme.grid()[0]["cells"][-1].count, theme.grid()[-1]["cells"][0].count)
        return _("Regions with both high: %(high)s. Regions with both low: %(low)s.") % {
            "high": high,
            "low": low,
        }
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
        lines.append(
            _("Source: %(source)s, %(period)s")
            % {"source": source_of(theme), "period": asked.period.name}
        )
        lines += released(asked.period)
    former = asked.against or asked.swipe
    if former is not None and former.release is not None:
        lines.append(
            _("Against: %(source)s, %(period)s")
            % {"source": former.source or measure.source, "period": former.name}
        )
        lines += released(former)
    if isinstance(theme, Bivariate):
        second = theme.other
        lines.append(
            _("Second measure: %(name)s, %(unit)s. Source: %(source)s, %(period)s")
            % {
                "name": second.measure.name,
                "unit": second.unit,
                "source": source_of(second),
                "period": second.asked.period.name if second.asked.period else "–",
            }
        )
        if second.measure.denominator:
            told = _("Denominator of the second measure: %(whole)s")
            lines.append(told % {"whole": second.measure.denominator})
        lines += released(second.asked.period)
    lines += counted_lines(theme)
    if theme.state is not None:
        lines.append(
            _("Boundaries: BIG, edition %(edition)s, indicative, not a legal reference")
            % {"edition": theme.state.edition.name}
        )
    return lines + left_out_lines(theme)


def ways(theme: Theme) -> list[str]:
    """How what a map shows is counted and which pockets are meant, where that is said."""
    told = region_filters.pocket_methods(theme.asked.region_filter.pocket)
    if not isinstance(theme, Bivariate):
        return [one for one in (theme.measure.method, *told) if one]
    both = (theme.measure, theme.other.measure)
    return [*(f"{one.name}: {one.method}" for one in both if one.method), *told]


def left_out_lines(theme: Theme) -> list[str]:
    """What a map does not show: by its filter, and because counts are small."""
    asked, lines = theme.asked, list[str]()
    if asked.region_filter.is_set:
        words: dict[str, Any] = {
            "filter": "; ".join(region_filters.sentences(asked.region_filter, theme.unit)),
            "kept": len(theme.rows),
            "all": len(theme.rows) + len(theme.left_out),
        }
        told = ngettext(
            "Filter: %(filter)s; %(kept)s of %(all)s region",
            "Filter: %(filter)s; %(kept)s of %(all)s regions",
            words["all"],
        )
        lines.append(told % words)
    if not theme.measure.is_published:
        hidden = theme.count_of(State.HIDDEN)
        told = ngettext(
            "Small counts, and others from which they could be computed, are suppressed:"
            " %(hidden)s region.",
            "Small counts, and others from which they could be computed, are suppressed:"
            " %(hidden)s regions.",
            hidden,
        )
        lines.append(told % {"hidden": hidden})
    return lines


def counted_lines(theme: Theme) -> list[str]:
    """When the months of the register that a map shows were counted last; none of a month of which
    that is not known.
    """
    times = dict(theme.counted)
    if isinstance(theme, Bivariate):
        times |= theme.other.counted
    return [
        _("Counted: %(at)s WIB (%(period)s)")
        % {"at": date_format(localtime(at), "j M Y, H:i"), "period": f"{start:%Y-%m}"}
        for start, at in sorted(times.items(), reverse=True)
    ]


def released(period: Period | None) -> list[str]:
    """When the figures of a period were published, and in which codes; none of the register's."""
    if period is None or period.stored is None:
        return []
    if period.published is not None:
        told, day = _("Published: %(day)s. Codes of regions: %(codes)s"), period.published
    else:
        told = _("Stored: %(day)s, day of publication not named. Codes of regions: %(codes)s")
        day = period.stored
    return [told % {"day": date_format(day, "j M Y"), "codes": period.codes}]


def source_of(theme: Theme) -> str:
    """Who published the figures of a map's period."""
    period = theme.asked.period
    return (period.source if period else "") or theme.measure.source


def inside_address(asked: Asked, level: Level | None = None) -> str:
    """The address of what a page shows in the parts of a region, with {code} in the place of its
    code; empty where the regions of the level have none.
    """
    if not set(WITHIN.get(level or asked.level, ())) & set(asked.measure.levels):
        return ""
    return asked.query(within=PLACE, level="", scale="").replace(PLACE, "{code}")


def tiers(theme: Theme, shown: Asked) -> list[dict[str, Any]]:
    """What is drawn above and below the districts of the country: regencies from afar, villages
    from close by, those of each regency by themselves; all by the classes of the districts.
    `shown` is what the page shows.
    """
    asked, state = theme.asked, theme.state
    if not asked.is_layered or state is None:
        return []
    found = []
    for level, within, zooms in TIERS:
        if level not in asked.measure.valued:
            continue
        params = {"level": str(level), "within": within, "scale": asked.scale_text}
        query = file_query(theme, view="", sort="", **params).replace(PLACE, "{regency}")
        found.append(
            {
                "level": level,
                "areas": _tiles(f"{level}-boundaries-{state}"),
                "areas_from": LEVEL_FROM[level],
                "values": f"{reverse('maps:values')}?{query}",
                "from": zooms[0],
                "until": zooms[1],
                "inside": inside_address(shown, level),
            }
        )
    return found


def _tiles(layer: str) -> str:
    return reverse("maps:boundaries", args=[layer, 0, 0, 0]).replace(ANY_TILE, PLACES)
