"""Files of facilities: lumbung sosial, warehouses, centres, and the points of the base map (RBI).

A file is applied in one transaction: each row that can be taken makes or updates one facility, the
others are listed with the reason. A facility is known again by its reference, else by its kind,
name and village. An empty cell changes nothing; facilities that the file does not name stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import Actor, HasActor, Subject
from apps.commandcentre.models import Facility
from apps.commandcentre.resources import placed_rows
from apps.common import column_likeness as likeness
from apps.common.column_likeness import Holds
from apps.common.headings import PLACES, Vocabulary, plain
from apps.imports import layouts, villages
from apps.imports.findings import Findings
from apps.imports.layouts import Layout, Mapping_
from apps.imports.office_command import Imported

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
    "village_code": (
        "KODE DESA", "Kode Kelurahan", "Kode Desa/Kelurahan", "Kode Kel", "Kode Wilayah",
        "Kode Kemendagri", "Kode BPS", "KDEPUM", "KDEBPS", "adm4", "Village code",
    ),
    **PLACES,
    "latitude": ("LINTANG", "Latitude", "Lat", "Koordinat Y", "Y"),
    "longitude": ("BUJUR", "Longitude", "Long", "Lon", "Lng", "Koordinat X", "X"),
    "address": ("ALAMAT", "Alamat Lengkap", "Lokasi", "RSALAMAT", "Address"),
    "office": (
        "PENANGGUNG JAWAB", "Instansi", "Pengelola", "Kantor", "Dinas", "Responsible office",
    ),
    "phone": (
        "TELEPON", "No Telepon", "No Telp", "Telp", "No HP", "HP", "Kontak", "Nomor Kontak",
        "Phone",
    ),
    "active": ("AKTIF", "Status Aktif", "Active"),
}  # fmt: skip
_HOLDS: Final[dict[str, Holds]] = {
    "name": Holds(likeness.is_name, is_loose=True),
    "village_code": Holds(likeness.is_village_code, is_telling=True, is_loose=True),
    "village_name": Holds(likeness.is_name, is_loose=True),
    "latitude": Holds(likeness.is_latitude, is_telling=True, partner="longitude"),
    "longitude": Holds(likeness.is_longitude, is_telling=True, partner="latitude"),
}
LAYOUT: Final = Layout(
    words=Vocabulary(
        _HEADINGS,
        fixed=layouts.GEOMETRY,
        joined={layouts.POINT: layouts.POINT_HEADINGS},
    ),
    holds=_HOLDS,
    needed=(("name",), ("kind",), ("latitude", "village_code", "village_name")),
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
GIVEN: Final = placed_rows.ROW_COLUMNS | {
    "reference": "text", "name": "text", "kind": "text", "address": "text", "office": "text",
    "phone": "text", "active": "boolean",
}  # fmt: skip


def import_facilities(
    *,
    path: Path,
    by: HasActor | Actor,
    now: datetime,
    mapping: Mapping_ | None = None,
    kind: str = "",
    code_system: str = "kemendagri",
    scratch: Path | None = None,
) -> Imported:
    """Apply a file of facilities. `kind` is taken where a row has none that is known.

    Raises: FileRefused, `import_columns_missing`, `import_column_unknown`, `import_empty`,
    `import_mostly_refused`.
    """
    layout = LAYOUT.without("kind") if kind else LAYOUT
    file = layouts.open_file(path, layout, mapping=mapping, scratch=scratch)
    findings = Findings(file)
    rows = list(layouts.rows(file, scratch=scratch))
    given = list(_given(rows, findings, kind, code_system, now))
    with transaction.atomic(), placed_rows.staged("facilities") as staging:
        placed_rows.place_rows(staging, GIVEN, given)
        placed_rows.check(staging, "commandcentre/resources/check_facilities", findings)
        findings.refuse_implausible(len(rows))
        changed, new = staging.run(
            "commandcentre/resources/merge_facilities", {"now": now}, rows=len(rows)
        )[0]
        taken = len(rows) - len(findings.refused_rows)
        counts = {"new": new, "changed": changed, "unchanged": taken - new - changed}
        record.entry(
            Action.RUN,
            about=Subject("commandcentre.Facility", path.name),
            by=by,
            rows=len(rows),
            refused=len(findings.refused_rows),
            counts=counts,
        )
    return Imported(file, len(rows), counts, findings, findings.write())


def kind_of(text: str) -> Kind | None:
    """The kind that a cell names: `Lumbung Sosial`, `RSUD`, `Klinik Gigi`."""
    word = _WORD.search(text.casefold())
    return _KIND_OF.get(plain(text)) or (_KIND_OF.get(word[0]) if word else None)


def _given(
    rows: list[tuple[int, dict[str, str]]],
    findings: Findings,
    kind: str,
    code_system: str,
    now: datetime,
) -> Iterator[list[Any]]:
    """The rows that have a name and a kind, in the columns of GIVEN."""
    places = villages.resolve(
        [row for _number, row in rows], system=code_system, today=timezone.localdate(now)
    )
    for (number, row), (village, doubt) in zip(rows, places, strict=True):
        known = kind_of(row["kind"]) or kind
        if not row["name"]:
            findings.refuse(number, "cell_missing", "name")
        if not known:
            findings.refuse(
                number, "facility_kind" if row["kind"] else "cell_missing", "kind", row["kind"]
            )
        if number in findings.refused_rows:
            continue
        if doubt:
            column = villages.column_of(doubt)
            findings.warn(number, doubt, column, row[column])
        for column, most in LENGTHS.items():
            if len(row[column]) > most:
                findings.warn(number, "cell_too_long", column, row[column][:60], most=most)
        yield [
            number,
            village,
            *(row[column][:100] for column in ("latitude", "longitude")),
            *(row[column][: LENGTHS[column]] for column in ("reference", "name")),
            known,
            *(row[column][: LENGTHS[column]] for column in ("address", "office")),
            placed_rows.phone(number, row["phone"], findings),
            placed_rows.active(number, row["active"], findings),
        ]
