"""Made-up alerts and lists in the shape of BMKG's."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from apps.demo.country import at
from tests.commandcentre.feeds.quakes import NOW

NUMBER = "2.49.0.1.360.0.2026.11.10.02.50.001"


def ring_over(letter: str) -> str:
    """A ring around the middle of a village, latitude first."""
    corners = [(0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8), (0.2, 0.2)]
    points = (at(letter, east, north) for east, north in corners)
    return " ".join(f"{latitude},{longitude}" for longitude, latitude in points)


def alert(
    number: str = NUMBER,
    *rings: str,
    sent: datetime = NOW - timedelta(minutes=10),
    ends: datetime = NOW + timedelta(hours=3),
    **values: Any,
) -> bytes:
    known = {
        "status": "Actual",
        "kind": "Alert",
        "references": "",
        "severity": "Severe",
        "event": "Hujan Lebat dan Petir",
        "headline": "Hujan lebat di Nusa Barat",
    } | values
    polygons = "".join(f"<polygon>{ring}</polygon>" for ring in rings or (ring_over("A"),))
    return f"""<?xml version="1.0" ?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
  <identifier>{number}</identifier><sender>uji@example.org</sender>
  <sent>{sent.isoformat()}</sent><status>{known["status"]}</status>
  <msgType>{known["kind"]}</msgType><scope>Public</scope>
  <references>{known["references"]}</references>
  <info><language>id</language><category>Met</category><event>{known["event"]}</event>
    <urgency>Expected</urgency><severity>{known["severity"]}</severity>
    <certainty>Likely</certainty><effective>{sent.isoformat()}</effective>
    <expires>{ends.isoformat()}</expires><headline>{known["headline"]}</headline>
    <area><areaDesc>Nusa Barat</areaDesc>{polygons}</area></info>
</alert>""".encode()


def with_block(content: bytes, severity: str, areas: str, language: str = "id") -> bytes:
    """The same alert with one more block of another severity, and these areas in XML."""
    block = (
        f"<info><language>{language}</language><event>Hujan</event><severity>{severity}</severity>"
        f"<expires>{(NOW + timedelta(hours=6)).isoformat()}</expires>"
        f"<area><areaDesc>Nusa Timur</areaDesc>{areas}</area></info></alert>"
    )
    return content.replace(b"</alert>", block.encode())


def listing(*items: tuple[str, str]) -> bytes:
    """An RSS list of (identifier, address)."""
    entries = "".join(
        f"<item><title>x</title><link>{url}</link><guid>{number}</guid></item>"
        for number, url in items
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{entries}</channel></rss>'.encode()


def reference_to(number: str = NUMBER) -> str:
    return f"uji@example.org,{number},2026-11-10T02:50:00+00:00"
