"""The form as its page shows it: fields with values and remarks, sections with their status."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as default
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.common.http import integer
from apps.common.text.identity import is_number
from apps.proposals.entry import form_fields as form
from apps.proposals.entry.form_fields import Field
from apps.proposals.entry.remarks import Remark
from apps.proposals.models import FormDraft, Severity


@dataclass
class Bound:
    """One field with its answer. `stored` is the value that another tab saved, if it differs."""

    field: Field
    name: str
    id: str
    value: Any
    remarks: list[Remark] = default(default_factory=list)
    stored: str = ""

    @property
    def is_wrong(self) -> bool:
        return any(remark.is_error for remark in self.remarks)

    @property
    def is_hidden(self) -> bool:
        return self.field.group == form.IDENTITY and not (self.value or self.remarks)

    @property
    def shown(self) -> str:
        """The value as the field shows it: numbers of sixteen digits are grouped for reading."""
        return grouped(self.value) if self.field.kind == "number" else str(self.value)

    @property
    def words(self) -> str:
        """The value as the summary page shows it."""
        return words(self.field, self.value)

    @property
    def chosen(self) -> Sequence[tuple[str, Any, bool]]:
        """(code, label, is chosen) of a field with choices."""
        picked = self.value if isinstance(self.value, list) else [self.value]
        if not self.value and self.field.choices is form.YES_NO:
            picked = [form.YES_NO[0][0]]
        return [(code, label, code in picked) for code, label in self.field.choices]


@dataclass(frozen=True)
class Card:
    """One member: a number that the page keeps, and the fields."""

    number: int | str
    fields: list[Bound]
    remarks: list[Remark] = default(default_factory=list)

    @property
    def shown_number(self) -> int:
        return integer(str(self.number), default=0) + 1

    @property
    def main(self) -> list[Bound]:
        """The fields that are always shown; the explanation only if a remark asks for it."""
        return [one for one in self.fields if one.field.group in ("", form.IDENTITY)]

    @property
    def more(self) -> list[Bound]:
        return [one for one in self.fields if one.field.group == "more"]

    @property
    def is_more_open(self) -> bool:
        answers = [one.value for one in self.more if one.value not in ("", "TIDAK")]
        return bool(answers) or any(one.remarks for one in self.more)


@dataclass(frozen=True)
class Difference:
    """One field that two tabs answered differently; `place` is its place on the form."""

    place: str
    label: str
    own: str
    stored: str


@dataclass(frozen=True)
class SectionStatus:
    """A section in the list of contents."""

    code: str
    title: str
    number: int
    words: str
    mark: str


def grouped(number: Any) -> str:
    """`350608 145001 0001`: sixteen digits grouped as on a card; any other text unchanged."""
    text = str(number)
    if is_number(text):
        return f"{text[:6]} {text[6:12]} {text[12:]}"
    return text


def words(asked: Field, value: Any) -> str:
    """A value in words: labels instead of codes."""
    labels = {code: str(label) for code, label in asked.choices}
    if isinstance(value, list):
        return ", ".join(str(labels.get(one, one)) for one in value)
    return grouped(value) if asked.kind == "number" else str(labels.get(str(value), value))


def fields_of(
    section: str,
    values: Mapping[str, Any],
    remarks: Iterable[Remark],
    *,
    number: int | str | None = None,
    stored: Mapping[str, Any] | None = None,
) -> list[Bound]:
    """The questions of a section, or of one member, with answers and remarks."""
    base = f"{section}-" if number is None else f"{section}-{number}-"
    prefix = "" if number is None else f"{number}-"
    place = section if number is None else f"{section}.{number}"
    said = list(remarks)
    return [
        Bound(
            asked,
            prefix + asked.name,
            base + asked.name,
            values.get(asked.name, ""),
            [one for one in said if one.place == f"{place}.{asked.name}"],
            _stored(asked, values, stored),
        )
        for asked in form.FIELDS[section]
    ]


def _stored(asked: Field, values: Mapping[str, Any], stored: Mapping[str, Any] | None) -> str:
    if stored is None:
        return ""
    there = stored.get(asked.name) or ""
    if there == (values.get(asked.name) or ""):
        return ""
    return words(asked, there) or _("(empty)")


def differences(section: str, own: Any, stored: Any, differing: Sequence[str]) -> list[Difference]:
    """The fields that two versions of a section answer differently, with both answers."""
    found = []
    for place in differing:
        number, _dot, name = place.rpartition(".")
        asked = next((one for one in form.FIELDS[section] if one.name == name), None)
        if asked is None and name != form.VILLAGE:
            continue  # derived from another answer
        label = str(asked.label) if asked is not None else _("Village")
        if number:
            label = f"{_('Member')} {int(number) + 1}: {label}"
        both = [
            str(value) if asked is None else words(asked, value)
            for value in (_at(own, number, name), _at(stored, number, name))
        ]
        mine, theirs = (one or _("(empty)") for one in both)
        found.append(Difference(f"{section}.{place}", label, mine, theirs))
    return found


def _at(values: Any, number: str, name: str) -> Any:
    if number:
        rows = values if isinstance(values, list) else []
        values = rows[int(number)] if int(number) < len(rows) else {}
    return (values or {}).get(name) or ""


def cards_of(
    members: Sequence[Mapping[str, Any]],
    remarks: Iterable[Remark],
    stored: Sequence[Mapping[str, Any]] | None = None,
) -> list[Card]:
    """A card for each member, numbered from 0."""
    said = list(remarks)
    kept = stored or []
    return [
        Card(
            i,
            fields_of(
                form.MEMBERS,
                one,
                said,
                number=i,
                stored=None if stored is None else (kept[i] if i < len(kept) else {}),
            ),
            [remark for remark in said if remark.place == f"{form.MEMBERS}.{i}"],
        )
        for i, one in enumerate(members)
    ]


def section_statuses(draft: FormDraft, remarks: Iterable[Remark]) -> list[SectionStatus]:
    """The sections with their status in words: what is still to do."""
    said = list(remarks)
    return [
        SectionStatus(code, str(form.TITLES[code]), i + 1, *_section_status(code, draft, said))
        for i, code in enumerate(form.PAGES)
    ]


def _section_status(code: str, draft: FormDraft, remarks: list[Remark]) -> tuple[str, str]:
    if code == form.REVIEW:
        return "", ""
    values = draft.sections.get(code)
    is_done = code in draft.done
    wrong, missing = form.faults(code, values)
    # findings about an older text of this section are not shown beside the new one
    is_checked = draft.versions.get(code, 0) <= draft.checked_version
    own = [one for one in remarks if one.section == code and is_checked]
    errors = sum(one.severity == Severity.ERROR for one in own)
    warnings = sum(one.severity == Severity.WARNING for one in own)
    errors = max(errors, wrong + (missing if is_done else 0))
    if errors:
        text = ngettext("{count} to fix", "{count} to fix", errors)
        return text.format(count=number_format(errors)), "✖"
    if form.is_empty(code, values) and not is_done:
        return _("Empty"), "–"
    if missing:
        text = ngettext("{count} answer missing", "{count} answers missing", missing)
        return text.format(count=number_format(missing)), "…"
    if warnings:
        text = ngettext("{count} to check", "{count} to check", warnings)
        return text.format(count=number_format(warnings)), "⚠"
    if not is_checked:
        return _("Filled in, being checked"), "…"
    return _("Filled in"), "✓"
