"""The map of one hazard as GeoJSON: bands, affected villages, outlines of their regencies, and from
where help comes: sources, the lines of the plan, other facilities with stock.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from django.db.models import F

from apps.commandcentre.exposure import village_figures
from apps.commandcentre.exposure.village_figures import VillageFigures
from apps.commandcentre.exposure.village_filter import VillageFilter
from apps.commandcentre.models import Assessment, Hazard
from apps.commandcentre.readers import PREFIX, SUPPRESSED, Reader
from apps.common import sql

# Villages that are drawn; a screen shows no more, and the table has all.
MOST_VILLAGES: Final = 2_000
# Lines of a plan, the largest first, and facilities beside those of the plan.
MOST_LINES: Final = 600
NEAR_STORES: Final = 40
# How exactly lines are drawn, in degrees, by the number of villages.
FINE: Final = (300, 0.0003)
COARSE: Final = 0.002
ALL_VILLAGES: Final = VillageFilter()
Feature = dict[str, Any]


def features(
    hazard: Hazard,
    assessment: Assessment | None,
    reader: Reader,
    chosen: VillageFilter = ALL_VILLAGES,
) -> list[Feature]:
    """Outlines, bands, villages (those that a filter selects) and the epicentre, drawn in this
    order. Queries: two.
    """
    few, fine = FINE
    count = assessment.villages if assessment is not None else 0
    figures = _figures(assessment, reader, chosen)
    rows = sql.run(
        "commandcentre/reports/draw_hazard",
        {
            "hazard": hazard.pk,
            "revision": assessment.revision if assessment is not None else hazard.revision,
            "villages": list(figures),
            "detail": fine if count <= few else COARSE,
        },
    )
    drawn = [_area(row, figures) for row in rows]
    if hazard.epicentre is not None:
        place = {"type": "Point", "coordinates": [hazard.epicentre.x, hazard.epicentre.y]}
        drawn.append(_feature(place, {"what": "epicentre"}))
    return drawn


def _figures(
    assessment: Assessment | None, reader: Reader, chosen: VillageFilter
) -> dict[str, VillageFigures]:
    """Code → the village, those with most people first; others are not drawn."""
    if assessment is None:
        return {}
    rows = chosen.apply(village_figures.rows_of(assessment, reader))
    named = rows.select_related("village", "footprint").defer("footprint__area")
    most = F(f"{PREFIX}persons").desc(nulls_last=True)
    found = named.order_by(most, "village_id")[:MOST_VILLAGES]
    return {one.village_id: one for one in village_figures.figures_of(found, reader)}


def _area(row: tuple[Any, ...], figures: dict[str, VillageFigures]) -> Feature:
    what, code, name, severity, label, shape = row
    about = {"what": what, "code": code, "name": name, "severity": severity, "label": label}
    if what == "village":
        one = figures[code]
        about |= {
            "name": one.village.name,
            "severity": one.severity,
            "persons": one.persons,
            "families": one.families,
            "share": round(one.share_area, 4),
            "peopled": one.is_peopled,
            "note": SUPPRESSED if None in (one.persons, one.families) else "",
        }
    return _feature(json.loads(shape), about)


def help_features(assessment: Assessment | None, plans: Sequence[int]) -> list[Feature]:
    """Lines and sources of plans (numbers), and other stores nearby. Queries: one."""
    rows = sql.run(
        "commandcentre/reports/draw_plan",
        {
            "plans": list(plans),
            "assessment": assessment.pk if assessment is not None else 0,
            "lines": MOST_LINES,
            "near": NEAR_STORES,
        },
    )
    return [_way(row) for row in rows]


def _way(row: tuple[Any, ...]) -> Feature:
    what, code, name, kind, units, crossings, distance_m, east, north, to_east, to_north = row
    about = {
        "what": what,
        "code": code,
        "name": name,
        "kind": kind,
        "units": units,
        "crossings": crossings,
        "km": None if distance_m is None else round(distance_m / 1000),
    }
    here = [round(east, 5), round(north, 5)]
    shape = (
        {"type": "Point", "coordinates": here}
        if to_east is None
        else {
            "type": "LineString",
            "coordinates": [here, [round(to_east, 5), round(to_north, 5)]],
        }
    )
    return _feature(shape, about)


def _feature(geometry: dict[str, Any], about: dict[str, Any]) -> Feature:
    known = {key: value for key, value in about.items() if value not in (None, "")}
    return {"type": "Feature", "geometry": geometry, "properties": known}
