"""A rupture's file: what is read, and what is refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from apps.commandcentre.hazards import rupture

ABOUT = {"mag": 6.3, "lon": 110.446, "lat": -7.961, "depth": 12.5, "time": "2006-05-26T22:53:58Z"}
RING = [[110.35, -7.99, 2.0], [110.49, -7.89, 2.0], [110.49, -7.89, 15.0], [110.35, -7.99, 15.0]]


def write(path, geometry=None, **about):
    geometry = geometry or {"type": "MultiPolygon", "coordinates": [[[*RING, RING[0]]]]}
    told = {"metadata": ABOUT | about, "features": [{"geometry": geometry}]}
    path.write_text(json.dumps(told))
    return path


def test_a_rupture_is_read_with_its_upper_edge_and_its_edges(tmp_path):
    found = rupture.read(write(tmp_path / "r.json", locstring="Java", id="us1"))
    assert (found.magnitude, found.top_km, found.depth_km) == (6.3, 2.0, 12.5)
    assert found.occurred_at == datetime(2006, 5, 26, 22, 53, 58, tzinfo=UTC)
    assert (found.title, found.number) == ("Java", "us1")
    assert found.wkt.startswith("MULTILINESTRING((110.3500000 -7.9900000, 110.49")


def test_a_rupture_is_told_from_other_geojson_by_its_head(tmp_path):
    head = write(tmp_path / "r.json").read_bytes()[:200]
    assert rupture.looks_like(head)
    assert not rupture.looks_like(b'{"type": "FeatureCollection", "features": []}')


@pytest.mark.parametrize(
    ("geometry", "about"),
    [
        (None, {"mag": "x"}),
        (None, {"mag": 0}),
        (None, {"mag": 11}),
        ({"type": "Point", "coordinates": [110, -7]}, {}),
        ({"type": "LineString", "coordinates": []}, {}),
        ({"type": "LineString", "coordinates": [[1e9, 0], [1, 1]]}, {}),
        ({"type": "LineString", "coordinates": [["a", 0], [1, 1]]}, {}),
        ({"type": "LineString"}, {}),
    ],
)
def test_what_is_no_rupture_is_refused(tmp_path, geometry, about):
    with pytest.raises(rupture.NoRupture):
        rupture.read(write(tmp_path / "r.json", geometry, **about))


@pytest.mark.parametrize(
    ("about", "code"),
    [
        ({"depth": 12_500}, "rupture_depth"),
        ({"depth": -3}, "rupture_depth"),
        ({"lon": 1104.46}, "rupture_epicentre"),
        ({"lat": -91}, "rupture_epicentre"),
    ],
)
def test_numbers_out_of_range_are_refused_by_their_own_name(tmp_path, about, code):
    with pytest.raises(rupture.NoRupture, match=f"^{code}$"):
        rupture.read(write(tmp_path / "r.json", **about))


@pytest.mark.parametrize(
    ("top", "bottom", "found"),
    [
        (2_000, 15_000, "2000"),
        (-12_000, -2_000, "-12000"),
        (-15.0, -2.0, "-15"),
        (2.0, 15_000, "15000"),
    ],
)
def test_edges_in_another_unit_or_of_another_sign_are_refused(tmp_path, top, bottom, found):
    ring = [[east, north, top if depth == 2.0 else bottom] for east, north, depth in RING]
    geometry = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
    with pytest.raises(rupture.NoRupture, match="^rupture_depth$") as refused:
        rupture.read(write(tmp_path / "r.json", geometry))
    assert refused.value.params["found"] == found


def test_an_edge_a_little_above_the_surface_is_at_it(tmp_path):
    ring = [[east, north, depth - 2.05] for east, north, depth in RING]
    geometry = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
    assert rupture.read(write(tmp_path / "r.json", geometry)).top_km == 0


@pytest.mark.parametrize("about", [{"lon": None}, {"lat": "x"}, {"lon": "nan"}])
def test_half_an_epicentre_is_none(tmp_path, about):
    found = rupture.read(write(tmp_path / "r.json", **about))
    assert (found.longitude, found.latitude) == (None, None)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"metadata": 1}', "[" * 100_000])
def test_broken_json_is_refused(tmp_path, text):
    path = tmp_path / "r.json"
    path.write_text(text)
    with pytest.raises(rupture.NoRupture):
        rupture.read(path)
