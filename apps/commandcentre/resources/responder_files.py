"""Files of responders: Tagana, TKSK, PKH companions, Pelopor Perdamaian.

A responder is known again by kind and phone, else by the reference. Findings show cells only in the
list beside the file, which its owner alone may read.
"""

from __future__ import annotations

import re
from typing import Any, Final

from apps.commandcentre.models import Responder
from apps.commandcentre.resources import placed_rows
from apps.common import column_likeness as likeness
from apps.common.column_likeness import Holds
from apps.common.headings import PLACES, Vocabulary, plain
from apps.imports import layouts
from apps.imports.findings import Findings
from apps.imports.layouts import Layout
from apps.imports.office_imports import Import, Imported

Kind = Responder.Kind
_HEADINGS: Final[dict[str, tuple[str, ...]]] = {
    "reference": (
        "NOMOR INDUK", "No Induk", "NIA", "No Anggota", "Nomor Anggota", "ID Tagana", "ID TKSK",
        "ID Pendamping", "ID SDM", "Reference",
    ),
    "name": (
        "NAMA", "Nama Lengkap", "Nama Tagana", "Nama TKSK", "Nama Pendamping", "Nama Relawan",
        "Nama Petugas", "Name", "Full name",
    ),
    "kind": (
        "JENIS", "Jenis SDM", "Jenis PSKS", "Jenis Relawan", "Pilar", "Pilar Sosial", "Jabatan",
        "Peran", "Kind",
    ),
    "phone": (
        "TELEPON", "No HP", "Nomor HP", "HP", "No Telepon", "No Telp", "Telp", "No WA", "WA",
        "WhatsApp", "Nomor WhatsApp", "Kontak", "Phone",
    ),
    "village_code": (
        "KODE DESA", "Kode Kelurahan", "Kode Desa/Kelurahan", "Kode Wilayah", "Kode Kemendagri",
        "Kode BPS", "KDEPUM", "adm4", "Village code",
    ),
    **PLACES,
    "latitude": ("LINTANG", "Latitude", "Lat", "Koordinat Y", "Y"),
    "longitude": ("BUJUR", "Longitude", "Long", "Lon", "Lng", "Koordinat X", "X"),
    "active": ("AKTIF", "Status Aktif", "Status Keaktifan", "Active"),
}  # fmt: skip
LAYOUT: Final = Layout(
    words=Vocabulary(
        _HEADINGS,
        fixed=layouts.GEOMETRY,
        joined={layouts.POINT: layouts.POINT_HEADINGS},
    ),
    holds={
        "name": Holds(likeness.is_name, is_loose=True),
        "village_code": Holds(likeness.is_village_code, is_telling=True, is_loose=True),
        "village_name": Holds(likeness.is_name, is_loose=True),
        "latitude": Holds(likeness.is_latitude, is_telling=True, partner="longitude"),
        "longitude": Holds(likeness.is_longitude, is_telling=True, partner="latitude"),
    },
    needed=(("name",), ("kind",), ("phone",), ("village_code", "village_name", "latitude")),
)
_KIND_OF: Final = {
    "tagana": Kind.TAGANA,
    "tarunasiagabencana": Kind.TAGANA,
    "tksk": Kind.TKSK,
    "tenagakesejahteraansosialkecamatan": Kind.TKSK,
    "pkh": Kind.PKH,
    "pendampingpkh": Kind.PKH,
    "pendampingsosialpkh": Kind.PKH,
    "sdmpkh": Kind.PKH,
    "pelopor": Kind.PELOPOR,
    "peloporperdamaian": Kind.PELOPOR,
    "pordam": Kind.PELOPOR,
}
_IN_BRACKETS = re.compile(r"\s*\(.*\)")
LENGTHS: Final = {"reference": 60, "name": 200}
COLUMNS: Final = {
    "reference": "text", "name": "text", "kind": "text", "phone": "text", "active": "boolean",
}  # fmt: skip


def import_responders(asked: Import) -> Imported:
    """Apply a file of responders. Raises: as `placed_rows.import_placed`."""
    return placed_rows.import_placed(FILE, asked)


def kind_of(text: str) -> Kind | None:
    """The kind that a cell names: `Tagana`, `Pendamping PKH (koordinator)`."""
    return _KIND_OF.get(plain(_IN_BRACKETS.sub("", text)))


def _read_row(number: int, row: dict[str, str], kind: str, findings: Findings) -> list[Any] | None:
    """The values of COLUMNS, of a row about a person who can be called."""
    known = kind_of(row["kind"]) or kind
    for column in ("name", "phone"):
        if not row[column]:
            findings.refuse(number, "cell_missing", column)
    if not known:
        code = "responder_kind" if row["kind"] else "cell_missing"
        findings.refuse(number, code, "kind", row["kind"])
    phone = placed_rows.phone(number, row["phone"], findings, is_needed=True)
    if number in findings.refused_rows:
        return None
    return [
        *(row["reference"][: LENGTHS["reference"]], row["name"][: LENGTHS["name"]], known, phone),
        placed_rows.active(number, row["active"], findings),
    ]


FILE: Final = placed_rows.PlacedFile(
    label="responders",
    model="commandcentre.Responder",
    layout=LAYOUT,
    columns=COLUMNS,
    check="commandcentre/resources/check_responders",
    merge="commandcentre/resources/merge_responders",
    read_row=_read_row,
)
