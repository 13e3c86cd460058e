"""What a person's page offers to those who may propose a change."""

from __future__ import annotations

from apps.accounts.access import scope_of
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.registry.models import Person
from apps.registry.reading import Section

TEMPLATE = "proposals/register_changes/_on_person.html"


def section(person: Person, by: User) -> Section | None:
    """Links to the two forms; None where neither is possible. Queries: the user's grants."""
    if person.status != Person.Status.ACTIVE or not person.nik or person.is_nik_disputed:
        return None
    if not scope_of(by, Permission.PROPOSE_CHANGE).contains(person.village_id):
        return None
    return Section(TEMPLATE, person)
