"""What a row said when it was delivered, beside how it was read: cell by cell, from its file.

The file is read as far as the row by the sandboxed child; nothing of it is stored a second time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.common.text.identity import MASK, masked
from apps.proposals import columns, maps
from apps.proposals.checks import reading
from apps.proposals.models import Batch, Proposal
from apps.registry.models import Person

# A column of the file and the field of the proposal into which it was read, if it has another name.
READ_INTO: Final = {
    "programme": "programme_id",
    "village_code": "village_id",
    "village_name": "village",
    "pregnant": "is_pregnant",
}
NUMBERS: Final = frozenset({"nik", "kk"})
# So many digits, whatever is between them, may be the number of a person.
_LONG_NUMBER: Final = re.compile(r"\d(?:[ .\-]?\d){11,}")


@dataclass(frozen=True)
class Cell:
    """One cell: the heading of its column, the text as delivered, and the value as it was read.

    `is_changed`: the two are not the same text. Numbers of persons are masked in both.
    """

    heading: str
    delivered: str
    read: str
    is_changed: bool


def cells(proposal: Proposal, batch: Batch) -> list[Cell]:
    """The filled cells of a proposal's row, in the order of our template.

    Runs outside of transactions, in a place of `inspection.slot`. Raises: FileRefused.
    Cost: the file is read up to the row, so that a late row of a large one takes longest.
    """
    delivered = reading.delivered_row(batch, proposal.row_number)
    found = []
    for name in columns.COLUMNS:
        text = delivered.get(name, "")
        if not text:
            continue
        read = _read(proposal, name)
        if name in maps.PLACE and proposal.is_protected:
            text = read = maps.HIDDEN
        is_number = name in NUMBERS
        is_plain = name in _PLAIN
        found.append(
            Cell(
                heading=_heading(batch, name),
                delivered=text if is_plain else masked_cell(text),
                read=masked(read) if is_number else read if is_plain else masked_cell(read),
                is_changed=text != read,
            )
        )
    return found


# Columns whose digits are no number of a person.
_PLAIN: Final = frozenset(
    {"latitude", "longitude", "accuracy_m", "birth_date", "pregnancy_date", "reason_date"}
    | {"village_code", "rt", "rw", "ppks", "evidence_number"}
)


def masked_cell(text: str) -> str:
    """A delivered text in which every long number is masked, however it is written."""

    def hide(found: re.Match[str]) -> str:
        digits = re.sub(r"\D", "", found[0])
        return f"{digits[:6]}{MASK}{digits[12:16]}"

    return _LONG_NUMBER.sub(hide, text)


def _heading(batch: Batch, name: str) -> str:
    """The heading of the file's own column; ours where a row was typed or a column is split."""
    place = batch.mapping.get(name)
    if isinstance(place, int) and place < len(batch.header):
        return str(batch.header[place])
    return columns.TEMPLATE[name]


def _read(proposal: Proposal, name: str) -> str:
    """The value of a proposal that came from a column, as the page of the row shows it."""
    if name in maps.PLACE:
        point = proposal.location
        return "" if point is None else f"{point.y if name == 'latitude' else point.x:.6f}"
    if name == "ppks":
        return ", ".join(map(str, proposal.ppks))
    if name == "sex":
        return str(dict(Person.Sex.choices).get(proposal.sex, proposal.sex))
    field = READ_INTO.get(name, name)
    value: Any = getattr(proposal, f"get_{field}_display", lambda: getattr(proposal, field, ""))()
    if hasattr(value, "isoformat"):
        return date_format(value, "DATE_FORMAT")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return "" if value is None else str(value)
