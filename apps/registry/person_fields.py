"""A person's fields as one table: value, source, date, why this value, and the values that lost."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Model
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.common.text.identity import masked
from apps.regions.models import Region
from apps.registry import reading
from apps.registry.models import Change, Claim, Person
from apps.registry.models.person import protected_among
from apps.registry.reading import FieldLine, LostValue, PersonFields

# The fields of the table, in this order. Those of the family are in FAMILY_FIELDS.
FIELDS = (
    *("nik", "name", "title", "birth_place", "birth_date", "sex", "mother_name", "relation"),
    *("occupation", "marital_status", "disability_kind", "status"),
    *("kk", "village", "address", "rt", "rw", "location"),
)
FAMILY_FIELDS = ("kk", "address", "rt", "rw", "location")
NUMBERS = ("nik", "kk")


def fields_of(person: Person) -> PersonFields:
    """Every field with its origin and the claims about it. Queries: four."""
    origins = reading.origins(person)
    past = [*reading.untaken(person), *reading.claims(person)]
    claims: dict[str, list[Claim]] = {}
    for claim in past:
        claims.setdefault(claim.field, []).append(claim)
    villages = _villages(claims.get("village", []))
    villages |= {person.village_id: person.village.name}
    lines = [
        _line(person, name, origins, claims.get(name, []), villages)
        for name in FIELDS
        if name != "location" or not is_hidden(person)
    ]
    return PersonFields(lines, origins, past)


def is_hidden(person: Person) -> bool:
    """Whether the place of the person's house is not shown. Queries: one the first time."""
    return person.has_protected_place


def hidden_among(persons: Iterable[Person]) -> set[int]:
    """Those of some persons (with `family`) of whom `is_hidden` is true. Queries: none to two."""
    return protected_among(persons)


def _line(
    person: Person,
    name: str,
    origins: dict[str, Change],
    claims: list[Claim],
    villages: dict[str, str],
) -> FieldLine:
    row_change = person.family.change if name in FAMILY_FIELDS else person.change
    origin = origins.get(name, row_change)
    status = stored(person, name)
    lost = [_lost(claim, villages) for claim in claims if claim.was_held or claim.value != status]
    return FieldLine(
        name,
        label_of(person, name),
        shown(name, status, villages),
        origin.source,
        timezone.localdate(origin.at),
        lost=lost,
    )


def _lost(claim: Claim, villages: dict[str, str]) -> LostValue:
    day = timezone.localdate(claim.lost_at)
    text = shown(claim.field, claim.value, villages)
    if claim.was_held:
        return LostValue(text, claim.source, day, _("held until then"))
    decree = claim.change.reference
    why = _("claimed by decree {decree}; not taken over").format(decree=decree)
    return LostValue(text, claim.source, day, why, is_claimed=True)


def stored(person: Person, name: str) -> str:
    """The register's value of a field, in the format of claims."""
    if name == "village":
        return person.village_id
    row: Model = person.family if name in FAMILY_FIELDS else person
    value = getattr(row, name)
    if name == "location":
        return f"{value.y:.6f}, {value.x:.6f}" if value else ""
    return value.isoformat() if isinstance(value, date) else str(value or "")


def shown(name: str, value: str, villages: dict[str, str]) -> str:
    """A stored value for the page: numbers masked, dates and codes in words."""
    if name in NUMBERS:
        return masked(value)
    if name == "sex" and value in Person.Sex.values:
        return str(Person.Sex(value).label)
    if name == "status" and value in Person.Status.values:
        return str(Person.Status(value).label)
    if name == "village":
        return f"{villages.get(value, '')} ({value})".strip() if value else ""
    day = parse_date(value) if name == "birth_date" and value else None
    return date_format(day, "DATE_FORMAT") if day else value


def label_of(person: Person, name: str) -> str:
    """A field's name in words."""
    row: Model = person.family if name in FAMILY_FIELDS else person
    return str(row._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


def _villages(claims: list[Claim]) -> dict[str, str]:
    """Names of the villages that claims name. Queries: one, or none."""
    codes = {claim.value for claim in claims}
    return dict(Region.objects.filter(pk__in=codes).values_list("code", "name")) if codes else {}
