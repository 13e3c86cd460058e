"""A hazard whose area an operator draws on the map, or types as corners."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from typing import Any, Final

from django.contrib.gis.geos import Polygon
from django.db import transaction

from apps.accounts.models import User
from apps.commandcentre.hazards import handling
from apps.commandcentre.hazards.intake import DrawnArea, Message, take_message
from apps.commandcentre.hazards.scenarios import SOURCE, number_of
from apps.commandcentre.models import Footprint, Hazard
from apps.commandcentre.states import FootprintMethod, HazardKind, HazardStatus
from apps.common import sql
from apps.common.errors import DomainError
from apps.common.geo import is_in_country_box

LEAST_CORNERS: Final = 3
MOST_CORNERS: Final = 500
# Below some square metres there is no area.
LEAST_DEGREES2: Final = 1e-9
_CORNER: Final = re.compile(r"\s*(-?\d{1,3}(?:\.\d{1,9})?)\s*[,\s]\s*(-?\d{1,2}(?:\.\d{1,9})?)\s*")
_WHERE: Final = re.compile(r"\[?(-?\d+(?:\.\d+)?) (-?\d+(?:\.\d+)?)\]?\s*$")


def read_area(text: str) -> Polygon:
    """The polygon of corners, one on a line or with semicolons between: longitude, latitude.

    Raises: `drawn_unreadable`, `drawn_few`, `drawn_many`, `drawn_abroad`, `drawn_flat`,
    `drawn_crossing`, `drawn_no_village`.
    """
    parts = [part for part in re.split(r"[;\n]", text) if part.strip()]
    if len(parts) > MOST_CORNERS:
        raise DomainError("drawn_many", most=MOST_CORNERS, count=len(parts))
    corners = [_corner(part) for part in parts]
    if len(corners) > 1 and corners[0] == corners[-1]:
        corners.pop()
    if len(corners) < LEAST_CORNERS:
        raise DomainError("drawn_few", count=len(corners))
    for longitude, latitude in corners:
        if not is_in_country_box(longitude, latitude):
            raise DomainError("drawn_abroad", **_named(longitude, latitude))
    area = Polygon([*corners, corners[0]])
    _check_shape(area)
    if not sql.run("commandcentre/hazards/meets_village", {"wkt": area.wkt})[0][0]:
        raise DomainError("drawn_no_village")
    return area


def _corner(part: str) -> tuple[float, float]:
    found = _CORNER.fullmatch(part)
    if found is None:
        raise DomainError("drawn_unreadable", text=part.strip()[:40])
    return float(found[1]), float(found[2])


def _named(longitude: float, latitude: float) -> dict[str, str]:
    """As the field writes them, in every language."""
    return {"longitude": f"{longitude:.5f}", "latitude": f"{latitude:.5f}"}


def _check_shape(area: Polygon) -> None:
    """Raises: `drawn_crossing` with the place, `drawn_flat`."""
    if not area.valid:
        where = _WHERE.search(str(area.valid_reason))
        if where is not None and area.convex_hull.area > LEAST_DEGREES2:
            raise DomainError("drawn_crossing", **_named(float(where[1]), float(where[2])))
    if not area.valid or area.area < LEAST_DEGREES2:
        raise DomainError("drawn_flat")


@transaction.atomic
def draw_hazard(
    *,
    kind: HazardKind,
    title: str,
    note: str,
    occurred_at: datetime,
    status: HazardStatus,
    severity: int,
    label: str,
    area: str,
    by: User,
    now: datetime,
    form: str = "",
    revises: Hazard | None = None,
    seen: int | None = None,
) -> Hazard:
    """Store a hazard with a drawn area, or the next state of one, and request its assessment. The
    time when a hazard began stays as its first area told it.

    `severity` is a class of CAP (1 minor to 4 extreme), `label` its word. `form`: see `number_of`.
    `seen` is the version of which the next state is drawn; None: the present one.
    Raises: `hazard_in_future`, `drawn_not_own`, `hazard_closed`, `hazard_revised`,
    `hazard_other_status`, and those of `read_area`.
    """
    if occurred_at > now and status == HazardStatus.ACTUAL:
        raise DomainError("hazard_in_future", moment=occurred_at)
    if revises is not None:
        _need_drawn(revises)
        handling.need_status(SOURCE, revises.source_id, status)
    drawn = read_area(area)
    values = [kind, title, note, occurred_at, status, severity, drawn.wkt, by.pk]
    message = Message(
        source=SOURCE,
        feed=SOURCE,
        source_id=revises.source_id if revises is not None else number_of(form, values),
        kind=kind,
        status=status,
        title=title,
        place=note,
        occurred_at=occurred_at,
        received={
            "title": title,
            "note": note,
            "by": str(by),
            "status": str(status),
            "severity": severity,
            "area": drawn.wkt,
        },
        area=hashlib.sha256(f"{severity} {drawn.wkt}".encode()).hexdigest(),
        is_state=revises is not None,
        drawn=(DrawnArea(drawn.wkt, float(severity), label, FootprintMethod.DRAWN),),
    )
    if revises is not None and revises.seen.get(SOURCE) != message.digest:
        handling.need_seen(revises, seen)  # what is sent twice is stored once
    return take_message(message, by=by, now=now).hazard


def is_drawn(hazard: Hazard) -> bool:
    """Whether an operator drew a hazard, so that its next state can be drawn. Queries: one."""
    if hazard.source != SOURCE:
        return False
    return _areas_of(hazard).exists()


def corners_of(hazard: Hazard) -> tuple[str, int]:
    """The corners of the drawn area of a hazard as `read_area` reads them ("" where it has several
    parts), and its severity. Queries: one.
    """
    band = _areas_of(hazard).latest("pk")
    if len(band.area) != 1:
        return "", int(band.lower)
    corners = band.area[0].exterior_ring.coords[:-1]
    return "\n".join(f"{place[0]:.5f}, {place[1]:.5f}" for place in corners), int(band.lower)


def _areas_of(hazard: Hazard) -> Any:
    return Footprint.objects.filter(
        hazard=hazard, revision=hazard.revision, method=FootprintMethod.DRAWN
    )


def _need_drawn(hazard: Hazard) -> None:
    """Raises: `drawn_not_own`, `hazard_closed`."""
    if not is_drawn(hazard):
        raise DomainError("drawn_not_own")
    if hazard.closed_at is not None:
        raise DomainError("hazard_closed")
