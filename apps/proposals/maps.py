"""Points and outlines for the map above the list: positions and verdicts, never a name or NIK."""

from __future__ import annotations

import json
import math
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.gis.db.models import Extent
from django.contrib.gis.db.models.functions import SnapToGrid
from django.contrib.gis.geos import Polygon
from django.db.models import (
    Count,
    FloatField,
    Func,
    Q,
    QuerySet,
    Sum,
)

from apps.common import sql
from apps.common.geo import SRID
from apps.common.http import decimal
from apps.proposals.models import Batch, HeldRow, Proposal, ProposalQuerySet, Verdict
from apps.regions.editions import outlines as region_outlines
from apps.registry import sensitive

# Kinds of social need that never appear as points on a shared map.
PROTECTED_PPKS = sorted(sensitive.PROTECTED_PPKS)
# The columns of a point, and what stands in place of a protected one.
PLACE = ("latitude", "longitude")
HIDDEN = "•••"
# Above this number, cells with counts are drawn. Proposed limit; a canvas draws it in 0.1 s.
MOST_POINTS = 20_000
# The map shows at most this many village outlines at once (60 kB compressed).
MOST_OUTLINES = 400
# Code lengths of districts, regencies and provinces, and the zoom whose outlines are drawn of them.
WIDER = ((8, 9), (5, 5), (2, 5))
CELLS_ACROSS = 24
# Limit of a village with its neighbours inside a page, uncompressed; and by how much their lines
# are simplified at least, in degrees: about 10 m.
INSET_BYTES, INSET_TOLERANCE = 15_000, 0.0001
ORDER = [verdict.value for verdict in Verdict]


@dataclass(frozen=True)
class Box:
    """West, south, east, north in degrees."""

    west: float
    south: float
    east: float
    north: float

    @classmethod
    def of(cls, text: str) -> Box | None:
        """Read `west,south,east,north`; None if it is not a box on the earth."""
        sides = [decimal(part) for part in text.split(",")]
        if len(sides) != 4 or None in sides:
            return None
        west, south, east, north = (side or 0.0 for side in sides)
        if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
            return None
        return cls(west, south, east, north)

    def polygon(self) -> Polygon:
        polygon = Polygon.from_bbox((self.west, self.south, self.east, self.north))
        polygon.srid = SRID
        return polygon


class X(Func):
    function = "ST_X"
    output_field = FloatField()


class Y(Func):
    function = "ST_Y"
    output_field = FloatField()


# The one rule of protected places: a row is protected if somebody of its family card, in whatever
# file or in the register, has a protected kind of need, because they live in one house, or if the
# register names one for its person. A correction of the kinds names the former ones, too. Triggers
# of both tables keep the answer in the row. Its point is drawn and written nowhere, and no filter
# by a place finds it; verdict, metres and villages are said. Those who may change the row see its
# point where they correct it. The register hides the places of the same cards
# (`is_protected_card`).
OPEN = Q(is_protected=False)
# Rows with a point that may be drawn on a shared map. A latitude beyond the pole is kept as typed,
# but is not a point.
DRAWABLE = Q(location__isnull=False) & OPEN


# The cells of points (`Proposal.tile_cell`) lie in so many columns from the west.
CELL_COLUMNS = 1 << 12


def cell_column(longitude: float) -> int:
    """The column of cells at a longitude, as `portal_tile_cell` computes it."""
    return min(CELL_COLUMNS - 1, max(0, math.floor((longitude + 180) / 360 * CELL_COLUMNS)))


def cell_longitude(column: int) -> float:
    """The longitude in the middle of a column of cells."""
    return (column + 0.5) * 360 / CELL_COLUMNS - 180


def drawable(proposals: ProposalQuerySet) -> ProposalQuerySet:
    return proposals.filter(DRAWABLE)


def protected_among(cards: Iterable[str]) -> set[str]:
    """Those of some family cards somebody of which is protected. Queries: one, or none."""
    asked = sorted({card for card in cards if card})
    if not asked:
        return set()
    return set(sql.column("proposals/find_protected_cards", {"cards": asked}))


def is_protected_card(card: str) -> bool:
    """Whether somebody of a family card is protected. Queries: one, or none."""
    return bool(protected_among([card]))


def protected_held(rows: Iterable[HeldRow]) -> list[HeldRow]:
    """The held rows whose point nobody is told but those who correct them.

    Queries: one, or none.
    """
    known = list(rows)
    cards = protected_among(card_in(row.values) for row in known)
    cards |= {card_in(row.values) for row in known if has_protected_kind(row.values)} - {""}
    return [row for row in known if has_protected_kind(row.values) or card_in(row.values) in cards]


def open_rows(batch: Batch, numbers: Collection[int]) -> set[int]:
    """Those rows of a file that the user sees, and whose point is not protected now.

    Queries: two or three, or none.
    """
    if not numbers:
        return set()
    ready = batch.proposals.filter(OPEN, row_number__in=numbers)
    held = list(batch.held_rows.filter(row_number__in=numbers))
    hidden = {row.pk for row in protected_held(held)}
    found = set(ready.values_list("row_number", flat=True))
    return found | {row.row_number for row in held if row.pk not in hidden}


def has_protected_kind(values: Mapping[str, Any]) -> bool:
    """Whether the cells of a row that is no proposal name a protected kind of need."""
    kinds = re.findall(r"[0-9]+", str(values.get("ppks") or ""))
    return any(int(kind) in PROTECTED_PPKS for kind in kinds)


def card_in(values: Mapping[str, Any]) -> str:
    """The number of the family card in the cells of a row, however it is written."""
    return re.sub(r"[^0-9]", "", str(values.get("kk") or ""))


def place_of(proposal: Proposal) -> str:
    """`longitude,latitude` of a point that may be drawn; else ""."""
    if proposal.location is None or proposal.is_protected:
        return ""
    return f"{proposal.location.x:.6f},{proposal.location.y:.6f}"


def picture(proposals: ProposalQuerySet, box: Box | None) -> dict[str, Any]:
    """The content of the map: single points up to MOST_POINTS, else cells with counts per verdict.

    Shapes: points are `[longitude, latitude, verdict, id]`, cells `[longitude, latitude, counts]`
    with the `extent` of all. Verdicts are positions in `verdicts`; `protected` is the number of
    points of the whole file that are not drawn: in a box it would tell where they are.
    Queries: two, or four.
    """
    hidden = proposals.filter(Q(location__isnull=False) & ~OPEN).count()
    if box is not None:
        proposals = proposals.filter(location__bboverlaps=box.polygon())
    rows = drawable(proposals)
    known = {"verdicts": ORDER, "protected": hidden}
    first = list(_points(rows)[: MOST_POINTS + 1])
    if len(first) <= MOST_POINTS:
        return known | {"points": [_point(*row) for row in first]}
    whole = rows.aggregate(total=Count("pk"), extent=Extent("location"))
    return known | whole | {"cells": _cells(rows, box)}


def _points(rows: ProposalQuerySet) -> QuerySet[Any, Any]:
    # no order: sorting a million rows for the first 20,001 would cost more than drawing them
    return rows.annotate(x=X("location"), y=Y("location")).values_list("x", "y", "verdict", "pk")


def _point(x: float, y: float, verdict: str, id: int) -> list[Any]:
    return [round(x, 5), round(y, 5), ORDER.index(verdict), id]


def _cells(rows: ProposalQuerySet, box: Box | None) -> list[list[Any]]:
    """Counts per cell of a grid, drawn at the middle of the cell's points."""
    side = (box.east - box.west) / CELLS_ACROSS if box is not None else 0.5
    grouped = (
        rows.annotate(cell=SnapToGrid("location", side))
        .annotate(column=X("cell"), row=Y("cell"))
        .values_list("column", "row", "verdict")
        .annotate(count=Count("pk"), x=Sum(X("location")), y=Sum(Y("location")))
    )
    cells: dict[tuple[float, float], _Cell] = defaultdict(_Cell)
    for column, row, verdict, count, x, y in grouped:
        cell = cells[column, row]
        cell.counts[ORDER.index(verdict)] += count
        cell.x += x
        cell.y += y
    return [cell.drawn() for cell in cells.values()]


@dataclass
class _Cell:
    x: float = 0.0
    y: float = 0.0
    counts: list[int] = field(default_factory=lambda: [0] * len(ORDER))

    def drawn(self) -> list[Any]:
        total = sum(self.counts)
        return [round(self.x / total, 5), round(self.y / total, 5), self.counts]


def picture_of_batch(batch: Batch, proposals: ProposalQuerySet, box: Box | None) -> dict[str, Any]:
    """Proposals and held rows of one file as points with their row number; else cells.

    Queries: four, or five.
    """
    held = batch.held_rows.filter(location__isnull=False)
    total = proposals.filter(location__isnull=False).count() + held.count()
    if total > MOST_POINTS:
        return picture(proposals, box)
    drawn = [
        _point(x, y, verdict, number)
        for x, y, verdict, number in drawable(proposals)
        .annotate(x=X("location"), y=Y("location"))
        .values_list("x", "y", "verdict", "row_number")
    ]
    rows = list(held)
    protected = {row.pk for row in protected_held(rows)}
    hidden = total - len(rows) - len(drawn) + len(protected)
    for row in rows:
        if row.pk not in protected and row.location is not None and row.verdict in ORDER:
            drawn.append(_point(row.location.x, row.location.y, row.verdict, row.row_number))
    return {"verdicts": ORDER, "protected": hidden, "points": drawn}


def picture_of_change(batch: Batch, drawn: list[list[Any]], *, is_before: bool) -> dict[str, Any]:
    """The points of a previewed change (`preview_rows`), before or after it, of rows that the user
    sees and that are not protected since. Queries: two or three.
    """
    first = 0 if is_before else 3
    shown = open_rows(batch, [point[6] for point in drawn])
    points = []
    for point in drawn:
        x, y, verdict = point[first : first + 3]
        if x is not None and verdict in ORDER and point[6] in shown:
            points.append(_point(x, y, verdict, point[6]))
    return {"verdicts": ORDER, "protected": 0, "points": points}


def villages_held(batch: Batch) -> set[str]:
    """The villages that held rows with a point name, and those in which their points lie."""
    rows = batch.held_rows.filter(location__isnull=False)
    pairs = rows.values_list("village_code", "actual_village_code").distinct()
    return {code for pair in pairs for code in pair if code}


def outlines(proposals: ProposalQuerySet, *, also: Iterable[str] = ()) -> dict[str, Any]:
    """Simplified outlines of the villages that proposals name or lie in, with their edition.

    Above MOST_OUTLINES villages (their number is `omitted`) those of their districts, regencies or
    provinces. Queries: three. Returns `{"type": "FeatureCollection", …}`.
    """
    claimed = proposals.order_by().values_list("village_id", flat=True).distinct()
    actual = proposals.order_by().values_list("actual_village_id", flat=True).distinct()
    codes = sorted({code for code in (*claimed, *actual, *also) if code})
    return outlines_of(codes) if len(codes) <= MOST_OUTLINES else _outlines_above(codes)


def _outlines_above(villages: list[str]) -> dict[str, Any]:
    sets = [({code[:size] for code in villages}, zoom) for size, zoom in WIDER]
    codes, zoom = next((one for one in sets if len(one[0]) <= MOST_OUTLINES), sets[-1])
    found = sql.scalar("proposals/draw_region_outlines", {"codes": sorted(codes), "zoom": zoom})
    features = json.loads(found or "[]")
    return {"type": "FeatureCollection", "features": features, "omitted": len(villages)}


def outlines_of(codes: list[str]) -> dict[str, Any]:
    """The current outlines of these villages as GeoJSON."""
    found = sql.scalar("proposals/draw_outlines", {"codes": codes})
    return {"type": "FeatureCollection", "features": json.loads(found or "[]")}


def inset_of(proposal: Proposal) -> dict[str, Any]:
    """What lies under the point of one proposal: its village with its neighbours, and the village
    in which the point lies. Queries: one to six.
    """
    drawn = region_outlines.surroundings(
        proposal.village_id, most_bytes=INSET_BYTES, tolerance=INSET_TOLERANCE
    )
    actual = proposal.actual_village_id
    if actual and all(one["properties"]["code"] != actual for one in drawn["features"]):
        drawn["features"] += outlines_of([actual])["features"]
    return drawn


def point_of(proposal: Proposal) -> dict[str, Any] | None:
    """The point of one proposal, for the small map on its page; None if it has none, or a
    protected one.
    """
    if proposal.location is None or proposal.is_protected:
        return None
    return {
        "verdicts": ORDER,
        "points": [_point(proposal.location.x, proposal.location.y, proposal.verdict, proposal.pk)],
    }
