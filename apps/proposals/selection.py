"""The filter of proposals: list, map, export, bulk step and address use the same rows."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.contrib.gis.geos import GEOSException, Polygon
from django.db.models import Exists, Func, OuterRef, Q, Value
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.audit.subjects import Subject
from apps.civilregister.states import CivilStatus
from apps.common.geo import SRID
from apps.common.http import decimal, integer
from apps.proposals import maps, register_filters
from apps.proposals.models import Batch, Finding, Flag, Proposal, Question, Severity, Verdict
from apps.proposals.states import MOVING, IdentityDifference, ProposalStatus, RegisterFilter
from apps.regions.region_filter import region
from apps.ui import filters

PPKS: Final = re.compile(r"[1-9][0-9]?")
ROW_ID: Final = re.compile(r"[0-9]{1,19}")
MOST_TICKED: Final = 400
# A drawn area has at most this many corners; its coordinates are rounded to 5 decimals (1 m).
MOST_CORNERS: Final = 60
# An area is looked up column of cells by column where it covers at most so many.
MOST_COLUMNS: Final = 64
# A spot is at most this wide; its middle is rounded to 6 decimals (0.1 m). Units: metres.
MOST_SPOT_M: Final = 2_000
SPOT_CORNERS: Final = 32
METRES_PER_DEGREE: Final = 111_195
# Fields answered alike for all who see the same rows, by tables whose changes are noted
# (`RegencyChange`): proposals, their findings and questions, what the registers said. The others
# also depend on which files somebody sees.
NOTED: Final = frozenset(
    {"batch", "region", "status", "verdict", "flag", "severity", "programme", "kind", "decree"}
    | {"ppks", "age_from", "age_to", "distance_from", "distance_to", "area", "near", "rows"}
    | {"finding", "question", "civil", "register", "differs"}
)
QUESTION_STATES: Final = {
    "open": gettext_lazy("waits for an answer"),
    "answered": gettext_lazy("answered"),
}
PAPER_STATES: Final = {"missing": gettext_lazy("not here")}
type_area = tuple[float, ...]


def _findings(codes: tuple[str, ...]) -> Q:
    found = Finding.objects.filter(
        batch_id=OuterRef("batch_id"), row_number=OuterRef("row_number"), code__in=codes
    )
    return Q(Exists(found))


def _civil(statuses: tuple[str, ...]) -> Q:
    """The filter by the civil register's answer; a proposal never asked about has no row."""
    query = Q(civil_match__status__in=statuses)
    return query | Q(civil_match__isnull=True) if CivilStatus.NOT_CHECKED in statuses else query


def _compared(wanted: tuple[str, ...]) -> Q:
    """The filter by the comparison with the register; if it found nothing there is no row."""
    moving = Q(registered_match__differs__overlap=[code.value for code in MOVING])
    every = {
        RegisterFilter.OTHER: register_filters.IS_OTHER,
        RegisterFilter.DIFFERS: register_filters.DIFFERS,
        RegisterFilter.MOVE: moving & Q(registered_match__move="") & ~Q(kind="removal"),
    }
    query = Q()
    for code in wanted:
        query |= every[RegisterFilter(code)]
    return query


def _asked(state: str) -> Q:
    """The proposals with a question that waits, or with answered ones."""
    asked = Question.objects.filter(proposal_id=OuterRef("pk"), answered_at__isnull=state == "open")
    return Q(Exists(asked))


def _sent_by(user: int) -> Q:
    return Q(batch__in=Batch.objects.filter(user=user).values("pk"))


def _years_ago(years: float) -> date:
    """The day that many whole years ago; 29 February becomes 28 February."""
    today = timezone.localdate()
    day = min(today.day, 28) if today.month == 2 else today.day
    return date(today.year - int(years), today.month, day)


def _read_area(given: list[str]) -> type_area:
    """Corners of a drawn area. Raises: UnreadableError, in words if its edges cross."""
    numbers = [decimal(text) for text in given]
    if len(numbers) > 2 * MOST_CORNERS:
        raise filters.UnreadableError(
            _("The drawn area has more than {n} corners. Draw a simpler one.").format(
                n=MOST_CORNERS
            )
        )
    if None in numbers or len(numbers) < 6 or len(numbers) % 2:
        raise filters.UnreadableError
    corners = tuple(round(value or 0.0, 5) for value in numbers)
    if not all(abs(value) <= (90 if place % 2 else 180) for place, value in enumerate(corners)):
        raise filters.UnreadableError
    try:
        is_valid = polygon_of(corners).valid
    except GEOSException:
        is_valid = False
    if not is_valid:
        raise filters.UnreadableError(
            _("The lines of the drawn area cross each other. Draw it again without crossing.")
        )
    return corners


def polygon_of(corners: type_area) -> Polygon:
    """The polygon of longitude and latitude in turn; open or closed."""
    points = list(zip(corners[::2], corners[1::2], strict=True))
    ring = points if points[0] == points[-1] else [*points, points[0]]
    return Polygon(ring, srid=SRID)


def _inside(corners: type_area) -> Q:
    # no protected row: halving the area would find its house
    area = polygon_of(corners)
    return maps.DRAWABLE & _cells_around(area.extent) & Q(location__within=area)


def _cells_around(extent: tuple[float, float, float, float]) -> Q:
    """The cells of the map that a box touches: whole numbers, so that an index finds their rows
    under row-level security. They are numbered down each column, so that of a wide box, whose
    columns are one range, those above and below it are read, too.
    """
    west, south, east, north = extent
    first, last = (maps.cell_column(longitude) for longitude in (west, east))
    if last - first >= MOST_COLUMNS:
        return Q(tile_cell__gte=_cell(west, north), tile_cell__lte=_cell(east, south))
    query = Q()
    for column in range(first, last + 1):
        inside = maps.cell_longitude(column)
        query |= Q(tile_cell__gte=_cell(inside, north), tile_cell__lte=_cell(inside, south))
    return query


def _cell(longitude: float, latitude: float) -> Func:
    return Func(Value(f"SRID={SRID};POINT({longitude} {latitude})"), function="portal_tile_cell")


def _read_spot(given: list[str]) -> type_area:
    """Longitude, latitude, and whole metres around. Raises: UnreadableError."""
    numbers = [value for text in given if (value := decimal(text)) is not None]
    if len(given) != 3 or len(numbers) != 3:
        raise filters.UnreadableError
    longitude, latitude, metres = numbers
    if abs(longitude) > 180 or abs(latitude) > 85 or not 1 <= metres <= MOST_SPOT_M:
        raise filters.UnreadableError
    return round(longitude, 6), round(latitude, 6), math.ceil(metres)


def _around(spot: type_area) -> Q:
    """The rows on a spot of the map, which are never those with a protected need.

    It lies in four cells of the map at most.
    """
    longitude, latitude, metres = spot
    up = metres / METRES_PER_DEGREE
    aside = up / math.cos(math.radians(latitude))
    turns = [2 * math.pi * nth / SPOT_CORNERS for nth in range(SPOT_CORNERS)]
    circle = polygon_of(
        tuple(
            value
            for turn in turns
            for value in (longitude + aside * math.cos(turn), latitude + up * math.sin(turn))
        )
    )
    cells = [
        _cell(x, y)
        for x in (longitude - aside, longitude + aside)
        for y in (latitude - up, latitude + up)
    ]
    return maps.DRAWABLE & Q(tile_cell__in=cells, location__within=circle)


def _row_ids(given: tuple[str, ...]) -> Q:
    return Q(pk__in=[integer(value, default=0) for value in given])


@dataclass(frozen=True)
class Selection(filters.Filter):
    """A filter of proposals. All fields must match; several values of one field mean "or".

    Units: ages in whole years today, distances in metres outside the claimed village, `area` in
    degrees, `near` in degrees and metres. It has no NIK, KK or name, because it is part of URLs,
    which are logged.
    """

    batch: int | None = filters.number(label=gettext_lazy("file"), column="batch_id")
    region: str = region(label=gettext_lazy("region"), column="village__code")
    status: tuple[str, ...] = filters.choices(
        ProposalStatus, label=gettext_lazy("status"), column="status"
    )
    verdict: tuple[str, ...] = filters.choices(
        Verdict, label=gettext_lazy("location"), column="verdict"
    )
    flag: tuple[str, ...] = filters.choices(
        Flag, label=gettext_lazy("flag"), query=lambda given: Q(flags__overlap=list(given))
    )
    finding: tuple[str, ...] = filters.codes(label=gettext_lazy("finding"), query=_findings)
    severity: tuple[str, ...] = filters.choices(
        {0: gettext_lazy("no finding"), **dict(Severity.choices)},
        label=gettext_lazy("worst finding"),
        column="severity",
    )
    programme: tuple[str, ...] = filters.codes(
        label=gettext_lazy("programme"), column="programme_id"
    )
    kind: tuple[str, ...] = filters.choices(
        Proposal.Kind, label=gettext_lazy("kind"), column="kind"
    )
    civil: tuple[str, ...] = filters.choices(
        CivilStatus, label=gettext_lazy("civil register"), query=_civil
    )
    register: tuple[str, ...] = filters.choices(
        RegisterFilter, label=gettext_lazy("register"), query=_compared
    )
    decree: int | None = filters.number(label=gettext_lazy("decree"), column="decree_id")
    differs: tuple[str, ...] = filters.choices(
        IdentityDifference,
        label=gettext_lazy("differs in"),
        query=lambda given: Q(registered_match__differs__overlap=list(given)),
    )
    ppks: tuple[str, ...] = filters.codes(
        label="PPKS",
        pattern=PPKS,
        query=lambda given: Q(ppks__overlap=[int(value) for value in given]),
    )
    question: str = filters.choice(
        QUESTION_STATES,
        label=gettext_lazy("question"),
        query=_asked,
    )
    paper: str = filters.choice(
        PAPER_STATES,
        label=gettext_lazy("paper of a removal or a correction"),
        query=lambda _state: register_filters.LACKS_PAPER,
    )
    officer: int | None = filters.number(label=gettext_lazy("officer"), query=_sent_by)
    age_from: float | None = filters.measure(
        label=gettext_lazy("age from"),
        query=lambda years: Q(birth_date__lte=_years_ago(years)),
        most=150,
    )
    age_to: float | None = filters.measure(
        label=gettext_lazy("age up to"),
        query=lambda years: Q(birth_date__gt=_years_ago(years + 1)),
        most=150,
    )
    distance_from: float | None = filters.measure(
        label=gettext_lazy("metres from the border, at least"),
        query=lambda metres: Q(distance_m__gte=metres),
    )
    distance_to: float | None = filters.measure(
        label=gettext_lazy("metres from the border, at most"),
        query=lambda metres: Q(distance_m__lte=metres),
    )
    area: type_area = filters.custom(
        label=gettext_lazy("drawn area"),
        read=_read_area,
        query=_inside,
        words=lambda text: text,
        empty=(),
    )
    near: type_area = filters.custom(
        label=gettext_lazy("place"),
        read=_read_spot,
        query=_around,
        words=lambda text: text,
        empty=(),
    )
    rows: tuple[str, ...] = filters.codes(
        label=gettext_lazy("ticked rows"), pattern=ROW_ID, query=_row_ids, most=MOST_TICKED
    )

    @property
    def audit_subject(self) -> Subject:
        return Subject("proposals.Selection", region=self.region)

    @property
    def is_noted(self) -> bool:
        """Whether a change of its rows is always noted: what is made of them may then be kept."""
        return NOTED.issuperset(self.params())

    @property
    def is_of_today(self) -> bool:
        """Whether its rows are others tomorrow."""
        return (self.age_from, self.age_to) != (None, None)

    def chips(self) -> list[filters.Chip]:
        """The active filters in words; corners and keys of rows are counted, not listed."""
        own = {"area": self._area_words, "near": self._near_words, "rows": self._row_words}
        for one in self.unread:
            own.pop(one.name, None)
        return [
            filters.Chip(chip.name, own[chip.name](), chip.query) if chip.name in own else chip
            for chip in super().chips()
        ]

    def _area_words(self) -> str:
        return _("drawn area with {n} corners").format(n=len(self.area) // 2)

    def _near_words(self) -> str:
        longitude, latitude, metres = self.near
        return _("within {n} m of {place}").format(
            n=number_format(metres), place=f"{latitude:.5f}, {longitude:.5f}"
        )

    def _row_words(self) -> str:
        return ngettext("{n} ticked row", "{n} ticked rows", len(self.rows)).format(
            n=len(self.rows)
        )
