"""The map of a hazard on paper and on a wall: frame, legend and margin, drawn from the geometry.

The same shapes become an SVG and a drawing of the PDF. No tiles, nothing from elsewhere. Plain
cylindrical projection, true to scale in the middle of the map; within the size of an affected area
that is less than the width of a line.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from apps.commandcentre.reports.hazard_map import Feature

# By strength, the weakest first: the same as on the screen.
SHADES: Final = ("#fed976", "#feb24c", "#fd8d3c", "#f03b20", "#bd0026")
INK: Final = "#1b2229"
LAND: Final = "#eef1f4"
SEA: Final = "#d6e2ec"
EDGE: Final = "#5f6d7a"
PLAN: Final = "#0b5cad"
KM_PER_DEGREE: Final = 111.195
# The least extent of a map, in degrees: a single village is not drawn as a country.
LEAST_DEGREES: Final = 0.08
Point = tuple[float, float]


@dataclass(frozen=True)
class Shape:
    """One thing to draw; x to the right, y down, in the drawing's units.

    `rings` are those of a polygon, or one line (`is_line`); a text stands at its first point.
    """

    rings: tuple[tuple[Point, ...], ...]
    fill: str = ""
    stroke: str = ""
    width: float = 0.0
    dash: float = 0.0
    opacity: float = 1.0
    is_line: bool = False
    text: str = ""
    size: float = 0.0


@dataclass(frozen=True)
class Drawing:
    """A finished map. `about` says in a sentence what it shows, for who cannot see it."""

    width: float
    height: float
    shapes: tuple[Shape, ...]
    about: str


@dataclass(frozen=True)
class Style:
    """`margin` are the lines under the map; `ink` and `paper` are those of wall or paper; `letter`
    is the size of the letters, `legend` the part of the width that the legend has.
    """

    width: float = 900.0
    height: float = 560.0
    letter: float = 15.0
    legend: float = 0.25
    ink: str = INK
    paper: str = "#ffffff"
    margin: tuple[str, ...] = ()


class _Frame:
    """Where the map lies in the drawing, and where a position lies on the map."""

    def __init__(self, features: Sequence[Feature], style: Style) -> None:
        self.letter = style.letter
        self.left = self.top = self.letter * 0.8
        self.right = style.width * (1 - style.legend)
        self.bottom = style.height - self.letter * (0.8 + 1.4 * len(style.margin))
        west, south, east, north = _extent(features)
        self.shrink = math.cos(math.radians((south + north) / 2))
        wide, high = (east - west) * self.shrink, north - south
        self.scale = min((self.right - self.left) / wide, (self.bottom - self.top) / high)
        self.east, self.north = (west + east) / 2, (south + north) / 2
        self.middle = ((self.left + self.right) / 2, (self.top + self.bottom) / 2)

    def place(self, longitude: float, latitude: float) -> Point:
        x = self.middle[0] + (longitude - self.east) * self.shrink * self.scale
        y = self.middle[1] - (latitude - self.north) * self.scale
        return round(x, 1), round(y, 1)

    def holds(self, at: Point) -> bool:
        return self.left <= at[0] <= self.right and self.top <= at[1] <= self.bottom

    @property
    def km(self) -> float:
        """Units of the drawing in a kilometre."""
        return self.scale / KM_PER_DEGREE


def draw_map(features: Sequence[Feature], style: Style) -> Drawing:
    """The map of these features (`hazard_map`), with its legend."""
    frame = _Frame(features, style)
    shade = _shades(features)
    shapes = [
        _box(0, 0, style.width, style.height, fill=style.paper),
        _box(frame.left, frame.top, frame.right, frame.bottom, fill=SEA),
        *_areas(features, frame, shade),
        *_help(features, frame),
        *_outside(frame, style),
        _box(frame.left, frame.top, frame.right, frame.bottom, stroke=style.ink, width=1.5),
        *_legend(features, frame, style, shade),
        *_scale_bar(frame),
        *_margin(frame, style),
    ]
    villages = sum(one["properties"]["what"] == "village" for one in features)
    about = _("Map of the hazard: %(villages)s affected villages.") % {"villages": villages}
    return Drawing(style.width, style.height, tuple(shapes), about)


# --- the map ---


def _extent(features: Sequence[Feature]) -> tuple[float, float, float, float]:
    """West, south, east, north of what matters: villages and the plan, else all."""
    main = [one for one in features if one["properties"]["what"] in ("village", "line", "source")]
    points = [at for one in main or features for at in _positions(one["geometry"]["coordinates"])]
    if not points:
        return 94.5, -11.5, 141.5, 6.5
    longitudes, latitudes = [at[0] for at in points], [at[1] for at in points]
    wide = max(max(longitudes) - min(longitudes), LEAST_DEGREES) * 1.1
    high = max(max(latitudes) - min(latitudes), LEAST_DEGREES) * 1.1
    east = (min(longitudes) + max(longitudes)) / 2
    north = (min(latitudes) + max(latitudes)) / 2
    return east - wide / 2, north - high / 2, east + wide / 2, north + high / 2


def _positions(coordinates: Any) -> Iterator[Point]:
    if coordinates and isinstance(coordinates[0], int | float):
        yield coordinates[0], coordinates[1]
        return
    for part in coordinates:
        yield from _positions(part)


def _shades(features: Iterable[Feature]) -> Callable[[float], str]:
    steps = sorted({one["properties"]["severity"] for one in _of(features, "band")})
    first = max(0, len(SHADES) - len(steps))

    def shade(severity: float) -> str:
        at = steps.index(severity) if severity in steps else 0
        return SHADES[min(len(SHADES) - 1, first + at)]

    return shade


def _of(features: Iterable[Feature], what: str) -> list[Feature]:
    return [one for one in features if one["properties"]["what"] == what]


def _areas(
    features: Sequence[Feature], frame: _Frame, shade: Callable[[float], str]
) -> Iterator[Shape]:
    for one in _of(features, "regency"):
        yield from _polygons(one, frame, fill=LAND, stroke=EDGE, width=1.0)
    for one in _of(features, "band"):
        colour = shade(one["properties"]["severity"])
        yield from _polygons(one, frame, fill=colour, stroke=colour, width=1.5, opacity=0.3)
    for one in _of(features, "village"):
        colour = shade(one["properties"]["severity"])
        opacity = 0.9 if one["properties"].get("peopled") else 0.45
        yield from _polygons(one, frame, fill=colour, stroke=EDGE, width=0.5, opacity=opacity)


def _help(features: Sequence[Feature], frame: _Frame) -> Iterator[Shape]:
    unit = frame.letter / 3
    for one in _of(features, "line"):
        line = tuple(frame.place(*at) for at in one["geometry"]["coordinates"])
        dash = unit * 1.5 if one["properties"].get("crossings") else 0.0
        yield Shape((line,), stroke=PLAN, width=unit / 3, dash=dash, is_line=True)
    for what, fill in (("store", "#ffffff"), ("source", PLAN)):
        for one in _of(features, what):
            at = frame.place(*one["geometry"]["coordinates"])
            if frame.holds(at):
                yield _square(at, unit, fill)
    for one in _of(features, "epicentre"):
        at = frame.place(*one["geometry"]["coordinates"])
        if frame.holds(at):
            yield from _cross(at, unit)


def _polygons(one: Feature, frame: _Frame, **look: Any) -> Iterator[Shape]:
    geometry = one["geometry"]
    parts = geometry["coordinates"]
    for part in [parts] if geometry["type"] == "Polygon" else parts:
        rings = tuple(filter(None, (_drawn_ring(ring, frame) for ring in part)))
        if rings:
            yield Shape(rings, **look)


def _drawn_ring(ring: Iterable[Sequence[float]], frame: _Frame) -> tuple[Point, ...]:
    """The corners that differ on the drawing; none of a ring that is smaller than a dot."""
    corners: list[Point] = []
    for at in ring:
        corner = frame.place(at[0], at[1])
        if not corners or corner != corners[-1]:
            corners.append(corner)
    return tuple(corners) if len(corners) > 3 else ()


def _outside(frame: _Frame, style: Style) -> Iterator[Shape]:
    """Paper over what reaches beyond the frame."""
    paper = style.paper
    yield _box(0, 0, frame.left, style.height, fill=paper)
    yield _box(frame.right, 0, style.width, style.height, fill=paper)
    yield _box(0, 0, style.width, frame.top, fill=paper)
    yield _box(0, frame.bottom, style.width, style.height, fill=paper)


# --- around it ---


def _legend(
    features: Sequence[Feature], frame: _Frame, style: Style, shade: Callable[[float], str]
) -> Iterator[Shape]:
    x, y, step = frame.right + frame.letter, frame.top + frame.letter, frame.letter * 1.6
    unit = frame.letter / 3
    yield _text(x, y, _("Legend"), frame.letter * 1.1, style.ink)
    for one in sorted(_of(features, "band"), key=lambda band: -band["properties"]["severity"]):
        y += step
        colour = shade(one["properties"]["severity"])
        yield _box(x, y - unit * 2.2, x + unit * 5, y + unit * 0.6, fill=colour, stroke=EDGE)
        yield _text(x + unit * 7, y, one["properties"].get("label", "–"), frame.letter, style.ink)
    entries: list[tuple[str, str, Callable[[Point], Iterable[Shape]]]] = [
        ("epicentre", _("Epicentre"), lambda at: _cross(at, unit, style.ink)),
        ("source", _("Source of the plan"), lambda at: [_square(at, unit, PLAN)]),
        ("store", _("Other store with stock"), lambda at: [_square(at, unit, "#ffffff")]),
    ]
    for what, words, drawn in entries:
        if _of(features, what):
            y += step
            yield from drawn((x + unit * 2.5, y - unit * 0.8))
            yield _text(x + unit * 7, y, words, frame.letter, style.ink)
    lines = _of(features, "line")
    for is_sea, words in ((False, _("Way of the plan")), (True, _("the same, over the sea"))):
        if any(bool(one["properties"].get("crossings")) == is_sea for one in lines):
            y += step
            line = ((x, y - unit), (x + unit * 5, y - unit))
            dash = unit * 1.5 if is_sea else 0.0
            yield Shape((line,), stroke=PLAN, width=unit / 2, dash=dash, is_line=True)
            yield _text(x + unit * 7, y, words, frame.letter, style.ink)


def _scale_bar(frame: _Frame) -> Iterator[Shape]:
    """A bar of a round number of kilometres, about a fifth of the map, and north."""
    most = (frame.right - frame.left) / 5 / frame.km
    power = 10 ** math.floor(math.log10(most))
    km = max(step * power for step in (1, 2, 5) if step * power <= most)
    x, y = frame.left + frame.letter, frame.bottom - frame.letter
    unit = frame.letter / 3
    words = f"{number_format(km)} km"
    end = x + km * frame.km
    yield _box(x - unit, y - unit * 4.5, end + unit, y + unit, fill="#ffffff", opacity=0.85)
    yield _box(x, y - unit * 0.8, end, y, fill=INK)
    yield _text(x, y - unit * 1.6, words, frame.letter, INK)
    top, right = frame.top + frame.letter, frame.right - frame.letter * 1.8
    arrow = ((right, top), (right + unit, top + unit * 4), (right - unit, top + unit * 4))
    yield Shape(((*arrow, arrow[0]),), fill=INK)
    yield _text(right - unit * 4, top + unit * 7, _("North"), frame.letter, INK)


def _margin(frame: _Frame, style: Style) -> Iterator[Shape]:
    for number, line in enumerate(style.margin):
        y = frame.bottom + frame.letter * (1.3 + 1.3 * number)
        yield _text(frame.left, y, line, frame.letter * 0.8, style.ink)


def _box(left: float, top: float, right: float, bottom: float, **look: Any) -> Shape:
    corners = ((left, top), (right, top), (right, bottom), (left, bottom), (left, top))
    return Shape((tuple((round(x, 1), round(y, 1)) for x, y in corners),), **look)


def _square(at: Point, unit: float, fill: str) -> Shape:
    x, y = at
    return _box(x - unit, y - unit, x + unit, y + unit, fill=fill, stroke=INK, width=unit / 3)


def _cross(at: Point, unit: float, ink: str = INK) -> Iterator[Shape]:
    x, y = at
    for start, end in (((-1, -1), (1, 1)), ((-1, 1), (1, -1))):
        line = tuple(
            (x + 1.5 * unit * east, y + 1.5 * unit * south) for east, south in (start, end)
        )
        yield Shape((line,), stroke=ink, width=unit / 1.5, is_line=True)


def _text(x: float, y: float, words: str, size: float, ink: str) -> Shape:
    return Shape((((round(x, 1), round(y, 1)),),), fill=ink, text=words, size=round(size, 1))
