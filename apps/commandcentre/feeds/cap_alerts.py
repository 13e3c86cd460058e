"""Alerts by CAP 1.2 and the RSS list that names them: a pure parser.

Polygons are `lat,lon lat,lon …`, latitude first, and closed. An alert is corrected by another
message that names it in `references` (Update) or ends it (Cancel).
Source: OASIS Common Alerting Protocol 1.2; https://www.bmkg.go.id/alerts/nowcast/
"""

from __future__ import annotations

import re
from collections.abc import Iterator
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
SEVERITIES: Final = {"Extreme": 4, "Severe": 3, "Moderate": 2, "Minor": 1, "Unknown": 0}
STATUSES: Final = {"Actual", "Exercise", "System", "Test", "Draft"}
TYPES: Final = {"Alert", "Update", "Cancel", "Ack", "Error"}
_IDENTIFIER: Final = re.compile(r"[^\s,<&]{1,120}")
_NUMBER: Final = re.compile(r"[+-]?\d{1,3}(?:\.\d{1,12})?", re.ASCII)

Ring = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Item:
    """One alert of the list: its identifier and the address of its document."""

    identifier: str
    url: str


@dataclass(frozen=True)
class Alert:
    """One message. Rings are (longitude, latitude), degrees WGS 84; times are UTC.

    `severity` is 4 (Extreme) to 1 (Minor), 0 unknown; `references` are identifiers of earlier
    messages about the same event.
    """

    identifier: str
    status: str
    message_type: str
    references: tuple[str, ...]
    sent: datetime
    event: str
    severity: int
    severity_name: str
    headline: str
    area: str
    begins: datetime
    ends: datetime | None
    rings: tuple[Ring, ...]
    refused: tuple[RefusedEntry, ...] = field(default=())

    @property
    def wkt(self) -> str:
        """The rings as MULTIPOLYGON, "" without one."""
        if not self.rings:
            return ""
        parts = (
            "((" + ", ".join(f"{x:.7f} {y:.7f}" for x, y in ring) + "))" for ring in self.rings
        )
        return f"MULTIPOLYGON({', '.join(parts)})"


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
    info = _info(root)
    rings, refused = _rings(info)
    name = _text(info, "severity") if info is not None else ""
    return Alert(
        identifier=identifier,
        status=status,
        message_type=kind,
        references=_references(_text(root, "references", most=MOST_REFERENCES)),
        sent=sent,
        event=_text(info, "event"),
        severity=SEVERITIES.get(name, 0),
        severity_name=name,
        headline=_text(info, "headline") or _text(info, "event"),
        area=", ".join(_text(one, "areaDesc") for one in _areas(info))[:MOST_TEXT],
        begins=_moment(_text(info, "onset") or _text(info, "effective")) or sent,
        ends=_moment(_text(info, "expires")),
        rings=rings,
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


def _info(root: Element) -> Element | None:
    """The block in Indonesian, else the first."""
    blocks = root.findall(f"{NAMESPACE}info")
    for block in blocks:
        if _text(block, "language").lower().startswith("id"):
            return block
    return blocks[0] if blocks else None


def _areas(info: Element | None) -> list[Element]:
    return [] if info is None else info.findall(f"{NAMESPACE}area")


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


def _rings(info: Element | None) -> tuple[tuple[Ring, ...], tuple[RefusedEntry, ...]]:
    rings: list[Ring] = []
    refused: list[RefusedEntry] = []
    texts = [one.text or "" for area in _areas(info) for one in _polygons(area)]
    if len(texts) > MOST_POLYGONS or sum(text.count(",") for text in texts) > MOST_POINTS:
        raise Unreadable("cap_too_many", most=MOST_POINTS)
    for text in texts:
        try:
            rings.append(_read_ring(text))
        except Unreadable as odd:
            refused.append(RefusedEntry(odd.code, odd.params, text[:10_000]))
    return tuple(rings), tuple(refused)


def _polygons(area: Element) -> Iterator[Element]:
    return iter(area.findall(f"{NAMESPACE}polygon"))


def _read_ring(text: str) -> Ring:
    points: list[tuple[float, float]] = []
    for pair in text.split():
        parts = pair.split(",")
        if len(parts) != 2 or not all(_NUMBER.fullmatch(part) for part in parts):
            raise Unreadable("cap_ring_unreadable", found=pair[:60])
        latitude, longitude = map(float, parts)
        if abs(latitude) > 90 or abs(longitude) > 180:
            raise Unreadable("cap_ring_unreadable", found=pair[:60])
        points.append((longitude, latitude))
    if len(points) < 4 or points[0] != points[-1]:
        raise Unreadable("cap_ring_open", points=len(points))
    for axis in (0, 1):
        values = [point[axis] for point in points]
        if max(values) - min(values) > WIDEST_DEGREES:
            raise Unreadable("cap_ring_too_wide", degrees=round(max(values) - min(values)))
    return tuple(points)


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
    }
