"""Files of responders: Tagana, TKSK, PKH companions, Pelopor Perdamaian.

A responder is known again by kind and phone, else by the reference. Findings show cells only in the
list beside the file, which its owner alone may read.
"""

from __future__ import annotations

import re
from typing import Any, Final

from apps.commandcentre.models import Responder
from apps.commandcentre.resources import placed_rows
from apps.common.text.headings import plain
from apps.imports.findings import Findings

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
    **placed_rows.WHERE,
    "active": placed_rows.ACTIVE,
}  # fmt: skip
LAYOUT: Final = placed_rows.layout_of(
    _HEADINGS, ("name",), ("kind",), ("phone",), ("village_code", "village_name", "latitude")
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
