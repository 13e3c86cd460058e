"""Merges two rows of one person into one; both histories are kept, and the merge can be undone.

Like `changes`, this module writes the register: everything is written under one Change, and only
modules that may import `changes` may import this one. A dropped person keeps row, NIK and history
and refers to the kept one. Its open enrolments, differing values and values that the kept one lacks
are moved to the kept one. The history alone records what a merge moved, so undoing relies on it,
independent of later changes elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction

from apps.common import sql
from apps.common.errors import DomainError
from apps.common.sql import Tables
from apps.common.staging import Staging
from apps.registry import changes
from apps.registry.merge_preview import (
    COMPARED,
    SETTLED,
    Obstacle,
    Pairs,
    Refusal,
    merged_by,
    obstacles,
    params_of,
    refusals,
)
from apps.registry.models import Change


class NotMergeable(DomainError):
    """Some pair cannot be merged; nothing was merged. `refusals` has the pairs and reasons."""

    code = "not_mergeable"

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        super().__init__(count=len(refusals), why=refusals[0].code)
        self.refusals = refusals


class NothingToUndo(DomainError):
    """Nothing of a merge can be undone any more, or something prevents it."""

    code = "nothing_to_undo"

    def __init__(self, obstacles: Sequence[Obstacle] = ()) -> None:
        super().__init__(count=len(obstacles), why=obstacles[0].code if obstacles else "")
        self.obstacles = obstacles


@transaction.atomic
def merge(*, change: Change, pairs: Pairs, day: date) -> dict[str, int]:
    """Merge the dropped person of each pair into the kept one; returns and records the counts.

    A repeat under the same Change writes nothing more. An enrolment that the kept person also has
    ends on `day`.
    Raises: NotMergeable, before anything is written.
    Locks: the register, as every writer. Cost: 20,000 pairs in some seconds.
    """
    changes.lock_register()
    if refused := refusals(pairs, change):
        raise NotMergeable(refused)
    params = {**params_of(pairs), "change": change.pk, "at": change.at, "day": day}
    with Staging(f"merge_{change.pk}", ["merge", "value", "enrolment"]) as staging:
        staging.run("registry/stage_merges", params, rows=len(pairs))
        staging.analyze("merge")
        # the pairs that this Change has not merged yet
        waiting = sql.read(staging["merge"], "keep_id", "drop_id")
        sql.stage(COMPARED, staging["value"], params_of(waiting))
        sql.stage(SETTLED, staging["enrolment"], params_of(waiting))
        counts = _write(staging, params, len(pairs))
    changes.add_up(change, counts)
    return counts


def _write(tables: Tables, params: dict[str, Any], rows: int) -> dict[str, int]:
    """In this order: claims before the values replacing them, a freed NIK before it fills a gap."""

    def run(name: str) -> tuple[Any, ...]:
        return sql.run(name, params, tables=tables, rows=rows)[0]

    (claims,) = run("registry/claim_merged")
    merged, followed = run("registry/drop_merged")
    (filled,) = run("registry/fill_kept")
    moved, closed = run("registry/move_merged_enrolments")
    ended = changes.end_families(tables["merge"], params, rows)
    return {
        "claims": claims,
        "persons_merged": merged,
        "persons_followed": followed,
        "persons_filled": filled,
        "enrolments_moved": moved,
        "enrolments_closed": closed,
        "families_ended": ended,
    }


@transaction.atomic
def unmerge(
    *, change: Change, merged_change: Change, keeps: Sequence[int] | None = None
) -> dict[str, int]:
    """Undo a merge, for all its kept persons or for these; both histories stay.

    Values changed since the merge stay as they are now (`obstacles`); where that blocks, the kept
    person and all who were merged into it stay merged.
    Raises: NothingToUndo. Locks: the register, as every writer.
    """
    changes.lock_register()
    if keeps is None:
        keeps = sorted({keep for _drop, keep in merged_by(merged_change)})
    blocking = [one for one in obstacles(merged_change, keeps) if one.is_blocking]
    blocked = {one.keep_id for one in blocking}
    free = [keep for keep in keeps if keep not in blocked]
    params = {"change": merged_change.pk, "keeps": free}
    with Staging(f"merge_{change.pk}", ["undone", "emptied"]) as staging:
        staging.run("registry/stage_undone", params, rows=len(free))
        staging.analyze("undone")
        rows = staging.count("undone")
        if not rows and not change.rows:  # a repeat under the same Change has nothing left to do
            raise NothingToUndo(blocking)
        staging.run("registry/stage_emptied", params, rows=rows)
        staging.analyze("emptied")
        counts = _put_back(staging, {"change": change.pk, "merged": merged_change.pk}, rows)
    changes.add_up(change, counts)
    return {**counts, "blocked": len(blocked)}


def _put_back(tables: Tables, params: dict[str, Any], rows: int) -> dict[str, int]:
    """In this order: values of the kept person, then families, their persons, enrolments."""

    def run(name: str) -> tuple[Any, ...]:
        return sql.run(name, params, tables=tables, rows=rows)[0]

    (emptied,) = run("registry/empty_kept")
    (reopened,) = run("registry/reopen_families")
    restored, followed = run("registry/restore_dropped")
    (enrolments,) = run("registry/restore_enrolments")
    (claims,) = run("registry/undo_claims")
    return {
        "persons_emptied": emptied,
        "families_reopened": reopened,
        "persons_restored": restored,
        "persons_followed": followed,
        "enrolments_restored": enrolments,
        "claims_undone": claims,
    }
