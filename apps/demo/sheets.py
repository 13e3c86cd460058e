"""Upload files as officers send them: our own template or the plain SIKS-NG one, in three kinds."""

import csv
import json
import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from operator import itemgetter
from pathlib import Path

import xlsxwriter

Cells = dict[str, str]

# Staging name and heading of each column, in the order of the template.
SIKSNG = {
    "nik": "NIK",
    "programme": "PROGRAM BANSOS",
    "kk": "NOKK",
    "name": "NAMA",
    "birth_place": "TEMPAT LAHIR",
    "birth_date": "TANGGAL LAHIR",
    "mother_name": "IBU KANDUNG",
    "sex": "JENIS KELAMIN",
    "occupation": "JENIS PEKERJAAN",
    "marital_status": "STATUS KAWIN",
    "address": "ALAMAT",
    "rt": "RT",
    "rw": "RW",
    "province_name": "PROVINSI",
    "regency_name": "KABUPATEN",
    "district_name": "KECAMATAN",
    "village_name": "KELURAHAN",
    "disability": "STATUS DISABILITAS",
    "disability_kind": "KODE JENIS DISABILITAS",
    "pregnant": "STATUS HAMIL",
    "pregnancy_date": "TGL MULAI HAMIL",
}
PORTAL = SIKSNG | {
    "village_code": "KODE DESA",
    "latitude": "LINTANG",
    "longitude": "BUJUR",
    "ppks": "KODE PPKS",
    "kind": "JENIS USULAN",
    "relation": "HUBUNGAN KELUARGA",
    "accuracy_m": "AKURASI (m)",
}
TEMPLATES = {"portal": PORTAL, "siksng": SIKSNG}

SHEET = "DATA"
_NUMBER_COLUMNS = {"latitude", "longitude", "accuracy_m", "birth_date"}
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def write_csv(path: Path, columns: dict[str, str], rows: Iterable[Cells], delimiter: str) -> None:
    pick = itemgetter(*columns)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(columns.values())
        writer.writerows(map(pick, rows))


def write_xlsx(path: Path, columns: dict[str, str], rows: Iterable[Cells]) -> None:
    """Write coordinates and Excel's day numbers as numbers, other cells as text."""
    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    # A fixed time of writing keeps the bytes of the file the same.
    book.set_properties({"created": datetime(2026, 1, 1)})
    sheet = book.add_worksheet(SHEET)
    sheet.write_row(0, 0, columns.values())
    for row, cells in enumerate(rows, start=1):
        for column, name in enumerate(columns):
            text = cells[name]
            if name in _NUMBER_COLUMNS and _NUMBER.fullmatch(text):
                sheet.write_number(row, column, float(text))
            elif text:
                sheet.write_string(row, column, text)
    book.close()


def write_geojson(path: Path, columns: dict[str, str], rows: Iterable[Cells]) -> None:
    """Write features whose geometry is the row's point, or null if it has none."""
    attributes = {name: heading for name, heading in columns.items() if not _is_coordinate(name)}
    with path.open("w", encoding="utf-8") as file:
        file.write('{"type": "FeatureCollection", "features": [\n')
        for number, cells in enumerate(rows):
            feature = {
                "type": "Feature",
                "properties": {heading: cells[name] for name, heading in attributes.items()},
                "geometry": _geometry(cells),
            }
            file.write((",\n" if number else "") + json.dumps(feature, ensure_ascii=False))
        file.write("\n]}\n")


def _geometry(cells: Cells) -> dict[str, object] | None:
    with suppress(ValueError):
        point = [float(cells["longitude"]), float(cells["latitude"])]
        return {"type": "Point", "coordinates": point}
    return None


def _is_coordinate(name: str) -> bool:
    return name in ("latitude", "longitude")
