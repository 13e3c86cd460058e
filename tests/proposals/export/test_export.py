"""Files that go back: the result row by row, and the officer's own file with its findings."""

import csv
import json
import zipfile

import pytest
import python_calamine
from django.utils import translation

from apps.audit.models import Entry
from apps.common.errors import DomainError
from apps.proposals.export import batch_files
from tests.conftest import as_role
from tests.proposals.sending import as_csv, check, point, receive, row

pytestmark = pytest.mark.django_db
ODD = 'JL. "A"\nRT 1\\2\tX'


@pytest.fixture
def batch(person):
    rows = [
        row(9001, address=ODD),
        row(9002, nik="12", name="=S1"),
        row(9003, **point("B")),
    ]
    return check(receive(as_csv(rows), person("regency_officer")))


def written(batch, tmp_path, ending, write=batch_files.export_batch, **more):
    path = tmp_path / f"hasil.{ending}"
    with as_role("worker"), translation.override("id"):
        write(batch, path, **more)
    return path


def test_the_result_has_a_line_for_every_row(batch, tmp_path):
    with written(batch, tmp_path, "csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert [line["row"] for line in lines] == ["1", "2", "3"]
    assert [line["status"] for line in lines] == ["draft", "held", "draft"]
    assert [line["verdict"] for line in lines] == ["inside", "inside", "neighbour"]
    assert lines[1]["findings"] == "name_digits nik_length"
    assert lines[2]["findings"] == "neighbour"
    assert lines[2]["actual_village"] == "97.01.01.2002"
    assert float(lines[2]["distance_m"]) > 100
    assert list(lines[0]) == list(batch_files.RESULT_HEADER)


def test_the_result_as_geojson_has_the_points(batch, tmp_path):
    features = json.loads(written(batch, tmp_path, "geojson").read_text())["features"]
    assert len(features) == 3
    assert features[0]["geometry"]["type"] == "Point"
    assert features[0]["properties"]["verdict"] == "inside"


def test_the_result_as_a_workbook(batch, tmp_path):
    path = written(batch, tmp_path, "xlsx")
    sheet = python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0)
    assert len(sheet.to_python()) == 4


def test_the_officers_own_file_comes_back_with_its_findings_behind(batch, tmp_path):
    path = written(batch, tmp_path, "csv", batch_files.file_with_findings)
    with path.open(newline="", encoding="utf-8-sig") as file:
        header, *lines = list(csv.reader(file))
    own = as_csv([]).decode().strip().split(",")
    assert header[: len(own)] == own
    assert lines[0][header.index("ALAMAT")] == ODD
    assert [line[len(own)] for line in lines] == ["2", "3", "4"]
    assert "\n" in lines[1][len(own) + 1]
    assert lines[0][len(own) + 1] == ""


def test_a_formula_in_the_file_goes_back_as_plain_text(batch, tmp_path):
    text = written(batch, tmp_path, "csv", batch_files.file_with_findings).read_text("utf-8-sig")
    assert ",'=S1," in text


def test_in_a_workbook_the_cell_itself_is_marked(batch, tmp_path):
    path = written(batch, tmp_path, "xlsx", batch_files.file_with_findings)
    sheet = python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    assert sheet[1][0] == row(9001)["nik"]
    with zipfile.ZipFile(path) as archive:
        notes = archive.read("xl/comments1.xml").decode()
    assert 'ref="A3"' in notes
    assert 'ref="D3"' in notes


def test_only_the_rows_that_must_be_fixed(batch, tmp_path):
    path = written(batch, tmp_path, "csv", batch_files.file_with_findings, is_held_only=True)
    with path.open(newline="", encoding="utf-8-sig") as file:
        assert len(list(csv.reader(file))) == 2


def test_a_corrected_file_is_read_again_with_its_extra_columns(batch, tmp_path, person):
    path = written(batch, tmp_path, "csv", batch_files.file_with_findings)
    again = check(receive(path.read_bytes(), person("regency_officer"), name="lagi.csv"))
    assert again.counts["rows"] == 3
    assert again.counts["held"] == 1


def test_every_export_is_audited(batch, tmp_path):
    written(batch, tmp_path, "csv")
    with as_role("owner"):
        entry = Entry.objects.get(action="export")
    assert (entry.subject, entry.details["rows"]) == (batch.subject, 3)


def test_an_unknown_ending_is_refused(batch, tmp_path):
    with pytest.raises(DomainError, match="^unknown_ending$"):
        batch_files.export_batch(batch, tmp_path / "hasil.pdf")
