"""The map of one hazard as GeoJSON: bands, affected villages, outlines of their regencies, and from
where help comes: sources, the lines of the plan, other facilities with stock.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import Any, Final

from django.db.models import F

from apps.commandcentre.exposure import village_figures
from apps.commandcentre.exposure.village_figures import VillageFigures
from apps.commandcentre.exposure.village_filter import VillageFilter
from apps.commandcentre.models import Assessment, Hazard
from apps.commandcentre.readers import PREFIX, SUPPRESSED, Reader
from apps.common import sql

# Villages that are drawn; a screen shows no more, and the table and the files have all.
MOST_VILLAGES: Final = 2_000
# Lines of a plan, the largest first, and facilities beside those of the plan.
MOST_LINES: Final = 600
NEAR_STORES: Final = 40
# How exactly lines are drawn, in degrees, by the number of villages.
FINE: Final = (300, 0.0003)
COARSE: Final = 0.002
# The length of a regency's code.
REGENCY: Final = 5
ALL_VILLAGES: Final = VillageFilter()
# What help_features draws.
HELP: Final = ("line", "source", "store")
Feature = dict[str, Any]


def features(
    hazard: Hazard,
    assessment: Assessment | None,
    reader: Reader,
    chosen: VillageFilter = ALL_VILLAGES,
) -> list[Feature]:
    """Outlines, bands, villages (those that a filter selects, at most MOST_VILLAGES) and the
    epicentre, drawn in this order. Queries: three.
    """
    few, fine = FINE
    count = assessment.villages if assessment is not None else 0
    detail = fine if count <= few else COARSE
    figures = _figures(assessment, reader, chosen)
    shapes = village_shapes(list(figures), detail)
    return [
        *areas(hazard, assessment, {code[:REGENCY] for code in figures}, detail),
        *(_village(one, shapes[code]) for code, one in figures.items() if code in shapes),
        *epicentre(hazard),
    ]


def left_out(assessment: Assessment | None, reader: Reader) -> int:
    """How many affected villages a map of all of them does not draw. Queries: one, or none."""
    if assessment is None or assessment.villages <= MOST_VILLAGES:
        return 0
    return max(0, village_figures.rows_of(assessment, reader).count() - MOST_VILLAGES)


def areas(
    hazard: Hazard, assessment: Assessment | None, regencies: Collection[str], detail: float
) -> list[Feature]:
    """The outlines of regencies (their codes), and the bands of a hazard. Queries: one."""
    rows = sql.run(
        "commandcentre/reports/draw_hazard",
        {
            "hazard": hazard.pk,
            "revision": assessment.revision if assessment is not None else hazard.revision,
            "regencies": sorted(regencies),
            "detail": detail,
        },
    )
    names = ("what", "code", "name", "severity", "label")
    return [
        _feature(json.loads(shape), dict(zip(names, about, strict=True))) for *about, shape in rows
    ]


def village_shapes(codes: Sequence[str], detail: float) -> dict[str, str]:
    """Code → the polygon of a village as GeoJSON, drawn with so much detail (degrees); those
    without a polygon in force are left out. Queries: one.
    """
    values = {"villages": list(codes), "detail": detail}
    return dict(sql.run("commandcentre/reports/draw_villages", values))


def epicentre(hazard: Hazard) -> list[Feature]:
    """The epicentre, where there is one."""
    if hazard.epicentre is None:
        return []
    place = {"type": "Point", "coordinates": [hazard.epicentre.x, hazard.epicentre.y]}
    return [_feature(place, {"what": "epicentre"})]


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


def _village(one: VillageFigures, shape: str) -> Feature:
    about = {
        "what": "village",
        "code": one.village_id,
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
