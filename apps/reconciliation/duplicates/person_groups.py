"""Duplicates inside the register: groups of rows of one person, and the effects of merging them.

A run of the register with itself finds pairs. Pairs that are linked, or that people judged to be
the same, form groups. No group is merged automatically (`deduplication`).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.common import sql
from apps.common.errors import DomainError
from apps.reconciliation.conflict_kinds import question
from apps.reconciliation.duplicates import connected_components
from apps.reconciliation.models import REGISTER, Conflict, Pairing, Source
from apps.reconciliation.states import ConflictKind, ConflictStatus, PairStatus
from apps.regions.models import prefix_of
from apps.registry import merge_preview, survivor_rule
from apps.registry.models import Person
from apps.registry.survivor_rule import Weighed
from apps.ui import filters

# Above these limits a merge stops and asks for a reason: such a large share of the register (but at
# least this many pairs), or so many rows for one person, indicate a faulty run, not duplicates.
MOST_SHARE: Final = 0.02
FEW_PAIRS: Final = 25
MOST_IN_GROUP: Final = 10
# Objections that a reason overrides; all others are final.
ARGUABLE: Final = frozenset({"undone"})
# Where a group comes from.
ORIGINS: Final = {
    PairStatus.LINKED: _("Linked by the run"),
    PairStatus.SAME: _("The same person, by people"),
}


@dataclass(frozen=True)
class GroupFilter(filters.Filter):
    """A filter of groups: by origin, by region, of one person, or the two of a question.

    Groups are made of pairs in memory, so that it selects with `takes`, not by a query.
    """

    status: str = filters.choice(ORIGINS, label=_("Certainty"))
    region: str = filters.code(label=_("Region code"), pattern=filters.REGION_CODE)
    person: int | None = filters.number(label=_("person"))
    question: int | None = filters.number(label=_("question"))

    def takes(self, group: PersonGroup) -> bool:
        """Whether a group passes the filter."""
        prefix = prefix_of(self.region) if self.region else ""
        return (
            not self.is_nothing
            and (not self.status or group.status == self.status)
            and (self.person is None or self.person in group.ids)
            and any(one.village.startswith(prefix) for one in group.persons)
        )


@dataclass(frozen=True)
class PersonGroup:
    """Rows of one person, the one to be kept first.

    `status` is `same` where people judged every pair to be the same; `codes` are the objections
    against merging them.
    """

    persons: tuple[Weighed, ...]
    status: str
    codes: tuple[str, ...] = ()

    @property
    def ids(self) -> list[int]:
        return [one.id for one in self.persons]

    @property
    def keep_id(self) -> int:
        return self.persons[0].id

    @property
    def pairs(self) -> list[tuple[int, int]]:
        return [(self.keep_id, one.id) for one in self.persons[1:]]

    @property
    def why(self) -> str:
        """What decided which person is kept: a code of `survivor_rule.why`."""
        return survivor_rule.why(self.persons[0], self.persons[1])

    @property
    def is_arguable(self) -> bool:
        """Whether a reason is enough to merge it."""
        return bool(self.codes) and ARGUABLE.issuperset(self.codes)

    def turned(self, keep_id: int) -> PersonGroup:
        """The same group, but another person is kept."""
        first = [one for one in self.persons if one.id == keep_id]
        return replace(self, persons=(*first, *(p for p in self.persons if p.id != keep_id)))


@dataclass(frozen=True)
class Preview:
    """The effects of a merge: `pairs` and `moves` of the groups that pass, and who is left out.

    `breaker` is the refusal that a reason overrides. `seen` is a digest of everything shown.
    """

    groups: list[PersonGroup]
    left_out: dict[str, int]
    moves: dict[str, int]
    breaker: DomainError | None
    seen: str

    @property
    def pairs(self) -> list[tuple[int, int]]:
        return [pair for group in self.groups for pair in group.pairs]


# --- reading ---


def pairing() -> Pairing | None:
    """The pairing of the register with itself; None before its first run was asked for."""
    return Pairing.objects.filter(left=REGISTER, right=REGISTER).first()


def groups(chosen: GroupFilter, by: User) -> list[PersonGroup]:
    """The groups of active persons, those with most rows first. Queries: four.

    Cost: 20,000 pairs in about a second.
    """
    found = _of_runs() if chosen.question is None else _of_question(chosen.question)
    wanted = [group for group in found if chosen.takes(group)]
    return sorted(_judged(wanted, by), key=lambda one: (-len(one.persons), one.keep_id))


def one_of_two(conflict: Conflict) -> int | None:
    """The other person of the register, where a question may mean that two persons are the same.

    Either a run found both in one record, or the other person holds the number that the source, or
    the last answer, gives for the person of the question. Queries: two at most.
    """
    if conflict.status not in (ConflictStatus.OPEN, ConflictStatus.ANSWERED):
        return None
    if conflict.other_person_id is not None or conflict.person_id is None:
        return conflict.other_person_id
    if question(conflict.kind).other != "nik":
        return None
    last = conflict.answers.order_by("-pk").first()
    number = conflict.theirs if conflict.kind == ConflictKind.NIK_TWICE else ""
    number = (last.value if last else "") or number
    holders = Person.objects.filter(nik=number, status=Person.Status.ACTIVE)
    holder = holders.exclude(pk=conflict.person_id).order_by("pk").first() if number else None
    return holder.pk if holder else None


def _of_question(pk: int) -> list[PersonGroup]:
    """Exactly the two persons of a question, while both are active."""
    conflict = Conflict.objects.filter(pk=pk).first()
    other = one_of_two(conflict) if conflict else None
    if conflict is None or conflict.person_id is None or other is None:
        return []
    weighed = merge_preview.load_evidence(sorted((conflict.person_id, other)))
    if len(weighed) < 2:
        return []
    return [PersonGroup(tuple(survivor_rule.in_order(weighed.values())), PairStatus.LINKED, ())]


def _of_runs() -> list[PersonGroup]:
    own = pairing()
    rows = sql.run("reconciliation/duplicates/list_joined", {"pairing": own.pk}) if own else []
    edges = [(left, right) for _id, left, right, _status in rows]
    weighed = merge_preview.load_evidence(sorted({id for edge in edges for id in edge}))
    living = [row for row in rows if row[1] in weighed and row[2] in weighed]
    return _grouped(living, weighed)


def _grouped(rows: Sequence[tuple[Any, ...]], weighed: Mapping[int, Weighed]) -> list[PersonGroup]:
    members = connected_components.groups((left, right) for _id, left, right, _status in rows)
    place = {id: number for number, ids in enumerate(members) for id in ids}
    pairs: list[list[tuple[int, str]]] = [[] for _group in members]
    for pair, left, _right, status in rows:
        pairs[place[left]].append((pair, status))
    return [
        PersonGroup(
            tuple(survivor_rule.in_order(weighed[id] for id in ids)),
            PairStatus.SAME
            if {said for _id, said in of} == {PairStatus.SAME}
            else PairStatus.LINKED,
        )
        for ids, of in zip(members, pairs, strict=True)
    ]


def _judged(found: Sequence[PersonGroup], by: User) -> Iterable[PersonGroup]:
    """The same groups, each with the objections against merging it."""
    params = {
        "heads": [group.keep_id for group in found for _one in group.persons],
        "persons": [one.id for group in found for one in group.persons],
        "by": by.pk,
        "needs_two": Source.objects.filter(code=REGISTER, needs_two=True).exists(),
    }
    codes: dict[int, list[str]] = {}
    for head, code in sql.run("reconciliation/duplicates/refuse_groups", params):
        codes.setdefault(head, []).append(code)
    return [replace(group, codes=tuple(codes.get(group.keep_id, ()))) for group in found]


def preview(
    chosen: GroupFilter, by: User, *, keep_id: int | None = None, is_argued: bool = False
) -> Preview:
    """The effects of a merge of everything chosen, now.

    `keep_id` chooses who is kept in the one group of a person; only there a reason overrides an
    arguable objection.
    """
    found = groups(chosen, by)
    if keep_id is not None:
        found = [group.turned(keep_id) for group in found]
    gives_way = chosen.person is not None and is_argued
    passing, left_out = [], Counter[str]()
    for group in found:
        if not group.codes or (gives_way and group.is_arguable):
            passing.append(group)
        else:
            left_out[group.codes[0]] += 1
    pairs = [pair for group in passing for pair in group.pairs]
    moves = merge_preview.preview_merge(pairs)
    return Preview(passing, dict(left_out), moves, _breaker(passing, pairs), _digest(found))


def _digest(found: Iterable[PersonGroup]) -> str:
    """A digest of the groups: who is kept, the state of each person, the objections."""
    lines = (
        "|".join([*(f"{one.id}:{one.state}" for one in group.persons), *group.codes])
        for group in found
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _breaker(passing: Sequence[PersonGroup], pairs: Sequence[Any]) -> DomainError | None:
    largest = max((len(group.persons) for group in passing), default=0)
    if largest > MOST_IN_GROUP:
        return DomainError("breaker_group", size=largest, most=MOST_IN_GROUP)
    if len(pairs) <= FEW_PAIRS:
        return None
    persons = Person.objects.filter(status=Person.Status.ACTIVE).count()
    if len(pairs) <= MOST_SHARE * persons:
        return None
    percent = round(100 * len(pairs) / persons, 1)
    share = {"pairs": len(pairs), "persons": persons, "percent": percent}
    return DomainError("breaker_share", **share, most=round(100 * MOST_SHARE))
