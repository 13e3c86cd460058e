"""The empty file for a user's scope: our columns, the village codes, and a mark of its version.

The mark is the last heading, so that it is kept by "save as CSV". The content of the file is
always Indonesian, in every language of the portal, because its headings are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO, Final

import xlsxwriter

from apps.accounts.access import Scope
from apps.casework.models import Cycle
from apps.common.tabular import inert
from apps.proposals import columns, removal_rules
from apps.regions.models import Level, Region
from apps.registry.models import Programme

VERSION: Final = "2026.2"
READY_ROWS: Final = 5_000  # rows whose cells offer a list of choices
# More villages than any province has; no file is filled in for the whole country.
MOST_VILLAGES: Final = 10_000
_MARK = re.compile(columns.MARK + r" (\d{4}\.\d{1,3})(?: (\d{4})-(\d\d))?", re.IGNORECASE)

# Column → (note, example).
NOTES: Final[dict[str, tuple[str, str]]] = {
    "nik": ("16 angka dari KTP. Biarkan format Teks agar Excel tidak mengubahnya.", "9701…9001"),
    "programme": ("Kode program; daftar ada di lembar PROGRAM.", "PKH"),
    "kk": ("16 angka dari Kartu Keluarga. Biarkan format Teks.", "9701…9002"),
    "name": ("Nama lengkap seperti di KTP, tanpa gelar.", "SITI CONTOH"),
    "birth_place": ("Kabupaten atau kota lahir, seperti di KTP.", ""),
    "birth_date": ("Tanggal-bulan-tahun, empat angka tahun.", "21-01-1988"),
    "mother_name": ("Nama ibu kandung, seperti di KK.", ""),
    "sex": ("L untuk laki-laki, P untuk perempuan.", "P"),
    "occupation": ("Pekerjaan seperti di KTP.", ""),
    "marital_status": ("Status seperti di KTP.", ""),
    "address": ("Jalan, nomor, atau dusun.", ""),
    "rt": ("Angka saja.", "003"),
    "rw": ("Angka saja.", "001"),
    "province_name": ("Boleh kosong bila KODE DESA diisi.", ""),
    "regency_name": ("Boleh kosong bila KODE DESA diisi.", ""),
    "district_name": ("Boleh kosong bila KODE DESA diisi.", ""),
    "village_name": ("Boleh kosong bila KODE DESA diisi.", ""),
    "disability": ("YA atau TIDAK.", "TIDAK"),
    "disability_kind": ("Wajib bila STATUS DISABILITAS = YA.", ""),
    "pregnant": ("YA atau TIDAK.", "TIDAK"),
    "pregnancy_date": ("Wajib bila STATUS HAMIL = YA.", ""),
    "village_code": ("Kode Kemendagri; daftar ada di lembar DESA.", ""),
    "latitude": ("Derajat desimal, titik di rumah keluarga.", "-7.25042"),
    "longitude": ("Derajat desimal, titik di rumah keluarga.", "112.76881"),
    "ppks": ("1 sampai 26; beberapa dipisah titik koma.", "5;12"),
    "kind": (
        "BARU, PERBAIKAN, atau HAPUS; kosong berarti BARU. PERBAIKAN: isi NIK, NAMA, KODE DESA,"
        " bukti, dan hanya kolom yang berubah. HAPUS: isi NIK, NAMA, KODE DESA, ALASAN, dan bukti.",
        "BARU",
    ),
    "relation": ("Hubungan dengan kepala keluarga, seperti di KK.", "ISTRI"),
    "accuracy_m": ("Ketelitian titik dalam meter, bila diketahui.", "8"),
    "identity_note": (
        "Hanya bila pemeriksaan menyatakan NIK ini terdaftar atas nama orang lain.",
        "",
    ),
    "reason": ("Wajib untuk HAPUS; daftar dan bukti tiap alasan ada di lembar ALASAN.", ""),
    "reason_date": ("Wajib bila MENINGGAL atau PINDAH: tanggal di surat.", "03-11-2026"),
    "evidence_kind": ("Wajib untuk HAPUS dan PERBAIKAN; daftar ada di lembar ALASAN.", ""),
    "evidence_number": ("Nomor pada bukti; boleh kosong bila KTP atau KK.", "474.3/012/2026"),
}
CHOICES: Final[dict[str, list[str]]] = {
    "sex": ["L", "P"],
    "disability": ["YA", "TIDAK"],
    "pregnant": ["YA", "TIDAK"],
    "kind": ["BARU", "PERBAIKAN", "HAPUS"],
    "reason": [reason.words[0] for reason in removal_rules.REASONS.values()],
    "evidence_kind": [paper.words[0] for paper in removal_rules.PAPERS.values()],
}
# Removals by reason, and corrections, with the papers that prove them.
REASON_HEADER: Final = ("JENIS USULAN", "ALASAN", "TANGGAL KEJADIAN", "JENIS BUKTI (SALAH SATU)")
VILLAGE_HEADER: Final = ("KODE DESA", "DESA", "KECAMATAN", "KABUPATEN")


@dataclass(frozen=True)
class TemplateMark:
    """The mark of a template: its version, and the month it was made for."""

    version: str
    month: tuple[int, int] | None  # (year, month)


def mark(cycle: Cycle | None) -> str:
    """The heading that holds the version and cycle of a template."""
    month = f" {cycle.cutoff_date:%Y-%m}" if cycle else ""
    return f"TEMPLAT DTKS {VERSION}{month}"


def mark_of(header: Iterable[str]) -> TemplateMark | None:
    """The mark among the headings of a file; None if the file is not from our template."""
    for heading in header:
        if found := _MARK.fullmatch(heading.strip()):
            version, year, month = found.groups()
            is_month = year and 1 <= int(month) <= 12
            return TemplateMark(version, (int(year), int(month)) if is_month else None)
    return None


def header(cycle: Cycle | None) -> list[str]:
    """The headings of the template; the mark is the last one."""
    return [*columns.TEMPLATE.values(), mark(cycle)]


def villages(scope: Scope, region_code: str, today: date) -> Iterator[tuple[str, ...]]:
    """(code, village, district, regency) of the villages in force in a region of a scope."""
    inside = Scope.of_codes([region_code])
    rows = (
        Region.objects.at(today)
        .filter(scope.query("code"), inside.query("code"), level=Level.VILLAGE)
        .order_by("code")
        .values_list("code", "name", "parent__name", "parent__parent__name")
    )
    return ((code, *(name or "" for name in names)) for code, *names in rows[:MOST_VILLAGES])


def write_xlsx(
    out: BinaryIO,
    *,
    cycle: Cycle | None,
    village_rows: Iterable[Sequence[str]],
    scratch: Path | None = None,
) -> None:
    """Write the workbook. Sheets: DATA to fill in; DESA, PROGRAM, ALASAN, PETUNJUK to look up."""
    options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": scratch is None}
    with xlsxwriter.Workbook(out, options | ({"tmpdir": str(scratch)} if scratch else {})) as book:
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        needed = book.add_format({"bold": True, "text_wrap": True, "bg_color": "#FFF3D6"})
        text = book.add_format({"num_format": "@"})
        _data(book.add_worksheet("DATA"), cycle, bold, needed, text)
        _list(book.add_worksheet("DESA"), VILLAGE_HEADER, village_rows, bold)
        programmes = Programme.objects.order_by("code").values_list("code", "name")
        _list(book.add_worksheet("PROGRAM"), ("KODE", "PROGRAM"), programmes, bold)
        _list(book.add_worksheet("ALASAN"), REASON_HEADER, reasons(), bold)
        _list(book.add_worksheet("PETUNJUK"), ("KOLOM", "WAJIB", "CARA MENGISI", "CONTOH"),
              _guide(), bold)  # fmt: skip


def _data(sheet: Any, cycle: Cycle | None, bold: Any, needed: Any, text: Any) -> None:
    """Write the sheet to fill in. Every cell is text, as a number format would round a NIK."""
    sheet.freeze_panes(1, 0)
    for at, name in enumerate(columns.COLUMNS):
        sheet.set_column(at, at, 20 if name in {"nik", "kk", "name", "address"} else 14, text)
        look = needed if name in columns.REQUIRED or name == "village_code" else bold
        sheet.write_string(0, at, columns.TEMPLATE[name], look)
        sheet.write_comment(0, at, NOTES[name][0])
        if name in CHOICES:
            sheet.data_validation(
                *(1, at, READY_ROWS, at), {"validate": "list", "source": CHOICES[name]}
            )
    last = len(columns.COLUMNS)
    sheet.set_column(last, last, 4)
    sheet.write_string(0, last, mark(cycle), bold)


def reasons() -> Iterator[tuple[str, ...]]:
    """(kind, reason, whether the day is needed, papers) of each removal, and of corrections."""

    def named(papers: Iterable[str]) -> str:
        return "; ".join(removal_rules.PAPERS[code].words[0] for code in papers)

    for one in removal_rules.REASONS.values():
        yield "HAPUS", one.words[0], "WAJIB" if one.needs_date else "", named(one.papers)
    yield "PERBAIKAN", "", "", named(removal_rules.OF_CORRECTIONS)


def _list(sheet: Any, names: Sequence[str], rows: Iterable[Sequence[str]], bold: Any) -> None:
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(names) - 1, 24)
    for at, name in enumerate(names):
        sheet.write_string(0, at, name, bold)
    for number, row in enumerate(rows, 1):
        for at, value in enumerate(row):
            sheet.write_string(number, at, inert(str(value)))


def _guide() -> Iterator[tuple[str, ...]]:
    for name, heading in columns.TEMPLATE.items():
        note, example = NOTES[name]
        is_needed = name in columns.REQUIRED or name == "village_code"
        yield heading, "YA" if is_needed else "", note, example
