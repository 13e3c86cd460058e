"""The page on which a person says which column of a file is which of ours: what it shows, and what
was chosen on it (`imports/_columns.html`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.common.http import integer
from apps.common.text.column_likeness import Reason
from apps.common.text.identity import masked, masked_phone
from apps.ui.forms import SentForm

SAMPLES: Final = 3
REASONS: Final = {
    Reason.LIKENESS: _("proposed by its heading"),
    Reason.CONTENT: _("proposed by what its cells hold"),
}
_SIXTEEN_DIGITS = re.compile(r"\d{16}")
_PHONE = re.compile(r"(?:\+?62|0)8\d{7,11}")
_SIGNS = re.compile(r"[.\s'\-]")


@dataclass(frozen=True)
class FileColumn:
    """A column of a file, with its first values."""

    position: int
    heading: str
    samples: list[str]


@dataclass(frozen=True)
class OurColumn:
    """A column that a row can have, and its position in the file, if known."""

    name: str
    label: str
    is_needed: bool
    position: int | None
    other: str = ""  # the column that may be given instead
    reason: str = ""  # why it is proposed when no heading matches exactly


class ChoiceForm(SentForm):
    """The position of each of our columns in the file (`column_nik=3`)."""

    def positions(self, columns: Sequence[str], width: int) -> dict[str, int | None]:
        """Our column → position; None for what is not in the file, which has `width` columns."""
        given = {name: self.data.get(f"column_{name}") for name in columns}
        return {name: integer(text, most=width - 1) for name, text in given.items()}


def file_columns(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[FileColumn]:
    """The columns the sender chooses from: each heading with its first values."""
    return [
        FileColumn(position, heading, [_shown(one) for one in values_of(rows, position)[:SAMPLES]])
        for position, heading in enumerate(header)
    ]


def _shown(value: str) -> str:
    """The value, masked where it is a NIK, KK or phone: its form is enough to recognise the
    column.
    """
    digits = _SIGNS.sub("", value)
    if _PHONE.fullmatch(digits):
        return masked_phone(digits)
    return masked(digits) if _SIXTEEN_DIGITS.fullmatch(digits) else value[:40]


def values_of(rows: Sequence[Sequence[str]], position: int) -> list[str]:
    """The values of one column that are not empty."""
    return [row[position] for row in rows if len(row) > position and row[position]]


def taken_twice(
    chosen: Mapping[str, int], header: Sequence[str], label: Callable[[str], str]
) -> str:
    """A message that a file column was chosen for several of ours; "" where none was."""
    ours: dict[int, list[str]] = {}
    for name, at in chosen.items():
        ours.setdefault(at, []).append(label(name))
    return " ".join(
        gettext(
            "Column “{heading}” was chosen for {names}. A column tells one thing: choose another"
            " for the rest, or “not in the file”."
        ).format(heading=header[at], names=", ".join(names))
        for at, names in ours.items()
        if len(names) > 1
    )
