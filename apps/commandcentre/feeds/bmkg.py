"""BMKG's earthquakes (autogempa, gempaterkini, gempadirasakan) as JSON: a pure parser.

An answer is `{"Infogempa": {"gempa": …}}`: one entry, or a list of entries. All values are texts.
Source: https://data.bmkg.go.id/gempabumi/ (attribution to BMKG is required).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

# Entries of one answer that are read; the lists have 15.
MOST_ENTRIES: Final = 200
MOST_TEXT: Final = 300
MOST_FELT: Final = 1_000
# A clock may be wrong a little; an older event than this is no news.
AHEAD: Final = timedelta(minutes=5)
OLDEST: Final = timedelta(days=400)
# BMKG's area: south, west, north, east.
BOX: Final = (-25.0, 85.0, 20.0, 155.0)
SAME_PLACE_DEGREES: Final = 0.05
LARGEST_MAGNITUDE: Final = 10.0
DEEPEST_KM: Final = 800.0

MONTHS: Final = {
    month: number
    for number, names in enumerate(
        (
            *("jan", "feb", "mar", "apr", "mei may", "jun", "jul", "agu aug agt"),
            *("sep", "okt oct", "nov", "des dec"),
        ),
        start=1,
    )
    for month in names.split()
}
ZONES: Final = {"WIB": 7, "WITA": 8, "WIT": 9, "UTC": 0}
NOTHING: Final = {"", "-", "–", "null", "none"}
_NUMBER: Final = re.compile(r"[+-]?\d{1,4}(?:[.,]\d{1,10})?", re.ASCII)
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+")
_DAY: Final = re.compile(r"(\d{1,2})[ -]([A-Za-z]{3})[A-Za-z]*[ -](\d{4})", re.ASCII)
_CLOCK: Final = re.compile(r"(\d{1,2})[:.](\d\d)[:.](\d\d)\s*([A-Z]{3,4})", re.ASCII)
_WORDED: Final = re.compile(r"(\d{1,3}(?:[.,]\d{1,8})?)\s*°?\s*(LS|LU|BT|BB)", re.ASCII)
_SIGNS: Final = {"LS": -1, "LU": 1, "BT": 1, "BB": -1}


class Unreadable(Exception):
    """The whole answer cannot be used. `code` is one of `feeds.messages`."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code, self.params = code, params


@dataclass(frozen=True)
class Earthquake:
    """One entry. Units: degrees WGS 84, kilometres; `occurred_at` is UTC.

    `remarks` are codes of what was understood otherwise than written: `axes_swapped`.
    """

    occurred_at: datetime
    latitude: float
    longitude: float
    magnitude: float | None
    depth_km: float | None
    place: str
    potential: str
    felt: str
    received: Mapping[str, str]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class RefusedEntry:
    """An entry that cannot be used, why, and its text."""

    code: str
    params: Mapping[str, Any]
    content: str


@dataclass
class Answer:
    """The entries of one answer, in its order."""

    earthquakes: list[Earthquake] = field(default_factory=list)
    refused: list[RefusedEntry] = field(default_factory=list)


def read(content: bytes, *, now: datetime) -> Answer:
    """The earthquakes of an answer. Raises: Unreadable."""
    answer = Answer()
    for entry in _entries(content)[:MOST_ENTRIES]:
        try:
            if not isinstance(entry, dict):
                raise Unreadable("quake_shape")
            answer.earthquakes.append(_earthquake(entry, now))
        except Unreadable as refused:
            text = json.dumps(entry, ensure_ascii=False)[:10_000]
            answer.refused.append(RefusedEntry(refused.code, refused.params, text))
    return answer


def _entries(content: bytes) -> list[Any]:
    if not content.strip():
        raise Unreadable("feed_nothing")
    if content.lstrip().removeprefix(b"\xef\xbb\xbf").startswith(b"<"):
        raise Unreadable("feed_markup")
    try:
        told = json.loads(content.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise Unreadable("feed_not_json") from None
    inside = told.get("Infogempa") if isinstance(told, dict) else None
    found = inside.get("gempa") if isinstance(inside, dict) else None
    if isinstance(found, dict):
        return [found] if found else []
    if not isinstance(found, list):
        raise Unreadable("feed_other_shape")
    return found


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)


def _earthquake(entry: dict[str, Any], now: datetime) -> Earthquake:
    texts = {str(key)[:40]: clean(value) for key, value in entry.items()}
    latitude, longitude, remarks = _position(texts)
    return Earthquake(
        occurred_at=_moment(texts, now),
        latitude=latitude,
        longitude=longitude,
        magnitude=_magnitude(texts.get("Magnitude", "")),
        depth_km=_depth_km(texts.get("Kedalaman", "")),
        place=_text(texts.get("Wilayah", ""), MOST_TEXT),
        potential=_text(texts.get("Potensi", ""), MOST_TEXT),
        felt=_text(texts.get("Dirasakan", ""), MOST_FELT),
        received={key: value[:MOST_FELT] for key, value in list(texts.items())[:40]},
        remarks=remarks,
    )


def clean(value: Any) -> str:
    """A value as text: control and direction marks removed, white space made single."""
    text = "" if value is None else str(value)
    text = text[: 10 * MOST_FELT].encode("utf-8", "replace").decode("utf-8")
    return " ".join(_CONTROL.sub(" ", text).split())


def _text(text: str, most: int) -> str:
    return "" if text.lower() in NOTHING else text[:most]


# --- when ---


def _moment(texts: Mapping[str, str], now: datetime) -> datetime:
    moment = _iso(texts.get("DateTime", "")) or _worded_moment(texts)
    if moment is None:
        written = texts.get("DateTime") or f"{texts.get('Tanggal', '')} {texts.get('Jam', '')}"
        raise Unreadable("quake_time", found=written[:60])
    if moment > now + AHEAD:
        raise Unreadable("quake_future", found=moment.isoformat())
    if moment < now - OLDEST:
        raise Unreadable("quake_old", found=moment.isoformat())
    return moment


def _iso(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _worded_moment(texts: Mapping[str, str]) -> datetime | None:
    """`06 Agu 2026` and `09:59:47 WIB`."""
    day, clock = _DAY.search(texts.get("Tanggal", "")), _CLOCK.search(texts.get("Jam", ""))
    if day is None or clock is None:
        return None
    month, ahead_h = MONTHS.get(day[2].lower()), ZONES.get(clock[4])
    if month is None or ahead_h is None:
        return None
    hour, minute, second = (int(part) for part in clock.group(1, 2, 3))
    try:
        local = datetime(int(day[3]), month, int(day[1]), hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    return local - timedelta(hours=ahead_h)


# --- where ---


def _position(texts: Mapping[str, str]) -> tuple[float, float, tuple[str, ...]]:
    """(latitude, longitude, remarks). `Coordinates` is latitude first; `Lintang` and `Bujur` repeat
    it in words.
    """
    given, worded = _pair(texts.get("Coordinates", "")), _worded_pair(texts)
    if given is None and worded is None:
        raise Unreadable("quake_place", found=texts.get("Coordinates", "")[:60])
    turned = given[::-1] if given is not None else None
    if given is not None and worded is not None:
        if _is_near(given, worded):
            return _inside(given)
        if turned is not None and _is_near(turned, worded):
            return (*_inside(worded)[:2], ("axes_swapped",))
        raise Unreadable(
            "quake_place_contradicts", found=texts.get("Coordinates", "")[:60],
            worded=f"{texts.get('Lintang', '')} {texts.get('Bujur', '')}"[:60],
        )  # fmt: skip
    if worded is not None:
        return _inside(worded)
    assert given is not None and turned is not None  # one of the two is there
    if not _is_inside(given) and _is_inside(turned):
        return (*turned, ("axes_swapped",))
    return _inside(given)


def _pair(text: str) -> tuple[float, float] | None:
    found = re.fullmatch(rf"\s*({_NUMBER.pattern})\s*[,;]\s*({_NUMBER.pattern})\s*", text)
    if found is None:
        return None
    return _float(found[1]), _float(found[2])


def _worded_pair(texts: Mapping[str, str]) -> tuple[float, float] | None:
    lat, lon = (_WORDED.fullmatch(texts.get(name, "")) for name in ("Lintang", "Bujur"))
    if lat is None or lon is None or lat[2] not in ("LS", "LU") or lon[2] not in ("BT", "BB"):
        return None
    return _SIGNS[lat[2]] * _float(lat[1]), _SIGNS[lon[2]] * _float(lon[1])


def _is_near(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return all(abs(a - b) <= SAME_PLACE_DEGREES for a, b in zip(one, other, strict=True))


def _is_inside(pair: tuple[float, float]) -> bool:
    south, west, north, east = BOX
    return south <= pair[0] <= north and west <= pair[1] <= east


def _inside(pair: tuple[float, float]) -> tuple[float, float, tuple[str, ...]]:
    if not _is_inside(pair):
        raise Unreadable("quake_place_outside", found=f"{pair[0]}, {pair[1]}")
    return (*pair, ())


# --- how strong ---


def _magnitude(text: str) -> float | None:
    return _number(text, "quake_magnitude", LARGEST_MAGNITUDE)


def _depth_km(text: str) -> float | None:
    return _number(text.lower().replace("km", ""), "quake_depth", DEEPEST_KM)


def _number(text: str, code: str, most: float) -> float | None:
    """The number at the beginning of a text (`5.4`, `5,4 SR`); None for one that says nothing."""
    text = text.strip()
    if text.lower() in NOTHING:
        return None
    found = _NUMBER.match(text)
    if found is None or not 0 <= _float(found[0]) <= most:
        raise Unreadable(code, found=text[:40])
    return _float(found[0])


def _float(text: str) -> float:
    return float(text.replace(",", "."))
