"""Files of responders: Tagana, TKSK, PKH companions, Pelopor Perdamaian.

A file is applied in one transaction, as one of facilities (`facility_files`). A responder is known
again by the reference, else by kind and phone. Findings show cells only in the list beside the
file, which its owner alone may read.
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
from apps.commandcentre.models import Responder
from apps.commandcentre.resources import placed_rows
from apps.common import column_likeness as likeness
from apps.common.column_likeness import Holds
from apps.common.headings import PLACES, Vocabulary, plain
from apps.imports import layouts, villages
from apps.imports.findings import Findings
from apps.imports.layouts import Layout, Mapping_
from apps.imports.office_command import Imported

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
GIVEN: Final = placed_rows.ROW_COLUMNS | {
    "reference": "text", "name": "text", "kind": "text", "phone": "text", "active": "boolean",
}  # fmt: skip


def import_responders(
    *,
    path: Path,
    by: HasActor | Actor,
    now: datetime,
    mapping: Mapping_ | None = None,
    kind: str = "",
    code_system: str = "kemendagri",
    scratch: Path | None = None,
) -> Imported:
    """Apply a file of responders. `kind` is taken where a row has none that is known.

    Raises: FileRefused, `import_columns_missing`, `import_column_unknown`, `import_empty`,
    `import_mostly_refused`.
    """
    layout = LAYOUT.without("kind") if kind else LAYOUT
    file = layouts.open_file(path, layout, mapping=mapping, scratch=scratch)
    findings = Findings(file)
    rows = list(layouts.rows(file, scratch=scratch))
    given = list(_given(rows, findings, kind, code_system, now))
    with transaction.atomic(), placed_rows.staged("responders") as staging:
        placed_rows.place_rows(staging, GIVEN, given)
        placed_rows.check(staging, "commandcentre/resources/check_responders", findings)
        findings.refuse_implausible(len(rows))
        changed, new = staging.run(
            "commandcentre/resources/merge_responders", {"now": now}, rows=len(rows)
        )[0]
        taken = len(rows) - len(findings.refused_rows)
        counts = {"new": new, "changed": changed, "unchanged": taken - new - changed}
        record.entry(
            Action.RUN,
            about=Subject("commandcentre.Responder", path.name),
            by=by,
            rows=len(rows),
            refused=len(findings.refused_rows),
            counts=counts,
        )
    return Imported(file, len(rows), counts, findings, findings.write())


def kind_of(text: str) -> Kind | None:
    """The kind that a cell names: `Tagana`, `Pendamping PKH (koordinator)`."""
    return _KIND_OF.get(plain(_IN_BRACKETS.sub("", text)))


def _given(
    rows: list[tuple[int, dict[str, str]]],
    findings: Findings,
    kind: str,
    code_system: str,
    now: datetime,
) -> Iterator[list[Any]]:
    """The rows of people who can be called, in the columns of GIVEN."""
    places = villages.resolve(
        [row for _number, row in rows], system=code_system, today=timezone.localdate(now)
    )
    for (number, row), (village, doubt) in zip(rows, places, strict=True):
        known = kind_of(row["kind"]) or kind
        for column in ("name", "phone"):
            if not row[column]:
                findings.refuse(number, "cell_missing", column)
        if not known:
            findings.refuse(
                number, "responder_kind" if row["kind"] else "cell_missing", "kind", row["kind"]
            )
        phone = placed_rows.phone(number, row["phone"], findings, is_needed=True)
        if doubt:
            column = villages.column_of(doubt)
            findings.warn(number, doubt, column, row[column])
        if number not in findings.refused_rows:
            yield [
                number,
                village,
                *(row[column][:100] for column in ("latitude", "longitude")),
                *(row[column][: LENGTHS[column]] for column in ("reference", "name")),
                known,
                phone,
                placed_rows.active(number, row["active"], findings),
            ]
