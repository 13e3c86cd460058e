"""Workbooks and point files become the same rows of text as a CSV would."""

import datetime as dt
import json
import zipfile

import numpy as np
import pytest
import shapely

from apps.common.reader import workbook
from apps.common.reader.workbook import number_text
from apps.common.tabular import ROW_FILE, FileRefused, Format, inspect_file, peek, sniff, stream
from tests.common import files
from tests.common.files import decode_copy

HERE = shapely.Point(110.3695, -7.7956)


def table(path, **options):
    kind = sniff(path)
    seen = peek(path, kind, **options)
    blocks = stream(path, kind, range(len(seen.header)), **options)
    return seen, decode_copy(b"".join(blocks)), blocks.summary


# -- workbooks ------------------------------------------------------------------------------------


def test_dates_numbers_and_texts_of_a_workbook_become_what_was_typed(tmp_path):
    path = files.xlsx(
        tmp_path / "a.xlsx",
        [
            ["nik", "lahir", "rt", "lintang", "aktif", "waktu"],
            ["3404011201909001", dt.date(1990, 1, 12), 7, -7.79561234, True, ""],
            [3404011201909001.0, dt.datetime(1990, 1, 12, 8, 30), 7.0, 1e-3, False, "08:00"],
        ],
    )
    look, rows, _ = table(path)
    assert look.row_count == 2
    assert rows == [
        ["1", "3404011201909001", "1990-01-12", "7", "-7.79561234", "TRUE", None, "0"],
        ["2", "3.40401E+15", "1990-01-12 08:30:00", "7", "0.001", "FALSE", "08:00", "0"],
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-7.25, "-7.25"),
        (999_999_999_999_999.0, "999999999999999"),
        (1e15, "1E+15"),
        (3274021201900001.0, "3.27402E+15"),
        (-1e16, "-1E+16"),
        (0.1, "0.1"),
        (float("nan"), ""),
        (float("inf"), ""),
    ],
)
def test_numbers_are_written_as_excel_shows_them(value, text):
    assert number_text(value) == text


def test_the_sheet_called_data_is_read_wherever_it_is(tmp_path):
    sheets = {"Petunjuk": [["isi", "sheet"], ["x", "y"]], "Data": [["nik", "nama"], ["1", "SITI"]]}
    look, rows, _ = table(files.xlsx(tmp_path / "a.xlsx", [], sheets=sheets))
    assert (look.layer, look.layers) == ("Data", ["Petunjuk", "Data"])
    assert rows == [["1", "1", "SITI", "0"]]


def test_else_the_first_sheet_with_anything_in_it(tmp_path):
    sheets = {"Kosong": [], "Isi": [["nik", "nama"], ["1", "SITI"]]}
    assert table(files.xlsx(tmp_path / "a.xlsx", [], sheets=sheets))[0].layer == "Isi"


def test_empty_rows_and_columns_of_a_workbook_keep_their_place(tmp_path):
    content = [[], ["", "nik", "nama"], ["", "1", "A"], [], ["", "2", "B"]]
    look, rows, summary = table(files.xlsx(tmp_path / "a.xlsx", content))
    assert look.header == ["", "nik", "nama"]
    assert [row[:3] for row in rows] == [["1", None, "1"], ["3", None, "2"]]
    assert summary["rows"] == 3


def test_an_empty_workbook_is_refused(tmp_path):
    with pytest.raises(FileRefused, match="no_rows"):
        table(files.xlsx(tmp_path / "a.xlsx", []))


def test_reading_a_workbook_goes_on_after_the_rows_already_there(tmp_path):
    content = [["nik", "nama"]] + [[str(n), "X"] for n in range(1, 2_501)]
    path = files.xlsx(tmp_path / "a.xlsx", content)
    rows = decode_copy(b"".join(stream(path, sniff(path), [0], skip_rows=2_400)))
    assert [row[0] for row in rows] == [str(n) for n in range(2_401, 2_501)]


# -- points ---------------------------------------------------------------------------------------

FIELDS = {"nik": ["3404011201909001", "3404011201909002"], "rt": np.array([7, 8])}
DRIVERS = [("GPKG", "a.gpkg"), ("GeoJSON", "a.geojson")]


@pytest.mark.parametrize(("driver", "name"), DRIVERS)
def test_the_point_of_each_feature_becomes_two_columns(tmp_path, driver, name):
    path = files.spatial(tmp_path / name, [HERE, shapely.Point(110.5, -7.9)], FIELDS, driver=driver)
    look, rows, _ = table(path)
    assert look.header == ["nik", "rt", "__latitude", "__longitude"]
    assert rows == [
        ["1", "3404011201909001", "7", "-7.7956", "110.3695", "0"],
        ["2", "3404011201909002", "8", "-7.9", "110.5", "0"],
    ]
    assert look.row_count == 2


def test_a_zipped_shapefile_in_metres_is_brought_to_degrees(tmp_path):
    folder = tmp_path / "shape"
    folder.mkdir()
    files.spatial(
        folder / "usulan desa.shp",
        [shapely.Point(430_445.0, 9_138_312.0), shapely.Point(430_500.0, 9_138_400.0)],
        FIELDS,
        driver="ESRI Shapefile",
        crs="EPSG:32749",
    )
    path = files.zipped_folder(tmp_path / "a.zip", folder, prefix="dalam/")
    look, rows, _ = table(path)
    assert look.layer == "usulan_desa"
    assert float(rows[0][3]) == pytest.approx(-7.7957, abs=0.001)
    assert float(rows[0][4]) == pytest.approx(110.3693, abs=0.001)


def test_features_without_a_single_point_have_no_coordinates(tmp_path):
    shapes = [HERE, None, shapely.box(0, 0, 1, 1), shapely.MultiPoint([HERE]), shapely.Point()]
    path = files.spatial(
        tmp_path / "a.geojson",
        shapes,
        {"nik": list("abcde"), "nama": list("ABCDE")},
        driver="GeoJSON",
        geometry_type="Unknown",
    )
    rows = table(path)[1]
    assert [row[3] for row in rows] == ["-7.7956", None, None, "-7.7956", None]


def test_attributes_of_every_type_become_text(tmp_path):
    properties = {
        "nik": 3404011201909001,
        "lahir": "1990-01-12",
        "nama": None,
        "miskin": True,
        "bobot": 0.5,
        "daftar": ["a", "b"],
    }
    feature = {"type": "Feature", "properties": properties, "geometry": None}
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    look, rows, _ = table(path)
    cells = dict(zip(look.header, rows[0][1:], strict=False))
    assert cells["nik"] == "3404011201909001"
    assert cells["lahir"] == "1990-01-12"
    assert cells["nama"] is None
    assert cells["miskin"] == "TRUE"
    assert cells["bobot"] == "0.5"


def test_reading_features_goes_on_after_those_already_there(tmp_path):
    count = 6_000
    path = files.spatial(
        tmp_path / "a.gpkg",
        [HERE] * count,
        {"nik": [str(n) for n in range(1, count + 1)]},
        driver="GPKG",
    )
    rows = decode_copy(b"".join(stream(path, sniff(path), [0], skip_rows=5_500)))
    assert [row[:2] for row in rows] == [[str(n), str(n)] for n in range(5_501, count + 1)]


def test_a_shapefile_in_the_letters_of_old_windows_is_read(tmp_path):
    folder = tmp_path / "shape"
    folder.mkdir()
    files.spatial(
        folder / "a.shp",
        [HERE],
        {"nama": ["DÉSA"]},
        driver="ESRI Shapefile",
        encoding="cp1252",
    )
    (folder / "a.cpg").unlink()
    rows = table(files.zipped_folder(tmp_path / "a.zip", folder))[1]
    assert rows[0][1] == "DÉSA"


def test_the_named_layer_is_read_and_all_are_listed(tmp_path):
    path = tmp_path / "a.gpkg"
    for layer in ("satu", "dua"):
        files.spatial(
            path, [HERE], {"nik": [layer]}, driver="GPKG", layer=layer, append=path.exists()
        )
    look, rows, _ = table(path, layer="dua")
    assert (look.layer, look.layers, rows[0][1]) == ("dua", ["satu", "dua"], "dua")
    assert sniff(path).format == Format.GPKG


def test_the_line_of_the_header_is_the_sheets_own(tmp_path):
    path = files.xlsx(
        tmp_path / "a.xlsx", [[], [], ["", "DAFTAR"], [], ["", "NIK", "NAMA"], ["", "1", "SITI"]]
    )
    seen = peek(path, sniff(path))
    assert (seen.header, seen.header_line, seen.row_count) == (["", "NIK", "NAMA"], 5, 1)
    rows = decode_copy(b"".join(stream(path, sniff(path), (1, 2))))
    assert rows == [["1", "1", "SITI", "0"]]


# -- large workbooks are looked at by their beginning ----------------------------------------------


@pytest.fixture
def by_beginning(monkeypatch):
    """What the look at a workbook finds when even small sheets are taken for large ones."""

    def look_at(path):
        monkeypatch.setattr(workbook, "WHOLE_BYTES", 100)
        with zipfile.ZipFile(path) as archive:
            rows = workbook.scan(path, archive.infolist())
        return workbook.first_rows_of(path, rows)

    return look_at


ROWS = [["nik", "nama"], *([f"{n:016d}", f"NAMA {n}"] for n in range(1_000))]


def test_the_beginning_of_a_workbook_is_what_the_whole_begins_with(tmp_path, by_beginning):
    path = files.xlsx(tmp_path / "a.xlsx", None, sheets={"Daftar": [["x"]], "DATA": ROWS})
    name, names, chunks, count = by_beginning(path)
    rows = [row for chunk in chunks for row in chunk]
    assert (name, names, count) == ("DATA", ["Daftar", "DATA"], 1_001)
    assert len(rows) == workbook.BEGINNING_ROWS
    assert rows == ROWS[: len(rows)]


def test_a_small_sheet_beside_a_large_one_is_counted_itself(tmp_path, by_beginning):
    path = files.xlsx(tmp_path / "a.xlsx", None, sheets={"Daftar": ROWS, "DATA": ROWS[:20]})
    name, _names, chunks, count = by_beginning(path)
    assert (name, sum(map(len, chunks)), count) == ("DATA", 20, 20)


def test_a_sheet_that_begins_with_nothing_is_read_whole(tmp_path, by_beginning):
    path = files.xlsx(tmp_path / "a.xlsx", [["", ""]] * 5)
    assert by_beginning(path) is None


@pytest.mark.long
def test_a_large_workbook_is_looked_at_without_reading_it(tmp_path):
    rows = [["nik", "nama"], *([f"{n:016d}", f"NAMA {n % 5000}"] for n in range(60_000))]
    path = files.xlsx(tmp_path / "a.xlsx", rows)
    kind, seen = inspect_file(path, limits=ROW_FILE.look())
    assert (kind.format, seen.row_count, len(seen.samples)) == (Format.XLSX, 60_000, 200)
    assert seen.samples[7] == rows[8]
    whole = peek(path, kind)
    assert (whole.header, whole.samples) == (seen.header, seen.samples)
