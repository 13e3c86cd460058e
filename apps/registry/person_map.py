"""Where a family's point lies: the village's outline and the point, drawn as SVG."""

from __future__ import annotations

from dataclasses import dataclass

from apps.regions.drawing import Frame, box_of
from apps.regions.editions import outlines
from apps.registry.models import Person
from apps.registry.person_fields import is_hidden

WIDTH, MOST_HEIGHT = 480.0, 360.0
# A point beyond the village by more than this is not drawn with it: the village would be a dot.
MOST_DEGREES = 0.5
# An outline of a village is some kilometres wide.
VILLAGE_DEGREES = 0.05


@dataclass(frozen=True)
class PersonMap:
    """The drawing; `path` is empty where the village has no boundary in force. `point` is latitude
    and longitude.
    """

    width: int
    height: int
    path: str
    x: str
    y: str
    edition: str
    bar: str
    bar_metres: int
    foot: str
    point: str


def drawn(person: Person) -> PersonMap | None:
    """The map of the family's point; None without a point, or where it is hidden. Queries: one."""
    point = person.family.location
    if point is None or is_hidden(person):
        return None
    found = outlines.of_villages([person.village_id], VILLAGE_DEGREES)
    rings = [ring for one in found for ring in one.rings]
    boxes = [(point.x - 0.002, point.y - 0.002, point.x + 0.002, point.y + 0.002)]
    if rings and _is_near(box_of(rings), point.x, point.y):
        boxes.append(box_of(rings))
    else:
        rings = []
    frame = Frame.around(boxes, WIDTH, MOST_HEIGHT)
    x, y = frame.at(point.x, point.y)
    length, bar = frame.scale_bar()
    return PersonMap(
        round(frame.width),
        round(frame.height),
        frame.path(rings),
        f"{x:.1f}",
        f"{y:.1f}",
        found[0].edition if found else "",
        f"M12 {frame.height - 20:.0f}v8h{bar:.1f}v-8",
        length,
        f"{frame.height - 24:.0f}",
        f"{point.y:.5f}, {point.x:.5f}",
    )


def _is_near(box: tuple[float, float, float, float], x: float, y: float) -> bool:
    west, south, east, north = box
    return (
        west - MOST_DEGREES <= x <= east + MOST_DEGREES
        and south - MOST_DEGREES <= y <= north + MOST_DEGREES
    )
