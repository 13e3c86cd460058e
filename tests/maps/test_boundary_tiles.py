"""Tiles of boundaries: for everybody, the same for ever, levels by zoom, read by GDAL."""

from __future__ import annotations

import gzip

import pytest
from django.core.cache import cache
from django.test import Client as Browser

from apps.demo.country import CODES
from apps.regions.models import Boundary, BoundaryShape, ShapeSet
from tests.conftest import as_role
from tests.maps.tiles import address, fetched, outlined, over, read
from tests.personas import OWN

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def layer(lasting):
    with lasting():
        current = outlined()
    return f"boundaries-{current}"


@pytest.fixture
def tile(layer, tmp_path):
    """The layers of one tile, as somebody reads them who is not signed in."""
    return lambda at: read(fetched(Browser(), layer, at), at, tmp_path)


@pytest.mark.parametrize(
    ("zoom", "levels"),
    [
        (3, {"province"}),
        (6, {"regency", "province"}),
        (8, {"village", "regency", "province"}),
        (9, {"village", "district", "regency", "province"}),
        (12, {"village", "district", "regency", "province"}),
        (14, {"village", "district", "regency", "province"}),
    ],
)
def test_the_levels_follow_the_zoom(tile, zoom, levels):
    assert tile(over("A", zoom)).keys() - {"label"} == levels


def test_a_feature_has_its_code_and_name_only(tile):
    at = over("A", 12)
    found = tile(at)
    assert {key for rows in found.values() for row in rows for key in row} <= {
        *("shape", "mvt_id", "code", "name", "undecided", "level", "radius_m"),
    }
    ampel = next(row for row in found["village"] if row["code"] == CODES["A"])
    assert ampel["name"] == "Ampel"
    assert ampel["mvt_id"] == int(CODES["A"].replace(".", ""))
    assert {row["code"] for row in found["regency"]} >= {OWN}


def test_far_out_a_village_is_named_by_its_id_alone(tile):
    found = tile(over("A", 8))["village"]
    assert {key for row in found for key in row} == {"shape", "mvt_id"}
    assert int(CODES["A"].replace(".", "")) in {row["mvt_id"] for row in found}


def test_outlines_are_where_the_polygons_are(tile):
    """The square of B, a side of 0.01 degrees or 1,113 m, at 2.4 m a unit."""
    beji = next(row for row in tile(over("B", 12))["village"] if row["code"] == CODES["B"])
    west, south, east, north = beji["shape"].bounds
    assert east - west == pytest.approx(1_113, abs=6)
    assert north - south == pytest.approx(1_123, abs=6)


def test_close_up_the_lines_are_those_by_which_points_are_judged(tile):
    """J extends 110 m over I: closed in simplified outlines, shown from zoom 13 on."""

    def overlap(zoom: int) -> float:
        rows = {row["code"]: row["shape"] for row in tile(over("I", zoom, 0.97))["village"]}
        return rows[CODES["I"]].intersection(rows[CODES["J"]]).area

    assert overlap(12) < 100
    assert overlap(13) > 50_000


@pytest.mark.parametrize(
    ("status", "is_undecided"),
    [
        ("", True),
        ("Hasil Delineasi Batas Desa 2017", True),
        ("Kartometrik tanpa kesepakatan", True),
        ("belum disepakati", True),
        ("Permendagri No. 52 Tahun 2021", False),
        ("Perbup 12/2020", False),
        ("Kesepakatan teknis 2021", False),
        ("DEFINITIF", False),
    ],
)
def test_close_up_a_line_that_is_not_decided_says_so(layer, tile, status, is_undecided):
    with as_role("owner"):
        Boundary.objects.filter(is_current=True, region=CODES["B"]).update(line_status=status)
    cache.clear()  # a state of the boundaries never changes outside of tests
    beji = next(row for row in tile(over("B", 13))["village"] if row["code"] == CODES["B"])
    assert bool(beji.get("undecided") == 1) is is_undecided


def test_a_name_is_drawn_where_there_is_room(tile):
    def names(zoom: int) -> set[str]:
        return {row["code"] for row in tile(over("B", zoom)).get("label", [])}

    assert CODES["B"] in names(12)
    assert CODES["B"] not in names(8)  # a village of 4 pixels
    assert names(3) == set()


def test_a_tile_is_kept_for_ever_by_anybody(layer):
    at = over("A", 9)
    answer = Browser().get(address(layer, at), headers={"accept-encoding": "gzip"})
    assert answer["Content-Type"] == "application/vnd.mapbox-vector-tile"
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert gzip.decompress(answer.content) == fetched(Browser(), layer, at)
    again = Browser().get(address(layer, at), headers={"if-none-match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_who_is_signed_in_gets_the_same_public_tile(layer, signed_in):
    at = over("A", 9)
    answer = signed_in("verifier").get(address(layer, at))
    assert answer["Cache-Control"].startswith("public")
    assert answer.content == fetched(Browser(), layer, at)


def test_villages_lead_to_the_edition_in_force(layer):
    at = over("A", 9)
    answer = Browser().get(address("villages", at))
    assert (answer.status_code, answer["Location"]) == (302, address(layer, at))
    assert answer["Cache-Control"] == "public, max-age=60"
    known = Browser().get("/tiles/layers.json").json()
    assert known["boundaries"] == f"/tiles/{layer}/{{z}}/{{x}}/{{y}}.mvt"
    assert known["edition"] == "Toy 2026-01"


def test_without_outlines_it_says_so():
    with as_role("owner"):
        BoundaryShape.objects.all().delete()
        ShapeSet.objects.all().delete()
    answer = Browser().get("/tiles/villages/0/0/0.mvt")
    assert answer.status_code == 404
    assert "batas" in answer.content.decode()
    assert Browser().get("/tiles/layers.json").json() == {}


@pytest.mark.parametrize(
    ("place", "status"),
    [
        ("9/0/512", 404),
        ("9/512/0", 404),
        ("15/0/0", 404),
        ("99999999/0/0", 400),
        ("-1/0/0", 400),
        ("9/1.5/2", 400),
        ("9/x/2", 400),
        ("²/0/0", 400),
        (f"9/{'9' * 30}/2", 400),
    ],
)
def test_an_address_that_is_no_tile_is_refused_in_words(layer, place, status):
    for name in (layer, "villages"):
        answer = Browser().get(f"/tiles/{name}/{place}.mvt")
        assert answer.status_code == status
        assert answer["Content-Type"] == "text/plain; charset=utf-8"
        assert len(answer.content) > 20


@pytest.mark.parametrize("name", ["roads", "boundaries", "boundaries-1", "boundaries-1-x"])
def test_an_unknown_layer_is_not_found(name):
    assert Browser().get(f"/tiles/{name}/0/0/0.mvt").status_code == 404


def test_a_replaced_edition_is_gone_in_words(layer):
    edition, state = map(int, layer.removeprefix("boundaries-").split("-"))
    for other in (f"boundaries-{edition}-{state + 1}", f"boundaries-{edition + 1}-{state}"):
        answer = Browser().get(f"/tiles/{other}/9/0/0.mvt")
        assert answer.status_code == 410
        assert "edisi" in answer.content.decode()


def test_an_open_map_draws_the_state_before_until_the_next(layer):
    at = over("A", 9)
    outlined()
    assert Browser().get(address("villages", at))["Location"] != address(layer, at)
    assert fetched(Browser(), layer, at.ancestor(8))
    outlined()
    assert Browser().get(address(layer, over("A", 10))).status_code == 410


def test_a_state_is_visible_when_it_is_complete(layer):
    with as_role("owner"):
        made = ShapeSet.objects.get()
        made.pk, made.ready_at = made.pk + 1, None
        made.save(force_insert=True)
    assert Browser().get("/tiles/villages/0/0/0.mvt")["Location"].startswith(f"/tiles/{layer}/")
