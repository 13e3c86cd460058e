"""The answers of the two forms as rows of a file, and back; no other rule than those of a file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from apps.common.text.days import written
from apps.imports import typed_point
from apps.proposals import removal_rules
from apps.registry.models import Person

REMOVAL, CORRECTION = "removal", "correction"
WORDS: Final = {REMOVAL: "HAPUS", CORRECTION: "PERBAIKAN"}
KINDS: Final = {word: kind for kind, word in WORDS.items()}
# A village is changed by a file only: whoever moves away is removed, and proposed where they live.
FIELDS: Final = tuple(name for name in removal_rules.FIELDS if name != "village")
DAYS: Final = frozenset({"birth_date", "reason_date"})
ABOUT: Final = ("reason", "reason_date", "programme", "evidence_kind", "evidence_number")
# The fields of the form by the column of a finding, where they differ.
OF_COLUMN: Final = {
    "latitude": "location",
    "longitude": "location",
    "disability": "disability_kind",
}


def rows_of(
    kind: str, persons: Iterable[Person], answers: Mapping[str, Any]
) -> list[dict[str, str]]:
    """One row for each person. The first is the one whom the answers are about."""
    return [_row(kind, person, answers) for person in persons]


def _row(kind: str, person: Person, answers: Mapping[str, Any]) -> dict[str, str]:
    cells = {
        "nik": person.nik or "",
        "name": person.name,
        "village_code": person.village_id,
        "kind": WORDS[kind],
    }
    asked = ABOUT if kind == REMOVAL else (*FIELDS, "evidence_kind", "evidence_number")
    for name in asked:
        text = " ".join(str(answers.get(name) or "").split())
        if text:
            cells |= _cells(name, written(text) if name in DAYS else text)
    return cells


def _cells(name: str, text: str) -> dict[str, str]:
    if name == "location":
        return _point(text)
    if name == "disability_kind":
        return {"disability": "YA", name: text}
    return {removal_rules.FIELDS.get(name, name): text}


def _point(text: str) -> dict[str, str]:
    """The cells of a typed point; unreadable text stays in both of them, for its finding."""
    try:
        latitude, longitude = typed_point.split(text)
    except typed_point.NotAPoint:
        latitude = longitude = text
    return {"latitude": latitude, "longitude": longitude}


def typed(row: Mapping[str, str], person: Person) -> dict[str, str]:
    """The answers that made a row, to fill the form in again."""
    columns = {name: column for name, column in removal_rules.FIELDS.items() if name in FIELDS}
    columns |= {name: name for name in ABOUT}
    found = {name: row.get(column, "") for name, column in columns.items()}
    if row.get("name") == person.name:
        found["name"] = ""
    if row.get("latitude"):
        same = row["latitude"] == row.get("longitude")
        found["location"] = row["latitude"] if same else f"{row['latitude']}, {row['longitude']}"
    return found
