"""One column that holds several of ours: a point, a birth, RT and RW."""

import openpyxl
import pytest
from django.utils import translation

from apps.imports import joined_cells
from apps.proposals.checks import finding_texts
from apps.proposals.export import batch_files
from tests.conftest import as_role
from tests.proposals.heading_kinds import csv_file, people
from tests.proposals.sending import check, finding, findings, places, receive

HEADER = ["NIK", "No KK", "Nama", "TTL", "JK", "RT/RW", "Kode Desa", "Program", "Titik Koordinat"]


@pytest.mark.parametrize(
    ("cell", "halves"),
    [
        ("-6.2, 106.8", ("-6.2", "106.8")),
        ("-6,2; 106,8", ("-6.2", "106.8")),
        ("6°12'3\"S 106°48'E", ("6°12'3\"S", "106°48'E")),
        ("https://maps.google.com/?q=-6.2,106.8", ("-6.2", "106.8")),
        ("https://www.google.com/maps/@-6.2,106.8,17z", ("-6.2", "106.8")),
        ("https://maps.app.goo.gl/Ab12", None),
        ("dekat masjid", None),
    ],
)
def test_a_point_in_one_cell_is_the_point_that_the_form_reads(cell, halves):
    assert joined_cells.point(cell) == halves


@pytest.mark.parametrize(
    ("cell", "halves"),
    [
        ("Bandung, 12-03-1980", ("Bandung", "12-03-1980")),
        ("KOTA AMPEL 3 Januari 1970", ("KOTA AMPEL", "3 Januari 1970")),
        ("AMPEL/1970-01-03", ("AMPEL", "1970-01-03")),
        ("AMPEL", None),
    ],
)
def test_a_birth_in_one_cell_is_place_and_day(cell, halves):
    assert joined_cells.birth(cell) == halves


@pytest.mark.parametrize("cell", ["003/005", "3 / 5", "RT 003 RW 005", "RT.003/RW.005", "003-005"])
def test_rt_and_rw_in_one_cell_are_two(cell):
    assert [int(part) for part in joined_cells.neighbourhood(cell)] == [3, 5]


def sent(officer, **changed):
    rows = []
    for number, one in enumerate(people(count=4)):
        cells = [one["nik"], one["kk"], one["name"], f"AMPEL, {one['worded']}", one["sex"]]
        cells += ["001/002", one["village_code"], "PKH", f"{one['latitude']}, {one['longitude']}"]
        if number == 1:
            cells = [changed.get(name, cell) for name, cell in zip(HEADER, cells, strict=True)]
        rows.append(cells)
    return check(receive(csv_file([["DAFTAR USULAN"], HEADER, *rows], ";"), officer))


@pytest.mark.django_db
def test_joined_columns_go_from_file_to_verdict(person):
    batch = sent(person("regency_officer"))
    assert batch.counts["verdicts"] == {"inside": 4}
    one = places(batch)[1]
    assert (one.rt, one.rw, one.birth_place) == ("001", "002", "AMPEL")


@pytest.mark.django_db
def test_a_short_link_is_held_with_words_how_to_go_on(person):
    link = "https://maps.app.goo.gl/Ab12"
    batch = sent(person("regency_officer"), **{"Titik Koordinat": link})
    assert "coordinate_unreadable" in findings(batch)[2]
    with as_role("worker"):
        one = batch.findings.filter(code="coordinate_unreadable").first()
    with translation.override("en"):
        said = finding_texts.text(one.code, params=one.params, row_number=2, field=one.field)
    assert link in said.title
    assert "short links hide them" in said.remedy


@pytest.mark.django_db
def test_the_returned_file_keeps_the_joined_cells(person, tmp_path):
    batch = sent(person("regency_officer"), NIK="1")
    assert finding(batch, "nik_length").row_number == 2
    path = tmp_path / "kembali.xlsx"
    with as_role("worker"):
        batch_files.file_with_findings(batch, path)
    lines = list(openpyxl.load_workbook(path).active.iter_rows(values_only=True))
    assert lines[0][: len(HEADER)] == tuple(HEADER)
    assert ", " in lines[1][8]
    assert (lines[1][5], lines[1][3][:6]) == ("001/002", "AMPEL,")


def test_what_was_split_is_joined_again():
    mapping = {"latitude": 2, "longitude": 2, "rt": 0, "rw": 0, "name": 1}
    values = {"latitude": "-6.2", "longitude": "106.8", "rt": "001", "rw": "002", "name": "SITI"}
    assert joined_cells.together(mapping, values) == {0: "001/002", 1: "SITI", 2: "-6.2, 106.8"}
