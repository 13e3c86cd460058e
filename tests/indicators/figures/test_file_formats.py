"""Figures from spreadsheets and GeoPackages, and the files of a thematic map read in again."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import openpyxl
import pyogrio
import pyproj
import pytest
import shapely

from apps.common.tabular import FileRefused
from apps.demo import country
from apps.demo.country import CODES
from apps.indicators.models import Publication, Release
from tests.conftest import as_role
from tests.indicators.figures.tables import figures, load, said, write
from tests.maps.tiles import outlined

pytestmark = pytest.mark.django_db
TOY = {"97.01": 18.98, "97.02": 20.36, "98.01": 13.18, "98.02": 7.5}
NAMES = {
    "97.01": ("NUSA BARAT", "Barat Lor"), "97.02": ("NUSA BARAT", "Barat Kidul"),
    "98.01": ("NUSA TIMUR", "Timur Lor"), "98.02": ("NUSA TIMUR", "Timur Kidul"),
}  # fmt: skip
HEADER = ("Provinsi", "Kabupaten/Kota", "P0 (persen)", "Kode Kemendagri")
Status = Publication.Status


def workbook(folder: Path, rows, *, above=(), header=HEADER, name="p0.xlsx") -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (*above, header, *rows):
        sheet.append(row)
    book.save(folder / name)
    return folder / name


def rows_of(values=TOY):
    return [[*NAMES[code], value, code] for code, value in values.items()]


def test_a_spreadsheet_has_the_figures_of_the_same_table_as_csv(tmp_path):
    load(workbook(tmp_path, rows_of()))
    assert figures() == TOY
    _again, outcome = load(write(tmp_path))
    assert (outcome.releases, outcome.unchanged) == ([], ["poverty_rate"])
    assert Release.objects.count() == 1


def test_titles_above_totals_below_and_numbers_for_codes(tmp_path):
    """As BPS publishes: a title, a header further down, a total, a note, codes as numbers."""
    rows = [
        *([*NAMES[code], value, float(code)] for code, value in TOY.items()),
        ["INDONESIA", None, 14.2, None],
        ["Sumber: BPS", None, None, None],
    ]
    above = [["Persentase Penduduk Miskin Menurut Kabupaten/Kota, 2021"], []]
    publication, outcome = load(workbook(tmp_path, rows, above=above))
    assert outcome.status == Status.STORED
    assert figures() == TOY
    assert {code for codes in said(publication).values() for code in codes} == {
        "figure_total_row",
        "figure_note_row",
    }


def test_numbers_as_text_with_both_separators_in_a_spreadsheet(tmp_path):
    rows = rows_of({"97.01": "18,98", "97.02": "20.36", "98.01": "13,18", "98.02": "7.500"})
    publication, _outcome = load(workbook(tmp_path, rows))
    assert figures() == {"97.01": 18.98, "97.02": 20.36, "98.01": 13.18}
    codes = {code for found in said(publication).values() for code in found}
    assert codes == {"figures_mixed", "figure_ambiguous"}


def test_a_region_twice_in_a_spreadsheet_waits_and_nothing_is_stored(tmp_path):
    rows = [*rows_of(), [*NAMES["97.01"], 19.5, "97.01"]]
    publication, outcome = load(workbook(tmp_path, rows))
    assert (outcome.status, outcome.open) == (Status.REVIEW, 2)
    assert not Release.objects.exists()
    assert "figure_twice" in {code for found in said(publication).values() for code in found}


def geopackage(path: Path, *, crs: str = "EPSG:4326", values=TOY) -> Path:
    """One layer of a point in each regency."""
    letters = {code[:5]: letter for letter, code in CODES.items()}
    places = [country.at(letters[code]) for code in values]
    move = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform
    shapes = [shapely.Point(move(*place)) for place in places]
    pyogrio.raw.write(
        path,
        shapely.to_wkb(np.array(shapes, dtype=object)),
        [
            np.array(list(values), dtype=object),
            np.array(list(values.values()), dtype=float),
        ],
        ["kode_kemendagri", "p0_persen"],
        driver="GPKG",
        geometry_type="Point",
        crs=crs,
    )
    return path


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:23830", "EPSG:3857"])
@pytest.mark.long
def test_a_geopackage_in_any_reference_system_has_the_same_figures(tmp_path, crs):
    """Only its columns are read: the region is found by its code, not by its place."""
    _publication, outcome = load(geopackage(tmp_path / "p0.gpkg", crs=crs))
    assert outcome.status == Status.STORED
    assert figures() == TOY


def test_a_geopackage_without_a_figure_in_a_row_says_so(tmp_path):
    values = TOY | {"98.02": float("nan")}
    publication, _outcome = load(geopackage(tmp_path / "p0.gpkg", values=values))
    assert figures() == {code: value for code, value in TOY.items() if code != "98.02"}
    assert {code for found in said(publication).values() for code in found} == {"figure_missing"}


@pytest.mark.parametrize("ending", ["csv", "gpkg", "geojson"])
@pytest.mark.long
def test_the_files_of_a_thematic_map_are_read_in_again_as_the_same_figures(
    tmp_path, signed_in, ending
):
    """There and back: what a planner downloads are the figures that were imported."""
    with as_role("owner"):
        outlined()
    load(write(tmp_path))
    before = figures()
    browser = signed_in("planner")
    query = "measure=poverty_rate&within=ID&level=regency"
    answer = browser.get(f"/maps/figures.{ending}?{query}")
    assert answer.status_code == 200
    path = tmp_path / f"again.{ending}"
    path.write_bytes(answer.content)
    _publication, outcome = load(
        path,
        indicators=("poverty_rate",),
        columns={"region_code": "kode"},
        values={"poverty_rate": "nilai"},
    )
    assert (outcome.status, outcome.taken) == (Status.STORED, 4)
    assert (outcome.releases, outcome.unchanged) == ([], ["poverty_rate"])
    assert figures() == before


def test_the_attributes_of_an_export_are_those_of_the_map_read_by_gdal(tmp_path, signed_in):
    with as_role("owner"):
        outlined()
    load(write(tmp_path))
    content = (
        signed_in("planner")
        .get("/maps/figures.gpkg?measure=poverty_rate&within=ID&level=regency")
        .content
    )
    path = tmp_path / "map.gpkg"
    path.write_bytes(content)
    info = pyogrio.read_info(path)
    assert info["crs"] == "EPSG:4326"
    assert info["geometry_type"] == "MultiPolygon"
    assert info["features"] == 4
    meta, _ids, _wkb, columns = pyogrio.raw.read(path)
    known = dict(zip(meta["fields"].tolist(), columns, strict=True))
    found = dict(zip(known["kode"], known["nilai"], strict=True))
    assert found == TOY


def test_a_broken_spreadsheet_is_refused_with_words(tmp_path):
    whole = io.BytesIO()
    openpyxl.Workbook().save(whole)
    path = tmp_path / "half.xlsx"
    path.write_bytes(whole.getvalue()[:500])
    with pytest.raises(FileRefused) as refused:
        load(path)
    assert refused.value.text
    assert not Publication.objects.exists()
