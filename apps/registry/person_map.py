"""Where a family's point lies: its village among the neighbours and the point, drawn as SVG."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.gis.geos import GEOSException, GEOSGeometry, Polygon

from apps.common.geo import SRID
from apps.regions.drawing import Frame, box_of
from apps.regions.editions import outlines
from apps.registry.models import Person
from apps.registry.person_fields import is_hidden

WIDTH, MOST_HEIGHT = 480.0, 360.0
# A point beyond the village by more than this is not drawn with it: the village would be a dot.
MOST_DEGREES = 0.5
# What is drawn around a village on each side, as a share of it: there the neighbours are named.
AROUND = 0.2
OUTLINE_BYTES, TOLERANCE = 15_000, 0.0001


@dataclass(frozen=True)
class Neighbour:
    """A neighbouring village, and where its name is written."""

    name: str
    path: str
    x: str
    y: str


@dataclass(frozen=True)
class PersonMap:
    """The drawing; `path` is empty where the village has no boundary in force. A square of the
    grid is `square_metres` wide. `view` is the part that is shown (left, top, width, height):
    neighbours are cut off at its edges. `point` is latitude and longitude.
    """

    width: int
    height: int
    view: str
    path: str
    neighbours: Sequence[Neighbour]
    sea: str
    grid: str
    square_metres: int
    x: str
    y: str
    edition: str
    point: str


def drawn(person: Person) -> PersonMap | None:
    """The map of the family's point; None without a point, or where it is hidden. Queries: one to
    five.
    """
    point = person.family.location
    if point is None or is_hidden(person):
        return None
    known = outlines.surroundings(person.village_id, most_bytes=OUTLINE_BYTES, tolerance=TOLERANCE)
    ours = [one for one in known["features"] if one["properties"]["claimed"]]
    others = [one for one in known["features"] if not one["properties"]["claimed"]]
    rings = [ring for one in ours for ring in outlines.rings(one["geometry"])]
    boxes = [(point.x - 0.002, point.y - 0.002, point.x + 0.002, point.y + 0.002)]
    if rings and _is_near(box_of(rings), point.x, point.y):
        boxes.append(_wider(box_of(rings)))
    else:
        rings, others, known["sea"] = [], [], None
    frame = Frame.around(boxes, WIDTH, MOST_HEIGHT)
    x, y = frame.at(point.x, point.y)
    metres, grid = frame.grid()
    return PersonMap(
        width=round(frame.width),
        height=round(frame.height),
        view=_view(frame, known["frame"] if rings else None, x, y),
        path=frame.path(rings),
        neighbours=[_neighbour(one, frame) for one in others],
        sea=frame.path(outlines.rings(known["sea"])) if known["sea"] else "",
        grid=grid,
        square_metres=metres,
        x=f"{x:.1f}",
        y=f"{y:.1f}",
        edition=ours[0]["properties"]["edition"] if ours else "",
        point=f"{point.y:.5f}, {point.x:.5f}",
    )


def _neighbour(feature: dict[str, Any], frame: Frame) -> Neighbour:
    """Its name is written inside the part of it that is drawn; nowhere, if that is none."""
    view = Polygon.from_bbox(frame.degrees())
    view.srid = SRID
    try:
        seen = GEOSGeometry(json.dumps(feature["geometry"]), SRID).intersection(view)
        middle = None if seen.empty else seen.point_on_surface
    except GEOSException:  # simplified borders may cross themselves
        middle = None
    x, y = frame.at(middle.x, middle.y) if middle is not None else (-WIDTH, -WIDTH)
    path = frame.path(outlines.rings(feature["geometry"]))
    return Neighbour(feature["properties"]["name"], path, f"{x:.1f}", f"{y:.1f}")


def _view(frame: Frame, known: Sequence[float] | None, x: float, y: float) -> str:
    """What is known of the drawing as a viewBox; all of it, where the point lies elsewhere."""
    left, top, right, bottom = 0.0, 0.0, frame.width, frame.height
    if known is not None:
        west, south, east, north = known
        (left, top), (right, bottom) = frame.at(west, north), frame.at(east, south)
        left, top = max(left, 0), max(top, 0)
        right, bottom = min(right, frame.width), min(bottom, frame.height)
    if not (left < x < right and top < y < bottom):
        left, top, right, bottom = 0.0, 0.0, frame.width, frame.height
    return f"{left:.0f} {top:.0f} {right - left:.0f} {bottom - top:.0f}"


def _wider(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    west, south, east, north = box
    wide, high = (east - west) * AROUND, (north - south) * AROUND
    return west - wide, south - high, east + wide, north + high


def _is_near(box: tuple[float, float, float, float], x: float, y: float) -> bool:
    west, south, east, north = box
    return (
        west - MOST_DEGREES <= x <= east + MOST_DEGREES
        and south - MOST_DEGREES <= y <= north + MOST_DEGREES
    )
