"""A group of duplicates for its page: fields in a fixed order, differences marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.models import User
from apps.audit import record
from apps.audit.models import Action
from apps.common.text.identity import masked
from apps.reconciliation.duplicates.person_groups import PersonGroup
from apps.registry import merge_preview
from apps.registry.models import Person

FIELDS: Final = (
    "name", "nik", "birth_date", "birth_place", "sex", "mother_name", "kk", "relation", "village",
    "address", "title", "occupation", "marital_status", "disability_kind", "ppks",
)  # fmt: skip
MASKED: Final = frozenset({"nik", "kk"})
LABELS: Final = {
    "nik": "NIK",
    "kk": "No. KK",
    "address": gettext_lazy("address"),
    "village": gettext_lazy("village"),
    "ppks": "PPKS",
}


@dataclass(frozen=True)
class Cell:
    """One value of one person; `differs` from the value of the kept person."""

    value: str
    differs: bool


@dataclass(frozen=True)
class FieldLine:
    """What happens to one value of a dropped person (`number` in the table), in words."""

    number: int
    label: str
    value: str
    outcome: str


def persons_of(group: PersonGroup, by: User) -> list[Person]:
    """The persons of a group, the kept one first; the read of each is recorded."""
    known = Person.objects.select_related("family", "village", "change").in_bulk(group.ids)
    record.entries(Action.READ, ((one, {"at": "duplicates"}) for one in known.values()))
    return [known[id] for id in group.ids]


def table(persons: Sequence[Person]) -> list[tuple[str, list[Cell]]]:
    """(label, a cell for each person) of each field that any of them has."""
    rows = []
    for field in FIELDS:
        values = [_value(one, field) for one in persons]
        if any(values):
            cells = [
                Cell(masked(value) if field in MASKED else value, bool(value) and value != first)
                for value, first in zip(values, [values[0]] * len(values), strict=True)
            ]
            rows.append((label(field), cells))
    return rows


def moves(group: PersonGroup) -> list[FieldLine]:
    """The effects of a merge of this group, line by line. Queries: two."""
    outcomes = {
        "fill": _("fills a gap of the kept person"),
        "claim": _("stays on record as a value that lost"),
        "move": _("goes on with the kept person"),
        "close": _("ends; the kept person has it already"),
    }
    place = {id: number for number, id in enumerate(group.ids, 1)}
    lines = [
        FieldLine(
            place[one.drop_id],
            label(one.field),
            _shown(one.field, one.dropped),
            outcomes[one.action],
        )
        for one in merge_preview.compare(group.pairs)
        if one.action != "same"
    ]
    return lines + [
        FieldLine(
            place[one.drop_id], one.programme_id, _since(one.active_from), outcomes[one.action]
        )
        for one in merge_preview.preview_enrolments(group.pairs)
    ]


def label(field: str) -> str:
    """A field's name, capitalised for the beginning of a line."""
    text = str(LABELS.get(field) or Person._meta.get_field(field).verbose_name)  # type: ignore[union-attr]
    return text[:1].upper() + text[1:]


def _since(day: Any) -> str:
    return _("since {day}").format(day=date_format(day, "DATE_FORMAT"))


def _shown(field: str, value: str) -> str:
    return masked(value) if field in MASKED else value


def _value(person: Person, field: str) -> str:
    if field == "kk":
        return person.family.kk or ""
    if field == "village":
        return f"{person.village.name} ({person.village_id})"
    if field == "address":
        family = person.family
        return " ".join(filter(None, [family.address, family.rt and f"RT {family.rt}"]))
    value = getattr(person, field)
    if field == "birth_date":
        return date_format(value, "DATE_FORMAT") if value else ""
    if field == "sex":
        return str(person.get_sex_display()) if value else ""
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value or "")
