"""Our pockets as open features: the shape of OGC API – Features, and nothing small in them."""

from __future__ import annotations

import pyogrio
import pytest
import shapely
from django.conf import settings
from django.test import Client

from apps.common.disclosure import is_small
from apps.demo.country import CODES, at
from apps.regions.models import Boundary
from tests.conftest import as_role
from tests.indicators.pockets import world

pytestmark = pytest.mark.django_db
ROOT = "/indicators/pockets/open/"
# B has a small rest, so that A would tell it; I has few families, so that J would tell them
OPEN = "CDEF"
ITEMS = f"{ROOT}collections/pocket-villages/items/"


@pytest.fixture
def computed():
    for letter in "ABCDEF":
        world.families(letter, 8, programme="PKH", spots=[(0.5, 0.5)] * 8)
    for letter, others in {"A": 10, "B": 3, "C": 7, "D": 7}.items():
        world.families(letter, others)
    world.families("I", 4, programme="PKH", spots=[(0.5, 0.5)] * 4)
    world.families("J", 30, programme="PKH", spots=[(0.5, 0.5)] * 30)
    world.families("J", 20)
    world.families("K", 30)
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
    assert (body["numberMatched"], body["numberReturned"]) == (4, 4)
    one = get(f"{ITEMS}{body['features'][0]['id']}/")
    assert one["properties"]["kode_desa"] == CODES["C"]
    assert one["properties"]["edisi"] == computed.name
    assert one["geometry"]["type"] in ("Polygon", "MultiPolygon")


def test_pages_follow_each_other_until_all_were_seen_once(computed):
    seen, address = [], f"{ITEMS}?limit=3"
    while address:
        body = get(address)
        seen += [one["id"] for one in body["features"]]
        address = links(body).get("next")
    assert seen == sorted(CODES[letter] for letter in OPEN)
    assert get(f"{ITEMS}?limit=4&offset=40")["numberMatched"] == 4


def test_a_box_selects_by_place(computed):
    west, south = at("C", 0.2, 0.2)
    east, north = at("C", 0.8, 0.8)
    body = get(f"{ITEMS}?bbox={west},{south},{east},{north}")
    assert [one["id"] for one in body["features"]] == [CODES["C"]]


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=x", "offset=-1", "bbox=1,2,3", "bbox=9,9,1,1", "bbox=a,b,c,d", "zoom=3"],
)
def test_a_parameter_that_the_standard_does_not_allow_is_a_400_in_words(query):
    assert get(f"{ITEMS}?{query}", 400)["description"]


def test_nothing_small_and_no_small_rest_is_open(computed):
    features = get(ITEMS)["features"]
    by_code = {one["id"]: one["properties"] for one in features}
    assert CODES["I"] not in by_code
    # three of B's eleven families are not counted: it is not said that it is a pocket
    assert CODES["B"] not in by_code
    get(f"{ITEMS}{CODES['B']}/", 404)
    for about in by_code.values():
        assert not is_small(about["keluarga"] or 0, settings.SMALL_COUNT)
        assert not is_small(about["jiwa"] or 0, settings.SMALL_COUNT)
        rest = about["keluarga"] - about["keluarga_dihitung"]
        assert not is_small(rest, settings.SMALL_COUNT)
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
    row = list(columns["kode_desa"]).index(CODES["C"])
    assert (columns["keluarga"][row], columns["keluarga_dihitung"][row]) == (15, 8)
    drawn = shapely.geometry.shape(open_ones[CODES["C"]]["geometry"])
    assert shapely.from_wkb(shapes[row]).area == pytest.approx(drawn.area)


def test_the_file_for_big_has_every_pocket_says_what_is_left_out_and_the_method_in_words(
    computed, signed_in, tmp_path
):
    """D has no boundary; of C's persons nothing is shown."""
    with as_role("owner"):
        Boundary.objects.filter(region=CODES["D"]).delete()
        row = computed.villages.get(village=CODES["C"])
        row.hidden = ["persons"]
        row.save()
    path = tmp_path / "kantong.gpkg"
    browser = signed_in("planner")
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    path.write_bytes(browser.get("/indicators/pockets/pockets.gpkg").content)
    meta, _ids, shapes, fields = pyogrio.raw.read(path, layer="pocket_villages")
    columns = dict(zip(meta["fields"], fields, strict=True))
    codes = list(columns["kode_desa"])
    assert codes == [CODES[letter] for letter in OPEN]
    assert len(codes) == get(ITEMS)["numberMatched"]
    assert [shape is None for shape in shapes] == [letter == "D" for letter in OPEN]
    assert list(columns["disamarkan"].astype(bool)) == [letter == "C" for letter in OPEN]
    told = [one["properties"]["disamarkan"] for one in get(ITEMS)["features"]]
    assert told == [letter == "C" for letter in OPEN]
    method = pyogrio.read_info(path, layer="pocket_villages")["layer_metadata"]["DESCRIPTION"]
    assert "{" not in method
    assert "A pocket has at least five of them, 5 per km² and 50 per cent" in method


@pytest.mark.parametrize("beside", [1, 4])
def test_whether_a_village_is_a_pocket_is_not_said_where_its_number_is_hidden(beside):
    """Of B's twenty families all but one or four are counted: with 90 per cent asked for, the
    status would tell one from four.
    """
    for letter in "ACDIJKLMN":
        world.families(letter, 20, programme="PKH", spots=[(0.5, 0.5)] * 20)
    for letter in "EF":
        world.families(letter, 20, programme="PKH")
        world.families(letter, 15)
    world.families("B", 20 - beside, programme="PKH", spots=[(0.5, 0.5)] * (20 - beside))
    world.families("B", beside)
    edition = world.computed(percent=90)
    world.in_force(edition)
    assert edition.villages.get(village_id=CODES["B"]).is_pocket is None
    for address in (ITEMS, f"{ROOT}collections/pocket-cells/items/"):
        assert CODES["B"] not in str(get(address))
    shown = edition.villages.filter(is_pocket=True)
    assert shown.exists()
    assert edition.summary["villages"] == shown.count()
    assert not edition.areas.filter(villages__contains=[CODES["B"]]).exists()
