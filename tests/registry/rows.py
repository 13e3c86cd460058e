"""Staging rows for the register, as determinations and loads leave them."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import connection
from psycopg import sql

from apps.demo.country import CODES
from apps.registry import changes
from apps.registry.models import Change
from tests.base import NOW
from tests.conftest import as_role
from tests.proposals.factory import nik_of

DAY = date(2026, 11, 20)
RELATION = ("staging", "rows_of_a_test")


def row(number: int, **fields: Any) -> dict[str, Any]:
    known = {
        "row_number": number,
        "kind": "new",
        "ends": "",
        "reason": "",
        "reason_date": None,
        "nik": nik_of(number),
        "kk": nik_of(700),
        "name": f"WARGA {number}",
        "title": "",
        "birth_place": "BARAT LOR",
        "birth_date": date(1990, 1, 2),
        "sex": "L",
        "mother_name": "IBU",
        "relation": "KEPALA KELUARGA",
        "occupation": "PETANI",
        "marital_status": "KAWIN",
        "disability_kind": "",
        "ppks": [],
        "village_id": CODES["A"],
        "address": "JL. MELATI NO. 1",
        "rt": "001",
        "rw": "002",
        "location": "SRID=4326;POINT(110.005 -7.765)",
        "location_verdict": "inside",
        "programmes": ["PKH"],
        "source_ref": str(number),
        "move_confirmed": False,
    }
    return known | fields


def change(reference: str, source: str = "DTKS", kind: str = Change.Kind.DECREE) -> Change:
    return changes.begin(
        kind=kind,
        reference=reference,
        source=source,
        actor="user:1",
        actor_name="Penetap",
        reason="uji",
        now=NOW,
    )


def write(
    reference: str, *rows: dict[str, Any], overwrites: bool = False, **about: Any
) -> tuple[Change, dict[str, int]]:
    """Apply rows under a Change as the worker; returns it and the counts."""
    with as_role("worker"):
        made = change(reference, **about)
        stage(rows)
        counts = changes.apply(
            change=made, relation=RELATION, active_from=DAY, overwrites=overwrites
        )
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(*RELATION)))
    return made, {name: count for name, count in counts.items() if count}


def stage(rows: tuple[dict[str, Any], ...]) -> None:
    names = [name for name, _type in changes.COLUMNS]
    columns = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind))
        for name, kind in changes.COLUMNS
    )
    places = sql.SQL(", ").join(sql.Placeholder() * len(names))
    table = sql.Identifier(*RELATION)
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("CREATE TABLE {} ({})").format(table, columns))
        cursor.executemany(
            sql.SQL("INSERT INTO {} VALUES ({})").format(table, places),
            [[one[name] for name in names] for one in rows],
        )
