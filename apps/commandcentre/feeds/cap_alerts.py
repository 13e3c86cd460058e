"""Alerts by CAP 1.2 and the RSS list that names them: a pure parser.

Polygons are `lat,lon lat,lon …`, latitude first, and closed; circles are `lat,lon radius`, in
kilometres. Each block (`info`) of one language has a severity and areas of its own. An alert is
corrected by another message that names it in `references` (Update) or ends it (Cancel).
Source: OASIS Common Alerting Protocol 1.2; https://www.bmkg.go.id/alerts/nowcast/
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from apps.commandcentre.feeds.bmkg import AHEAD, RefusedEntry, Unreadable, clean

NAMESPACE: Final = "{urn:oasis:names:tc:emergency:cap:1.2}"
MOST_ITEMS: Final = 100
MOST_POLYGONS: Final = 2_000
MOST_POINTS: Final = 100_000
MOST_TEXT: Final = 300
# A chain of updates names all messages before it, each with its sender and time.
MOST_REFERENCES: Final = 30_000
# An area wider than this, in degrees, warns of nothing: a polygon of the world is an error.
WIDEST_DEGREES: Final = 20.0
TOO_WIDE: Final = "cap_ring_too_wide"
# The sphere of the Earth's mean radius; a circle becomes a ring of so many points.
EARTH_KM: Final = 6371.0
CIRCLE_POINTS: Final = 90
SEVERITIES: Final = {"Extreme": 4, "Severe": 3, "Moderate": 2, "Minor": 1, "Unknown": 0}
STATUSES: Final = {"Actual", "Exercise", "System", "Test", "Draft"}
TYPES: Final = {"Alert", "Update", "Cancel", "Ack", "Error"}
_IDENTIFIER: Final = re.compile(r"[^\s,<&]{1,120}")
_NUMBER: Final = re.compile(r"[+-]?\d{1,3}(?:\.\d{1,12})?", re.ASCII)
_RADIUS: Final = re.compile(r"\d{1,5}(?:\.\d{1,12})?", re.ASCII)

Ring = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Item:
    """One alert of the list: its identifier and the address of its document."""

    identifier: str
    url: str


@dataclass(frozen=True)
class Part:
    """The areas of one severity: 4 (Extreme) to 1 (Minor), 0 unknown; `name` is its word. Rings are
    (longitude, latitude), degrees WGS 84.
    """

    severity: int
    name: str
    rings: tuple[Ring, ...]

    @property
    def wkt(self) -> str:
        """The rings as MULTIPOLYGON."""
        parts = (
            "((" + ", ".join(f"{x:.7f} {y:.7f}" for x, y in ring) + "))" for ring in self.rings
        )
        return f"MULTIPOLYGON({', '.join(parts)})"


@dataclass(frozen=True)
class Alert:
    """One message; times are UTC.

    `parts` are its areas, the most severe first; `severity_name` and `headline` are those of its
    most severe block, also where that has no area that can be used. `references` are identifiers of
    earlier messages about the same event.
    """

    identifier: str
    status: str
    message_type: str
    references: tuple[str, ...]
    sent: datetime
    event: str
    severity_name: str
    headline: str
    area: str
    begins: datetime
    ends: datetime | None
    parts: tuple[Part, ...]
    refused: tuple[RefusedEntry, ...] = field(default=())

    @property
    def rings(self) -> tuple[Ring, ...]:
        return tuple(ring for part in self.parts for ring in part.rings)

    @property
    def is_too_wide(self) -> bool:
        """Whether an area was left out that is as wide as a part of the world."""
        return any(one.code == TOO_WIDE for one in self.refused)


def read_list(content: bytes) -> list[Item]:
    """The alerts that an RSS list names; an empty list is healthy. Raises: Unreadable."""
    root = _parse(content)
    if root.tag != "rss" or root.find("channel") is None:
        raise Unreadable("cap_no_list")
    found = []
    for item in list(root.iter("item"))[:MOST_ITEMS]:
        identifier, url = _text(item, "guid"), _text(item, "link")
        if _IDENTIFIER.fullmatch(identifier) and url:
            found.append(Item(identifier, url))
    return found


def read_alert(content: bytes, *, now: datetime) -> Alert:
    """One alert. Raises: Unreadable."""
    root = _parse(content)
    if root.tag != f"{NAMESPACE}alert":
        raise Unreadable("cap_no_alert", found=str(root.tag)[:60])
    identifier, status = _text(root, "identifier"), _text(root, "status")
    kind = _text(root, "msgType")
    if not _IDENTIFIER.fullmatch(identifier) or status not in STATUSES or kind not in TYPES:
        raise Unreadable("cap_incomplete", found=f"{identifier} {status} {kind}"[:120])
    sent = _moment(_text(root, "sent"))
    if sent is None:
        raise Unreadable("cap_time", found=_text(root, "sent")[:60])
    if sent > now + AHEAD:
        raise Unreadable("cap_future", found=sent.isoformat())
    blocks = _blocks(root)
    parts, refused = _parts(blocks, are_areas_needed=kind != "Cancel")
    info = blocks[0] if blocks else None
    ends = [moment for one in blocks if (moment := _moment(_text(one, "expires")))]
    return Alert(
        identifier=identifier,
        status=status,
        message_type=kind,
        references=_references(_text(root, "references", most=MOST_REFERENCES)),
        sent=sent,
        event=_text(info, "event"),
        severity_name=_text(info, "severity"),
        headline=_text(info, "headline") or _text(info, "event"),
        area=", ".join(_text(area, "areaDesc") for one in blocks for area in _areas(one))[
            :MOST_TEXT
        ],
        begins=min((_begins(one, sent) for one in blocks), default=sent),
        ends=max(ends) if ends and len(ends) == len(blocks) else None,
        parts=parts,
        refused=refused,
    )


def _parse(content: bytes) -> Element:
    if not content.strip():
        raise Unreadable("feed_nothing")
    try:
        root: Element = fromstring(content, forbid_dtd=True)
    except DefusedXmlException:
        raise Unreadable("cap_entities") from None
    except (ParseError, ValueError, LookupError, RecursionError):
        raise Unreadable("cap_not_xml") from None
    return root


def _find(parent: Element | None, name: str) -> Element | None:
    if parent is None:
        return None
    found = parent.find(f"{NAMESPACE}{name}")
    return parent.find(name) if found is None else found


def _text(parent: Element | None, name: str, *, most: int = MOST_TEXT) -> str:
    found = _find(parent, name)
    return clean(found.text)[:most] if found is not None else ""


def _blocks(root: Element) -> list[Element]:
    """The blocks in Indonesian, else those in the language of the first; the most severe first."""
    blocks = root.findall(f"{NAMESPACE}info")
    if not blocks:
        return []
    languages = [_text(block, "language").lower().partition("-")[0] for block in blocks]
    language = "id" if "id" in languages else languages[0]
    chosen = [one for one, spoken in zip(blocks, languages, strict=True) if spoken == language]
    return sorted(chosen, key=_severity, reverse=True)


def _severity(info: Element) -> int:
    return SEVERITIES.get(_text(info, "severity"), 0)


def _begins(info: Element, sent: datetime) -> datetime:
    return _moment(_text(info, "onset") or _text(info, "effective")) or sent


def _areas(info: Element) -> list[Element]:
    return info.findall(f"{NAMESPACE}area")


def _references(text: str) -> tuple[str, ...]:
    """The identifiers in `sender,identifier,sent sender,identifier,sent …`."""
    triples = (one.split(",") for one in text.split())
    return tuple(parts[1] for parts in triples if len(parts) == 3)[:MOST_ITEMS]


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _parts(
    blocks: Sequence[Element], *, are_areas_needed: bool
) -> tuple[tuple[Part, ...], tuple[RefusedEntry, ...]]:
    """The areas by severity, and what of them cannot be used. Raises: Unreadable."""
    areas = [(info, area) for info in blocks for area in _areas(info)]
    texts = [text for _info, area in areas for name in SHAPES for text in _texts(area, name)]
    if len(texts) > MOST_POLYGONS or sum(text.count(",") for text in texts) > MOST_POINTS:
        raise Unreadable("cap_too_many", most=MOST_POINTS)
    found: dict[int, tuple[str, list[Ring]]] = {}
    refused: list[RefusedEntry] = []
    for info, area in areas:
        _name, rings = found.setdefault(_severity(info), (_text(info, "severity"), []))
        own = [(read, text) for name, read in SHAPES.items() for text in _texts(area, name)]
        if not own and are_areas_needed:
            refused.append(_unread(area))
        for read, text in own:
            try:
                rings.append(read(text))
            except Unreadable as odd:
                refused.append(RefusedEntry(odd.code, odd.params, text[:10_000]))
    parts = (Part(number, name, tuple(rings)) for number, (name, rings) in found.items() if rings)
    return tuple(parts), tuple(refused)


def _texts(area: Element, name: str) -> list[str]:
    return [one.text or "" for one in area.findall(f"{NAMESPACE}{name}")]


def _unread(area: Element) -> RefusedEntry:
    """An area that is told by words or by codes of other lists alone."""
    codes = (
        f"{_text(one, 'valueName')} {_text(one, 'value')}"
        for one in area.findall(f"{NAMESPACE}geocode")
    )
    name = _text(area, "areaDesc")
    return RefusedEntry("cap_area_unread", {"found": name[:60]}, "\n".join((name, *codes))[:10_000])


def _read_ring(text: str) -> Ring:
    points = [_point(pair) for pair in text.split()]
    if len(points) < 4 or points[0] != points[-1]:
        raise Unreadable("cap_ring_open", points=len(points))
    return _narrow(points)


def _read_circle(text: str) -> Ring:
    """A circle as a ring of points on the sphere."""
    middle, _space, radius = text.strip().partition(" ")
    if not _RADIUS.fullmatch(radius.strip()) or float(radius) <= 0:
        raise Unreadable("cap_ring_unreadable", found=text.strip()[:60])
    longitude, latitude = _point(middle)
    if (degrees := 2 * math.degrees(float(radius) / EARTH_KM)) > WIDEST_DEGREES:
        raise Unreadable(TOO_WIDE, degrees=round(degrees))
    far, north = float(radius) / EARTH_KM, math.radians(latitude)
    ring = []
    for number in range(CIRCLE_POINTS):
        bearing = math.tau * number / CIRCLE_POINTS
        y = math.asin(
            math.sin(north) * math.cos(far) + math.cos(north) * math.sin(far) * math.cos(bearing)
        )
        x = math.atan2(
            math.sin(bearing) * math.sin(far) * math.cos(north),
            math.cos(far) - math.sin(north) * math.sin(y),
        )
        ring.append((longitude + math.degrees(x), math.degrees(y)))
    return _narrow([*ring, ring[0]])


def _point(pair: str) -> tuple[float, float]:
    """(longitude, latitude) of `lat,lon`. Raises: Unreadable."""
    parts = pair.split(",")
    if len(parts) != 2 or not all(_NUMBER.fullmatch(part) for part in parts):
        raise Unreadable("cap_ring_unreadable", found=pair[:60])
    latitude, longitude = map(float, parts)
    if abs(latitude) > 90 or abs(longitude) > 180:
        raise Unreadable("cap_ring_unreadable", found=pair[:60])
    return longitude, latitude


def _narrow(points: Iterable[tuple[float, float]]) -> Ring:
    """The points as a ring, if it is no wider than a warning can be. Raises: Unreadable."""
    ring = tuple(points)
    for axis in (0, 1):
        values = [point[axis] for point in ring]
        if max(values) - min(values) > WIDEST_DEGREES:
            raise Unreadable(TOO_WIDE, degrees=round(max(values) - min(values)))
    return ring


# How the shapes of an area are read, by their name.
SHAPES: Final = {"polygon": _read_ring, "circle": _read_circle}


def describe(alert: Alert) -> dict[str, Any]:
    """What is kept of the message with its version."""
    return {
        "identifier": alert.identifier,
        "status": alert.status,
        "msgType": alert.message_type,
        "references": list(alert.references),
        "sent": alert.sent.isoformat(),
        "event": alert.event,
        "severity": alert.severity_name,
        "areaDesc": alert.area,
        "expires": alert.ends.isoformat() if alert.ends is not None else None,
        "polygons": len(alert.rings),
        **({"too_wide": True} if alert.is_too_wide else {}),
    }
