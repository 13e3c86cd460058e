"""Made-up entries and answers in the shape of BMKG's earthquake lists."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

NOW = datetime(2026, 11, 10, 3, 0, tzinfo=UTC)
WIB = timedelta(hours=7)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des")


def entry(
    at: datetime = NOW - timedelta(minutes=4),
    latitude: float = -7.79,
    longitude: float = 110.02,
    **values: Any,
) -> dict[str, Any]:
    """One entry; `values` replace its texts, None leaves a field out."""
    local = at + WIB
    texts: dict[str, Any] = {
        "Tanggal": f"{local.day:02d} {MONTHS[local.month - 1]} {local.year}",
        "Jam": f"{local:%H:%M:%S} WIB",
        "DateTime": at.isoformat(),
        "Coordinates": f"{latitude},{longitude}",
        "Lintang": f"{abs(latitude)} {'LS' if latitude < 0 else 'LU'}",
        "Bujur": f"{longitude} BT",
        "Magnitude": "5.8",
        "Kedalaman": "10 km",
        "Wilayah": "9 km Barat Daya Nusa Barat",
        "Potensi": "Tidak berpotensi tsunami",
        "Dirasakan": "IV Ampel, III Beji",
        "Shakemap": f"{local:%Y%m%d%H%M%S}.mmi.jpg",
    }
    return {name: text for name, text in (texts | values).items() if text is not None}


def single(**values: Any) -> bytes:
    """An answer with one entry, as autogempa gives it."""
    return answer(entry(**values))


def answer(found: Any) -> bytes:
    return json.dumps({"Infogempa": {"gempa": found}}).encode()
