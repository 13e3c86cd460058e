"""How the answer of each feed becomes messages about hazards."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from apps.commandcentre.feeds import bmkg, cap_alerts, documents
from apps.commandcentre.feeds.fetching import Fetched
from apps.commandcentre.hazards import tsunami
from apps.commandcentre.hazards.intake import DrawnArea, Message
from apps.commandcentre.states import HazardKind, HazardStatus

BMKG: Final = "bmkg"
# The kind of an alert by a word of its event; else it is extreme weather.
KINDS: Final = (
    ("tsunami", HazardKind.TSUNAMI),
    ("gempa", HazardKind.EARTHQUAKE),
    ("banjir", HazardKind.FLOOD),
    ("longsor", HazardKind.LANDSLIDE),
    ("gelombang", HazardKind.TIDAL_WAVE),
    ("rob", HazardKind.TIDAL_WAVE),
    ("karhutla", HazardKind.WILDFIRE),
    ("kebakaran", HazardKind.WILDFIRE),
    ("kekeringan", HazardKind.DROUGHT),
    ("abu vulkanik", HazardKind.VOLCANO),
    ("erupsi", HazardKind.VOLCANO),
)
# Messages that warn of nothing.
NO_WARNING: Final = {"Test", "System", "Draft"}
NO_TYPE: Final = {"Ack", "Error"}
# What a text about a document says of a number that is not known.
UNKNOWN: Final[dict[str, Any]] = dict.fromkeys(("seconds", "number", "limit", "found"), "–")


@dataclass(frozen=True)
class Read:
    """The messages of one answer, and the entries that cannot be used. `codes` says for documents
    that gave no message under their number in the list why; "" for one under another number.
    `is_empty`: the list names nothing, not even what is known already.
    """

    messages: list[Message]
    refused: list[bmkg.RefusedEntry]
    codes: Mapping[str, str] = field(default_factory=dict)
    is_empty: bool = False


def read_bmkg(name: str, answer: Fetched, now: datetime) -> Read:
    """Earthquakes of one of BMKG's lists. Raises: Unreadable."""
    found = bmkg.read(answer.content or b"", now=now)
    messages = [_of_quake(name, quake) for quake in found.earthquakes]
    return Read(messages, found.refused, is_empty=not messages and not found.refused)


def _of_quake(feed: str, quake: bmkg.Earthquake) -> Message:
    strength = "" if quake.magnitude is None else f" M{quake.magnitude:.1f}"
    return Message(
        source=BMKG,
        feed=feed,
        kind=HazardKind.EARTHQUAKE,
        title=f"Gempa{strength}, {quake.place}" if quake.place else f"Gempa{strength}",
        occurred_at=quake.occurred_at,
        received=dict(quake.received) | ({"remarks": list(quake.remarks)} if quake.remarks else {}),
        place=quake.place,
        felt=quake.felt,
        warning=quake.potential if tsunami.is_expected(quake.potential) is not None else "",
        magnitude=quake.magnitude,
        depth_km=quake.depth_km,
        latitude=quake.latitude,
        longitude=quake.longitude,
    )


def read_cap(name: str, answer: Fetched, now: datetime) -> Read:
    """The new alerts of a list, in the order in which they were sent. Raises: Unreadable."""
    items = cap_alerts.read_list(answer.content or b"")
    alerts: list[cap_alerts.Alert] = []
    refused: list[bmkg.RefusedEntry] = []
    codes: dict[str, str] = {}
    for document in answer.documents:
        if document.is_same:
            continue
        # where there is no content, its address is what can be inspected
        text = document.content[:20_000].decode("utf-8", "replace") or document.url
        try:
            if document.fault:
                raise bmkg.Unreadable(document.fault, **UNKNOWN | dict(document.params))
            alert = cap_alerts.read_alert(document.content, now=now)
            if alert.status in NO_WARNING:
                raise bmkg.Unreadable("cap_test", found=alert.status)
            if alert.message_type in NO_TYPE:
                raise bmkg.Unreadable("cap_no_warning", found=alert.message_type)
        except bmkg.Unreadable as odd:
            refused.append(bmkg.RefusedEntry(odd.code, odd.params, text))
            codes[document.identifier] = odd.code
            continue
        if alert.identifier != document.identifier:
            codes[document.identifier] = ""
        alerts.append(alert)
        refused += alert.refused
        if not alert.rings and alert.message_type != "Cancel":
            refused.append(bmkg.RefusedEntry("cap_no_area", {}, text))
    alerts.sort(key=lambda alert: alert.sent)
    return Read([_of_alert(name, alert) for alert in alerts], refused, codes, is_empty=not items)


def _of_alert(feed: str, alert: cap_alerts.Alert) -> Message:
    status = HazardStatus.EXERCISE if alert.status == "Exercise" else HazardStatus.ACTUAL
    if alert.message_type == "Cancel":
        status = HazardStatus.CANCELLED
    drawn: tuple[DrawnArea, ...] = ()
    if status != HazardStatus.CANCELLED:
        drawn = tuple(
            DrawnArea(part.wkt, float(part.severity), part.name or "?") for part in alert.parts
        )
    areas = "\n".join(one.wkt for one in drawn)
    word = alert.event.lower()
    return Message(
        source=documents.SOURCE,
        feed=feed,
        source_id=alert.identifier,
        kind=next((kind for part, kind in KINDS if part in word), HazardKind.WEATHER),
        status=status,
        title=alert.headline or alert.event or alert.identifier,
        place=alert.area,
        occurred_at=alert.begins,
        received=cap_alerts.describe(alert),
        area=hashlib.sha256(areas.encode()).hexdigest() if drawn else "",
        identifier=alert.identifier,
        references=alert.references,
        sent=alert.sent,
        ends_at=alert.ends,
        drawn=drawn,
    )


# How each feed is read, by its name in the setting HAZARD_FEEDS.
READERS: Final[Mapping[str, Callable[[str, Fetched, datetime], Read]]] = {
    "bmkg_autogempa": read_bmkg,
    "bmkg_gempaterkini": read_bmkg,
    "bmkg_gempadirasakan": read_bmkg,
    "bmkg_nowcast": read_cap,
}
# Feeds whose answer names documents, which are fetched, too.
LISTS: Final = frozenset({"bmkg_nowcast"})
