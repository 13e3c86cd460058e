"""Files of facilities: lumbung sosial, warehouses, centres, and the points of the base map (RBI).

A facility is known again by its reference, else by its kind, name and village. An empty cell
changes nothing; facilities that the file does not name stay.
"""

from __future__ import annotations

import re
from typing import Any, Final

from apps.commandcentre.models import Facility
from apps.commandcentre.resources import placed_rows
from apps.common.text.headings import plain
from apps.imports.findings import Findings

Kind = Facility.Kind
_HEADINGS: Final[dict[str, tuple[str, ...]]] = {
    "reference": (
        "KODE FASILITAS", "ID Fasilitas", "Nomor Fasilitas", "Kode Lumbung", "ID Lumbung",
        "Kode Gudang", "ID Gudang", "Kode Sentra", "Facility code", "Reference",
    ),
    "name": (
        "NAMA", "Nama Fasilitas", "Nama Lumbung", "Nama Lumbung Sosial", "Nama Gudang",
        "Nama Sentra", "Nama Balai", "Nama Objek", "NAMOBJ", "Lumbung Sosial", "Name",
        "Facility", "Facility name",
    ),
    "kind": (
        "JENIS", "Jenis Fasilitas", "Jenis Lumbung", "Tipe", "Kategori", "Kelas",
        "Type", "Kind",
    ),
    **placed_rows.WHERE,
    "address": ("ALAMAT", "Alamat Lengkap", "Lokasi", "RSALAMAT", "Address"),
    "office": (
        "PENANGGUNG JAWAB", "Instansi", "Pengelola", "Kantor", "Dinas", "Responsible office",
    ),
    "phone": (
        "TELEPON", "No Telepon", "No Telp", "Telp", "No HP", "HP", "Kontak", "Nomor Kontak",
        "Phone",
    ),
    "active": placed_rows.ACTIVE,
}  # fmt: skip
LAYOUT: Final = placed_rows.layout_of(
    _HEADINGS, ("name",), ("kind",), ("latitude", "village_code", "village_name")
)
# What files write for each kind: the whole cell, else its first word.
_KINDS: Final[dict[Kind, tuple[str, ...]]] = {
    Kind.LUMBUNG: ("lumbung",),
    Kind.WAREHOUSE: ("gudang", "bufferstock", "warehouse"),
    Kind.CENTRE: ("sentra", "balai", "loka", "centre"),
    Kind.HEALTH: (
        "klinik", "puskesmas", "pustu", "posyandu", "apotek", "bidan", "praktek", "praktik", "rs",
        "rsu", "rsud", "rsia", "rumahsakit", "health",
    ),
    Kind.OFFICE: ("kantor", "dinas", "pemerintahan", "office"),
    Kind.OTHER: ("lainnya", "other"),
}  # fmt: skip
_KIND_OF: Final = {word: kind for kind, words in _KINDS.items() for word in words}
_WORD = re.compile(r"[a-z]+")
LENGTHS: Final = {"reference": 60, "name": 200, "address": 300, "office": 200}
COLUMNS: Final = {
    "reference": "text", "name": "text", "kind": "text", "address": "text", "office": "text",
    "phone": "text", "active": "boolean",
}  # fmt: skip


def kind_of(text: str) -> Kind | None:
    """The kind that a cell names: `Lumbung Sosial`, `RSUD`, `Klinik Gigi`."""
    word = _WORD.search(text.casefold())
    return _KIND_OF.get(plain(text)) or (_KIND_OF.get(word[0]) if word else None)


def _read_row(number: int, row: dict[str, str], kind: str, findings: Findings) -> list[Any] | None:
    """The values of COLUMNS, of a row that has a name and a kind."""
    known = kind_of(row["kind"]) or kind
    if not row["name"]:
        findings.refuse(number, "cell_missing", "name")
    if not known:
        code = "facility_kind" if row["kind"] else "cell_missing"
        findings.refuse(number, code, "kind", row["kind"])
    if number in findings.refused_rows:
        return None
    texts = placed_rows.cut(number, row, LENGTHS, findings)
    return [
        *(texts["reference"], texts["name"], known, texts["address"], texts["office"]),
        placed_rows.phone(number, row["phone"], findings),
        placed_rows.active(number, row["active"], findings),
    ]


FILE: Final = placed_rows.PlacedFile(
    label="facilities",
    model="commandcentre.Facility",
    layout=LAYOUT,
    columns=COLUMNS,
    check="commandcentre/resources/check_facilities",
    merge="commandcentre/resources/merge_facilities",
    read_row=_read_row,
)
