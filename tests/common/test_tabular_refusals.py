"""Hostile and mistaken files: each is refused with a code and words, and the next file works."""

import json
import sqlite3
import time
import zipfile
from pathlib import Path

import pytest
import shapely

from apps.common import tabular
from apps.common.reader import spatial as reader_spatial
from apps.common.reader import workbook
from apps.common.reader.refusal import Refusal
from apps.common.tabular import (
    BOUNDARY_FILE,
    BOUNDARY_FORMATS,
    ROW_FILE,
    FileRefused,
    Format,
    Limits,
    peek,
    peek_layers,
    sniff,
    stream,
    stream_features,
)
from apps.common.tabular.messages import MESSAGES
from tests.common import files
from tests.limits import within

POINT = shapely.Point(110.37, -7.8)
FEATURE = {
    "type": "Feature",
    "properties": {"nama": "SITI"},
    "geometry": {"type": "Point", "coordinates": [110.37, -7.8]},
}
SECRET = "Password-yang-dibuat-buat"


def read_to_the_end(path, filename="usulan"):
    kind = sniff(path, filename)
    look = peek(path, kind)
    return look, b"".join(stream(path, kind, range(len(look.header))))


def refusal_of(path, filename="usulan"):
    with pytest.raises(FileRefused) as refused:
        read_to_the_end(path, filename)
    text = refused.value.text
    assert len(text) > 30 and "%(" not in text, text
    return refused.value.code


def geojson(path, **members):
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [FEATURE], **members}))
    return path


# -- other types ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "found"),
    [
        (b"%PDF-1.7\n", "PDF"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"\xff\xd8\xff\xe0", "JPEG"),
        (b"<html><body><table>", "HTML"),
        (b"\xef\xbb\xbf<!DOCTYPE html>", "HTML"),
        (b"<?xml version='1.0'?><kml/>", "KML"),
        (b'{"type":"Topology","objects":{}}', "JSON"),
        (b'[{"nik": 1}]', "JSON"),
        (b"\x7fELF\x02\x01", "ELF"),
        (b"\x1f\x8b\x08", "GZIP"),
        (bytes(range(1, 250)) * 20, "?"),
    ],
)
def test_formats_that_are_not_listed_are_refused_by_their_content(tmp_path, start, found):
    path = tmp_path / "usulan.csv"
    path.write_bytes(start + b" " * 100)
    with pytest.raises(FileRefused) as refused:
        sniff(path, "usulan.csv")
    assert (refused.value.code, refused.value.params["found"]) == ("wrong_type", found)


def test_old_excel_and_locked_excel_are_told_apart(tmp_path):
    assert refusal_of(files.ole2(tmp_path / "a.xls", "Workbook")) == "wrong_type"
    assert refusal_of(files.ole2(tmp_path / "b.xlsx", "EncryptedPackage")) == "password_protected"


@pytest.mark.parametrize(
    "parts",
    [
        {"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<a/>"},
        {"[Content_Types].xml": "<a/>", "word/document.xml": "<a/>"},
        {"[Content_Types].xml": "<a/>", "xl/workbook.bin": "x"},
    ],
)
def test_other_office_files_are_refused_by_name(tmp_path, parts):
    assert refusal_of(files.zipped(tmp_path / "a.xlsx", parts)) == "wrong_type"


def test_a_row_file_is_not_taken_as_a_boundary_file(tmp_path):
    path = tmp_path / "batas.csv"
    path.write_text("kode,nama\n34,A\n")
    with pytest.raises(FileRefused, match="wrong_type"):
        sniff(path, formats=BOUNDARY_FORMATS)


# -- archives -------------------------------------------------------------------------------------


@pytest.mark.timed
def test_a_bomb_of_zeros_is_refused_before_it_is_unpacked(tmp_path):
    path = files.zipped(tmp_path / "a.zip", {"a.shp": bytes(200_000_000)})
    started = time.monotonic()
    assert refusal_of(path) == "zip_too_large"
    assert time.monotonic() - started < within(3)


def test_a_bomb_that_lies_about_its_size_stops_at_the_limit(tmp_path):
    path = files.zipped(tmp_path / "a.zip", {"a.geojson": bytes(3_000_000)})
    data = bytearray(path.read_bytes())
    central = data.index(b"PK\x01\x02")
    data[central + 24 : central + 28] = (1_000).to_bytes(4, "little")
    path.write_bytes(data)
    assert refusal_of(path) == "zip_broken"


def test_too_many_members_are_refused(tmp_path):
    path = files.zipped(tmp_path / "a.zip", {f"{n}.txt": "" for n in range(2_001)})
    assert refusal_of(path) == "zip_too_many_members"


@pytest.mark.parametrize("name", ["../a.shp", "/etc/a.shp", "a/../../b.shp", "C:\\a.shp"])
def test_paths_out_of_the_archive_are_refused(tmp_path, name):
    assert refusal_of(files.zipped(tmp_path / "a.zip", {name: "x"})) == "zip_unsafe_path"


def test_archives_in_archives_are_refused(tmp_path):
    inner = files.zipped(tmp_path / "b.zip", {"a.shp": "x"}).read_bytes()
    assert refusal_of(files.zipped(tmp_path / "a.zip", {"b.zip": inner})) == "zip_nested"


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({}, "zip_without_data"),
        ({"usulan.csv": "nik,nama\n1,2\n"}, "zip_without_data"),
        ({"a.shp": "x", "a.dbf": "x"}, "shapefile_incomplete"),
        ({"a.geojson": "{}", "b.geojson": "{}"}, "zip_several_data"),
    ],
)
def test_archives_without_one_data_set_are_refused(tmp_path, parts, code):
    assert refusal_of(files.zipped(tmp_path / "a.zip", parts)) == code


def test_a_locked_archive_is_refused(tmp_path):
    assert refusal_of(files.encrypted_zip(tmp_path / "a.zip", "a.geojson")) == "password_protected"


@pytest.mark.parametrize("keep", [4, 30, 200, 1_000])
def test_a_cut_off_archive_is_refused(tmp_path, keep):
    whole = files.xlsx(tmp_path / "a.xlsx", [["nik", "nama"], ["1", "SITI"]]).read_bytes()
    path = tmp_path / "b.xlsx"
    path.write_bytes(whole[:keep])
    assert refusal_of(path) == "zip_broken"


# -- workbooks ------------------------------------------------------------------------------------


@pytest.mark.parametrize("cell", ["XFD1048576", "GS1", "ZZ3", "AAA1", "A500002", "B1048576"])
def test_a_small_sheet_with_a_cell_far_out_is_refused_before_parsing(tmp_path, cell):
    path = files.sparse_xlsx(tmp_path / "a.xlsx", cell)
    assert path.stat().st_size < 10_000
    with pytest.raises(FileRefused, match="sheet_too_far") as refused:
        sniff(path)
    assert refused.value.params["cell"] == cell


@pytest.mark.parametrize("cell", ["GR9", "A500001"])
def test_the_last_cell_inside_the_limits_is_read(tmp_path, cell):
    assert sniff(files.sparse_xlsx(tmp_path / "a.xlsx", cell)).format == Format.XLSX


def test_formatting_far_out_without_a_value_does_no_harm(tmp_path):
    path = files.sparse_xlsx(tmp_path / "a.xlsx", "XFD1048576", value="")
    assert read_to_the_end(path)[0].row_count == 1


@pytest.mark.timed
def test_one_long_tag_costs_no_more_than_its_bytes(tmp_path):
    path = files.one_long_tag(tmp_path / "a.xlsx")
    assert path.stat().st_size < 12_000
    started = time.monotonic()
    assert refusal_of(path) == "workbook_broken"
    assert time.monotonic() - started < within(3)


@pytest.mark.parametrize(
    "tag",
    [
        b'<c r="AAA1"' + b' x="r=AAA1"' * 90 + b"/>",  # bare formatting, however it is written
        b'<c r = "AAA1" />',
        b"<c " + b"r " * 300 + b"/>",
        b'<c x=">" ' + b" " * 900 + b"/>",
    ],
)
def test_many_odd_cells_are_looked_at_in_one_pass(tag):
    workbook._check_tags(tag * (2_000_000 // len(tag)))  # else it would not end


@pytest.mark.parametrize("before", [300, 900, 2_000, 7_000])
def test_a_far_cell_is_found_wherever_a_piece_ends(tmp_path, monkeypatch, before):
    """Its tag lies across two pieces, longer than any overlap."""
    path = files.sparse_xlsx(
        tmp_path / "a.xlsx", "XFD9", attributes=" " * 20 + 's="1"' + " " * before
    )
    monkeypatch.setattr(workbook, "PIECE_BYTES", 1_000)
    with zipfile.ZipFile(path) as archive, pytest.raises(Refusal, match="sheet_too_far"):
        workbook.scan(path, archive.infolist())


@pytest.mark.parametrize("attributes", [' x="&gt;>"', " " * 900, ' s="1"'])
def test_a_far_cell_is_found_however_its_tag_is_written(tmp_path, attributes):
    path = files.sparse_xlsx(tmp_path / "a.xlsx", "XFD9", attributes=attributes)
    assert refusal_of(path) == "sheet_too_far"


def test_a_long_list_of_ranges_does_no_harm(tmp_path):
    """Office suites write where a rule holds as one attribute."""
    path = files.xlsx(tmp_path / "a.xlsx", [["nik", "nama"], ["1", "SITI"]])
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    ranges = " ".join(f"A{n}:B{n}" for n in range(1, 9_000))
    rule = f'<dataValidations count="1"><dataValidation sqref="{ranges}"/></dataValidations>'
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = parts[sheet].replace(b"<pageMargins", rule.encode() + b"<pageMargins")
    assert read_to_the_end(files.zipped(path, parts))[0].row_count == 1


def test_a_file_that_is_not_a_workbook_is_refused(tmp_path):
    parts = {"[Content_Types].xml": "<a/>", "xl/workbook.xml": "<workbook/>"}
    assert refusal_of(files.zipped(tmp_path / "a.xlsx", parts)) == "workbook_broken"


# -- disguised drivers ----------------------------------------------------------------------------


def test_a_vrt_named_geojson_reads_no_other_file(tmp_path):
    (tmp_path / "other.csv").write_text(f"nik,nama\n1,{SECRET}\n")
    vrt = (
        "<OGRVRTDataSource><OGRVRTLayer name='other'>"
        f"<SrcDataSource>{tmp_path / 'other.csv'}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
    )
    path = tmp_path / "usulan.geojson"
    path.write_text(vrt)
    assert refusal_of(path, "usulan.geojson") == "wrong_type"
    # and GDAL itself, had it been asked, knows no such driver
    kind = tabular.FileKind(Format.GEOJSON)
    with pytest.raises(FileRefused, match="spatial_broken"):
        peek(path, kind)


def test_every_other_driver_is_left_out():
    assert {"GPKG", "GeoJSON", "ESRI Shapefile", "OpenFileGDB"} == reader_spatial.DRIVERS


@pytest.mark.parametrize(
    "crs",
    [
        {"type": "link", "properties": {"href": "http://127.0.0.1:9/crs", "type": "proj4"}},
        {"type": "url", "properties": {"url": "http://127.0.0.1:9/crs"}},
        {"type": "EPSG", "properties": {"code": 4326}},
        {"type": "name", "properties": {}},
    ],
)
def test_a_geojson_crs_that_is_not_a_name_is_refused(tmp_path, crs):
    assert refusal_of(geojson(tmp_path / "a.geojson", crs=crs)) == "geojson_crs"


def test_a_geojson_crs_hidden_behind_many_features_is_found(tmp_path):
    members = {"features": [FEATURE] * 20_000, "crs": {"type": "link", "properties": {}}}
    assert refusal_of(geojson(tmp_path / "a.geojson", **members)) == "geojson_crs"


def test_a_geojson_crs_written_in_escapes_reaches_no_network(tmp_path, unused_server):
    text = geojson(tmp_path / "a.geojson", crs={"type": "link"}).read_text()
    link = json.dumps({"type": "link", "properties": {"href": unused_server.url}})
    path = tmp_path / "b.geojson"
    path.write_text(text.replace('"crs": {"type": "link"}', f'"\\u0063rs": {link}'))
    try:
        read_to_the_end(path)
    except FileRefused as refused:
        assert refused.text
    assert not unused_server.was_asked()


@pytest.fixture
def unused_server():
    import socket  # noqa: PLC0415

    class Server:
        def __init__(self):
            self.socket = socket.create_server(("127.0.0.1", 0))
            self.socket.settimeout(0.2)
            self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}/crs.prj"

        def was_asked(self):
            try:
                self.socket.accept()[0].close()
            except TimeoutError:
                return False
            return True

    server = Server()
    yield server
    server.socket.close()


# -- GeoPackages ----------------------------------------------------------------------------------


@pytest.fixture
def geopackage(tmp_path):
    return files.spatial(tmp_path / "a.gpkg", [POINT], {"nama": ["SITI"]}, driver="GPKG")


@pytest.mark.timed
def test_an_endless_view_is_refused_at_once(geopackage):
    with sqlite3.connect(geopackage) as database:
        database.execute(
            "CREATE VIEW endless AS WITH RECURSIVE n(i) AS"
            " (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS fid, i FROM n"
        )
        database.execute(
            "INSERT INTO gpkg_contents (table_name, data_type) VALUES ('endless', 'attributes')"
        )
    started = time.monotonic()
    assert refusal_of(geopackage) == "geopackage_program"
    assert time.monotonic() - started < within(3)


def test_a_view_hidden_in_a_zip_is_refused_all_the_same(geopackage, tmp_path):
    with sqlite3.connect(geopackage) as database:
        database.execute("CREATE VIEW v AS SELECT 1 AS fid")
    path = files.zipped(tmp_path / "a.zip", {"a.gpkg": geopackage.read_bytes()})
    assert refusal_of(path) == "geopackage_program"
    with pytest.raises(FileRefused, match="geopackage_program"):
        peek_layers(path, sniff(path))
    with pytest.raises(FileRefused, match="geopackage_program"):
        list(stream_features(path, sniff(path), None, []))


@pytest.mark.parametrize("layers", [51, 2_100])
@pytest.mark.timed
def test_many_layers_are_refused_before_they_are_opened(tmp_path, layers):
    path = files.many_layers(tmp_path / "a.gpkg", layers)
    started = time.monotonic()
    assert refusal_of(path) == "too_many_layers"
    assert time.monotonic() - started < within(3)


def test_fifty_layers_are_read(tmp_path):
    path = files.many_layers(tmp_path / "a.gpkg", 50)
    assert len(peek(path, sniff(path)).layers) == 50


def test_a_foreign_trigger_is_refused(geopackage):
    with sqlite3.connect(geopackage) as database:
        database.execute("CREATE TRIGGER spy AFTER INSERT ON a BEGIN SELECT 1; END")
    assert refusal_of(geopackage) == "geopackage_program"


def test_the_triggers_of_gdal_itself_do_no_harm(geopackage):
    with sqlite3.connect(geopackage) as database:
        kinds = dict(database.execute("SELECT type, count(*) FROM sqlite_master GROUP BY 1"))
    assert kinds["trigger"] > 3
    assert read_to_the_end(geopackage)[0].row_count == 1


def test_a_database_that_is_not_a_geopackage_is_refused(tmp_path):
    with sqlite3.connect(tmp_path / "a.gpkg") as database:
        database.execute("CREATE TABLE a (b)")
    assert refusal_of(tmp_path / "a.gpkg") == "not_a_geopackage"


def test_a_damaged_geopackage_is_refused(geopackage):
    data = bytearray(geopackage.read_bytes())
    data[100:2_000] = b"\xa5" * 1_900
    geopackage.write_bytes(data)
    assert refusal_of(geopackage) == "geopackage_broken"


# -- coordinates ----------------------------------------------------------------------------------


def test_coordinates_without_a_system_are_refused(tmp_path):
    folder = tmp_path / "shape"
    folder.mkdir()
    files.spatial(folder / "a.shp", [POINT], {"n": ["x"]}, driver="ESRI Shapefile", crs=None)
    assert refusal_of(files.zipped_folder(tmp_path / "a.zip", folder)) == "crs_missing"
    path = files.spatial(tmp_path / "b.gpkg", [POINT], {"n": ["x"]}, driver="GPKG", crs=None)
    assert refusal_of(path) == "crs_missing"


def test_a_map_file_cut_in_the_middle_is_refused(tmp_path):
    text = geojson(tmp_path / "a.geojson", features=[FEATURE] * 50).read_text()
    path = tmp_path / "b.geojson"
    path.write_text(text[: len(text) // 2])
    assert refusal_of(path) == "spatial_broken"


def test_layers_and_fields_that_are_not_there_are_refused(geopackage):
    kind = sniff(geopackage)
    with pytest.raises(FileRefused, match="layer_unknown"):
        peek(geopackage, kind, layer="desa")
    with pytest.raises(FileRefused, match="field_unknown"):
        list(stream_features(geopackage, kind, "a", ["KDEPUM"]))


# -- limits ---------------------------------------------------------------------------------------


def limits(**changes):
    return Limits(**{**ROW_FILE.__dict__, **changes})


@pytest.mark.long
def test_a_file_that_needs_too_much_memory_is_refused_with_that_reason(tmp_path):
    path = files.xlsx(tmp_path / "a.xlsx", [[f"k{c}" for c in range(150)]] + [[7] * 150] * 4_000)
    kind = sniff(path)
    with pytest.raises(FileRefused) as refused:
        list(stream(path, kind, [0], limits=limits(memory_bytes=60_000_000)))
    assert refused.value.code == "reader_memory"


def test_a_file_that_takes_too_long_is_refused_with_that_reason(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("nik,nama,alamat\n" + "1,SITI,JL\n" * 900_000)
    kind = sniff(path)
    with pytest.raises(FileRefused) as refused:
        list(stream(path, kind, [0, 1], limits=limits(clock_s=0.1, rows=None)))
    assert refused.value.code == "reader_clock"


def test_after_a_hostile_file_the_next_good_one_is_read(tmp_path):
    assert refusal_of(files.sparse_xlsx(tmp_path / "a.xlsx", "XFD1048576")) == "sheet_too_far"
    good = files.xlsx(tmp_path / "b.xlsx", [["nik", "nama"], ["1", "SITI"]])
    assert read_to_the_end(good)[1] == b"1\t1\tSITI\t0\n"


def test_no_unpacked_file_remains(tmp_path):
    folder, scratch = tmp_path / "shape", tmp_path / "scratch"
    folder.mkdir()
    scratch.mkdir()
    files.spatial(folder / "a.shp", [POINT] * 3, {"n": list("abc")}, driver="ESRI Shapefile")
    path = files.zipped_folder(tmp_path / "a.zip", folder)
    kind = sniff(path)
    peek(path, kind, scratch=scratch)
    list(stream(path, kind, [0], scratch=scratch))
    unfinished = iter(stream(path, kind, [0], scratch=scratch))
    next(unfinished)
    assert [entry.name[:9] for entry in scratch.iterdir()] == ["unpacked-"]
    unfinished.close()
    assert list(scratch.iterdir()) == []


def test_every_code_that_the_reader_raises_has_a_text():
    reader = Path(reader_spatial.__file__).parent
    raised = set()
    # whose callers have the words
    for module in {*reader.glob("*.py")} - {reader / "picture.py", reader / "pdf_picture.py"}:
        text = module.read_text()
        for part in text.split("Refusal(")[1:]:
            if part.startswith('"'):
                raised.add(part.split('"')[1])
    assert len(raised) > 20
    assert raised <= set(MESSAGES)
    assert {"reader_clock", "reader_memory", "reader_crash"} <= set(MESSAGES)


def test_boundary_files_may_be_larger_than_row_files():
    assert BOUNDARY_FILE.file_bytes == 2_000_000_000
    assert BOUNDARY_FILE.clock_s == 600
    assert ROW_FILE.file_bytes == 50_000_000


def test_members_can_be_stored_without_compression(tmp_path):
    text = json.dumps({"type": "FeatureCollection", "features": [FEATURE]})
    path = files.zipped(tmp_path / "a.zip", {"a.geojson": text}, compression=zipfile.ZIP_STORED)
    assert [layer.count for layer in peek_layers(path, sniff(path))] == [1]
