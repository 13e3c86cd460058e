"""The effects of a merge of two rows of one person, before and after it, and obstacles to undoing
it.

Read only: for users who decide, and for `merging`, which acts on the same statements.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final, NamedTuple

from django.apps import apps
from django.db.models import Exists, OuterRef

from apps.common import sql
from apps.registry.models import Change, Family, Person
from apps.registry.survivor_rule import Weighed

# (kept person, dropped person); the dropped ones of one kept person in their order.
Pairs = Sequence[tuple[int, int]]
COMPARED: Final = "registry/compare_merged"
SETTLED: Final = "registry/merge_enrolments"


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


class EnrolmentOutcome(NamedTuple):
    """An open enrolment of a dropped person. `action`: move or close."""

    id: int
    keep_id: int
    drop_id: int
    programme_id: str
    active_from: date
    village_id: str
    action: str


class Refusal(NamedTuple):
    """Why a pair cannot be merged now; `survivor_id` where one of the two is merged already."""

    keep_id: int
    drop_id: int
    code: str
    survivor_id: int | None = None


class Obstacle(NamedTuple):
    """A change since a merge. Where it blocks, nothing of that kept person is undone."""

    keep_id: int
    person_id: int
    code: str
    detail: str
    is_blocking: bool


def load_evidence(ids: Sequence[int]) -> dict[int, Weighed]:
    """The evidence for choosing the kept person, for the active ones among these. Queries: one."""
    rows = sql.run("registry/load_survivor_evidence", {"ids": list(ids)})
    return {
        id: Weighed(id, is_nik_sure, filled, state, village)
        for id, status, village, is_nik_sure, filled, state in rows
        if status == Person.Status.ACTIVE
    }


def compare(pairs: Pairs) -> list[Value]:
    """The values of the dropped persons, each with its action. Queries: one."""
    return [Value(*row) for row in sql.run(COMPARED, params_of(pairs))]


def preview_enrolments(pairs: Pairs) -> list[EnrolmentOutcome]:
    """The open enrolments of the dropped persons, each with its action. Queries: one."""
    return [EnrolmentOutcome(*row) for row in sql.run(SETTLED, params_of(pairs))]


def refusals(pairs: Pairs, change: Change | None = None) -> list[Refusal]:
    """The pairs that `merge` would refuse, without those that `change` has merged already."""
    params = {**params_of(pairs), "change": change.pk if change else None}
    return [Refusal(*row) for row in sql.run("registry/refuse_merges", params)]


def preview_merge(pairs: Pairs) -> dict[str, int]:
    """The counted effects of `merge`. Queries: three. Cost: 20,000 pairs in about a second."""
    values = sql.tally(COMPARED, "action", params_of(pairs))
    enrolments = sql.tally(SETTLED, "action", params_of(pairs))
    return {
        "persons_merged": len(pairs),
        "values_filled": values.get("fill", 0),
        "claims": values.get("claim", 0),
        "enrolments_moved": enrolments.get("move", 0),
        "enrolments_closed": enrolments.get("close", 0),
        "families_ended": _families_left([drop for _keep, drop in pairs]),
    }


def _families_left(drops: Sequence[int]) -> int:
    """Number of families whose active members are all among these."""
    dropped = Person.objects.filter(pk__in=drops, status=Person.Status.ACTIVE)
    others = Person.objects.filter(family=OuterRef("pk"), status=Person.Status.ACTIVE)
    left = Family.objects.filter(is_active=True, pk__in=dropped.values("family_id"))
    return int(left.exclude(Exists(others.exclude(pk__in=drops))).count())


def merged_by(change: Change) -> list[tuple[int, int]]:
    """(dropped person, kept person) of each merge of a Change, in the state after it."""
    events = apps.get_model("registry", "PersonEvent")
    found = events._default_manager.filter(change=change.pk, status=Person.Status.MERGED)
    return list(
        found.order_by("merged_into_id", "pgh_obj_id").values_list("pgh_obj_id", "merged_into_id")
    )


def obstacles(merged: Change, keeps: Sequence[int]) -> list[Obstacle]:
    """Changes since a merge to these kept persons and to what was moved to them."""
    params = {"change": merged.pk, "keeps": list(keeps)}
    return [Obstacle(*row) for row in sql.run("registry/find_obstacles", params)]


def params_of(pairs: Pairs) -> dict[str, list[int]]:
    """The pairs as parameters of the statements."""
    return {"keeps": [keep for keep, _drop in pairs], "drops": [drop for _keep, drop in pairs]}
