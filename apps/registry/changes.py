"""The only writer of the register: rows in a staging table become families, persons, enrolments.

Every written row carries its Change. A value that loses against a new one is kept as a Claim with
its source. The differing values of a "new" row about a known person are also kept as Claims: such a
row opens enrolments and fills gaps, and changes nothing else (docs/adr/0010). Only the first load,
determinations and resolutions (and, later, erasure) may import this module. `merging` is the
counterpart for two rows of one person.

A person is found by NIK among the active undisputed ones, a family by KK among the active ones.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from django.db import transaction

from apps.common import locks, sql
from apps.common.locks import Lock
from apps.common.sql import Table, Tables
from apps.common.staging import Staging
from apps.registry.likeness import SAME_POINT_M
from apps.registry.models import Change

# Intermediate tables.
STAGED: Final = ("person", "family", "update")

# Input of `apply`: a table or view with exactly these columns. One row is one person with the
# programmes to enrol in (perhaps none). Several rows of one NIK are one person: the first row
# (lowest row_number) gives the fields, a correction before a new one; rows that end enrolments give
# none. Empty text, '{}' and NULL keep the register's value.
COLUMNS: Final[tuple[tuple[str, str], ...]] = (
    ("row_number", "bigint"),  # unique
    ("kind", "text"),  # new (make, or enrol and fill gaps), correction (make or mend), removal
    ("ends", "text"),  # of a removal: person ('' is the same) or enrolment (in its programmes)
    ("reason", "text"),  # of a removal: one of EndReason, or ''
    ("reason_date", "date"),  # of a removal: the day of the event, or NULL
    ("nik", "text"),  # 16 digits, or NULL: a person without a NIK, found by source_ref
    ("kk", "text"),  # 16 digits; not read for a removal
    ("name", "text"),
    ("title", "text"),
    ("birth_place", "text"),
    ("birth_date", "date"),
    ("sex", "text"),  # L, P or ''
    ("mother_name", "text"),
    ("relation", "text"),
    ("occupation", "text"),
    ("marital_status", "text"),
    ("disability_kind", "text"),
    ("ppks", "smallint[]"),
    ("village_id", "text"),  # a village of the region tree
    ("address", "text"),
    ("rt", "text"),
    ("rw", "text"),
    ("location", "geometry(Point, 4326)"),
    ("location_verdict", "text"),
    ("programmes", "text[]"),  # codes of registry_programme
    ("source_ref", "text"),  # the row's number at its source
    # a reviewer confirmed that this person, or this family, lives elsewhere now than is registered
    ("move_confirmed", "boolean"),
)


def begin(
    *,
    kind: Change.Kind,
    reference: str,
    source: str,
    actor: str,
    actor_name: str,
    reason: str,
    now: datetime,
) -> Change:
    """The Change of one act, created once: the same kind and reference return the same Change."""
    change, _is_new = Change.objects.get_or_create(
        kind=kind,
        reference=reference,
        defaults={
            "source": source,
            "actor": actor,
            "actor_name": actor_name[:200],
            "reason": reason[:500],
            "at": now,
        },
    )
    return change


@transaction.atomic
def apply(
    *, change: Change, relation: Table, active_from: date, overwrites: bool = False
) -> dict[str, int]:
    """Write the rows of a staging relation into the register; returns and records the counts.

    A second call under the same Change writes nothing. `active_from` is the first day of new
    enrolments and the day on which those of removed persons end. `overwrites`: every row replaces
    the values of known persons; for a load of the register itself, never for a decree.
    Locks: the register.
    Cost: 1,000,000 new persons with history: see `loading.load_register`.
    """
    lock_register()
    params = {
        "change": change.pk,
        "source": change.source,
        "at": change.at,
        "day": active_from,
        "overwrites": overwrites,
        "metres": SAME_POINT_M,
    }
    rows = sql.count(relation)
    with Staging(f"change_{change.pk}", STAGED, others={"rows": relation}) as staging:
        _stage(staging, params, rows)
        counts = _write(staging, params, rows)
        if not overwrites:
            # last: values of rows that differ from the written register were not accepted
            counts["claims"] += int(
                staging.scalar("registry/claim_untaken", params, rows=rows) or 0
            )
    add_up(change, counts)
    return counts


def _stage(staging: Staging, params: dict[str, Any], rows: int) -> None:
    """Find the persons and families of the rows: known or new, and their future values."""
    staging.run("registry/stage_persons", params, rows=rows)
    staging.analyze("person")
    staging.run("registry/stage_families", params, rows=rows)
    staging.analyze("family")
    staging.run("registry/stage_updates", params, rows=rows)
    staging.analyze("update")


def _write(tables: Tables, params: dict[str, Any], rows: int) -> dict[str, int]:
    """Write in this order: claims before the values replacing them, families around persons."""

    def run(name: str) -> int:
        return int(sql.scalar(name, params, tables=tables, rows=rows) or 0)

    return {
        "families_new": run("registry/insert_families"),
        "families_moved": run("registry/count_moves"),
        "families_changed": run("registry/update_families"),
        "claims": run("registry/insert_claims"),
        "persons_new": run("registry/insert_persons"),
        "persons_changed": run("registry/update_persons"),
        "persons_not_found": run("registry/count_strangers"),
        "persons_removed": run("registry/remove_persons"),
        "enrolments_closed": run("registry/close_enrolments"),
        "enrolments_moved": run("registry/move_enrolments"),
        "enrolments_opened": run("registry/open_enrolments"),
        "families_ended": end_families(tables["person"], params, rows),
    }


def lock_register() -> None:
    """Wait until no other transaction writes the register; held until this one ends.

    Writers run one after the other, so that none works on rows that another has read and changed
    (two decrees, a decree and a merge, two merges).
    """
    locks.hold(Lock.REGISTER)


def end_families(left: Table, params: dict[str, Any], rows: int) -> int:
    """End the families in `left` that no active person belongs to any more."""
    tables = {"person": left}
    return int(sql.scalar("registry/end_families", params, tables=tables, rows=rows) or 0)


def add_up(change: Change, counts: dict[str, int]) -> None:
    """Store the summed counts of a Change that is applied in parts."""
    for name, count in counts.items():
        change.rows[name] = change.rows.get(name, 0) + count
    change.save(update_fields=["rows"])
