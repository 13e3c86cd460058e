"""The section of a decree's page that lists the locked fields it overwrote.

A lock is a steward's note that a value was verified: no source changes it. A decree is law and is
always written completely, but the steward who locked the field is informed and can compare both
values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from apps.accounts.access import scope_of
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.audit import record
from apps.audit.models import Action
from apps.common import sql
from apps.proposals.models import Decree
from apps.reconciliation.models import Lock
from apps.reconciliation.survivorship.person_sources import label_of, shown
from apps.regions.models import Region
from apps.registry.models import Person
from apps.registry.reading import Section

TEMPLATE: Final = "reconciliation/conflicts/_decree_locks.html"
MOST_LISTED: Final = 100


@dataclass(frozen=True)
class Overwritten:
    """A locked field of a person, before the decree and after it."""

    person: Person
    label: str
    before: str
    after: str
    lock: Lock


@dataclass(frozen=True)
class LockedRows:
    """What the template shows; `count` may be larger than the list."""

    rows: list[Overwritten]
    count: int


def section(decree: Decree, by: User) -> Section | None:
    """The section with the persons that `by` may see; the read is recorded for each of them.

    None where the decree overwrote no locked field. Queries: five at most.
    """
    if decree.change_id is None or decree.in_force_at is None:
        return None
    scope = scope_of(by, Permission.VIEW_PERSON)
    found = sql.run(
        "reconciliation/conflicts/list_overwritten_locks",
        {"change": decree.change_id, "until": decree.in_force_at},
    )
    ids = {person for _lock, person, *_values in found}
    persons = Person.objects.within(scope).in_bulk(ids) if ids else {}
    seen = [row for row in found if row[1] in persons]
    if not seen:
        return None
    listed = seen[:MOST_LISTED]
    locks = Lock.objects.select_related("user").in_bulk([row[0] for row in listed])
    codes = {value for row in listed if row[2] == "village" for value in row[3:]}
    villages = dict(Region.objects.filter(code__in=codes).values_list("code", "name"))
    rows = [
        Overwritten(
            persons[person],
            label_of(field),
            shown(field, before, villages),
            shown(field, after, villages),
            locks[lock],
        )
        for lock, person, field, before, after in listed
    ]
    _record_read(decree, [row.person for row in rows])
    return Section(TEMPLATE, LockedRows(rows, len(seen)))


def _record_read(decree: Decree, persons: list[Person]) -> None:
    """Record the read of these persons' values."""
    seen = {one.pk: one for one in persons}
    record.entries(Action.READ, ((one, {"decree": decree.pk}) for one in seen.values()))
