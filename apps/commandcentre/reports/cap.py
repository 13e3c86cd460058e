"""A hazard as a message of the Common Alerting Protocol 1.2, for others to read.

Source: OASIS CAP 1.2 (1 July 2010). Polygons are "lat,lon" pairs, closed, without holes.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from xml.etree import ElementTree  # noqa: S405  writes only

from django.conf import settings
from django.contrib.gis.geos import Polygon
from django.utils import timezone, translation

from apps.commandcentre.models import Footprint, Hazard
from apps.commandcentre.states import AlertLevel, HazardKind, HazardStatus

NAMESPACE: Final = "urn:oasis:names:tc:emergency:cap:1.2"
STATUS: Final = {
    HazardStatus.ACTUAL: "Actual",
    HazardStatus.EXERCISE: "Exercise",
    HazardStatus.SCENARIO: "Test",
    HazardStatus.CANCELLED: "Actual",
}
SEVERITY: Final = {
    AlertLevel.AWAS: "Extreme",
    AlertLevel.SIAGA: "Severe",
    AlertLevel.WASPADA: "Moderate",
    AlertLevel.NORMAL: "Minor",
}
CATEGORY: Final = {HazardKind.WEATHER: "Met", HazardKind.FLOOD: "Met"}
# Degrees; borders of a message need not be finer than 100 m.
TOLERANCE_DEGREES: Final = 0.001
MOST_POLYGONS: Final = 200


def message(hazard: Hazard, footprints: list[Footprint], *, at: datetime) -> bytes:
    """The message (UTF-8 XML) in Indonesian and English. A later revision refers to the first."""
    root = ElementTree.Element("alert", {"xmlns": NAMESPACE})
    _add(root, "identifier", f"{_sender()}.{hazard.pk}.{hazard.revision}")
    _add(root, "sender", _sender())
    _add(root, "sent", _moment(at))
    _add(root, "status", STATUS[HazardStatus(hazard.status)])
    kind = "Cancel" if hazard.status == HazardStatus.CANCELLED else "Alert"
    _add(root, "msgType", "Update" if kind == "Alert" and hazard.revision > 1 else kind)
    _add(root, "scope", "Public")
    if hazard.revision > 1:
        first = f"{_sender()},{_sender()}.{hazard.pk}.1,{_moment(hazard.first_received_at)}"
        _add(root, "references", first)
    for language in ("id", "en"):
        with translation.override(language):
            _info(root, hazard, footprints, language)
    ElementTree.indent(root)
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text


def _info(root: Any, hazard: Hazard, footprints: list[Footprint], language: str) -> None:
    info = ElementTree.SubElement(root, "info")
    _add(info, "language", language)
    _add(info, "category", CATEGORY.get(HazardKind(hazard.kind), "Geo"))
    _add(info, "event", str(HazardKind(hazard.kind).label))
    _add(info, "urgency", "Immediate")
    level = AlertLevel(hazard.level) if hazard.level else None
    _add(info, "severity", SEVERITY[level] if level is not None else "Unknown")
    _add(info, "certainty", "Observed")
    _add(info, "onset", _moment(hazard.occurred_at))
    _add(info, "headline", hazard.title)
    for footprint in footprints:
        area = ElementTree.SubElement(info, "area")
        _add(area, "areaDesc", footprint.label)
        for ring in _rings(footprint):
            _add(area, "polygon", ring)


def _rings(footprint: Footprint) -> list[str]:
    """The outer rings as CAP writes them; the largest ones where there are very many."""
    simple: Any = footprint.area.simplify(TOLERANCE_DEGREES, preserve_topology=True)
    parts: list[Any] = [simple] if isinstance(simple, Polygon) else list(simple)
    largest = sorted(parts, key=lambda part: -part.area)[:MOST_POLYGONS]
    return [
        " ".join(f"{north:.4f},{east:.4f}" for east, north, *_rest in part.exterior_ring.coords)
        for part in largest
    ]


def _sender() -> str:
    return settings.SITE_ADDRESS.removeprefix("https://").removeprefix("http://").split(":")[0]


def _moment(at: datetime) -> str:
    return timezone.localtime(at).isoformat(timespec="seconds")


def _add(parent: Any, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = text
