"""What reconciliation tells on a person's page: why each field has its value, the values of other
ministries, and the ranks that their sources state.

Ranks (desil) and enrolments are shown as their sources state them, with their period, without any
computation.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.access import scope_of
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.common.text.identity import masked
from apps.reconciliation.deliveries.messages import FIELD_LABELS
from apps.reconciliation.models import Lock, Record, Source
from apps.reconciliation.survivorship.field_rules import (
    LOCKABLE,
    FieldOrigin,
    Held,
    choose,
    linked_records,
)
from apps.regions.models import Region
from apps.registry.models import Person
from apps.registry.reading import LostValue, PersonFields, Section

INPUTS = "reconciliation/survivorship/_person_sources.html"
LOCK = "reconciliation/survivorship/_field_lock.html"
NUMBERS = ("nik", "kk")
OTHER_LABELS = {
    "nik": "NIK",
    "kk": "No. KK",
    "village": gettext_lazy("village"),
}
# Origins that are not a ministry's source.
OWN_NAMES = {
    "proposals": gettext_lazy("proposal"),
    "FIELD": gettext_lazy("found out on the spot"),
}


@dataclass(frozen=True)
class FieldLock:
    """A field that may be locked, or whose lock may be lifted, by the user."""

    person: Person
    field: str
    label: str
    lock: Lock | None
    may_lock: bool


@dataclass(frozen=True)
class Input:
    """A rank or an enrolment as stated by a source."""

    text: str
    source: str
    period: str
    day: date


@dataclass(frozen=True)
class Inputs:
    """What the template shows. `sees_records`: whether other ministries' records are included."""

    inputs: list[Input]
    sees_records: bool


def explain(person: Person, by: User, fields: PersonFields) -> Section:
    """Write into each line the source, why this value, and the values that lost; return the ranks
    and enrolments of the sources. Queries: six, independent of the data.
    """
    names = {str(code): str(name) for code, name in Source.objects.values_list("pk", "name")}
    linked = linked_records(person)
    origins = {origin.field: origin for origin in choose(person, linked, fields)}
    villages = _villages(list(origins.values()))
    may_lock = scope_of(by, Permission.RESOLVE_CONFLICT).contains(person.village_id)
    for line in fields.lines:
        origin = origins.get(line.field)
        if origin is None:
            line.source = _named(line.source, names)
            line.lost = [replace(one, source=_named(one.source, names)) for one in line.lost]
            continue
        line.source, line.day = _named(origin.source, names), origin.date
        line.why = str(origin.rule.label)
        line.lost = [_lost(origin.field, held, names, villages) for held in origin.losers]
        if origin.lock or (may_lock and origin.field in LOCKABLE):
            told = FieldLock(
                person, origin.field, line.label, origin.lock,
                may_lock and origin.field in LOCKABLE,
            )  # fmt: skip
            line.act = Section(LOCK, told)
    sees_records = scope_of(by, Permission.VIEW_PERSON).is_national
    return Section(INPUTS, Inputs(_inputs(linked, names), sees_records))


def _inputs(linked: list[Record], names: dict[str, str]) -> list[Input]:
    """Ranks and programmes of the linked records."""
    found = []
    for one in linked:
        period, day = one.dataset.period, one.dataset.as_of
        source = _named(one.source_id, names)
        if one.desil is not None:
            found.append(Input(_("desil {rank}").format(rank=one.desil), source, period, day))
        found += [Input(programme, source, period, day) for programme in one.programmes]
    return found


def _lost(field: str, held: Held, names: dict[str, str], villages: dict[str, str]) -> LostValue:
    text, source = shown(field, held.value, villages), _named(held.source, names)
    if held.is_past:
        return LostValue(text, source, held.date, _("held until then"))
    if held.decree:
        why = _("claimed by decree {decree}; not taken over").format(decree=held.decree)
        return LostValue(text, source, held.date, why, is_claimed=True)
    return LostValue(text, source, held.date, _("said by this source"))


def _villages(origins: list[FieldOrigin]) -> dict[str, str]:
    """Names of the villages that occur as values. Queries: one."""
    codes = {
        code
        for origin in origins
        if origin.field == "village"
        for code in (origin.value, *(held.value for held in origin.losers))
    }
    return dict(Region.objects.filter(code__in=codes).values_list("code", "name"))


def shown(field: str, value: str, villages: dict[str, str]) -> str:
    """A value of a field in words, numbers masked."""
    if field in NUMBERS:
        return masked(value)
    if field == "village":
        return f"{villages.get(value, '')} ({value})".strip() if value else ""
    if field == "sex" and value in Person.Sex.values:
        return str(Person.Sex(value).label)
    day = parse_date(value) if field == "birth_date" and value else None
    return date_format(day, "DATE_FORMAT") if day else value


def _named(source: str, names: dict[str, str]) -> str:
    return names.get(source) or str(OWN_NAMES.get(source, source))


def label_of(field: str) -> str:
    """A field's name in words."""
    if field in OTHER_LABELS:
        return str(OTHER_LABELS[field])
    known = {one.name: one for one in Person._meta.concrete_fields}
    return str(known[field].verbose_name if field in known else FIELD_LABELS.get(field, field))
