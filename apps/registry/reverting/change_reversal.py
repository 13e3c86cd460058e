"""Brings the register back to its state before one Change: a decree that was wrong.

Like `changes`, this module writes the register: everything is written under one Change, and only
modules that may import `changes` may import this one. The history alone says what the wrong Change
wrote, so what other Changes wrote since stays: a person or a family that one of them touched, and
whoever is tied to it by a family, is left as it is and listed (`Difference.obstacle`). What the
wrong Change opened ends on the day on which it began; rows and histories stay.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction

from apps.common import sql
from apps.common.staging import Staging
from apps.registry import changes
from apps.registry.models import Change

# The rows that a Change wrote, with their state before it, by the name of their table.
WRITTEN: Final = {
    "person": "registry/reverting/find_written_persons",
    "family": "registry/reverting/find_written_families",
    "enrolment": "registry/reverting/find_written_enrolments",
}


@dataclass(frozen=True)
class Difference:
    """What reverting does to one row of the register.

    `what`: person, family or enrolment. `act`: remove, end, restore, reopen or stay. `obstacle`:
    why it stays (changed, nik, kk, family, person, member), or ''. `fields`: present and former
    value by field; NIK and KK are whole.
    """

    what: str
    pk: int
    village_code: str
    act: str
    obstacle: str
    fields: dict[str, tuple[Any, Any]]


# Takes the differences one after the other, before anything is written.
Listing = Callable[[Iterable[Difference]], object]


def count_differences(wrong: Change) -> dict[str, int]:
    """How many rows `revert` would change now, as `what_act` (`person_remove`, `family_stay` …).

    Of those that stay only the ones that another Change wrote since are known before; `revert`
    finds those who are tied to them. Writes and locks nothing. Cost: 20,000 persons in a second.
    """
    steps = {**WRITTEN, "found": "registry/reverting/count_differences"}
    found = sql.run_chain(steps, {"wrong": wrong.pk})
    return {f"{what}_{act}": count for what, act, count in found}


@transaction.atomic
def revert(*, change: Change, wrong: Change, listing: Listing | None = None) -> dict[str, int]:
    """Bring back what `wrong` wrote, under `change`; returns and records the counts.

    `listing` is given every difference before the first row is written.

    A repeat under the same Change writes nothing. `persons_left` and
    `families_left` stay as they are.
    Locks: the register, as every writer. Cost: 20,000 persons in some seconds.
    """
    changes.lock_register()
    if change.rows:
        return dict(change.rows)
    with _staged(wrong) as (staging, rows):
        params = {"change": change.pk, "wrong": wrong.pk}
        if listing is not None:
            listing(_differences(staging))

        def run(name: str, **more: Any) -> tuple[Any, ...]:
            return staging.run(name, {**params, **more}, rows=rows)[0]

        # what frees a NIK or a KK comes before what takes it, families before their persons
        (removed,) = run("registry/reverting/revert_made_persons")
        (ended,) = run("registry/reverting/revert_made_families")
        families = sum(
            run("registry/reverting/revert_families", is_active=active)[0]
            for active in (False, True)
        )
        persons = sum(
            run("registry/reverting/revert_persons", is_active=active)[0]
            for active in (False, True)
        )
        (closed,) = run("registry/reverting/revert_opened_enrolments")
        enrolments, enrolments_left = run("registry/reverting/revert_enrolments")
        (claims,) = run("registry/reverting/revert_claims")
        persons_left, families_left = run("registry/reverting/count_unreverted")
        counts = {
            "persons_removed": removed,
            "persons_restored": persons,
            "persons_left": persons_left,
            "families_ended": ended,
            "families_restored": families,
            "families_left": families_left,
            "enrolments_ended": closed,
            "enrolments_restored": enrolments,
            "enrolments_left": enrolments_left,
            "claims_undone": claims,
        }
    changes.add_up(change, counts)
    return counts


@contextmanager
def _staged(wrong: Change) -> Iterator[tuple[Staging, int]]:
    """The rows that a Change wrote, with their obstacles, and how many they are."""
    with Staging(f"revert_{wrong.pk}", WRITTEN) as staging:
        rows = sum(wrong.rows.values())
        for part, statement in WRITTEN.items():
            sql.create_as(staging[part], {part: statement}, {"wrong": wrong.pk}, rows=rows)
            staging.analyze(part)
        rows = sum(staging.count(part) for part in WRITTEN)
        blocked = -1
        while blocked:
            blocked = staging.scalar("registry/reverting/block_persons", rows=rows)
            blocked += staging.scalar("registry/reverting/block_families", rows=rows)
        yield staging, rows


def _differences(staging: Staging) -> Iterator[Difference]:
    """Streamed: no other statement can run until the last one is read."""
    for what, pk, village, act, obstacle, fields in sql.rows_out(
        "registry/reverting/list_differences", tables=staging
    ):
        yield Difference(what, int(pk), village, act, obstacle, json.loads(fields or "{}"))
