"""The toy country is readable by eye, and written as BIG's layer it comes back the same."""

import pyogrio
import pytest
import shapely
from pyproj import Geod
from shapely.geometry import Point

from apps.demo import boundaries, country

GEOD = Geod(ellps="WGS84")
A, B, C, E, H = (country.CODES[letter] for letter in "ABCEH")
VILLAGES = country.villages()


def owners(letter: str, east: float = 0.5, north: float = 0.5) -> set[str]:
    point = Point(country.at(letter, east, north))
    return {code for code, polygon in VILLAGES.items() if polygon.contains(point)}


def test_codes_tell_the_tree_at_sight():
    assert (A, B, C, E, H) == (
        "97.01.01.2001",
        "97.01.01.2002",
        "97.01.02.2001",
        "97.02.01.2001",
        "97.02.02.2002",
    )
    assert country.CODES["I"] == "98.01.01.2001"


def test_the_tree_has_every_parent_before_its_children():
    seen = {"ID"}
    for region in country.regions():
        assert region.parent in seen
        seen.add(region.code)
    levels = [region.level for region in country.regions()]
    assert [levels.count(level) for level in boundaries.LEVELS.values()] == [2, 4, 8, 16]


def test_the_middle_of_each_square_is_in_its_village_alone():
    for letter, code in country.CODES.items():
        assert owners(letter) == ({code} if code != H else set())


def test_sea_is_enclosed_by_land_and_in_no_village():
    assert owners("~") == set()
    land = shapely.union_all(list(VILLAGES.values()))
    assert [Point(country.at("~")).within(shapely.Polygon(ring)) for ring in land.interiors] == [
        True
    ]


def test_one_village_reaches_over_its_neighbour():
    assert owners("I", 0.95) == {country.CODES["I"], country.CODES["J"]}
    overlapping = [
        {one, other}
        for one in VILLAGES
        for other in VILLAGES
        if one < other and VILLAGES[one].intersection(VILLAGES[other]).area > 0
    ]
    assert overlapping == [{country.CODES["I"], country.CODES["J"]}]


def test_a_hundredth_of_a_square_is_eleven_metres():
    distance_m = GEOD.inv(*country.at("A", 1), *country.at("A", 1.01))[2]
    assert distance_m == pytest.approx(11.0, abs=0.1)


@pytest.mark.parametrize("ending", ["gpkg", "shp", "geojson"])
def test_the_boundary_file_has_bigs_attributes_and_the_same_polygons(tmp_path, ending):
    path = tmp_path / f"desa.{ending}"
    assert country.write_boundaries(path) == 15
    meta, _, geometry, fields = pyogrio.raw.read(path)
    rows = dict(zip(meta["fields"], fields, strict=True))
    assert rows["KDEPUM"].tolist() == sorted(VILLAGES)
    first = {name: values[0] for name, values in rows.items()}
    assert (first["KDPPUM"], first["KDPKAB"]) == ("97", "97.01")
    assert (first["KDCPUM"], first["KDEBPS"]) == ("97.01.01", "9701010001")
    assert (first["NAMOBJ"], first["WADMKD"], first["WADMKC"]) == ("Ampel",) * 2 + (
        "Barat Lor Satu",
    )
    assert (first["WADMKK"], first["WADMPR"]) == ("Kabupaten Barat Lor", "Nusa Barat")
    polygons = shapely.from_wkb(geometry)
    assert all(shapely.equals(polygons, [VILLAGES[code] for code in sorted(VILLAGES)]))


def test_the_layer_is_named_as_bigs_and_the_file_is_the_same_on_every_day(tmp_path):
    for name in ("one", "two"):
        country.write_boundaries(tmp_path / f"{name}.gpkg")
    assert pyogrio.list_layers(tmp_path / "one.gpkg")[0][0] == "ADMINISTRASI_AR_DESAKEL"
    assert (tmp_path / "one.gpkg").read_bytes() == (tmp_path / "two.gpkg").read_bytes()


def test_bps_codes_are_ten_digits_that_no_village_has_in_the_ministrys_system(tmp_path):
    villages = [region for region in country.regions() if region.level == "village"]
    codes = {boundaries.bps_code(village.code) for village in villages}
    assert len(codes) == 16
    assert all(len(code) == 10 and code.isdigit() for code in codes)
    assert not codes & {village.code.replace(".", "") for village in villages}
    assert boundaries.write_crosswalk(tmp_path / "crosswalk.csv", country.regions()) == 16
    lines = (tmp_path / "crosswalk.csv").read_text().splitlines()
    assert lines[:2] == ["kode_bps,kode_kemendagri,nama", "9701010001,97.01.01.2001,AMPEL"]
