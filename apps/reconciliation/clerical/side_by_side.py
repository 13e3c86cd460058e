"""One pair side by side: values with the differing letters, relatives, places, weights.

The read is recorded before anything is shown, for the pair and for each person of the register in
it (`registry.reading` does the same for a person's own page).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from django.http import Http404
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.accounts.access import Scope
from apps.accounts.limits import read_limits
from apps.accounts.models import User
from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import Subject
from apps.common import sql
from apps.common.text.identity import masked
from apps.reconciliation.clerical import waterfall
from apps.reconciliation.clerical.waterfall import Step, Waterfall
from apps.reconciliation.linkage import listing
from apps.reconciliation.linkage import messages as linkage_messages
from apps.reconciliation.linkage.comparisons import COMPARISONS
from apps.reconciliation.models import REGISTER, Record, RecordPair
from apps.reconciliation.text_diff import Parts, letters_apart, marked
from apps.registry.models import Person
from apps.registry.person_fields import hidden_among

MOST_RELATIVES: Final = 8
# Shown below the comparisons, without a weight.
BESIDE: Final = ("address", "relation")


@dataclass(frozen=True)
class RecordVillage:
    """Where one side lives."""

    village: str = ""
    district: str = ""
    regency: str = ""
    is_home: bool = False
    metres: float | None = None


@dataclass(frozen=True)
class Side:
    """One record of the pair, its place and the other records of the same family card."""

    record: Record
    place: RecordVillage
    relatives: list[Record]

    @property
    def title(self) -> str:
        return str(self.record.source.name)

    @property
    def is_register(self) -> bool:
        return self.record.source_id == REGISTER


@dataclass(frozen=True)
class ComparedValue:
    """One property on both sides. `differs` is None where there is nothing to compare."""

    name: str
    label: str
    left: Parts
    right: Parts
    differs: bool | None
    is_hidden: bool = False
    steps: list[Step] = field(default_factory=list)


@dataclass(frozen=True)
class SideBySide:
    """All that the page of a pair shows."""

    pair: RecordPair
    left: Side
    right: Side
    lines: list[ComparedValue]
    waterfall: Waterfall | None
    is_blind: bool

    @property
    def metres(self) -> float | None:
        return self.left.place.metres

    @property
    def sides(self) -> tuple[Side, Side]:
        return self.left, self.right


def find(pair_id: int, scope: Scope) -> RecordPair:
    """A pair inside the scope. Queries: one.

    Raises: Http404.
    """
    seen = RecordPair.objects.within(scope).select_related(
        "pairing__left", "pairing__right", "run", "left__source", "right__source"
    )
    found: RecordPair | None = seen.filter(pk=pair_id).first()
    if found is None:
        raise Http404
    return found


def open_pair(pair: RecordPair, by: User) -> SideBySide:
    """What the pair's page shows; the read is counted and recorded.

    Queries: up to seven, one entry a person. Raises: read_limits.ReadingStopped.
    """
    places = _places(pair)
    relatives = _relatives(pair)
    left, right = (
        Side(one, places.get(one.pk, RecordVillage()), relatives[one.pk])
        for one in (pair.left, pair.right)
    )
    letters = _marked_letters(pair)
    model = pair.run.settings.get("model") or pair.pairing.model
    shown = None
    if not pair.is_blind:
        shown = waterfall.of(model, levels=pair.levels, rarity=pair.rarity, letters=letters)
    shown_records = [one for side in (left, right) for one in (side.record, *side.relatives)]
    note_read(pair, shown_records, by)
    return SideBySide(pair, left, right, _lines(left, right, shown), shown, pair.is_blind)


def note_read(pair: RecordPair, records: Iterable[Record], by: User) -> None:
    """Count and record the read of these records; each person of the register has an entry of their
    own.

    Raises: read_limits.ReadingStopped.
    """
    seen = list(records)
    read_limits.count(by, read_limits.Kind.LIST, len(seen))
    record.entry(
        Action.READ,
        about=pair,
        records=[one.pk for one in seen],
        persons=listing.persons_of(seen),
    )
    for one in seen:
        if one.source_id == REGISTER and one.pk in (pair.left_id, pair.right_id):
            record.entry(
                Action.READ,
                about=Subject(f"registry.Person:{one.source_ref}", region=one.village_code),
                pair=pair.pk,
            )


def _places(pair: RecordPair) -> dict[int, RecordVillage]:
    """Where the sides live; from a protected house no metres are told. Queries: two to four."""
    keys = [
        int(one.source_ref)
        for one in (pair.left, pair.right)
        if one.source_id == REGISTER and re.fullmatch("[0-9]{1,18}", one.source_ref)
    ]
    persons = Person.objects.filter(pk__in=keys).select_related("family")
    found = sql.run(
        "reconciliation/clerical/describe_places",
        {"left": pair.left_id, "right": pair.right_id, "hidden": list(hidden_among(persons))},
    )
    return {
        pk: RecordVillage(village or "", district or "", regency or "", is_home, metres)
        for pk, village, district, regency, is_home, metres in found
    }


def _relatives(pair: RecordPair) -> dict[int, list[Record]]:
    """Other current records of the same source with the same family card. Queries: one, or none."""
    sides = (pair.left, pair.right)
    found: dict[int, list[Record]] = {one.pk: [] for one in sides}
    cards = {one.kk for one in sides if one.kk}
    if not cards:
        return found
    listed = Record.objects.filter(kk__in=cards, until__isnull=True).exclude(kk="")
    listed = listed.filter(source__in={one.source_id for one in sides}).order_by("birth_date", "pk")
    for other in listed[: 4 * MOST_RELATIVES]:
        for one in sides:
            is_kin = other.kk == one.kk and other.source_id == one.source_id
            if is_kin and other.pk != one.pk and len(found[one.pk]) < MOST_RELATIVES:
                found[one.pk].append(other)
    return found


def _marked_letters(pair: RecordPair) -> dict[str, int]:
    left, right = pair.left, pair.right
    return {
        name: letters_apart(getattr(left, name), getattr(right, name))
        for name in ("name", "mother_name")
        if getattr(left, name) and getattr(right, name)
    }


def _lines(left: Side, right: Side, shown: Waterfall | None) -> list[ComparedValue]:
    steps: Mapping[str, list[Step]] = {}
    if shown is not None:
        steps = {
            comparison.name: [step for step in shown.steps if step.name == comparison.name]
            for comparison in COMPARISONS
        }
    lines = [
        _line(comparison.name, str(linkage_messages.LABELS[comparison.name]), left, right, steps)
        for comparison in COMPARISONS
    ]
    labels = {"address": _("Address"), "relation": _("Relation")}
    return lines + [
        line for name in BESIDE if (line := _line(name, labels[name], left, right, {})) is not None
    ]


def _line(
    name: str, label: str, left: Side, right: Side, steps: Mapping[str, list[Step]]
) -> ComparedValue:
    one, other = _shown(name, left), _shown(name, right)
    ours, theirs = marked(one, other)
    raw, raw_other = _raw(name, left), _raw(name, right)
    differs = None if not raw or not raw_other else _folded(raw) != _folded(raw_other)
    is_hidden = bool(differs) and one == other
    return ComparedValue(name, label, ours, theirs, differs, is_hidden, steps.get(name, []))


def _raw(name: str, side: Side) -> str:
    value: Any = side.record.village_code if name == "village" else _value(name, side.record)
    return value.isoformat() if isinstance(value, date) else str(value or "")


def _value(name: str, one: Record) -> Any:
    if name == "address":
        place = f"RT {one.rt or '–'}/RW {one.rw or '–'}" if one.rt or one.rw else ""
        return ", ".join(part for part in (one.address, place) if part)
    return getattr(one, name)


def _shown(name: str, side: Side) -> str:
    """A value as the page may show it."""
    if name in ("nik", "kk"):
        return masked(_raw(name, side))
    if name == "village":
        code = side.record.village_code
        return f"{side.place.village} {code}".strip() if code else ""
    value = _value(name, side.record)
    if isinstance(value, date):
        return date_format(value, "DATE_FORMAT")
    return str(value or "")


def _folded(text: str) -> str:
    return " ".join(text.upper().split())
