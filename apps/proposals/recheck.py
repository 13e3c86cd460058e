"""Boundaries change: open proposals are looked at again where that concerns them, and only there.

Runs in the transaction that puts the edition in force, by the very statements of the first check.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import connection
from django.db.models import Q
from psycopg import sql as psql

from apps.common import sql
from apps.proposals import location, validation
from apps.proposals.models import Proposal
from apps.proposals.reading import SCHEMA
from apps.proposals.states import OPEN
from apps.regions.models import BoundaryEdition

# Findings that speak of the boundary; whether a point is shared or coarse does not depend on it.
REPLACED: Final = (
    "near_border",
    "neighbour",
    "elsewhere",
    "unmapped",
    "no_polygon",
    "axes_swapped",
    "sign_flipped",
)
PARTS: Final = ("points", "findings", "located", "strays", "placed")


def recheck(
    *, edition: BoundaryEdition, codes: list[str], by: str, by_name: str, now: datetime
) -> dict[str, int]:
    """Look again at the points of open proposals in or for these villages.

    Returns `rechecked` (points looked at), `evidence_changed` and `verdicts_changed`.
    """
    tables = {part: (SCHEMA, f"recheck_{edition.pk}_{part}") for part in PARTS}
    _drop(tables)
    values = {"codes": codes, "open": [str(status) for status in OPEN]}
    sql.run("proposals/draw_open_points", values, tables=tables)
    location.locate(tables)
    sql.execute(
        psql.SQL(
            "CREATE UNLOGGED TABLE {} (row_number bigint, code text, field text, params jsonb)"
        ).format(psql.Identifier(*tables["findings"]))
    )
    sql.run("proposals/find_misplaced", {"has_points": True}, tables=tables)
    rechecked = _count(tables["placed"])
    changed, verdicts = sql.run("proposals/apply_places", {}, tables=tables, rows=rechecked)[0]
    replaced = {**validation.catalogue(), "replaced": list(REPLACED)}
    sql.run("proposals/replace_findings", replaced, tables=tables, rows=rechecked)
    _drop(tables)
    return {"rechecked": rechecked, "evidence_changed": changed, "verdicts_changed": verdicts}


def count_affected(*, codes: list[str]) -> dict[str, int]:
    """How many open proposals an activation would look at again. Queries: one."""
    concerned = Q(village_id__in=codes) | Q(actual_village_id__in=codes)
    open_ = Proposal.objects.filter(concerned, status__in=OPEN, location__isnull=False)
    return {"proposals": open_.count()}


def _count(table: tuple[str, str]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(psql.SQL("SELECT count(*) FROM {}").format(psql.Identifier(*table)))
        return int(cursor.fetchone()[0])


def _drop(tables: dict[str, tuple[str, str]]) -> None:
    for table in tables.values():
        sql.execute(psql.SQL("DROP TABLE IF EXISTS {}").format(psql.Identifier(*table)))
