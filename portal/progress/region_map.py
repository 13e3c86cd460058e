"""The map of the funnel: outlines, and a circle for each region whose area is its count.

Drawn by the server as SVG, so that it needs no script and prints.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import sqrt
from typing import Protocol

from django.core.cache import cache
from django.utils.formats import number_format

from apps.proposals.chips import metres
from apps.regions.drawing import Frame
from apps.regions.editions import outlines
from apps.regions.editions.outlines import Middle
from apps.regions.models import BoundaryEdition, EditionStatus
from portal.progress.areas import COLUMNS, EVERY_STATUS, Area, link

WIDTH = 700.0
# Below the map: the scale bar, and circles with their counts.
STRIP = 76.0
SIZE_STEP = 120
MOST_HEIGHT = 620.0
LARGEST, SMALLEST = 30.0, 3.0
# Names stand beside the circles of so many regions; with more they would cover each other.
MOST_NAMES = 40
KEPT_S = 3600


class Counted(Protocol):
    """A region that is drawn."""

    @property
    def code(self) -> str:
        """Its code."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def opens(self) -> bool:
        """Whether there is a level below."""

    def count_at(self, status: str) -> int:
        """How many are at a status, "" for all."""


@dataclass(frozen=True)
class Circle:
    """One region: its middle, the circle's radius, and the list of exactly the counted rows. Where
    `is_named`, its name stands beside it.
    """

    code: str
    name: str
    text: str
    url: str
    x: str
    y: str
    radius: str
    below: str
    opens: bool
    is_named: bool


@dataclass(frozen=True)
class Drawing:
    """The map in units of its drawing. `unplaced` are regions with rows but without a polygon."""

    width: int
    height: int
    paths: list[str] = field(default_factory=list)
    circles: list[Circle] = field(default_factory=list)
    sizes: list[dict[str, str]] = field(default_factory=list)
    unplaced: list[str] = field(default_factory=list)
    editions: list[str] = field(default_factory=list)
    bar: str = ""
    bar_text: str = ""
    foot: str = ""

    @property
    def unnamed(self) -> list[Circle]:
        """The regions without their names on the map, by name."""
        return sorted((one for one in self.circles if not one.is_named), key=lambda one: one.name)


def drawing(area: Area, lines: Sequence[Counted], chosen: str) -> Drawing | None:
    """The map of these lines' counts at a status, or of all; None without any polygon.

    Queries: three, or one while the outlines are kept.
    """
    places, drawn, editions = _places(area)
    if not places:
        return None
    boxes = [(p.west, p.south, p.east, p.north) for p in places.values()]
    frame = Frame.around(boxes, WIDTH, MOST_HEIGHT)
    circles, unplaced, most = _circles(area, lines, chosen, places, frame)
    length, bar = frame.scale_bar()
    height = frame.height + STRIP
    foot = height - STRIP / 2
    return Drawing(
        width=round(WIDTH),
        height=round(height),
        paths=[frame.path(one.rings) for one in drawn],
        circles=circles,
        sizes=_sizes(most),
        unplaced=unplaced,
        editions=editions,
        bar=f"M30 {foot - 24:.0f}v8h{bar:.1f}v-8",
        bar_text=metres(length),
        foot=f"{foot:.0f}",
    )


def status_of(asked: str) -> str:
    """The status that the map counts; "" for all of them."""
    return asked if asked in {status.value for status in COLUMNS} else ""


def _places(area: Area) -> tuple[dict[str, Middle], list[outlines.Outline], list[str]]:
    """Middles, outlines and editions, kept until another edition is in force."""
    active = BoundaryEdition.objects.filter(status=EditionStatus.ACTIVE)
    stamp = "-".join(str(pk) for pk in active.order_by("pk").values_list("pk", flat=True))
    key = f"region-map:{area.within.setting()}:{stamp}"
    known: tuple[dict[str, Middle], list[outlines.Outline], list[str]] | None = cache.get(key)
    if known is None:
        places = outlines.middles(area.prefixes, area.code_length)
        width = max((p.east for p in places.values()), default=0.0)
        width -= min((p.west for p in places.values()), default=0.0)
        drawn = outlines.of_villages(area.prefixes, width) if places else []
        known = (places, drawn, sorted({one.edition for one in drawn}))
        cache.set(key, known, KEPT_S)
    return known


def _circles(
    area: Area, lines: Sequence[Counted], chosen: str, places: dict[str, Middle], frame: Frame
) -> tuple[list[Circle], list[str], int]:
    statuses = chosen or EVERY_STATUS
    counts = {line.code: line.count_at(chosen) for line in lines}
    most = max(counts.values(), default=0)
    circles, unplaced = [], []
    for line in sorted(lines, key=lambda one: -counts[one.code]):
        count = counts[line.code]
        if not count:
            continue
        place = places.get(line.code)
        if place is None:
            unplaced.append(line.name)
            continue
        x, y = frame.at(place.x, place.y)
        radius = max(LARGEST * sqrt(count / most), SMALLEST)
        circles.append(
            Circle(
                line.code,
                line.name,
                str(number_format(count)),
                link(area, region=line.code, status=statuses),
                f"{x:.1f}",
                f"{y:.1f}",
                f"{radius:.1f}",
                f"{y + radius + 11:.1f}",
                line.opens,
                len(lines) <= MOST_NAMES,
            )
        )
    return circles, unplaced, most


def _sizes(most: int) -> list[dict[str, str]]:
    """The circles of the legend: the largest, a quarter and a sixteenth of it."""
    counts = sorted({max(most // part, 1) for part in (16, 4, 1)}) if most else []
    first = WIDTH - SIZE_STEP * len(counts)
    return [
        {
            "text": str(number_format(one)),
            "radius": f"{max(LARGEST * sqrt(one / most), SMALLEST):.1f}",
            "x": f"{first + SIZE_STEP * n + LARGEST:.0f}",
            "text_x": f"{first + SIZE_STEP * n + 2 * LARGEST + 5:.0f}",
        }
        for n, one in enumerate(counts)
    ]
