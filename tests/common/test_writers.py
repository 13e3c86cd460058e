"""What goes out: no text comes alive in a spreadsheet, no NIK loses a digit, all of it streams."""

import csv
import datetime as dt
import io
import itertools
import json
import zipfile
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.common.errors import DomainError
from apps.common.tabular import (
    csv_blocks,
    geojson_blocks,
    inert,
    peek,
    sniff,
    stream,
    write_csv,
    write_geojson,
    write_xlsx,
)
from tests.common.files import decode_copy

LIVE = [
    "=1+1",
    "+62812",
    "-7.25",
    "@SUM(A1)",
    "\tx",
    "\rx",
    "  =cmd|' /C calc'!A0",
    "\u00a0=1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM",
    "\u200b=1",
    "−1",
    "\n=1",
    "\x00=1",
]
NIK = "3404011201909001"


@pytest.mark.parametrize("value", LIVE)
def test_text_that_could_be_a_formula_is_neutralised(value):
    assert inert(value) == "'" + value


@pytest.mark.parametrize("value", ["", "SITI", "1-2", "a=b", "'=1", NIK, "JL. A+B", " 5"])
def test_other_text_stays_as_it_is(value):
    assert inert(value) == value


@given(st.text())
def test_no_neutralised_text_begins_like_a_formula(value):
    first = inert(value).strip()[:1]
    assert first not in set("=+-@＝＋－＠")


def written_csv(rows, header=("a", "b"), **options):
    file = io.BytesIO()
    write_csv(rows, header, file, **options)
    return file.getvalue()


def test_a_csv_begins_with_the_mark_that_excel_needs():
    assert written_csv([]).startswith("\ufeffa,b\r\n".encode())
    assert written_csv([], bom=False) == b"a,b\r\n"


def test_numbers_stay_numbers_and_text_is_quoted_where_needed():
    row = [-7.25, 5, Decimal("1.50"), None, True, dt.date(2026, 11, 24), 'A "B", C', "-7.25"]
    [header, found] = csv.reader(io.StringIO(written_csv([row], "abcdefgh", bom=False).decode()))
    assert found == ["-7.25", "5", "1.50", "", "TRUE", "2026-11-24", 'A "B", C', "'-7.25"]
    assert header == list("abcdefgh")


def test_a_heading_that_could_be_a_formula_is_neutralised():
    assert written_csv([], ["=1+1", "b"], bom=False) == b"'=1+1,b\r\n"


def test_a_csv_streams_without_waiting_for_the_last_row():
    endless = ([n, "x"] for n in itertools.count())
    blocks = csv_blocks(endless, ["n", "x"])
    assert [len(next(blocks)) > 0 for _ in range(4)] == [True] * 4


def written_xlsx(rows, header=("nik", "nama"), **options):
    file = io.BytesIO()
    count = write_xlsx(rows, header, file, **options)
    return file, count


def test_a_workbook_holds_text_and_numbers_and_no_formula_or_link(tmp_path):
    rows = [[NIK, value] for value in LIVE] + [[int(NIK), -7.25], ["", None], ["http://a.id", 5]]
    file, count = written_xlsx(rows, scratch=tmp_path)
    assert count == len(rows)
    page = openpyxl.load_workbook(file)["DATA"]
    cells = list(page.iter_rows(min_row=2))
    assert {cell.data_type for row in cells for cell in row} <= {"s", "n"}
    assert all(cell.value == NIK for (cell, _) in cells[: len(LIVE) + 1])
    assert all(str(cell.value).startswith("'") for (_, cell) in cells[: len(LIVE)])
    assert (cells[len(LIVE)][1].value, cells[-1][1].value) == (-7.25, 5)
    parts = zipfile.ZipFile(file)
    sheet = parts.read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet and b"hyperlink" not in sheet
    assert list(tmp_path.iterdir()) == []


def test_more_rows_than_a_sheet_holds_are_refused(monkeypatch):
    monkeypatch.setattr("apps.common.tabular.writers.SHEET_ROWS", 3)
    with pytest.raises(DomainError) as refused:
        written_xlsx([["1", "a"]] * 4)
    assert refused.value.params == {"limit": 2}


def test_geojson_is_one_collection_with_geometry_given_either_way():
    features = [
        {
            "id": 7,
            "properties": {"nama": 'A "B" é'},
            "geometry": '{"type":"Point","coordinates":[1,2]}',
        },
        {"properties": {"hari": dt.date(2026, 1, 2)}, "geometry": {"type": "Point"}},
        {"properties": None, "geometry": None},
    ]
    file = io.BytesIO()
    write_geojson(features, file)
    content = json.loads(file.getvalue())
    assert content["type"] == "FeatureCollection"
    assert [f["geometry"] and f["geometry"]["type"] for f in content["features"]] == [
        "Point",
        "Point",
        None,
    ]
    assert content["features"][0]["id"] == 7
    assert content["features"][0]["properties"] == {"nama": 'A "B" é'}
    assert content["features"][1]["properties"] == {"hari": "2026-01-02"}


@pytest.mark.parametrize("count", [0, 1, 499, 500, 501, 1_000])
def test_geojson_is_whole_at_every_length(count):
    blocks = geojson_blocks({"geometry": None, "properties": {"n": n}} for n in range(count))
    features = json.loads(b"".join(blocks))["features"]
    assert [f["properties"]["n"] for f in features] == list(range(count))


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_written_file_is_read_back_unchanged(tmp_path, ending):
    values = ["SITI", "=1+1", "+62 812", "-", "@x", NIK, "'kutip", 'A "B"\nC', "Désa"]
    path = tmp_path / f"a.{ending}"
    write = {"csv": write_csv, "xlsx": write_xlsx}[ending]
    with path.open("wb") as file:
        write([[value, n] for n, value in enumerate(values)], ["nama", "nomor"], file)
    kind = sniff(path)
    assert peek(path, kind).header == ["nama", "nomor"]
    rows = decode_copy(b"".join(stream(path, kind, [0, 1])))
    assert [row[1] for row in rows] == values
    assert [row[2] for row in rows] == [str(n) for n in range(len(values))]
