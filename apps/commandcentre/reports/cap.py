"""A hazard as a message of the Common Alerting Protocol 1.2, for others to read.

Source: OASIS CAP 1.2 (1 July 2010). Polygons are "lat,lon" pairs, closed, without holes.

Each assessment of each version of a hazard is one message. It is the same at each reading: its
number and its time are those of the version and of the assessment. A hazard that is closed before
its last message has expired ends it by a further one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from xml.etree import ElementTree  # noqa: S405  writes only

from django.conf import settings
from django.contrib.gis.geos import Polygon
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from apps.commandcentre import shift_log
from apps.commandcentre.exposure import village_figures
from apps.commandcentre.exposure.alarm import ALARMING
from apps.commandcentre.models import Footprint, Hazard, HazardRevision
from apps.commandcentre.states import AlertLevel, FootprintMethod, HazardKind, HazardStatus
from apps.common.errors import DomainError

NAMESPACE: Final = "urn:oasis:names:tc:emergency:cap:1.2"
# CAP's "Test" is for technical tests only, which all recipients disregard.
STATUS: Final = {
    HazardStatus.ACTUAL: "Actual",
    HazardStatus.EXERCISE: "Exercise",
    HazardStatus.SCENARIO: "Exercise",
}
SEVERITY: Final = {
    AlertLevel.AWAS: "Extreme",
    AlertLevel.SIAGA: "Severe",
    AlertLevel.WASPADA: "Moderate",
    AlertLevel.NORMAL: "Minor",
}
CATEGORY: Final = {
    HazardKind.WEATHER: "Met",
    HazardKind.FLOOD: "Met",
    HazardKind.TIDAL_WAVE: "Met",
    HazardKind.DROUGHT: "Met",
    HazardKind.WILDFIRE: "Fire",
}
# Areas that were estimated, not seen.
ESTIMATED: Final = (FootprintMethod.RELATION, FootprintMethod.CIRCLE)
# What happened so long before the message asks for nothing at once.
PAST_AFTER: Final = timedelta(hours=24)
# So long a message holds whose source does not say until when; an assessment renews it.
HOLDS_FOR: Final = timedelta(days=3)
# Degrees; borders of a message need not be finer than 100 m.
TOLERANCE_DEGREES: Final = 0.001
MOST_POLYGONS: Final = 200
# Regencies in the name of an area.
MOST_NAMED: Final = 20


@dataclass(frozen=True)
class Issued:
    """One message of a hazard: its number at us and its time."""

    revision: int
    identifier: str
    sent: datetime

    @property
    def reference(self) -> str:
        return f"{_sender()},{self.identifier},{_moment(self.sent)}"


def message(hazard: Hazard, footprints: Sequence[Footprint]) -> bytes:
    """The last message of a hazard (UTF-8 XML) in Indonesian and English. It refers to all earlier
    ones.

    Raises: `report_cap_unassessed` before the present version is assessed, `report_cap_nothing`
    where it was cancelled before anything went out. Queries: four, and one for a closed hazard.
    """
    versions = {one.number: one for one in HazardRevision.objects.filter(hazard=hazard)}
    issued = _issued(hazard, versions)
    version = versions.get(hazard.revision)
    ends_at = version.ends_at if version is not None else None
    end = _end(hazard, issued, ends_at)
    if end is None and (not issued or issued[-1].revision != hazard.revision):
        raise DomainError("report_cap_unassessed")
    *earlier, own = [*issued, *([end] if end is not None else [])]
    is_cancelled = hazard.status == HazardStatus.CANCELLED
    if is_cancelled and not any(one.revision < hazard.revision for one in earlier):
        raise DomainError("report_cap_nothing")
    is_over = is_cancelled or end is not None
    status = _status(hazard, versions)
    root = ElementTree.Element("alert", {"xmlns": NAMESPACE})
    _add(root, "identifier", own.identifier)
    _add(root, "sender", _sender())
    _add(root, "sent", _moment(own.sent))
    _add(root, "status", STATUS[status])
    _add(root, "msgType", "Cancel" if is_over else "Update" if earlier else "Alert")
    _add(root, "scope", "Public")
    if note := _note(hazard, status, end):
        _add(root, "note", note)
    if earlier:
        _add(root, "references", " ".join(one.reference for one in earlier))
    last = hazard.assessments.filter(revision=hazard.revision).order_by("assessed_at", "pk").last()
    named = village_figures.regencies_of_bands(last) if last is not None else {}
    for language in ("id", "en"):
        with translation.override(language):
            info = _info(root, hazard, language)
            _add(info, "urgency", _urgency(hazard, status, own.sent))
            level = AlertLevel(hazard.level) if hazard.level else None
            _add(info, "severity", SEVERITY[level] if level is not None else "Unknown")
            _add(info, "certainty", _certainty(hazard, status, own.sent, footprints))
            _add(info, "onset", _moment(hazard.occurred_at))
            _add(info, "expires", _moment(ends_at or own.sent + HOLDS_FOR))
            _add(info, "headline", hazard.title)
            _areas(info, footprints, named)
    ElementTree.indent(root)
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text


def _issued(hazard: Hazard, versions: dict[int, HazardRevision]) -> list[Issued]:
    """The messages of a hazard, the first one first. Queries: one."""
    found: list[Issued] = []
    assessed = hazard.assessments.order_by("revision", "assessed_at", "pk")
    for revision, assessed_at in assessed.values_list("revision", "assessed_at"):
        nth = 1 + sum(one.revision == revision for one in found)
        identifier = f"{_sender()}.{hazard.pk}.{revision}" + (f".{nth}" if nth > 1 else "")
        received = versions[revision].received_at if revision in versions else hazard.received_at
        found.append(Issued(revision, identifier, received if nth == 1 else assessed_at))
    return found


def _end(hazard: Hazard, issued: Sequence[Issued], ends_at: datetime | None) -> Issued | None:
    """The message that a hazard is closed, where the last one before it had not expired by then;
    None where the hazard is open, nothing went out, or its source cancelled it.
    """
    closed_at = hazard.closed_at
    if closed_at is None or not issued or hazard.status == HazardStatus.CANCELLED:
        return None
    if closed_at >= (ends_at or issued[-1].sent + HOLDS_FOR):
        return None
    number = f"{_sender()}.{hazard.pk}.{hazard.revision}.closed{int(closed_at.timestamp())}"
    return Issued(hazard.revision, number, closed_at)


def _note(hazard: Hazard, status: HazardStatus, end: Issued | None) -> str:
    """What the whole message is about, in Indonesian: that it is a scenario, why it was closed."""
    parts = []
    with translation.override("id"):
        if status == HazardStatus.SCENARIO:
            parts.append(_("A scenario: it has not happened."))
        if end is not None:
            parts.append(_("Closed by the command centre."))
            parts += shift_log.reasons_of_closing(hazard)
    return " ".join(parts)


def _status(hazard: Hazard, versions: dict[int, HazardRevision]) -> HazardStatus:
    """What a hazard is, or was before it was cancelled."""
    if hazard.status != HazardStatus.CANCELLED:
        return HazardStatus(hazard.status)
    for number in sorted(versions, reverse=True):
        told = versions[number].values.get("status", "")
        if told in STATUS:
            return HazardStatus(told)
    return HazardStatus.ACTUAL


def _urgency(hazard: Hazard, status: HazardStatus, sent: datetime) -> str:
    if status == HazardStatus.SCENARIO:
        return "Unknown"
    if hazard.occurred_at > sent:
        return "Expected" if hazard.occurred_at - sent <= timedelta(hours=1) else "Future"
    if hazard.occurred_at < sent - PAST_AFTER:
        return "Past"
    return "Immediate" if hazard.level in ALARMING else "Expected"


def _certainty(
    hazard: Hazard, status: HazardStatus, sent: datetime, footprints: Sequence[Footprint]
) -> str:
    if status == HazardStatus.SCENARIO:
        return "Possible"
    is_estimate = not footprints or any(one.method in ESTIMATED for one in footprints)
    return "Likely" if is_estimate or hazard.occurred_at > sent else "Observed"


def _info(root: Any, hazard: Hazard, language: str) -> Any:
    info = ElementTree.SubElement(root, "info")
    _add(info, "language", language)
    _add(info, "category", CATEGORY.get(HazardKind(hazard.kind), "Geo"))
    _add(info, "event", str(HazardKind(hazard.kind).label))
    return info


def _areas(info: Any, footprints: Sequence[Footprint], named: dict[int, list[str]]) -> None:
    for footprint in footprints:
        area = ElementTree.SubElement(info, "area")
        where = named.get(footprint.pk, [])
        more = " …" if len(where) > MOST_NAMED else ""
        words = f"{footprint.label}: {', '.join(where[:MOST_NAMED])}{more}"
        _add(area, "areaDesc", words if where else footprint.label)
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
