"""What the quality report finds: every kind drawn once, by eye."""

from __future__ import annotations

import pytest
from shapely.geometry import LineString, MultiPolygon, Point, Polygon

from apps.demo import country
from apps.demo.boundaries import bps_code, write_crosswalk
from apps.demo.country import CODES, at
from apps.regions.crosswalk import import_crosswalk
from apps.regions.models import Boundary, BoundaryEdition, Region
from tests.regions.editions import (
    SQUARE_M2,
    enforce,
    failure,
    issues,
    read,
    ring,
    square,
    toy,
    write,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _worker(role, _web_role):
    with role("worker"):
        yield


@pytest.fixture
def file(tmp_path):
    return lambda features, **more: write(tmp_path / "batas.geojson", features, **more)


def test_the_toy_country_has_one_overlap_one_gap_and_one_village_without_polygon(file):
    edition = read(file(toy()))
    expected = {
        "read": 15, "stored": 15, "repaired": 0, "refused": 0, "unknown_codes": 0,
        "codes_without_polygon": 1, "overlaps": 1, "gaps": 1, "outside_parent": 0,
    }  # fmt: skip
    assert {key: edition.summary[key] for key in expected} == expected
    assert edition.status == BoundaryEdition.Status.READY


@pytest.mark.long
def test_an_overlap_names_both_villages_and_its_square_metres(file):
    (overlap,) = issues(read(file(toy())), "overlap")
    assert (overlap.region_code, overlap.other_code) == (CODES["I"], CODES["J"])
    assert overlap.area_m2 == pytest.approx(SQUARE_M2 / 10, rel=0.01)
    assert overlap.place.area == pytest.approx(0.001 * 0.01, rel=1e-6)


def test_neighbours_that_share_a_line_do_not_overlap(file):
    edition = read(file([(CODES["A"], square("A")), (CODES["B"], square("B"))]))
    assert edition.summary["overlaps"] == 0


@pytest.mark.long
def test_a_gap_between_two_provinces_is_found_once(file):
    (gap,) = issues(read(file(toy())), "gap")
    assert gap.area_m2 == pytest.approx(SQUARE_M2, rel=0.01)
    assert {CODES[letter] for letter in "FKMO"} <= set(gap.details["between"])


def test_a_sliver_inside_a_regency_is_a_gap(file):
    notched = square("A").difference(square("A", 0.4, 0.4, 0.6, 0.6))
    (gap, _sea) = issues(read(file(toy(A=notched))), "gap")
    assert gap.area_m2 == pytest.approx(SQUARE_M2 * 0.04, rel=0.01)
    assert gap.region_code == CODES["A"]


@pytest.mark.long
def test_a_city_inside_a_regency_is_not_a_gap(file):
    hole = square("A", 0.4, 0.4, 0.6, 0.6)
    edition = read(file([(CODES["A"], square("A").difference(hole)), (CODES["E"], hole)]))
    assert edition.summary["gaps"] == 0


def test_the_part_of_a_hole_that_the_city_does_not_fill_is_a_gap(file):
    hole = square("A", 0.4, 0.4, 0.6, 0.6)
    city = square("A", 0.4, 0.4, 0.5, 0.5)
    edition = read(file([(CODES["A"], square("A").difference(hole)), (CODES["E"], city)]))
    (gap,) = issues(edition, "gap")
    assert gap.area_m2 == pytest.approx(SQUARE_M2 * 0.03, rel=0.01)


def test_a_crossed_ring_is_repaired_and_keeps_its_area_change(file):
    crossed = ring("A", (0, 0), (1, 1), (1, 0), (0, 1), (0, 0))
    edition = read(file([(CODES["A"], crossed), (CODES["B"], square("B"))]))
    (repaired,) = issues(edition, "repaired")
    stored = Boundary.objects.get(edition=edition, region_id=CODES["A"])
    assert stored.is_repaired
    assert stored.boundary.valid
    assert stored.area_m2 == pytest.approx(SQUARE_M2 / 2, rel=0.01)
    assert repaired.area_m2 == pytest.approx(stored.repair_change_m2)
    assert stored.repair_change_m2 == pytest.approx(SQUARE_M2 / 2, rel=0.01)


def test_a_polygon_that_cannot_be_repaired_is_listed_and_the_others_are_imported(file):
    line = ring("A", (0, 0), (1, 0), (0.5, 0), (0, 0))
    features = [
        (CODES["A"], line),
        (CODES["B"], None),
        (CODES["C"], Point(*at("C"))),
        (CODES["D"], LineString([at("D", 0, 0), at("D", 1, 1)])),
        (CODES["E"], Polygon([(500_000, 9e6), (500_100, 9e6), (500_100, 9.1e6)])),
        (CODES["F"], square("F")),
    ]
    edition = read(file(features))
    reasons = {issue.region_code: issue.details["reason"] for issue in issues(edition, "refused")}
    assert reasons == {
        CODES["A"]: "nothing_left",
        CODES["B"]: "missing",
        CODES["C"]: "not_polygon",
        CODES["D"]: "not_polygon",
        CODES["E"]: "beyond_world",
    }
    assert (edition.summary["stored"], edition.summary["refused"]) == (1, 5)


def test_unknown_and_empty_codes_are_listed_with_their_polygons(file):
    features = [
        *toy(),
        ("97.01.01.2999", square("~")),
        ("TIDAK TERDEFINISI", square("~")),
        ("", square("~")),
    ]
    edition = read(file(features))
    listed = issues(edition, "unknown_code")
    assert [(each.region_code, each.details["reason"]) for each in listed] == [
        ("", "empty"), ("97.01.01.2999", "unknown"), ("TIDAK TERDEFINISI", "unknown"),
    ]  # fmt: skip
    assert all(each.place is not None and each.row_number for each in listed)
    assert edition.summary["unknown_codes"] == 3


def test_several_features_of_one_village_are_its_parts(file):
    west, east = square("A", 0, 0, 0.2, 1), square("A", 0.8, 0, 1, 1)
    edition = read(file([(CODES["A"], west), (CODES["A"], east), (CODES["B"], square("B"))]))
    assert (edition.summary["read"], edition.summary["stored"], edition.summary["merged"]) == (
        3,
        2,
        1,
    )
    stored = Boundary.objects.get(edition=edition, region_id=CODES["A"])
    assert len(stored.boundary) == 2
    assert issues(edition, "merged")[0].details == {"features": 2}


def test_a_region_without_polygon_is_reported_in_the_regencies_that_the_file_touches(file):
    edition = read(file([(CODES["A"], square("A")), (CODES["B"], square("B"))]))
    missing = [issue.region_code for issue in issues(edition, "code_without_polygon")]
    assert missing == [CODES["C"], CODES["D"]]


def test_a_region_without_polygon_is_reported_in_the_whole_covered_area(file):
    edition = read(file([(CODES["A"], square("A"))]), covers="97")
    assert edition.summary["codes_without_polygon"] == 7


@pytest.mark.parametrize(
    "code", ["9701012001", "97.1.1.2001", " 97.01.01.2001 ", "'9701012001", "9701012001.0"]
)
@pytest.mark.long
def test_codes_with_lost_zeros_or_without_dots_are_understood(file, code):
    edition = read(file([(code, square("A"))]))
    assert Boundary.objects.get(edition=edition).region_id == CODES["A"]


def test_a_regency_code_that_lost_its_last_zero_as_a_number_is_understood(file):
    Region.objects.create(code="97.10", name="Sepuluh", level="regency", parent_id="97")
    edition = read(file([("97.1", square("A"))]))
    assert Boundary.objects.get(edition=edition).region_id == "97.10"


def test_an_ended_code_is_replaced_by_its_successor_and_reported(file):
    Region.objects.create(
        code="96.01.01.2001", name="Ampel", level="village", parent_id="97.01.01",
        valid_until="2025-01-01", successor_id=CODES["A"],
    )  # fmt: skip
    edition = read(file([("96.01.01.2001", square("A"))]))
    (renamed,) = issues(edition, "renamed")
    assert (renamed.region_code, renamed.other_code) == (CODES["A"], "96.01.01.2001")
    assert edition.summary["renamed"] == 1


def test_an_ended_code_without_successor_is_unknown(file):
    Region.objects.filter(code=CODES["A"]).update(valid_until="2025-01-01")
    edition = read(file([(CODES["A"], square("A")), (CODES["B"], square("B"))]))
    assert issues(edition, "unknown_code")[0].details["reason"] == "ended"


@pytest.mark.long
def test_bps_codes_find_their_village_only_through_the_crosswalk(file, tmp_path):
    path = file([(bps_code(CODES["A"]), square("A"))], field="kode_bps")
    assert failure(read(path)) == "no_crosswalk"
    write_crosswalk(tmp_path / "bps.csv", country.regions())
    import_crosswalk(path=tmp_path / "bps.csv", by="tests")
    edition = read(path)
    assert Boundary.objects.get(edition=edition).region_id == CODES["A"]
    assert edition.code_system == "bps"


@pytest.mark.long
def test_a_village_outside_its_regencys_polygon_is_found(file):
    regency = read(file([("97.01", square("A", 0, -1, 2, 1))]), name="Kabupaten")
    enforce(regency)
    edition = read(file(toy(A=square("P"))), name="Desa")
    (outside,) = issues(edition, "outside_parent")
    assert (outside.region_code, outside.other_code) == (CODES["A"], "97.01")
    assert outside.details["share_inside"] == 0


def test_without_parents_a_village_among_strangers_is_found_by_its_neighbours(file):
    moved = toy(A=square("P", 1, 0, 2, 1))
    (outside,) = issues(read(file(moved)), "outside_parent")
    assert outside.region_code == CODES["A"]
    assert outside.details["neighbour"] in {CODES[letter] for letter in "MNP"}


@pytest.mark.long
def test_an_island_of_a_regency_is_not_outside(file):
    island = MultiPolygon([square("P", 20, 0, 21, 1)])
    assert read(file(toy(P=island))).summary["outside_parent"] == 0


def test_the_report_tells_the_difference_to_the_boundaries_in_force(file):
    wider = square("A", -0.1, 0, 1, 1)
    edition = read(file(toy(A=wider, D=None, H=square("H"))))
    assert [each.region_code for each in issues(edition, "added")] == [CODES["H"]]
    assert [each.region_code for each in issues(edition, "removed")] == [CODES["D"]]
    (moved,) = issues(edition, "moved")
    assert moved.region_code == CODES["A"]
    assert moved.area_m2 == pytest.approx(SQUARE_M2 / 10, rel=0.01)


def test_a_file_without_any_storable_polygon_fails_with_a_reason(file):
    edition = read(file([("11.01.01.2001", square("A"))]))
    assert failure(edition) == "nothing_stored"


def test_an_empty_column_of_codes_is_refused(file):
    assert failure(read(file([("", square("A"))]))) == "no_codes_read"
