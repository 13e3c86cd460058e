"""Boundary files: every polygon as EWKB in EPSG:4326, every defect named, the real ones whole."""

import json
import os
import struct
import time
from pathlib import Path

import pytest
import shapely

from apps.common.tabular import (
    BOUNDARY_FILE,
    BOUNDARY_FORMATS,
    FileRefused,
    Format,
    peek_layers,
    sniff,
    stream_features,
)
from tests.common import files
from tests.common.files import decode_copy

SQUARE = shapely.box(110.0, -8.0, 110.5, -7.5)
BOWTIE = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1), (0, 0)])


def features_of(path, fields=("kode",), layer=None, **options):
    kind = sniff(path, formats=BOUNDARY_FORMATS, limits=BOUNDARY_FILE)
    blocks = stream_features(path, kind, layer, fields, **options)
    return decode_copy(b"".join(blocks)), blocks.summary


def boundary(path, shapes, *, driver="GPKG", geometry_type="Unknown", **options):
    fields = {"kode": [f"34.{n:02}" for n in range(1, len(shapes) + 1)]}
    return files.spatial(
        path, shapes, fields, driver=driver, geometry_type=geometry_type, **options
    )


def test_a_polygon_becomes_a_multipolygon_with_its_coordinates_kept_exactly(tmp_path):
    exact = shapely.Polygon([(110.1234567890123, -7.1), (111, -7.2), (110.5, -6.0000000001)])
    rows, summary = features_of(boundary(tmp_path / "a.gpkg", [exact, SQUARE]))
    assert [row[:2] for row in rows] == [["1", "34.01"], ["2", "34.02"]]
    shape = shapely.from_wkb(rows[0][2])
    assert shapely.get_srid(shape) == 4326
    assert shape.geom_type == "MultiPolygon"
    assert shapely.to_wkb(shape.geoms[0]) == shapely.to_wkb(exact)
    assert summary == {"rows": 2}


def test_heights_and_measures_are_left_out(tmp_path):
    raised = shapely.force_3d(SQUARE, z=12.5)
    measured = struct.pack("<BIII", 1, 3003, 1, 4) + struct.pack(
        "<16d", *(0, 0, 5, 1, 1, 0, 5, 2, 1, 1, 5, 3, 0, 0, 5, 4)
    )
    rows, _ = features_of(boundary(tmp_path / "a.gpkg", [raised, measured]))
    assert [shapely.from_wkb(row[2]).has_z for row in rows] == [False, False]
    assert shapely.from_wkb(rows[0][2]).geoms[0].equals(SQUARE)
    assert shapely.from_wkb(rows[1][2]).area == 0.5


def test_curves_become_lines(tmp_path):
    arc = struct.pack("<BII", 1, 10, 1) + struct.pack("<BII", 1, 8, 5)
    circle = arc + struct.pack("<10d", 0, 0, 1, 1, 2, 0, 1, -1, 0, 0)
    rows, _ = features_of(boundary(tmp_path / "a.gpkg", [circle]))
    assert shapely.from_wkb(rows[0][2]).area == pytest.approx(3.14159, abs=0.01)


def test_invalid_rings_are_passed_on_for_postgis_to_repair(tmp_path):
    rows, _ = features_of(boundary(tmp_path / "a.gpkg", [BOWTIE]))
    shape = shapely.from_wkb(rows[0][2])
    assert not shape.is_valid
    assert shape.geoms[0].exterior.equals(BOWTIE.exterior)
    assert rows[0][3] is None


def test_a_feature_without_a_polygon_is_flagged_and_kept_as_a_row(tmp_path):
    line = shapely.LineString([(0, 0), (1, 1)])
    endless = struct.pack("<BIII8d", 1, 3, 1, 4, 0, 0, 1, float("nan"), 1, 1, 0, 0)
    unclosed = struct.pack("<BIII8d", 1, 3, 1, 4, 0, 0, 1, 0, 1, 1, 0, 1)
    both = shapely.GeometryCollection([SQUARE, shapely.box(0, 0, 1, 1)])
    shapes = [line, None, endless, unclosed, shapely.Polygon(), both, SQUARE]
    rows, summary = features_of(boundary(tmp_path / "a.gpkg", shapes))
    flags = [row[3] for row in rows]
    assert flags[:3] == ["not_polygon", "missing", "unreadable"]
    assert flags[3:] == ["unreadable", "missing", None, None]
    assert [row[2] is None for row in rows] == [True] * 5 + [False] * 2
    assert len(shapely.from_wkb(rows[5][2]).geoms) == 2
    assert summary == {"rows": 7, "not_polygon": 1, "missing": 2, "unreadable": 2}


@pytest.mark.parametrize("crs", ["EPSG:3857", "EPSG:32749", "EPSG:9470"])
def test_other_coordinate_systems_are_brought_to_4326(tmp_path, crs):
    import pyproj  # noqa: PLC0415

    transform = pyproj.Transformer.from_crs(4326, crs, always_xy=True).transform
    there = shapely.transform(SQUARE, transform, interleaved=False)
    rows, _ = features_of(boundary(tmp_path / "a.gpkg", [there], crs=crs))
    back = shapely.from_wkb(rows[0][2]).geoms[0]
    assert shapely.hausdorff_distance(back, SQUARE) < 1e-8


def test_a_point_that_no_projection_can_place_is_flagged(tmp_path):
    far = shapely.Polygon([(1e30, 1e30), (2e30, 1e30), (1e30, 2e30)])
    rows, _ = features_of(boundary(tmp_path / "a.gpkg", [far, far], crs="EPSG:32749"))
    assert [row[3] for row in rows] == ["unreadable"] * 2


def test_boundaries_without_a_coordinate_system_are_refused(tmp_path):
    path = boundary(tmp_path / "a.shp", [SQUARE], driver="ESRI Shapefile", crs=None)
    layers = peek_layers(path, sniff(path, formats=BOUNDARY_FORMATS))
    assert [layer.crs for layer in layers] == [None]
    with pytest.raises(FileRefused) as refused:
        features_of(path)
    assert refused.value.code == "crs_missing"


def test_a_geojson_says_its_system_by_name(tmp_path):
    import pyproj  # noqa: PLC0415

    transform = pyproj.Transformer.from_crs(4326, 3857, always_xy=True).transform
    there = shapely.transform(SQUARE, transform, interleaved=False)
    content = {
        "type": "FeatureCollection",
        "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}},
        "features": [
            {"type": "Feature", "properties": {"kode": "34"}, "geometry": there.__geo_interface__}
        ],
    }
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps(content))
    rows, _ = features_of(path)
    assert shapely.hausdorff_distance(shapely.from_wkb(rows[0][2]).geoms[0], SQUARE) < 1e-8


@pytest.mark.long
def test_a_geodatabase_is_read_as_a_folder_and_as_a_zip(tmp_path):
    folder = boundary(
        tmp_path / "batas.gdb",
        [SQUARE] * 3,
        driver="OpenFileGDB",
        geometry_type="MultiPolygon",
        layer="DESA",
        promote_to_multi=True,
    )
    zipped = files.zipped_folder(tmp_path / "batas.gdb.zip", folder, prefix="batas.gdb/")
    for path in (folder, zipped):
        kind = sniff(path, formats=BOUNDARY_FORMATS)
        assert kind.format == Format.FILEGDB
        [layer] = peek_layers(path, kind)
        assert (layer.name, layer.count, "kode" in layer.fields) == ("DESA", 3, True)
        assert len(features_of(path)[0]) == 3


def test_fields_come_in_the_asked_order_and_twice_if_asked_twice(tmp_path):
    path = files.spatial(
        tmp_path / "a.gpkg",
        [SQUARE],
        {"a": ["A\tB"], "b": [" B "], "c": [""]},
        driver="GPKG",
        geometry_type="Polygon",
    )
    assert features_of(path, ("b", "a", "c", "b"))[0][0][:5] == ["1", "B", "A\tB", None, "B"]


def test_reading_boundaries_goes_on_after_those_already_there(tmp_path):
    path = boundary(tmp_path / "a.gpkg", [SQUARE] * 2_500)
    rows, summary = features_of(path, skip_rows=2_400)
    assert [row[0] for row in rows] == [str(n) for n in range(2_401, 2_501)]
    assert summary["rows"] == 2_500


@pytest.mark.long
def test_a_large_geojson_is_read_in_pieces_with_fields_that_come_and_go(tmp_path):
    features = [
        {
            "type": "Feature",
            "properties": {"kode": f"34.{n}", "isi": "x" * 90_000} | ({"k": n} if n > 390 else {}),
            "geometry": shapely.box(n / 10, 0, n / 10 + 1, 1).__geo_interface__,
        }
        for n in range(800)
    ]
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "name": "a", "features": features}))
    assert path.stat().st_size > 64 << 20
    rows, summary = features_of(path, ("kode", "k"))
    assert summary == {"rows": 800}
    assert [row[:3] for row in rows[::390]] == [
        ["1", "34.0", None],
        ["391", "34.390", None],
        ["781", "34.780", "780"],
    ]
    assert shapely.from_wkb(rows[500][3]).bounds == (50, 0, 51, 1)
    assert [row[0] for row in features_of(path, (), skip_rows=798)[0]] == ["799", "800"]


# -- the layers that the ministry will really load ------------------------------------------------

REAL = os.environ.get("PORTAL_REAL_DATA")
needs_real = pytest.mark.skipif(not REAL, reason="PORTAL_REAL_DATA is not set: no real layers here")


@needs_real
@pytest.mark.parametrize(
    ("name", "layer", "field", "count"),
    [
        ("batas_desa_34.gdb.zip", "ADMINISTRASI_AR_DESAKEL", "KDEPUM", 438),
        ("batas_desa_51.shp.zip", None, "KDEPUM", 716),
        ("village_34.gpkg", "desa", "kode", 438),
        ("village_31.gpkg", "kecamatan", "kode", 44),
        ("village_bps2020_34.gpkg", None, "kode_bps", 438),
        ("village_invalid.geojson", None, "kode", 26),
        ("kemendagri_adm_prov_kab_kec.gpkg", "provinsi", "kode", 38),
    ],
)
@pytest.mark.long
def test_a_real_layer_is_read_whole(name, layer, field, count):
    rows, summary = features_of(Path(REAL) / "boundaries" / name, (field,), layer)
    assert summary == {"rows": count}
    assert len({row[1] for row in rows}) == count
    shapes = shapely.from_wkb([row[2] for row in rows])
    assert {shape.geom_type for shape in shapes} == {"MultiPolygon"}


@needs_real
@pytest.mark.scale
def test_the_whole_country_is_read_in_bounded_time_and_memory():
    path = Path(REAL) / "boundaries" / "batas_desa_nasional.gpkg.zip"
    kind = sniff(path, formats=BOUNDARY_FORMATS, limits=BOUNDARY_FILE)
    started = time.monotonic()
    blocks = stream_features(path, kind, None, ["KDEPUM"])
    largest = max(map(len, blocks))
    assert blocks.summary == {"rows": 83_402}
    assert largest < 4_000_000
    assert time.monotonic() - started < 60
