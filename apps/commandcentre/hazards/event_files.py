"""BNPB's table of disasters (`Data bencana`): each event of a file becomes a hazard.

An event is known again by its number (KIB: regency, kind, day, serial); where the table has none,
by regency, kind, day and point. A later file of the table makes the next version of an event that
it changes. Its area are the villages that the table names, else those of the districts that it
names, else the village at its point. Format: Perka BNPB 8/2011.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from datetime import timezone as fixed_zone
from typing import Final

from django.db import transaction
from django.utils import timezone

from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import Subject
from apps.commandcentre.hazards import named_places
from apps.commandcentre.hazards.intake import Message, enqueue_assessment, take_message
from apps.commandcentre.hazards.named_places import NamedPlace
from apps.commandcentre.hazards.notices import tell_changed
from apps.commandcentre.models import Hazard
from apps.commandcentre.states import FootprintMethod, HazardKind, Measure
from apps.common import sql
from apps.common.geo import COUNTRY_BOX
from apps.common.http import decimal
from apps.common.text import column_likeness as likeness
from apps.common.text.column_likeness import Holds
from apps.common.text.headings import Vocabulary
from apps.imports import cells
from apps.imports.cells import Unreadable
from apps.imports.findings import Findings
from apps.imports.layouts import Layout
from apps.imports.office_imports import Import, Imported, Row

SOURCE: Final = "bnpb"
FEED: Final = "bnpb_table"
# Older events are history: they are stored closed and not assessed.
CURRENT_FOR: Final = timedelta(days=30)
# Hours ahead of UTC, by the name of the zone and by BNPB's or Kemendagri's number of the province;
# the others are in the west.
ZONES: Final = {"wib": 7, "wita": 8, "wit": 9, "utc": 0, "gmt": 0}
CENTRAL: Final = frozenset(("51", "52", "53", "63", "64", "65", "71", "72", "73", "74", "75", "76"))
EASTERN: Final = frozenset(("81", "82", "91", "92", "93", "94", "95", "96"))
CENTRAL_NAMES: Final = re.compile(
    r"bali|nusa tenggara|sulawesi|gorontalo|kalimantan (?:selatan|timur|utara)"
)
EASTERN_NAMES: Final = re.compile(r"maluku|papua")
# "18.02", "18:02:33 WITA", "pukul 18.02", "1802", "18".
_HOUR: Final = re.compile(
    r"(?:(?:sekitar|±)\s*)?(?:(?:pukul|pkl|jam)\b\.?\s*)?"
    r"(\d{1,2})(?:[.:](\d{1,2})(?:[.:]\d{1,2})?|(?<=\d\d)(\d\d))?\s*(wib|wita|wit|utc|gmt)?\.?",
    re.ASCII,
)
_NO_HOUR: Final = frozenset(("", "-", "–"))
# The class of the one band; the table says nothing of severity.
UNKNOWN_SEVERITY: Final = 0.0
KINDS: Final[Mapping[str, HazardKind]] = {
    "101": HazardKind.FLOOD,
    "102": HazardKind.LANDSLIDE,
    "103": HazardKind.FLOOD,
    "104": HazardKind.TIDAL_WAVE,
    "105": HazardKind.WEATHER,
    "106": HazardKind.DROUGHT,
    "107": HazardKind.WILDFIRE,
    "108": HazardKind.EARTHQUAKE,
    "109": HazardKind.TSUNAMI,
    "110": HazardKind.TSUNAMI,
    "111": HazardKind.VOLCANO,
}
_HEADINGS: Final[dict[str, tuple[str, ...]]] = {
    "number": ("kib", "Kode Identitas Bencana", "No KIB", "Nomor KIB"),
    "regency_code": ("id_kab", "Kode Kabupaten", "Kode Kab/Kota"),
    "province_name": ("provinsi", "Prop", "Nama Provinsi"),
    "regency_name": ("kabkot", "Kabupaten/Kota", "Kab/Kota", "Kabupaten"),
    "kind_code": ("id_jenis_bencana", "Kode Jenis Bencana", "id_jenis"),
    "kind_name": ("kejadian", "Jenis Bencana", "Jenis Kejadian"),
    "title": ("nama_kejadian", "Nama Kejadian", "Nama Bencana"),
    "places": ("lokasi", "Lokasi Kejadian"),
    "village_name": ("desa", "Nama Desa"),
    "year": ("tahun", "Year"),
    "month": ("bulan", "Month"),
    "day": ("tanggal", "Day", "Tgl"),
    "hour": ("jam", "Waktu", "Jam Kejadian"),
    "longitude": ("longitude", "Bujur", "Lon", "Lng"),
    "latitude": ("latitude", "Lintang", "Lat"),
    "updated": ("data_update", "Tanggal Data"),
    "status_day": ("tanggal_update", "Tanggal Status"),
    "dead": ("meninggal", "Korban Meninggal"),
    "injured": ("terluka", "Luka", "Luka/Sakit"),
    "missing": ("hilang", "Korban Hilang"),
    "suffering": ("menderita", "Terdampak"),
    "displaced": ("mengungsi", "Pengungsi"),
    "houses": ("rumah_rusak", "Rumah Rusak"),
}
LAYOUT: Final = Layout(
    words=Vocabulary(_HEADINGS),
    holds={
        "longitude": Holds(likeness.is_longitude, is_loose=True),
        "latitude": Holds(likeness.is_latitude, is_loose=True),
    },
    needed=(("regency_name",), ("kind_code", "kind_name"), ("year",), ("month",), ("day",)),
    keeps_lines=True,
    joined={},
)
WORDS: Final[Sequence[tuple[str, HazardKind]]] = (
    ("banjir", HazardKind.FLOOD),
    ("longsor", HazardKind.LANDSLIDE),
    ("gelombang", HazardKind.TIDAL_WAVE),
    ("abrasi", HazardKind.TIDAL_WAVE),
    ("puting beliung", HazardKind.WEATHER),
    ("cuaca ekstrem", HazardKind.WEATHER),
    ("kekeringan", HazardKind.DROUGHT),
    ("kebakaran hutan", HazardKind.WILDFIRE),
    ("karhutla", HazardKind.WILDFIRE),
    ("tsunami", HazardKind.TSUNAMI),
    ("gempa", HazardKind.EARTHQUAKE),
    ("gunung", HazardKind.VOLCANO),
    ("erupsi", HazardKind.VOLCANO),
)


@dataclass(frozen=True)
class Event:
    """One readable row, and the villages of its area, once they are known."""

    row: int
    message: Message
    province: str
    regency: str
    places: tuple[NamedPlace, ...]
    villages: tuple[str, ...] = ()
    label: str = ""


@dataclass
class _Counts:
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    # the last stored event of the past, of which boards are told once for all
    history: Hazard | None = None

    def shown(self) -> dict[str, int]:
        return {"new": self.new, "changed": self.changed, "unchanged": self.unchanged}


def import_events(asked: Import) -> Imported:
    """Store the events of a file, each in a transaction of its own.

    Raises: FileRefused, `import_columns_missing`, `import_column_unknown`, `import_empty`,
    `import_mostly_refused`.
    """
    file, rows = asked.read(LAYOUT)
    findings = Findings(file)
    events = list(_events(rows, findings, asked.now))
    findings.refuse_implausible(len(rows))
    counts = _Counts()
    for event in _placed(events, findings, asked.now):
        _store(event, counts, asked)
    with transaction.atomic():
        if counts.history is not None:
            tell_changed(counts.history)
        record.entry(
            Action.RUN,
            about=Subject("commandcentre.Hazard", file.name),
            by=asked.by,
            rows=len(rows),
            refused=len(findings.refused_rows),
            counts=counts.shown(),
        )
        return asked.end(file, len(rows), counts.shown(), findings)


# --- rows → events ---


def _events(rows: Sequence[Row], findings: Findings, now: datetime) -> Iterator[Event]:
    first: dict[str, int] = {}
    for number, row in rows:
        kind, occurred_at = _kind(number, row, findings), _occurred(number, row, findings, now)
        if not row["regency_name"]:
            findings.refuse(number, "cell_missing", "regency_name")
        if kind is None or occurred_at is None or number in findings.refused_rows:
            continue
        longitude, latitude = _point(number, row, findings)
        key = _key(row, occurred_at, longitude, latitude)
        if (other := first.setdefault(key, number)) != number:
            findings.refuse(
                number, "event_twice", "number", row["number"], other_line=findings.line_of(other)
            )
            continue
        text = row["places"] + (f"\nDs. {row['village_name']}" if row["village_name"] else "")
        yield Event(
            number,
            _message(row, kind, key, occurred_at, longitude, latitude, now),
            row["province_name"],
            row["regency_name"],
            tuple(named_places.read(text)),
        )


def _kind(number: int, row: Mapping[str, str], findings: Findings) -> HazardKind | None:
    """The kind by BNPB's number, else by a word of the name."""
    code = row["kind_code"].split(".")[0]
    if found := KINDS.get(code):
        return found
    name = row["kind_name"].casefold()
    for word, kind in WORDS:
        if word in name:
            return kind
    column = "kind_code" if row["kind_code"] else "kind_name"
    findings.refuse(number, "event_kind", column, row["kind_name"] or row["kind_code"])
    return None


def _occurred(
    number: int, row: Mapping[str, str], findings: Findings, now: datetime
) -> datetime | None:
    """The time of an event, in its own zone; midnight in the west where no hour is given."""
    text = "-".join(row[name].split(".")[0] for name in ("day", "month", "year"))
    try:
        day = datetime.fromisoformat(cells.day(text))
    except Unreadable:
        findings.refuse(number, "cell_date", "day", text)
        return None
    occurred_at = _at_hour(day, row)
    if occurred_at is None:
        findings.warn(number, "event_hour", "hour", row["hour"][:60])
        occurred_at = timezone.make_aware(day)
    if occurred_at > now:
        findings.refuse(number, "event_in_future", "day", text)
        return None
    return occurred_at


def _at_hour(day: datetime, row: Mapping[str, str]) -> datetime | None:
    """The day at its hour; None where one is given that cannot be read."""
    word = " ".join(row["hour"].casefold().split())
    if word in _NO_HOUR:
        return timezone.make_aware(day)
    found = _HOUR.fullmatch(word)
    if found is None:
        return None
    hour, minute = int(found[1]), int(found[2] or found[3] or 0)
    if hour > 23 or minute > 59:
        return None
    ahead_h = ZONES[found[4]] if found[4] else _zone_of(row)
    local = day.replace(hour=hour, minute=minute)
    return local.replace(tzinfo=fixed_zone(timedelta(hours=ahead_h)))


def _zone_of(row: Mapping[str, str]) -> int:
    """How many hours a row's province is ahead of UTC, by its number, else by its name."""
    number = (row["regency_code"] or row["number"])[:2]
    name = row["province_name"].casefold()
    if number in EASTERN or (not number.isdecimal() and EASTERN_NAMES.search(name)):
        return ZONES["wit"]
    if number in CENTRAL or (not number.isdecimal() and CENTRAL_NAMES.search(name)):
        return ZONES["wita"]
    return ZONES["wib"]


def _point(
    number: int, row: Mapping[str, str], findings: Findings
) -> tuple[float | None, float | None]:
    """Longitude and latitude; (None, None) with a finding for one outside the country."""
    longitude, latitude = decimal(row["longitude"]), decimal(row["latitude"])
    if longitude is None or latitude is None:
        return None, None
    west, south, east, north = COUNTRY_BOX
    if west <= longitude <= east and south <= latitude <= north:
        return longitude, latitude
    findings.warn(number, "event_point", "latitude", f"{row['latitude']}, {row['longitude']}")
    return None, None


def _key(
    row: Mapping[str, str],
    occurred_at: datetime,
    longitude: float | None,
    latitude: float | None,
) -> str:
    """The event's number in one notation (`3602 101 2020 12 06 1`), or what stands for it."""
    parts = row["number"].split()
    if len(parts) == 6 and all(part.isdecimal() and len(part) < 9 for part in parts):
        return " ".join(f"{int(part):02}" for part in parts)
    where = row["regency_code"] or row["regency_name"]
    kind = row["kind_code"] or row["kind_name"]
    point = "" if longitude is None else f" {latitude:.3f},{longitude:.3f}"
    return f"{where[:40]} {kind[:40]} {occurred_at:%Y %m %d}{point}"


def _message(
    row: Mapping[str, str],
    kind: HazardKind,
    key: str,
    occurred_at: datetime,
    longitude: float | None,
    latitude: float | None,
    now: datetime,
) -> Message:
    name = (row["title"] or row["kind_name"] or str(kind.label)).capitalize()
    place = ", ".join(filter(None, map(str.strip, row["places"].splitlines())))
    return Message(
        source=SOURCE,
        feed=FEED,
        source_id=key[:120],
        kind=kind,
        title=f"{name}, {row['regency_name'].title()}",
        place=place,
        occurred_at=timezone.localtime(occurred_at),
        is_history=occurred_at < now - CURRENT_FOR,
        received={name: text[:2_000] for name, text in row.items() if text},
        longitude=longitude,
        latitude=latitude,
        sent=said_on(row),
    )


def said_on(row: Mapping[str, str]) -> datetime | None:
    """The day on which the table says this of the event: an older file is late."""
    for column in ("updated", "status_day"):
        try:
            return timezone.make_aware(datetime.fromisoformat(cells.day(row[column])))
        except Unreadable:
            continue
    return None


# --- where they are ---


def _placed(events: Sequence[Event], findings: Findings, now: datetime) -> Iterator[Event]:
    """The events with the villages of their areas. Queries: two."""
    asked = [(event, place) for event in events for place in event.places]
    named: dict[tuple[int, NamedPlace], list[str]] = {}
    for nth, code in sql.run(
        "commandcentre/hazards/find_named_villages",
        {
            "provinces": [event.province for event, _place in asked],
            "regencies": [event.regency for event, _place in asked],
            "districts": [place.district for _event, place in asked],
            "villages": [place.village for _event, place in asked],
            "today": timezone.localdate(now),
        },
    ):
        event, place = asked[nth - 1]
        named.setdefault((event.row, place), []).append(code)
    points = _at_points(events)
    for event in events:
        found: dict[str, None] = {}
        unknown = []
        for place in event.places:
            codes = named.get((event.row, place), [])
            # a village without a district is meant only if there is one of that name
            if not codes or (not place.district and len(codes) > 1):
                unknown.append(str(place))
            else:
                found.update(dict.fromkeys(codes))
        if unknown:
            findings.warn(
                event.row, "event_places", "places", ", ".join(unknown), unknown=len(unknown)
            )
        yield _with_area(event, list(found), points.get(event.row, []), findings)


def _at_points(events: Sequence[Event]) -> dict[int, list[str]]:
    """Row → the villages at its point."""
    known = [event for event in events if event.message.longitude is not None]
    found: dict[int, list[str]] = {}
    for nth, code in sql.run(
        "commandcentre/hazards/find_villages_at",
        {
            "longitudes": [event.message.longitude for event in known],
            "latitudes": [event.message.latitude for event in known],
        },
    ):
        found.setdefault(known[nth - 1].row, []).append(code)
    return found


def _with_area(event: Event, named: list[str], at_point: list[str], findings: Findings) -> Event:
    """The event with its area: what is named, else the village at the point.

    The digest of the area covers what is said of the event, so that other figures are a version.
    """
    villages, label = named, "Desa yang disebut"
    if not villages:
        villages, label = at_point, "Desa di titik kejadian"
        code = "event_by_point" if at_point else "event_no_place"
        findings.warn(event.row, code, "places", event.message.place[:60])
    if not villages and event.message.kind == HazardKind.EARTHQUAKE:
        return event  # its area is that of an earthquake at its epicentre
    said = {**event.message.received, "villages": sorted(villages), "updated": "", "status_day": ""}
    text = json.dumps(said, sort_keys=True, ensure_ascii=True)
    area = hashlib.sha256(text.encode()).hexdigest()
    return replace(
        event,
        message=replace(event.message, area=area),
        villages=tuple(sorted(villages)),
        label=label,
    )


# --- storing ---


@transaction.atomic
def _store(event: Event, counts: _Counts, asked: Import) -> None:
    """One event: its version, its area, the request of its assessment where it is of now."""
    taken = take_message(event.message, by=asked.by, now=asked.now)
    hazard = taken.hazard
    if not taken.is_new and not taken.is_changed:
        counts.unchanged += 1
        return
    counts.new += taken.is_new
    counts.changed += taken.is_changed
    if event.villages:
        sql.run(
            "commandcentre/hazards/store_named_areas",
            {
                "hazard": hazard.pk,
                "revision": hazard.revision,
                "measure": Measure.CLASS,
                "method": FootprintMethod.NAMED,
                "severity": UNKNOWN_SEVERITY,
                "label": event.label,
                "villages": list(event.villages),
            },
        )
    if event.message.is_history:
        counts.history = hazard
    elif event.message.area:
        enqueue_assessment(hazard, by=asked.by)
