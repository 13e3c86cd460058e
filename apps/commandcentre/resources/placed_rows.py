"""Files whose rows say where something is: staged, placed in their villages, checked, merged.

A file is applied in one transaction: each row that can be taken makes or updates one row of the
portal, the others are listed with the reason. Files of facilities and of responders say only what
is theirs (`PlacedFile`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import Subject
from apps.common import sql
from apps.common.geo import COUNTRY_BOX
from apps.common.staging import Staging
from apps.common.text import column_likeness as likeness
from apps.common.text.column_likeness import Holds
from apps.common.text.headings import PLACES, Vocabulary
from apps.imports import cells, layouts, villages
from apps.imports.cells import Unreadable
from apps.imports.copy_rows import copy_block
from apps.imports.findings import Findings
from apps.imports.layouts import Layout
from apps.imports.office_imports import Import, Imported, Row
from apps.regions import placing

PARTS: Final = ("given", "points", "located", "strays", "graded", "placed", "checked")
# The columns that every staged row has; the others are the file's own.
ROW_COLUMNS: Final = {
    "row_number": "bigint", "claimed": "varchar(13)", "latitude": "text", "longitude": "text",
}  # fmt: skip
# The headings of where something is, for both kinds of files.
WHERE: Final[dict[str, tuple[str, ...]]] = {
    "village_code": (
        "KODE DESA", "Kode Kelurahan", "Kode Desa/Kelurahan", "Kode Kel", "Kode Wilayah",
        "Kode Kemendagri", "Kode BPS", "KDEPUM", "KDEBPS", "adm4", "Village code",
    ),
    **PLACES,
    "latitude": ("LINTANG", "Latitude", "Lat", "Koordinat Y", "Y"),
    "longitude": ("BUJUR", "Longitude", "Long", "Lon", "Lng", "Koordinat X", "X"),
}  # fmt: skip
ACTIVE: Final = ("AKTIF", "Status Aktif", "Status Keaktifan", "Active")
_HOLDS: Final[dict[str, Holds]] = {
    "name": Holds(likeness.is_name, is_loose=True),
    "village_code": Holds(likeness.is_village_code, is_telling=True, is_loose=True),
    "village_name": Holds(likeness.is_name, is_loose=True),
    "latitude": Holds(likeness.is_latitude, is_telling=True, partner="longitude"),
    "longitude": Holds(likeness.is_longitude, is_telling=True, partner="latitude"),
}
# The findings of the statements, and whether a row with one is refused.
REFUSES: Final = {
    **dict.fromkeys(("point_unreadable", "point_swapped", "point_sign", "point_abroad"), True),
    **dict.fromkeys(("point_missing", "responder_no_village"), True),
    **dict.fromkeys(("facility_twice", "responder_twice"), True),
    **dict.fromkeys(("point_estimated", "point_elsewhere", "point_in_no_village"), False),
    **dict.fromkeys(("point_shared", "point_known"), False),
}


@dataclass(frozen=True)
class PlacedFile:
    """One kind of file. `model` is what its rows become (`app.Model`), `columns` the types of the
    staged columns beside ROW_COLUMNS. `check` and `merge` are statements over the placed and the
    checked rows. `read_row(number, row, kind, findings)` gives the values of `columns`, or None for
    a row that cannot be taken, which then has a finding.
    """

    label: str
    model: str
    layout: Layout
    columns: Mapping[str, str]
    check: str
    merge: str
    read_row: Callable[[int, dict[str, str], str, Findings], list[Any] | None]

    def apply(self, asked: Import) -> Imported:
        """Apply a file. A kind that is asked with is taken where a row has none that is known.

        Raises: FileRefused, `import_columns_missing`, `import_column_unknown`, `import_empty`,
        `import_mostly_refused`.
        """
        layout = self.layout.without("kind") if asked.kind else self.layout
        file, rows = asked.read(layout)
        findings = Findings(file)
        given = list(_given(self, asked, rows, findings))
        with transaction.atomic(), _staged(self.label) as staging:
            _place_rows(staging, ROW_COLUMNS | dict(self.columns), given)
            _check(staging, self.check, findings)
            findings.refuse_implausible(len(rows))
            changed, new = staging.run(self.merge, {"now": asked.now}, rows=len(rows))[0]
            taken = len(rows) - len(findings.refused_rows)
            counts = {"new": new, "changed": changed, "unchanged": taken - new - changed}
            record.entry(
                Action.RUN,
                about=Subject(self.model, file.name),
                by=asked.by,
                rows=len(rows),
                refused=len(findings.refused_rows),
                counts=counts,
            )
            return asked.end(file, len(rows), counts, findings)


def layout_of(headings: Mapping[str, tuple[str, ...]], *needed: tuple[str, ...]) -> Layout:
    """The layout of a file with these headings, among them WHERE; `needed` as in `Layout`."""
    words = Vocabulary(
        headings, fixed=layouts.GEOMETRY, joined={layouts.POINT: layouts.POINT_HEADINGS}
    )
    return Layout(words=words, holds=_HOLDS, needed=needed)


def _given(
    of: PlacedFile, asked: Import, rows: Sequence[Row], findings: Findings
) -> Iterator[list[Any]]:
    """The rows that can be taken so far, in the columns of ROW_COLUMNS and of the file."""
    places = villages.resolve(
        [row for _number, row in rows],
        system=asked.code_system,
        today=timezone.localdate(asked.now),
    )
    for (number, row), (village, doubt) in zip(rows, places, strict=True):
        values = of.read_row(number, row, asked.kind, findings)
        if values is None:
            continue
        if doubt:
            column = villages.column_of(doubt)
            findings.warn(number, doubt, column, row[column])
        yield [number, village, row["latitude"][:100], row["longitude"][:100], *values]


def cut(
    number: int, row: Mapping[str, str], lengths: Mapping[str, int], findings: Findings
) -> dict[str, str]:
    """Some texts of a row, cut to what is stored, with a finding for each that is longer."""
    for column, most in lengths.items():
        if len(row[column]) > most:
            findings.warn(number, "cell_too_long", column, row[column][:60], most=most)
    return {column: row[column][:most] for column, most in lengths.items()}


def _staged(label: str) -> Staging:
    """The tables of one import, which two imports at once do not share."""
    return Staging(f"{label}_{sql.call('pg_backend_pid')}", PARTS)


def _place_rows(
    staging: Staging, columns: Mapping[str, str], rows: Iterable[Sequence[Any]]
) -> None:
    """Fill `given` with these columns and types, and make `placed` from it (`place_rows.sql`)."""
    staging.create("given", columns)
    sql.copy_in(staging["given"], columns, [copy_block(rows)])
    staging.analyze("given")
    points = {"points": "commandcentre/resources/read_points"}
    sql.create_as(staging["points"], points, tables=staging)
    placing.locate_points(staging)
    sql.create_as(staging["graded"], {"graded": placing.GRADED}, tables=staging)
    west, south, east, north = COUNTRY_BOX
    box = {"west": west, "south": south, "east": east, "north": north}
    placed = {"placed": "commandcentre/resources/place_rows"}
    sql.create_as(staging["placed"], placed, box, tables=staging)
    staging.analyze("placed")


def _check(staging: Staging, statement: str, findings: Findings) -> None:
    """Make `checked` by a statement over `placed`, note its findings, drop the refused rows."""
    sql.create_as(staging["checked"], {"checked": statement}, tables=staging)
    for number, code, text in staging.run("commandcentre/resources/list_row_findings"):
        params = json.loads(text)
        note = findings.refuse if REFUSES[code] else findings.warn
        point = str(params.get("point", "")) if code.startswith("point_") else ""
        if other := params.pop("other_row", None):
            params["other_line"] = findings.line_of(other)
        note(number, code, "latitude" if point else "", point, **params)
    refused = sorted(findings.refused_rows)
    staging.run("commandcentre/resources/drop_refused", {"rows": refused})


def phone(number: int, text: str, findings: Findings, *, is_needed: bool = False) -> str:
    """A phone number in one form; "" where there is none, with a finding for another text.

    `is_needed`: a row without a number cannot be taken.
    """
    try:
        return cells.phone(text) if text else ""
    except Unreadable:
        note = findings.refuse if is_needed else findings.warn
        note(number, "cell_phone", "phone")
        return ""


def active(number: int, text: str, findings: Findings) -> str:
    """`t` or `f`; "" where the file does not say."""
    try:
        return cells.yes(text) if text else ""
    except Unreadable:
        findings.warn(number, "cell_yes_no", "active", text)
        return ""
