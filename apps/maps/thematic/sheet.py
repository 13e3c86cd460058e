"""A thematic map on a sheet of paper, as PNG or PDF: title, map, legend and sources.

The sheet is laid out once, in points of A4 landscape with the origin at the top left; a painter of
each format draws the same shapes.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final, Protocol

import shapely
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.colors import HexColor
from reportlab.pdfgen.canvas import Canvas

from apps.common.geo import MERCATOR_SRID
from apps.indicators.measures.region_figures import State
from apps.maps.thematic import areas, page
from apps.maps.thematic.areas import Area
from apps.maps.thematic.bivariate import SIDES, Bivariate, limits
from apps.maps.thematic.theme import HIDDEN, MISSING, Theme

# A4 landscape. Units: points.
WIDTH, HEIGHT = 842.0, 595.0
EDGE: Final = 28.0
LEGEND_WIDTH: Final = 212.0
TITLE_HEIGHT: Final = 52.0
NOTES_HEIGHT: Final = 98.0
# Pixels of a PNG for one point, and how much larger it is drawn before it is reduced.
PIXELS: Final = 2
FINER: Final = 2
INK, LINE, SEA, PAPER, GREY = "#1B2229", "#5F6D7A", "#D6E2EC", "#FFFFFF", "#D9D9D9"
LAND: Final = "#EEF1F4"
# A circle of the sheet is so much smaller than one of the map on the page.
SMALLER: Final = 0.6
HATCH_STEP: Final = 5.0
DOT_STEP: Final = 6.0
# Scales: round kilometres, the longest bar in points, and the radius of Mercator's sphere.
ROUND_KM: Final = tuple(one * 10**power for power in range(4) for one in (1, 2, 5))
LONGEST_BAR: Final = 120.0
EARTH_M: Final = 6_378_137.0
# The side of a cell of the scheme of two measures, and the letters of a line beside it.
CELL: Final = 32.0
AXIS_LETTERS: Final = 46
# The width of a letter in the middle of a text, in shares of its size.
LETTER_WIDTH: Final = 0.56

# The number of a region that the filter leaves out; classes count from 0.
LEFT_OUT: Final = -3
PLAIN: Final = {HIDDEN: PAPER, LEFT_OUT: LAND}
HATCHED, DOTTED = "hatched", "dotted"
Ring = list[tuple[float, float]]
Rings = list[list[Ring]]


@dataclass(frozen=True)
class Drawn:
    """One region on the sheet: its polygons (the first ring of each is its outside), its class."""

    polygons: Rings
    number: int
    place: tuple[float, float]
    radius: float


@dataclass(frozen=True)
class Scheme:
    """The legend of two measures: their names, the limits of their classes, and the colours; rows
    are those of the second measure from low to high.
    """

    first: str
    second: str
    columns: list[str]
    lines: list[str]
    shades: list[str]

    @classmethod
    def of(cls, theme: Bivariate) -> Scheme:
        return cls(
            first=f"{theme.measure.name}, {theme.unit}",
            second=f"{theme.other.measure.name}, {theme.other.unit}",
            columns=limits(theme),
            lines=limits(theme.other),
            shades=theme.shades,
        )


@dataclass(frozen=True)
class Sheet:
    """Everything on the sheet, in points from the top left."""

    title: str
    subtitle: str
    regions: list[Drawn]
    legend: list[tuple[str, str]]  # a colour, HATCHED or DOTTED, and the words
    shades: list[str]
    is_rate: bool
    notes: list[str]
    bar: tuple[int, float]  # kilometres, and their length in points
    scheme: Scheme | None = None
    circles: tuple[tuple[float, str], ...] = ()  # radii and words of a legend of counts

    @classmethod
    def of(cls, theme: Theme, notes: Sequence[str]) -> Sheet:
        """Lay out the map of a theme. Queries: one."""
        asked = theme.asked
        rows = [*theme.left_out, *theme.rows]
        known = areas.areas([row.code for row in rows], asked.level, srid=MERCATOR_SRID)
        shown = {row.code for row in theme.rows}
        project = Projection.of(known.values())
        most = theme.largest
        regions = [
            Drawn(
                _polygons(known[row.code].wkb, project),
                theme.class_of(row) if row.code in shown else LEFT_OUT,
                project(known[row.code].x, known[row.code].y),
                0.0
                if theme.measure.is_rate or row.code not in shown
                else page.radius_of(row.value, most) * SMALLER,
            )
            for row in rows
            if row.code in known
        ]
        period = asked.period.name if asked.period else _("no period")
        return cls(
            title=f"{page.name(theme)}, {theme.region.name}",
            subtitle=f"{asked.level.label} · {period} · {theme.unit}",
            regions=regions,
            legend=_legend(theme),
            shades=theme.shades,
            is_rate=theme.measure.is_rate,
            notes=list(notes),
            bar=project.bar(),
            scheme=Scheme.of(theme) if isinstance(theme, Bivariate) else None,
            circles=tuple((one["radius"] * SMALLER, one["words"]) for one in page.circles(theme)),
        )


class Painter(Protocol):
    """Draws shapes in points from the top left."""

    def area(self, polygons: Rings, fill: str) -> None: ...
    def hatched(self, polygons: Rings) -> None: ...
    def dotted(self, polygons: Rings) -> None: ...
    def box(self, x: float, y: float, width: float, height: float, fill: str) -> None: ...
    def circle(self, x: float, y: float, radius: float) -> None: ...
    def text(self, x: float, y: float, words: str, size: float, *, is_bold: bool) -> None: ...


def as_png(sheet: Sheet) -> bytes:
    """The sheet as a PNG of 1684 × 1190 pixels."""
    scale = PIXELS * FINER
    picture = Image.new("RGB", (round(WIDTH * scale), round(HEIGHT * scale)), PAPER)
    _paint(sheet, _Pixels(picture, scale))
    small = picture.resize((round(WIDTH * PIXELS), round(HEIGHT * PIXELS)), Image.Resampling.BOX)
    file = BytesIO()
    small.save(file, "PNG", optimize=False)
    return file.getvalue()


def as_pdf(sheet: Sheet) -> bytes:
    """The sheet as a PDF of one page."""
    file = BytesIO()
    canvas = Canvas(file, pagesize=(WIDTH, HEIGHT), invariant=True)
    canvas.setTitle(sheet.title)
    _paint(sheet, _Page(canvas))
    canvas.showPage()
    canvas.save()
    return file.getvalue()


def _paint(sheet: Sheet, to: Painter) -> None:
    left, top, width, height = _map_box()
    to.text(EDGE, EDGE + 14, sheet.title, _fitting(sheet.title, 16), is_bold=True)
    to.text(EDGE, EDGE + 32, sheet.subtitle, 10, is_bold=False)
    right, bottom = left + width, top + height
    frame = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
    to.area([[frame]], SEA)
    _paint_regions(sheet, to)
    _paint_bar(sheet, to, left + 10, bottom - 10)
    _paint_legend(sheet, to)
    step = min(11.0, (NOTES_HEIGHT - 14) / max(1, len(sheet.notes) - 1))
    for number, words in enumerate(sheet.notes):
        y = HEIGHT - NOTES_HEIGHT + 8 + number * step
        to.text(EDGE, y, words, _fitting(words, 8), is_bold=False)


def _paint_bar(sheet: Sheet, to: Painter, x: float, y: float) -> None:
    """The scale, which holds in the middle of the map."""
    km, length = sheet.bar
    to.box(x - 4, y - 16, length + 50, 20, PAPER)
    for part in range(2):
        to.box(x + part * length / 2, y - 5, length / 2, 4, (INK, GREY)[part])
    to.text(x + length + 6, y - 1, f"{number_format(km, force_grouping=True)} km", 8, is_bold=False)


def _fitting(words: str, size: float) -> float:
    """The size of letters at which a line is no longer than the sheet is wide, about."""
    return min(size, (WIDTH - 2 * EDGE) / (LETTER_WIDTH * max(1, len(words))))


def _paint_regions(sheet: Sheet, to: Painter) -> None:
    for region in sheet.regions:
        if region.number in PLAIN:
            to.area(region.polygons, PLAIN[region.number])
        elif region.number == MISSING or not sheet.is_rate:
            to.area(region.polygons, GREY if region.number == MISSING else LAND)
        else:
            to.area(region.polygons, sheet.shades[region.number])
    hidden = [one for region in sheet.regions if region.number == HIDDEN for one in region.polygons]
    if hidden:
        # one that lies in a hole of another must be drawn after it
        to.hatched(sorted(hidden, key=_extent, reverse=True))
    missing = [one for each in sheet.regions if each.number == MISSING for one in each.polygons]
    if missing:
        to.dotted(missing)
    for region in sorted(sheet.regions, key=lambda one: -one.radius):
        if region.radius:
            to.circle(*region.place, region.radius)


def _paint_legend(sheet: Sheet, to: Painter) -> None:
    x, y = WIDTH - EDGE - LEGEND_WIDTH + 12, EDGE + TITLE_HEIGHT + 4
    to.text(x, y + 8, _("Legend"), 11, is_bold=True)
    if sheet.scheme is not None:
        y = _paint_scheme(sheet.scheme, to, x, y + 20)
    middle = x + max((radius for radius, _words in sheet.circles), default=0.0)
    for radius, words in sheet.circles:
        y += max(2 * radius, 10) + 6
        to.circle(middle, y + 14 - max(radius, 5), radius)
        to.text(2 * middle - x + 8, y + 17 - max(radius, 5), words, 9, is_bold=False)
    for number, (look, words) in enumerate(sheet.legend):
        row = y + 20 + number * 18
        swatch = [[[(x, row), (x + 20, row), (x + 20, row + 12), (x, row + 12), (x, row)]]]
        to.area(swatch, PAPER if look == HATCHED else _colour(look))
        if look in (HATCHED, DOTTED):
            (to.hatched if look == HATCHED else to.dotted)(swatch)
        to.text(x + 28, row + 10, words, 9, is_bold=False)


def _paint_scheme(scheme: Scheme, to: Painter, x: float, y: float) -> float:
    """Draw the square of nine colours with both axes named; returns where it ends."""
    for words in textwrap.wrap(_("Upwards: %(name)s") % {"name": scheme.second}, AXIS_LETTERS):
        y += 11
        to.text(x, y, words, 8, is_bold=False)
    y += 6
    for line in range(SIDES):
        top = y + (SIDES - 1 - line) * CELL
        for column in range(SIDES):
            left = x + column * CELL
            shape = [(left, top), (left + CELL, top), (left + CELL, top + CELL), (left, top + CELL)]
            to.area([[[*shape, shape[0]]]], scheme.shades[column + SIDES * line])
        to.text(x + SIDES * CELL + 6, top + CELL / 2 + 3, scheme.lines[line], 8, is_bold=False)
    y += SIDES * CELL + 2
    for words in textwrap.wrap(_("To the right: %(name)s") % {"name": scheme.first}, AXIS_LETTERS):
        y += 11
        to.text(x, y, words, 8, is_bold=False)
    y += 11
    to.text(x, y, " | ".join(scheme.columns), 8, is_bold=False)
    return y


def _extent(polygon: list[Ring]) -> float:
    """The area of the box around a polygon."""
    xs, ys = zip(*polygon[0], strict=True)
    return float((max(xs) - min(xs)) * (max(ys) - min(ys)))


def _colour(look: str) -> str:
    return GREY if look == DOTTED else look


def _legend(theme: Theme) -> list[tuple[str, str]]:
    lines: list[tuple[str, str]] = []
    if isinstance(theme, Bivariate):
        pass  # the scheme says it
    elif theme.measure.is_rate:
        lines = [(one.shade, f"{one.words}  ({one.count})") for one in theme.legend()]
    hidden, missing = theme.count_of(State.HIDDEN), theme.count_of(State.MISSING)
    if theme.left_out:
        lines.append((LAND, f"{_('not in the filter')}  ({len(theme.left_out)})"))
    return [
        *lines,
        (HATCHED, f"{_('suppressed')}  ({hidden})"),
        (DOTTED, f"{_('no data')}  ({missing})"),
    ]


def _map_box() -> tuple[float, float, float, float]:
    """Left, top, width and height of the map."""
    top = EDGE + TITLE_HEIGHT
    return EDGE, top, WIDTH - 2 * EDGE - LEGEND_WIDTH, HEIGHT - top - NOTES_HEIGHT - 8


@dataclass(frozen=True)
class Projection:
    """Mercator metres to points of the sheet: `scale` is points for a metre; the middle of the
    regions is drawn at (x, y).
    """

    scale: float
    middle: tuple[float, float]
    x: float
    y: float

    @classmethod
    def of(cls, known: Iterable[Area]) -> Projection:
        """That of the map's box around these areas."""
        shapes = [shapely.from_wkb(one.wkb) for one in known]
        left, top, width, height = _map_box()
        x, y = left + width / 2, top + height / 2
        if not shapes:
            return cls(1.0, (0.0, 0.0), x, y)
        west, south, east, north = shapely.total_bounds(shapes)
        scale = 0.96 * min(width / max(east - west, 1), height / max(north - south, 1))
        return cls(float(scale), ((west + east) / 2, (south + north) / 2), x, y)

    def __call__(self, x: float, y: float) -> tuple[float, float]:
        return (
            self.x + (x - self.middle[0]) * self.scale,
            self.y - (y - self.middle[1]) * self.scale,
        )

    def bar(self) -> tuple[int, float]:
        """A round number of kilometres, and its length in points in the middle of the map."""
        points_for_km = 1000 * self.scale * math.cosh(self.middle[1] / EARTH_M)
        fitting = [km for km in ROUND_KM if km * points_for_km <= LONGEST_BAR]
        km = fitting[-1] if fitting else ROUND_KM[0]
        return km, km * points_for_km


def _polygons(wkb: bytes, project: Projection) -> Rings:
    shape = shapely.from_wkb(wkb)
    return [
        [[project(x, y) for x, y in ring.coords] for ring in (polygon.exterior, *polygon.interiors)]
        for polygon in shapely.get_parts(shape)
    ]


class _Pixels:
    """Paints on a picture of Pillow."""

    def __init__(self, picture: Any, scale: float) -> None:
        self.picture, self.scale = picture, scale
        self.draw = ImageDraw.Draw(picture)

    def area(self, polygons: Rings, fill: str) -> None:
        for polygon in polygons:
            rings = [self._scaled(ring) for ring in polygon]
            if len(rings) == 1:
                self.draw.polygon(rings[0], fill=fill)
            else:
                self.picture.paste(fill, mask=self._mask([polygon]))
            for ring in rings:
                self.draw.line(ring, fill=LINE, width=max(1, round(self.scale * 0.35)))

    def hatched(self, polygons: Rings) -> None:
        mask = self._mask(polygons)
        box = mask.getbbox()
        if box is None:
            return
        lines = Image.new("L", self.picture.size, 0)
        draw, step = ImageDraw.Draw(lines), round(HATCH_STEP * self.scale)
        height = box[3] - box[1]
        for x in range(box[0] - height - (box[0] - height) % step, box[2], step):
            draw.line([(x, box[3]), (x + height, box[1])], fill=255, width=round(self.scale * 0.8))
        self.picture.paste(LINE, mask=Image.composite(lines, Image.new("L", mask.size, 0), mask))

    def dotted(self, polygons: Rings) -> None:
        mask = self._mask(polygons)
        box = mask.getbbox()
        if box is None:
            return
        dots = Image.new("L", self.picture.size, 0)
        draw, step, size = ImageDraw.Draw(dots), round(DOT_STEP * self.scale), round(self.scale)
        for y in range(box[1] - box[1] % step, box[3], step):
            for x in range(box[0] - box[0] % step, box[2], step):
                draw.rectangle([x, y, x + size, y + size], fill=255)
        self.picture.paste(INK, mask=Image.composite(dots, Image.new("L", mask.size, 0), mask))

    def box(self, x: float, y: float, width: float, height: float, fill: str) -> None:
        corners = [x, y, x + width, y + height]
        self.draw.rectangle([one * self.scale for one in corners], fill=fill)

    def circle(self, x: float, y: float, radius: float) -> None:
        corners = [x - radius, y - radius, x + radius, y + radius]
        self.draw.ellipse([one * self.scale for one in corners], fill=page.CIRCLE, outline=PAPER)

    def text(self, x: float, y: float, words: str, size: float, *, is_bold: bool) -> None:
        font = ImageFont.load_default(size * self.scale)
        words = words.replace("–", "-")  # the font of Pillow has no dash
        stroke = round(self.scale * 0.3) if is_bold else 0
        place = (x * self.scale, y * self.scale)
        self.draw.text(place, words, fill=INK, font=font, anchor="ls", stroke_width=stroke)

    def _mask(self, polygons: Rings) -> Any:
        mask = Image.new("L", self.picture.size, 0)
        draw = ImageDraw.Draw(mask)
        for outside, *holes in polygons:
            draw.polygon(self._scaled(outside), fill=255)
            for hole in holes:
                draw.polygon(self._scaled(hole), fill=0)
        return mask

    def _scaled(self, ring: Ring) -> Ring:
        return [(x * self.scale, y * self.scale) for x, y in ring]


class _Page:
    """Paints on a page of ReportLab, whose origin is at the bottom."""

    def __init__(self, canvas: Any) -> None:
        self.canvas = canvas

    def area(self, polygons: Rings, fill: str) -> None:
        self.canvas.setFillColor(HexColor(fill))
        self.canvas.setStrokeColor(HexColor(LINE))
        self.canvas.setLineWidth(0.35)
        self.canvas.drawPath(self._path(polygons), stroke=1, fill=1, fillMode=0)

    def hatched(self, polygons: Rings) -> None:
        corners = [corner for polygon in polygons for corner in polygon[0]]
        left, right = min(x for x, _y in corners), max(x for x, _y in corners)
        top, bottom = min(y for _x, y in corners), max(y for _x, y in corners)
        self.canvas.saveState()
        self.canvas.clipPath(self._path(polygons), stroke=0, fill=0, fillMode=0)
        self.canvas.setStrokeColor(HexColor(LINE))
        self.canvas.setLineWidth(0.8)
        height = bottom - top
        x = left - height - (left - height) % HATCH_STEP
        while x < right:
            self.canvas.line(x, HEIGHT - bottom, x + height, HEIGHT - top)
            x += HATCH_STEP
        self.canvas.restoreState()

    def dotted(self, polygons: Rings) -> None:
        corners = [corner for polygon in polygons for corner in polygon[0]]
        left, right = min(x for x, _y in corners), max(x for x, _y in corners)
        top, bottom = min(y for _x, y in corners), max(y for _x, y in corners)
        self.canvas.saveState()
        self.canvas.clipPath(self._path(polygons), stroke=0, fill=0, fillMode=0)
        self.canvas.setStrokeColor(HexColor(INK))
        self.canvas.setLineWidth(1)
        self.canvas.setDash([1, DOT_STEP - 1])
        y = top - top % DOT_STEP
        while y < bottom:
            self.canvas.line(left - left % DOT_STEP, HEIGHT - y, right, HEIGHT - y)
            y += DOT_STEP
        self.canvas.restoreState()

    def box(self, x: float, y: float, width: float, height: float, fill: str) -> None:
        self.canvas.setFillColor(HexColor(fill))
        self.canvas.rect(x, HEIGHT - y - height, width, height, stroke=0, fill=1)

    def circle(self, x: float, y: float, radius: float) -> None:
        self.canvas.setFillColor(HexColor(page.CIRCLE))
        self.canvas.setStrokeColor(HexColor(PAPER))
        self.canvas.circle(x, HEIGHT - y, radius, stroke=1, fill=1)

    def text(self, x: float, y: float, words: str, size: float, *, is_bold: bool) -> None:
        self.canvas.setFillColor(HexColor(INK))
        self.canvas.setFont("Helvetica-Bold" if is_bold else "Helvetica", size)
        self.canvas.drawString(x, HEIGHT - y, words)

    def _path(self, polygons: Rings) -> Any:
        path = self.canvas.beginPath()
        for polygon in polygons:
            for ring in polygon:
                path.moveTo(ring[0][0], HEIGHT - ring[0][1])
                for x, y in ring[1:]:
                    path.lineTo(x, HEIGHT - y)
                path.close()
        return path
