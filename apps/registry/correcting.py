"""Corrections of single persons in the register: found by their id, under one Change each.

`changes.apply` cannot do this: it finds a person by NIK, moves whole families under one Change, and
supports neither a disputed NIK nor aid that ends. Only resolutions may import this module.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction

from apps.common import sql
from apps.common.sql import Table
from apps.common.staging import Staging
from apps.registry.models import Change

# Input of `begin_each`: acts, each with a Change of its own.
ACTS: Final[tuple[tuple[str, str], ...]] = (
    ("reference", "text"),  # '' makes no Change
    ("source", "text"),
    ("actor", "text"),
    ("actor_name", "text"),
    ("reason", "text"),
    ("at", "timestamptz"),
)

# Input of `correct`: persons by their id, each once, one field each.
CORRECTIONS: Final[tuple[tuple[str, str], ...]] = (
    ("change_id", "bigint"),
    ("person_id", "bigint"),
    # a field of the person, village, nik, or: nik_disputed, removed, enrolments_ended; of the
    # person's family: address, location (latitude and longitude)
    ("field", "text"),
    ("value", "text"),  # dates as year-month-day, a village by its code
    ("kk", "text"),  # who moves: the KK at the new place, as far as it is known
    ("day", "date"),  # on which enrolments end
)


def begin_each(*, kind: Change.Kind, relation: Table, rows: int) -> None:
    """Create a Change for each act of a relation, identified by its reference, as `begin` does."""
    sql.run("registry/insert_changes", {"kind": kind}, tables={"acts": relation}, rows=rows)


@transaction.atomic
def correct(*, relation: Table, at: datetime, rows: int) -> dict[str, int]:
    """Correct persons by their id, each under the Change that its row names.

    `apply` cannot do this: it finds a person by NIK, moves whole families, and supports neither a
    disputed NIK nor aid that ends. A second call writes nothing.
    Queries: twelve statements, independent of the number of rows.
    Raises: IntegrityError for a NIK that another active person holds; the caller checks this
    before.
    """
    label, parts = f"correct_{relation[-1]}", ("update", "move")
    with Staging(label, parts, others={"rows": relation}) as staging:
        staging.run("registry/stage_corrections", rows=rows)
        staging.analyze("update")
        staging.run("registry/stage_moves", rows=rows)
        staging.run("registry/place_movers", rows=rows)
        return _write(staging, at, rows)


def _write(staging: Staging, at: datetime, rows: int) -> dict[str, int]:
    """Families around their persons, lost values before the values that replace them."""

    def run(name: str) -> int:
        return int(staging.scalar(name, {"at": at}, rows=rows) or 0)

    return {
        "families_new": run("registry/insert_moved_families"),
        "families_moved": run("registry/move_families"),
        "families_changed": run("registry/correct_families"),
        "claims": run("registry/insert_lost_values"),
        "persons_changed": run("registry/correct_persons"),
        "enrolments_closed": run("registry/correct_enrolments"),
        "families_ended": run("registry/end_left_families"),
        "changes": run("registry/note_corrections"),
    }
