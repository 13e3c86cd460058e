"""Two rows of one person become one, with both histories kept, and a way back.

As `changes`, this is a door into the register: everything is written under one Change, and only
those who may import that module may import this one. A dropped person keeps row, NIK and history
and names the kept one; what the register then says of it (open enrolments, values that differ,
values that the kept one lacked) goes over. The history alone tells what a merge moved, so that it
is taken back from there, whatever was written elsewhere in the meantime.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from django.db import transaction
from django.db.models import Exists, OuterRef
from psycopg import sql as text

from apps.common import sql
from apps.common.errors import DomainError
from apps.registry import changes
from apps.registry.keeping import Weighed
from apps.registry.models import Change, Family, Person

# (the person who is kept, the person who is dropped); the dropped ones of one in their order.
Pairs = Sequence[tuple[int, int]]
COMPARED: Final = "registry/compare_merged"
SETTLED: Final = "registry/settle_enrolments"


class Value(NamedTuple):
    """One value of a dropped person beside the kept one's. `action`: same, fill or claim."""

    keep_id: int
    drop_id: int
    field: str
    kept: str
    dropped: str
    action: str
    village_id: str
    origin_id: int


class Settled(NamedTuple):
    """An open enrolment of a dropped person. `action`: move or close."""

    id: int
    keep_id: int
    drop_id: int
    programme_id: str
    active_from: date
    village_id: str
    action: str


class Refusal(NamedTuple):
    """Why a pair cannot be merged as the register stands; `survivor_id` where one was already."""

    keep_id: int
    drop_id: int
    code: str
    survivor_id: int | None = None


class Obstacle(NamedTuple):
    """What happened since a merge. Where it blocks, nothing of that kept person's is undone."""

    keep_id: int
    person_id: int
    code: str
    detail: str
    is_blocking: bool


class NotMergeable(DomainError):
    """Some pair cannot be merged; nothing was. `refusals` says which and why."""

    code = "not_mergeable"

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        super().__init__(count=len(refusals), why=refusals[0].code)
        self.refusals = refusals


class NothingToUndo(DomainError):
    """Nothing of a merge is left that could be taken back, or something stands in the way."""

    code = "nothing_to_undo"

    def __init__(self, obstacles: Sequence[Obstacle] = ()) -> None:
        super().__init__(count=len(obstacles), why=obstacles[0].code if obstacles else "")
        self.obstacles = obstacles


# --- looking ---


def weigh(ids: Sequence[int]) -> dict[int, Weighed]:
    """What decides who is kept, for the active ones among these persons. Queries: one."""
    rows = sql.run("registry/weigh_persons", {"ids": list(ids)})
    return {
        id: Weighed(id, is_nik_sure, filled, state)
        for id, status, _village, is_nik_sure, filled, state in rows
        if status == Person.Status.ACTIVE
    }


def compare(pairs: Pairs) -> list[Value]:
    """The values of the dropped persons, each with what becomes of it. Queries: one."""
    return [Value(*row) for row in sql.run(COMPARED, _params(pairs))]


def settle(pairs: Pairs) -> list[Settled]:
    """The open enrolments of the dropped persons, each with what becomes of it. Queries: one."""
    return [Settled(*row) for row in sql.run(SETTLED, _params(pairs))]


def refusals(pairs: Pairs, change: Change | None = None) -> list[Refusal]:
    """The pairs that `merge` would refuse. What `change` has merged already is not among them."""
    params = {**_params(pairs), "change": change.pk if change else None}
    return [Refusal(*row) for row in sql.run("registry/refuse_merges", params)]


def foresee(pairs: Pairs) -> dict[str, int]:
    """What `merge` would do, counted. Queries: three. Cost: 20,000 pairs in about a second."""
    values = sql.tally(COMPARED, "action", _params(pairs))
    enrolments = sql.tally(SETTLED, "action", _params(pairs))
    return {
        "persons_merged": len(pairs),
        "values_filled": values.get("fill", 0),
        "claims": values.get("claim", 0),
        "enrolments_moved": enrolments.get("move", 0),
        "enrolments_closed": enrolments.get("close", 0),
        "families_ended": _families_left([drop for _keep, drop in pairs]),
    }


def _families_left(drops: Sequence[int]) -> int:
    """Families whose active members are all among these."""
    dropped = Person.objects.filter(pk__in=drops, status=Person.Status.ACTIVE)
    others = Person.objects.filter(family=OuterRef("pk"), status=Person.Status.ACTIVE)
    left = Family.objects.filter(is_active=True, pk__in=dropped.values("family_id"))
    return int(left.exclude(Exists(others.exclude(pk__in=drops))).count())


# --- merging ---


@transaction.atomic
def merge(*, change: Change, pairs: Pairs, day: date) -> dict[str, int]:
    """Merge the dropped person of each pair into the kept one; returns and notes what was done.

    Repeated under the same Change it writes nothing more. `day` is when an enrolment ends that the
    kept person has as well.
    Raises: NotMergeable, before anything is written.
    Locks: the register, as every writer. Cost: 20,000 pairs in some seconds.
    """
    changes.lock_register()
    if refused := refusals(pairs, change):
        raise NotMergeable(refused)
    tables = {
        name: ("staging", f"merge_{change.pk}_{name}")
        for name in ("merge", "value", "enrolment", "person")
    }
    params = {**_params(pairs), "change": change.pk, "at": change.at, "day": day}
    sql.run("registry/stage_merges", params, tables={"merge": tables["merge"]}, rows=len(pairs))
    changes.analyse(tables["merge"])
    waiting = _waiting(tables["merge"])
    sql.stage(COMPARED, tables["value"], _params(waiting))
    sql.stage(SETTLED, tables["enrolment"], _params(waiting))
    counts = _write(tables, params, len(pairs))
    _drop(tables["merge"], tables["value"], tables["enrolment"])
    changes.add_up(change, counts)
    return counts


def _waiting(table: changes.Relation) -> list[tuple[int, int]]:
    """The pairs that this Change has not merged yet."""
    return sql.select(text.SQL("SELECT keep_id, drop_id FROM {}").format(text.Identifier(*table)))


def _write(tables: dict[str, Any], params: dict[str, Any], rows: int) -> dict[str, int]:
    """In this order: claims before what they lose to, a freed NIK before it fills a gap."""

    def run(name: str, table: str) -> tuple[Any, ...]:
        return sql.run(name, params, tables={table: tables[table]}, rows=rows)[0]

    (claims,) = run("registry/claim_merged", "value")
    merged, followed = run("registry/drop_merged", "merge")
    (filled,) = run("registry/fill_kept", "value")
    moved, closed = run("registry/move_merged_enrolments", "enrolment")
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


# --- and back ---


def kept_by(merged: Change) -> list[int]:
    """The persons into whom a Change merged others, as it left them."""
    events: Any = Person._meta.get_field("events").related_model
    found = events.objects.filter(change=merged.pk, status=Person.Status.MERGED)
    return sorted(set(found.values_list("merged_into_id", flat=True)))


def obstacles(merged: Change, keeps: Sequence[int]) -> list[Obstacle]:
    """What has happened since a merge to these kept persons and what they were given."""
    params = {"change": merged.pk, "keeps": list(keeps)}
    return [Obstacle(*row) for row in sql.run("registry/find_obstacles", params)]


@transaction.atomic
def unmerge(
    *, change: Change, merged_change: Change, keeps: Sequence[int] | None = None
) -> dict[str, int]:
    """Put back what a merge moved, for all its kept persons or for these; both histories stay.

    What was built upon since stays as it is now (`obstacles`); where that blocks, the kept person
    and all who were merged into it stay merged.
    Raises: NothingToUndo. Locks: the register, as every writer.
    """
    changes.lock_register()
    wanted = list(kept_by(merged_change) if keeps is None else keeps)
    blocking = [one for one in obstacles(merged_change, wanted) if one.is_blocking]
    blocked = {one.keep_id for one in blocking}
    free = [keep for keep in wanted if keep not in blocked]
    undone, emptied = (("staging", f"merge_{change.pk}_{name}") for name in ("undone", "emptied"))
    params = {"change": merged_change.pk, "keeps": free}
    sql.run("registry/stage_undone", params, tables={"undone": undone}, rows=len(free))
    changes.analyse(undone)
    rows = changes.count(undone)
    if not rows and not change.rows:  # a repeat under the same Change finds its work done
        raise NothingToUndo(blocking)
    both = {"undone": undone, "emptied": emptied}
    sql.run("registry/stage_emptied", params, tables=both, rows=rows)
    changes.analyse(emptied)
    counts = _put_back(both, {"change": change.pk, "merged": merged_change.pk}, rows)
    _drop(undone, emptied)
    changes.add_up(change, counts)
    return {**counts, "blocked": len(blocked)}


def _put_back(tables: dict[str, Any], params: dict[str, Any], rows: int) -> dict[str, int]:
    """In this order: what the kept one gives back, then families, their persons, enrolments."""

    def run(name: str, table: str = "undone") -> tuple[Any, ...]:
        return sql.run(name, params, tables={table: tables[table]}, rows=rows)[0]

    (emptied,) = run("registry/empty_kept", "emptied")
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


def _params(pairs: Pairs) -> dict[str, list[int]]:
    return {"keeps": [keep for keep, _drop in pairs], "drops": [drop for _keep, drop in pairs]}


def _drop(*tables: changes.Relation) -> None:
    for table in tables:
        sql.execute(text.SQL("DROP TABLE {}").format(text.Identifier(*table)))
