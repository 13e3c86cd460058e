"""Real layers of boundaries, read in the whole country: what BIG and BPS publish."""

from __future__ import annotations

from io import StringIO

import numpy as np
import pyogrio
import pytest
import shapely
from django.core.management import call_command
from django.db import connection

from apps.regions.models import Boundary
from tests.conftest import as_role
from tests.regions.editions import enforce, failure, issues, read

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.usefixtures("_country")]


@pytest.fixture(autouse=True)
def _worker(role, _web_role):
    with role("worker"):
        yield


@pytest.fixture(scope="module")
def _country(real_data, lasting):
    bridge = real_data / "codes" / "bps_kemendagri_bridge_2024.csv"
    with lasting(), as_role("worker"):
        call_command("import_regions", stdout=StringIO())
        call_command("import_regions", "--crosswalk", str(bridge), stdout=StringIO())


def geodesic_m2(shape: shapely.Geometry) -> float:
    from pyproj import Geod  # noqa: PLC0415 (the oracle's own)

    return abs(Geod(ellps="WGS84").geometry_area_perimeter(shape)[0])


@pytest.mark.long
def test_yogyakarta_as_bigs_geodatabase_agrees_with_shapely(real_data):
    path = real_data / "boundaries" / "batas_desa_34.gdb.zip"
    edition = read(path, "DIY", covers="34")
    wkb, fields = pyogrio.raw.read(f"/vsizip/{path}", columns=["KDEPUM"])[2:]
    villages = dict(zip(fields[0], shapely.from_wkb(wkb), strict=True))
    summary = edition.summary
    assert (summary["read"], summary["stored"], summary["refused"]) == (438, 438, 0)
    assert (summary["unknown_codes"], summary["codes_without_polygon"]) == (0, 0)
    areas = dict(Boundary.objects.filter(edition=edition).values_list("region_id", "area_m2"))
    for code, shape in villages.items():
        assert areas[code] == pytest.approx(geodesic_m2(shape), rel=1e-6)
    check_overlaps(edition, villages)
    holes = [ring for part in shapely.get_parts(shapely.union_all(list(villages.values())))
             for ring in part.interiors]  # fmt: skip
    gaps = [area for ring in holes if (area := geodesic_m2(shapely.Polygon(ring))) > 1]
    assert summary["gaps"] == pytest.approx(len(gaps), abs=5)
    assert summary["gaps_m2"] == pytest.approx(sum(gaps), rel=1e-3)


def check_overlaps(edition, villages):
    codes, shapes = list(villages), np.array(list(villages.values()))
    left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = left < right
    shared = shapely.intersection(shapes[left[pairs]], shapes[right[pairs]])
    sizes = {
        frozenset((codes[a], codes[b])): geodesic_m2(shape)
        for a, b, shape in zip(left[pairs], right[pairs], shared, strict=True)
        if shape.area > 0
    }
    assert edition.summary["overlaps"] == pytest.approx(
        sum(size > 1 for size in sizes.values()), abs=3
    )
    for issue in issues(edition, "overlap"):
        expected = sizes[frozenset((issue.region_code, issue.other_code))]
        assert issue.area_m2 == pytest.approx(expected, rel=1e-3)


@pytest.mark.long
def test_bali_as_a_zipped_shapefile(real_data):
    edition = read(real_data / "boundaries" / "batas_desa_51.shp.zip", "Bali")
    assert (edition.summary["stored"], edition.summary["codes_without_polygon"]) == (716, 0)


@pytest.mark.long
def test_yogyakarta_by_bps_codes_moves_most_lines(real_data):
    enforce(read(real_data / "boundaries" / "batas_desa_34.gdb.zip", "DIY"))
    edition = read(real_data / "boundaries" / "village_bps2020_34.gpkg", "DIY BPS")
    assert edition.code_system == "bps"
    assert edition.summary["stored"] + edition.summary["unknown_codes"] == 438
    assert edition.summary["moved"] > 400


def test_the_invalid_villages_are_all_repaired(real_data):
    edition = read(real_data / "boundaries" / "village_invalid.geojson", "Rusak")
    assert (edition.summary["stored"], edition.summary["repaired"]) == (26, 26)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM regions_boundary WHERE edition_id = %s"
            " AND NOT (ST_IsValid(boundary) AND ST_NDims(boundary) = 2)",
            [edition.pk],
        )
        assert cursor.fetchone()[0] == 0


def test_several_levels_in_one_file_are_asked_about(real_data):
    path = real_data / "boundaries" / "kemendagri_adm_prov_kab_kec.gpkg"
    assert failure(read(path, "Semua tingkat")) == "layer_ambiguous"
