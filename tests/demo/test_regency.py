"""The demo's regency has a coast, a gap and an islet; its villages share their borders exactly."""

from itertools import combinations

import shapely

from apps.demo import country, regency

VILLAGES = regency.villages()


def test_there_are_24_villages_in_four_districts_and_a_neighbouring_regency():
    own = [code for code in VILLAGES if code.startswith(f"{regency.REGENCY}.")]
    assert len(own) == 24
    assert {code[:8] for code in own} == {f"97.05.{number:02d}" for number in range(1, 5)}
    assert sum(code.startswith(f"{regency.NEIGHBOUR}.") for code in VILLAGES) == 4


def test_every_polygon_is_a_village_of_the_tree_and_one_village_has_none():
    known = {region.code for region in regency.regions() if region.level == "village"}
    assert known - set(VILLAGES) == {regency.WITHOUT_POLYGON}
    assert set(VILLAGES) <= known


def test_villages_are_valid_and_as_detailed_as_real_ones():
    assert all(polygon.is_valid for polygon in VILLAGES.values())
    assert all(100 <= shapely.get_num_coordinates(polygon) <= 300 for polygon in VILLAGES.values())


def test_neighbours_share_every_vertex_of_their_border():
    shared = 0
    for one, other in combinations(VILLAGES.values(), 2):
        assert one.intersection(other).area == 0
        border = one.boundary.intersection(other.boundary)
        if border.length > 0:
            ends = {tuple(xy) for xy in shapely.get_coordinates(border).tolist()}
            vertices = [
                {tuple(xy) for xy in shapely.get_coordinates(polygon).tolist()}
                for polygon in (one, other)
            ]
            assert ends <= vertices[0] & vertices[1]
            shared += 1
    assert shared > 40


def test_land_has_one_gap_and_one_islet():
    land = shapely.get_parts(shapely.union_all(list(VILLAGES.values())))
    assert sorted(len(part.interiors) for part in land) == [0, 1]
    assert [code for code in VILLAGES if VILLAGES[code].geom_type == "MultiPolygon"] == [
        regency.WITH_ISLAND
    ]


def test_names_are_no_keys_two_villages_of_one_district_share_theirs():
    names = [
        (region.parent, region.name) for region in regency.regions() if region.level == "village"
    ]
    assert {pair for pair in names if names.count(pair) > 1} == {("97.05.04", "Bulakintan")}
    assert sum(name == "Ranujati" for _, name in names) == 2


def test_each_office_is_in_its_village():
    offices = regency.offices()
    assert set(offices) == set(VILLAGES)
    assert all(VILLAGES[code].contains(point) for code, point in offices.items())


def test_it_is_beside_the_toy_country_under_one_province():
    codes = {region.code: region for region in country.regions()}
    both = [region for region in regency.regions() if region.code in codes]
    assert both == [codes["97"]]
    toy = shapely.union_all(list(country.villages().values()))
    assert not any(polygon.intersects(toy) for polygon in VILLAGES.values())


def test_the_same_seed_draws_the_same_land_and_another_seed_other_land(tmp_path):
    for name in ("one", "two"):
        assert regency.write_boundaries(tmp_path / f"{name}.gpkg") == 28
        regency._built.cache_clear()
    assert (tmp_path / "one.gpkg").read_bytes() == (tmp_path / "two.gpkg").read_bytes()
    other = regency.villages(seed=6)
    assert set(other) == set(VILLAGES)
    assert not any(other[code].equals(VILLAGES[code]) for code in VILLAGES)
