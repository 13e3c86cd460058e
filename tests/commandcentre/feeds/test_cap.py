"""Alerts: what is read, and what is refused; entities are never expanded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pyproj import Geod

from apps.commandcentre.feeds import cap_alerts
from apps.commandcentre.feeds.bmkg import Unreadable
from tests.commandcentre.feeds.alerts import (
    NUMBER,
    alert,
    listing,
    reference_to,
    ring_over,
    with_block,
)
from tests.commandcentre.feeds.quakes import NOW

BOMB = (
    b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "x"><!ENTITY b "&a;&a;">]><alert>&b;</alert>"""
)
OUTSIDE = b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]>
<alert>&a;</alert>"""


def read(content: bytes) -> cap_alerts.Alert:
    return cap_alerts.read_alert(content, now=NOW)


def test_an_alert_is_read_with_its_rings_turned_to_longitude_first():
    found = read(alert(NUMBER, ring_over("A"), ring_over("C")))
    assert (found.identifier, found.severity_name) == (NUMBER, "Severe")
    [part] = found.parts
    assert (part.severity, part.name) == (3, "Severe")
    assert (found.headline, found.area) == ("Hujan lebat di Nusa Barat", "Nusa Barat")
    assert len(found.rings) == 2
    assert all(109 < x < 111 and -8 < y < -7 for ring in found.rings for x, y in ring)
    assert part.wkt.startswith("MULTIPOLYGON(((110.0")
    assert found.ends == NOW + timedelta(hours=3)


def test_an_update_names_the_messages_that_it_corrects():
    found = read(alert("2.49.2", kind="Update", references=f"{reference_to()} a,b,c broken"))
    assert found.references == (NUMBER, "b")


@pytest.mark.parametrize(
    ("ring", "code"),
    [
        ("-7.1,110.1 -7.1,110.2 -7.2,110.2", "cap_ring_open"),
        ("-7.1,110.1 -7.1,110.2 -7.2,110.2 -7.2,110.1", "cap_ring_open"),
        ("-7.1,110.1 x,110.2 -7.2,110.2 -7.1,110.1", "cap_ring_unreadable"),
        ("-7.1 110.1 -7.1 110.2", "cap_ring_unreadable"),
        ("110.1,-7.1 110.2,-7.1 110.2,-7.2 110.1,-7.1", "cap_ring_unreadable"),
        ("-90,-180 -90,180 90,180 90,-180 -90,-180", "cap_ring_too_wide"),
        ("", "cap_ring_open"),
    ],
)
def test_a_ring_that_is_none_is_left_out_and_kept(ring, code):
    found = read(alert(NUMBER, ring, ring_over("A")))
    assert len(found.rings) == 1
    assert [one.code for one in found.refused] == [code]


def test_every_block_of_the_language_is_read_with_its_own_severity():
    polygon = f"<polygon>{ring_over('B')}</polygon>"
    found = read(with_block(alert(severity="Moderate"), "Extreme", polygon))
    assert [(part.severity, part.name, len(part.rings)) for part in found.parts] == [
        (4, "Extreme", 1),
        (2, "Moderate", 1),
    ]
    assert (found.severity_name, found.area) == ("Extreme", "Nusa Timur, Nusa Barat")
    assert found.ends == NOW + timedelta(hours=6)
    # the same in another language is no area of its own
    assert read(with_block(alert(), "Severe", polygon, language="en")).parts == read(alert()).parts


def test_a_circle_is_a_ring_around_its_middle():
    content = alert().replace(b"<polygon>", b"<circle>-7.8,110.0 25</circle><polygon>")
    found = read(content)
    circle = found.rings[1]
    geod = Geod(ellps="WGS84")
    far = [geod.inv(110.0, -7.8, x, y)[2] for x, y in circle]
    assert max(abs(metres - 25_000) for metres in far) < 150
    assert circle[0] == circle[-1]


@pytest.mark.parametrize(
    ("circle", "code"),
    [
        ("-7.8,110.0", "cap_ring_unreadable"),
        ("-7.8,110.0 0", "cap_ring_unreadable"),
        ("-7.8,110.0 x", "cap_ring_unreadable"),
        ("110.0,-7.8 25", "cap_ring_unreadable"),
        ("-7.8,110.0 5000", "cap_ring_too_wide"),
    ],
)
def test_a_circle_that_is_none_is_left_out_and_kept(circle, code):
    content = alert().replace(b"<polygon>", f"<circle>{circle}</circle><polygon>".encode())
    found = read(content)
    assert len(found.rings) == 1
    assert [one.code for one in found.refused] == [code]


def test_an_area_by_codes_alone_is_left_out_and_kept():
    code = "<geocode><valueName>adm4</valueName><value>97.01.01</value></geocode>"
    found = read(with_block(alert(), "Severe", code))
    [refused] = found.refused
    assert (refused.code, refused.params) == ("cap_area_unread", {"found": "Nusa Timur"})
    assert "97.01.01" in refused.content
    assert len(found.rings) == 1


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "feed_nothing"),
        (b"{}", "cap_not_xml"),
        (b"<alert", "cap_not_xml"),
        (b"\xff\xfe\x00", "cap_not_xml"),
        (b"<html><body>Pemeliharaan</body></html>", "cap_no_alert"),
        (BOMB, "cap_entities"),
        (OUTSIDE, "cap_entities"),
        (alert(""), "cap_incomplete"),
        (alert(status="Nyata"), "cap_incomplete"),
        (alert(kind="Pesan"), "cap_incomplete"),
        (alert(sent=NOW + timedelta(days=1)), "cap_future"),
        (alert().replace(b"<sent>", b"<sent>besok"), "cap_time"),
        (b"<a>" * 5000, "cap_not_xml"),
    ],
)
def test_what_is_no_alert_is_refused_as_a_whole(content, code):
    with pytest.raises(Unreadable) as refused:
        read(content)
    assert refused.value.code == code


def test_a_list_names_its_documents_and_may_be_empty():
    assert cap_alerts.read_list(listing((NUMBER, "https://example.org/a.xml"))) == [
        cap_alerts.Item(NUMBER, "https://example.org/a.xml")
    ]
    assert cap_alerts.read_list(listing()) == []
    with pytest.raises(Unreadable):
        cap_alerts.read_list(alert())


@pytest.mark.parametrize("name", ["banten", "jateng"])
def test_the_recorded_alerts_of_bmkg_are_read(real_data, name):
    content = (real_data / "formats" / f"bmkg_cap_{name}.xml").read_bytes()
    found = cap_alerts.read_alert(content, now=datetime(2026, 2, 17, tzinfo=UTC))
    assert found.refused == ()
    assert found.rings and found.severity_name == "Moderate"
    assert all(95 < x < 141 and -11 < y < 6 for ring in found.rings for x, y in ring)


def test_the_recorded_list_of_bmkg_is_read(real_data):
    items = cap_alerts.read_list((real_data / "formats" / "bmkg_rss_active.xml").read_bytes())
    assert items and all(item.url.startswith("https://www.bmkg.go.id/") for item in items)
