"""Our pockets as open features: the shape of OGC API – Features, and nothing small in them."""

from __future__ import annotations

import math

import pyogrio
import pytest
import shapely
from django.conf import settings
from django.test import Client

from apps.common.disclosure import is_small
from apps.demo.country import CODES, at
from tests.indicators.pockets import world

pytestmark = pytest.mark.django_db
ROOT = "/indicators/pockets/open/"
ITEMS = f"{ROOT}collections/pocket-villages/items/"


@pytest.fixture
def computed():
    for letter in "ABCDEF":
        world.families(letter, 8, programme="PKH", spots=[(0.5, 0.5)] * 8)
    world.families("B", 3)
    world.families("I", 4, programme="PKH", spots=[(0.5, 0.5)] * 4)
    edition = world.computed()
    world.in_force(edition)
    return edition


def get(address: str, status: int = 200):
    answer = Client().get(address)
    assert answer.status_code == status, answer.content
    return answer.json() if status != 404 else None


def links(body) -> dict[str, str]:
    return {link["rel"]: link["href"].removeprefix("http://testserver") for link in body["links"]}


def test_a_client_finds_its_way_from_the_first_document_to_a_feature(computed):
    landing = get(ROOT)
    assert set(links(landing)) == {"self", "conformance", "data"}
    assert any("conf/core" in one for one in get(links(landing)["conformance"])["conformsTo"])
    collections = get(links(landing)["data"])["collections"]
    assert [one["id"] for one in collections] == ["pocket-villages", "pocket-cells"]
    body = get(links(collections[0])["items"])
    assert body["type"] == "FeatureCollection"
    assert (body["numberMatched"], body["numberReturned"]) == (6, 6)
    one = get(f"{ITEMS}{body['features'][0]['id']}/")
    assert one["properties"]["kode_desa"] == CODES["A"]
    assert one["properties"]["edisi"] == computed.name
    assert one["geometry"]["type"] in ("Polygon", "MultiPolygon")


def test_pages_follow_each_other_until_all_were_seen_once(computed):
    seen, address = [], f"{ITEMS}?limit=4"
    while address:
        body = get(address)
        seen += [one["id"] for one in body["features"]]
        address = links(body).get("next")
    assert seen == sorted(CODES[letter] for letter in "ABCDEF")
    assert get(f"{ITEMS}?limit=4&offset=40")["numberMatched"] == 6


def test_a_box_selects_by_place(computed):
    west, south = at("A", 0.2, 0.2)
    east, north = at("A", 0.8, 0.8)
    body = get(f"{ITEMS}?bbox={west},{south},{east},{north}")
    assert [one["id"] for one in body["features"]] == [CODES["A"]]


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=x", "offset=-1", "bbox=1,2,3", "bbox=9,9,1,1", "bbox=a,b,c,d", "zoom=3"],
)
def test_a_parameter_that_the_standard_does_not_allow_is_a_400_in_words(query):
    assert get(f"{ITEMS}?{query}", 400)["description"]


def test_nothing_small_and_no_small_rest_is_open(computed):
    features = get(ITEMS)["features"]
    assert CODES["I"] not in {one["id"] for one in features}
    by_code = {one["id"]: one["properties"] for one in features}
    # three of B's eleven families are not counted
    assert by_code[CODES["B"]]["keluarga"] == 11
    assert by_code[CODES["B"]]["keluarga_dihitung"] is None
    assert by_code[CODES["B"]]["per_km2"] is by_code[CODES["B"]]["persen"] is None
    for about in by_code.values():
        assert not is_small(about["keluarga"] or 0, settings.SMALL_COUNT)
        assert not is_small(about["jiwa"] or 0, settings.SMALL_COUNT)
        if about["keluarga_dihitung"] is not None:
            assert not is_small(
                about["keluarga"] - about["keluarga_dihitung"], settings.SMALL_COUNT
            )
    cells = get(f"{ROOT}collections/pocket-cells/items/")["features"]
    assert cells
    assert all(one["properties"]["keluarga_dihitung"] % 5 == 0 for one in cells)
    assert get(f"{ROOT}collections/pocket-cells/items/{cells[0]['id']}/")["id"] == cells[0]["id"]


def test_what_is_not_in_force_is_not_open():
    world.families("A", 8, programme="PKH")
    world.computed()
    body = get(ITEMS)
    assert (body["numberMatched"], body["features"]) == (0, [])
    get(f"{ITEMS}{CODES['A']}/", 404)
    get(f"{ROOT}collections/others/", 404)
    get(f"{ROOT}collections/others/items/", 404)


def test_the_file_for_big_is_read_by_gdal_and_holds_what_is_open(computed, signed_in, tmp_path):
    path = tmp_path / "kantong.gpkg"
    path.write_bytes(signed_in("planner").get("/indicators/pockets/pockets.gpkg").content)
    assert {str(name) for name, _type in pyogrio.list_layers(path)} == {
        "pocket_villages",
        "pocket_cells",
    }
    meta, _ids, shapes, fields = pyogrio.raw.read(path, layer="pocket_villages")
    columns = dict(zip(meta["fields"], fields, strict=True))
    open_ones = {one["id"]: one for one in get(ITEMS)["features"]}
    assert list(columns["kode_desa"]) == list(open_ones)
    assert meta["crs"] == "EPSG:4326"
    row = list(columns["kode_desa"]).index(CODES["B"])
    assert math.isnan(columns["keluarga_dihitung"][row])
    assert columns["keluarga"][row] == 11
    drawn = shapely.geometry.shape(open_ones[CODES["B"]]["geometry"])
    assert shapely.from_wkb(shapes[row]).area == pytest.approx(drawn.area)
