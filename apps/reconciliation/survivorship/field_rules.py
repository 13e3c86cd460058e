"""Which value of a field of a person wins, and why: by lock, decision, authority, recency.

The register holds one value of each field. The linked records hold current values of other sources,
and claims hold the values that lost. A source's value is taken over by an answered question. For a
field and its first authority, a steward may allow that values from certain pairs are taken over
without a question. The changes are then proposed, counted, and written at the steward's request. By
default this is allowed for no field.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import actor_of, scope_of
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.audit import record
from apps.audit.models import Action
from apps.common import sql
from apps.common.errors import DomainError
from apps.jobs import work
from apps.jobs.models import Job
from apps.reconciliation.models import (
    REGISTER,
    Authority,
    Lock,
    Record,
    RecordPair,
    Source,
)
from apps.reconciliation.states import JOINED
from apps.registry import reading
from apps.registry.models import Change, Claim, Person

TAKE_SURVIVORS: Final = "reconciliation.take_survivors"
# A source without a rank comes after all others.
LAST_RANK: Final = 1_000

# Field of a person → its field in a record.
FIELDS: Final[dict[str, str]] = {
    "name": "name",
    "nik": "nik",
    "kk": "kk",
    "birth_place": "birth_place",
    "birth_date": "birth_date",
    "sex": "sex",
    "mother_name": "mother_name",
    "relation": "relation",
    "occupation": "occupation",
    "village": "village_code",
}
# Fields that may be taken over without a question: not the address, nor the family's number.
AUTOMATIC: Final = (
    "name", "birth_place", "birth_date", "sex", "mother_name", "relation", "occupation", "nik",
)  # fmt: skip
# The family's number belongs to all its persons: it is not locked for one of them.
LOCKABLE: Final = tuple(field for field in FIELDS if field != "kk")


class Rule(TextChoices):
    """Why a field of the register has its value."""

    LOCK = "lock", _("locked by hand")
    DECIDED = "decided", _("decided by people")
    AUTHORITY = "authority", _("first authority for this field")
    RECENCY = "recency", _("most recent")
    ONLY = "only", _("no source says otherwise")
    ASKED = "asked", _("another source would win")
    CLAIMED = "claimed", _("a decree says otherwise; not taken over")


@dataclass(frozen=True)
class Held:
    """A value that a source holds, or held (`is_past`), for a field.

    `decree` is the number of the decree whose row claimed it without the register accepting it.
    """

    value: str
    source: str
    date: date
    rank: int = LAST_RANK
    is_past: bool = False
    decree: str = ""


@dataclass(frozen=True)
class FieldOrigin:
    """A field of a person in the register, why it has its value, and the values that lost.

    `lock` is the lock in force.
    """

    field: str
    value: str
    source: str
    date: date
    rule: Rule
    losers: tuple[Held, ...]
    lock: Lock | None = None


def choose(
    person: Person,
    linked: Sequence[Record] | None = None,
    known: reading.PersonFields | None = None,
) -> list[FieldOrigin]:
    """Every field with its value, source, date, rule and the values that lost.

    Only users who see the whole country see other ministries' values; others see the register's own
    past. `known` are the person's origins and claims where they were read before. Queries: seven,
    four with what is known.
    """
    linked = linked_records(person) if linked is None else linked
    ranks = {(a.source_id, a.field): a.rank for a in Authority.objects.all()}
    locks = {lock.field: lock for lock in person.locks.filter(lifted_at__isnull=True)}
    origins = known.origins if known else reading.origins(person)
    past = known.claims if known else [*reading.untaken(person), *reading.claims(person)]
    return [
        _origin(
            field,
            _value(person, field),
            origins.get(field, person.change),
            _values_of(field, linked, ranks),
            [claim for claim in past if claim.field == field],
            locks.get(field),
            ranks,
        )
        for field in FIELDS
    ]


def linked_records(person: Person) -> list[Record]:
    """The current records of a person in the sources, by the joined pairs. Queries: one."""
    pairs = RecordPair.objects.filter(
        right__source=REGISTER,
        right__source_ref=str(person.pk),
        status__in=JOINED,
        until__isnull=True,
    ).exclude(left__source=REGISTER)
    found = pairs.select_related("left__dataset", "left__source").order_by("left__source", "pk")
    return [pair.left for pair in found]


def winner(status: Held, said: Iterable[Held]) -> tuple[Held, Rule]:
    """The value that wins by authority, then recency; on a tie the register's own value.

    An empty field of the register takes any value that exists.
    """
    others = [one for one in said if one.value and one.value.upper() != status.value.upper()]
    if not others:
        return status, Rule.ONLY
    best = min(others, key=lambda one: (one.rank, -one.date.toordinal()))
    if not status.value:
        return best, Rule.AUTHORITY
    if best.rank != status.rank:
        rule = Rule.AUTHORITY
        return (best, rule) if best.rank < status.rank else (status, rule)
    return (best if best.date > status.date else status), Rule.RECENCY


def _origin(
    field: str,
    value: str,
    change: Change,
    said: list[Held],
    past: list[Claim],
    lock: Lock | None,
    ranks: dict[tuple[str, str], int],
) -> FieldOrigin:
    day = timezone.localdate(change.at)
    own = ranks.get((change.source, field), ranks.get((REGISTER, field), LAST_RANK))
    status = Held(value, change.source, day, own)
    best, rule = winner(status, said)
    is_decided = change.kind == Change.Kind.RESOLUTION and day >= best.date
    if lock is not None:
        rule = Rule.LOCK
    elif is_decided and rule != Rule.ONLY:
        rule = Rule.DECIDED
    elif best is not status:
        rule = Rule.ASKED
    losers = [one for one in said if one.value.upper() != value.upper()]
    claimed = [_claimed(claim) for claim in past if not claim.was_held]
    claimed = [one for one in claimed if one.value.upper() != value.upper()]
    if claimed and rule == Rule.ONLY:
        # a later decision was made with knowledge of earlier claims
        is_seen = change.kind == Change.Kind.RESOLUTION and all(day >= c.date for c in claimed)
        rule = Rule.DECIDED if is_seen else Rule.CLAIMED
    losers += claimed
    losers += [
        Held(claim.value, claim.source, timezone.localdate(claim.lost_at), is_past=True)
        for claim in past
        if claim.was_held
    ]
    return FieldOrigin(field, value, change.source, day, rule, tuple(losers), lock)


def _claimed(claim: Claim) -> Held:
    day = timezone.localdate(claim.lost_at)
    return Held(claim.value, claim.source, day, decree=claim.change.reference)


def _values_of(
    field: str, linked: Sequence[Record], ranks: dict[tuple[str, str], int]
) -> list[Held]:
    found = []
    for one in linked:
        value = _text(getattr(one, FIELDS[field]))
        if value:
            rank = ranks.get((one.source_id, field), LAST_RANK)
            found.append(Held(value, one.source_id, one.dataset.as_of, rank))
    return found


def _value(person: Person, field: str) -> str:
    if field == "kk":
        return person.family.kk or ""
    return person.village_id if field == "village" else _text(getattr(person, field))


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value or "")


# --- locks ---


@transaction.atomic
def lock(*, person: Person, field: str, reason: str, by: User, now: datetime) -> Lock:
    """No source changes this field until the lock is lifted. Raises: DomainError."""
    reason = _may_lock(person, reason, by)
    if field not in LOCKABLE:
        raise DomainError("lock_field")
    try:
        with transaction.atomic():
            made = Lock.objects.create(
                person=person,
                village_id=person.village_id,
                field=field,
                reason=reason,
                user=by,
                at=now,
            )
    except IntegrityError:
        raise DomainError("lock_exists") from None
    record.entry(Action.DECIDE, about=person, reason=reason, by=by, step="lock", field=field)
    return made


@transaction.atomic
def unlock(*, person: Person, field: str, reason: str, by: User, now: datetime) -> None:
    """Sources may change the field again. A repeat changes nothing. Raises: DomainError."""
    reason = _may_lock(person, reason, by)
    held = Lock.objects.filter(person=person, field=field, lifted_at__isnull=True)
    if held.update(lifted_at=now):
        record.entry(Action.DECIDE, about=person, reason=reason, by=by, step="unlock", field=field)


def _may_lock(person: Person, reason: str, by: User) -> str:
    if not scope_of(by, Permission.RESOLVE_CONFLICT).contains(person.village_id):
        raise DomainError("conflict_not_yours")
    reason = " ".join(reason.split())[:500]
    if not reason:
        raise DomainError("lock_reason")
    return reason


# --- without a question, at a steward's request ---


@dataclass(frozen=True)
class Proposed:
    """A source's values to be taken over without a question: a field and the number of persons."""

    source: Source
    field: str
    count: int
    persons: tuple[int, ...] = ()
    values: tuple[str, ...] = ()


def switch(*, authority: Authority, is_on: bool, by: User) -> None:
    """Set whether a field of a source is taken over without a question."""
    Authority.objects.filter(pk=authority.pk).update(is_automatic=is_on)
    record.entry(
        Action.CHANGE,
        about=authority.source,
        by=by,
        field=authority.field,
        is_automatic=is_on,
    )


def propose(source: Source, *, with_rows: bool = False) -> list[Proposed]:
    """The changes that the source would make now, for the allowed fields. Queries: one."""
    found = sql.run(
        "reconciliation/survivorship/list_survivors",
        {"source": source.pk, "register": REGISTER, "with_rows": with_rows},
    )
    return [
        Proposed(source, field, count, tuple(persons or ()), tuple(values or ()))
        for field, count, persons, values in found
    ]


def last_job(source: Source) -> Job | None:
    """The latest job that writes a source's proposed values. Queries: one."""
    jobs = Job.objects.filter(kind=TAKE_SURVIVORS, subject=f"reconciliation.Source:{source.pk}")
    return jobs.order_by("pk").last()


@transaction.atomic
def enqueue_take_over(*, source: Source, expected: int, by: User) -> Job:
    """Ask for a source's proposed values to be written; `expected` persons were shown.

    Raises: DomainError when the number differs.
    """
    found = sum(one.count for one in propose(source))
    if found != expected or not found:
        raise DomainError("conflict_changed_since", found=found, expected=expected)
    record.entry(
        Action.DECIDE,
        about=source,
        by=by,
        step="take over without a question",
        persons=found,
    )
    return work.enqueue(
        TAKE_SURVIVORS,
        f"reconciliation.Source:{source.pk}",
        subject_name=source.name,
        by=actor_of(by),
        by_name=str(by),
        total=found,
        parameters={"user": by.pk, "source": source.pk},
    )
