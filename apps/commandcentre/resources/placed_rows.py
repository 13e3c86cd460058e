"""Rows of a file that say where something is: staged, placed in their villages, and what is odd
about them. Files of facilities and of responders share it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from apps.common import sql
from apps.common.geo import COUNTRY_BOX
from apps.common.staging import Staging
from apps.imports import cells
from apps.imports.cells import Unreadable
from apps.imports.copy_rows import copy_block
from apps.imports.findings import Findings
from apps.regions import placing

PARTS: Final = ("given", "points", "located", "strays", "graded", "placed", "checked")
# The columns that every staged row has; the others are the file's own.
ROW_COLUMNS: Final = {
    "row_number": "bigint", "claimed": "varchar(13)", "latitude": "text", "longitude": "text",
}  # fmt: skip
# The findings of the statements, and whether a row with one is refused.
REFUSES: Final = {
    **dict.fromkeys(("point_unreadable", "point_swapped", "point_sign", "point_abroad"), True),
    **dict.fromkeys(("point_missing", "responder_no_village"), True),
    **dict.fromkeys(("facility_twice", "responder_twice"), True),
    **dict.fromkeys(("point_estimated", "point_elsewhere", "point_in_no_village"), False),
    **dict.fromkeys(("point_shared", "point_known"), False),
}


def staged(label: str) -> Staging:
    """The tables of one import, which two imports at once do not share."""
    return Staging(f"{label}_{sql.call('pg_backend_pid')}", PARTS)


def place_rows(staging: Staging, columns: Mapping[str, str], rows: Iterable[Sequence[Any]]) -> None:
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


def check(staging: Staging, statement: str, findings: Findings) -> None:
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
