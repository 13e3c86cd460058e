"""Matching a file's columns to ours: the sender's choice, and what the first values suggest."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

from apps.imports.column_choice import REASONS, OurColumn, values_of
from apps.proposals import columns
from apps.proposals.models import Batch
from apps.regions.models import CodeSystem, ForeignCode, Region, prefix_of

_TEN_DIGITS = re.compile(r"\d{10}")
_SIGNS = re.compile(r"[.\s'\-]")


def our_columns(
    chosen: Mapping[str, int], found: columns.RecognisedColumns | None = None
) -> list[OurColumn]:
    """Our columns in order, each with the chosen position and the reason why it is proposed."""
    reasons = {} if found is None else {m.column: m.reason for m in found.guessed(chosen)}
    needed = {*columns.REQUIRED, *columns.VILLAGE}
    code, name_ = columns.VILLAGE
    other = {code: columns.TEMPLATE[name_], name_: columns.TEMPLATE[code]}
    return [
        OurColumn(
            name,
            columns.TEMPLATE[name],
            name in needed,
            chosen.get(name),
            other.get(name, ""),
            str(REASONS[reasons[name]]) if name in reasons else "",
        )
        for name in columns.COLUMNS
    ]


def likely(found: columns.RecognisedColumns, lacking: Sequence[str]) -> str:
    """A sentence that names file columns which look like the missing ones; "" if there are none."""
    seen = [found.matches[column] for column in lacking if column in found.matches]
    pairs = [f"{columns.TEMPLATE[one.column]} = “{found.header[one.position]}”" for one in seen]
    if not pairs:
        return ""
    return " " + gettext("These look like it: %(pairs)s.") % {"pairs": ", ".join(pairs)}


@dataclass(frozen=True)
class Use:
    """Columns of a batch's file that were not recognised by their heading, and unused ones.

    `told` holds pairs of our column and the file's heading; `unused` holds headings.
    """

    told: list[tuple[str, str]]
    unused: list[str]


def use_of(batch: Batch) -> Use:
    """The columns of a batch's file that are used under another heading, and the unused ones."""
    header = [str(name) for name in batch.header]
    exact = columns.match(header)
    told = [
        (columns.TEMPLATE[column], header[at] or "?")
        for column, at in batch.mapping.items()
        if exact.get(column) != at
    ]
    used = set(batch.mapping.values())
    unused = [name for name in columns.left_out(header, used) if not columns.is_mark(name)]
    return Use(told, unused)


def bps_codes(
    rows: Sequence[Sequence[str]], mapping: Mapping[str, int], region_code: str
) -> list[str]:
    """The first values of the village column that are BPS codes inside this region.

    Empty if Kemendagri's list explains at least as many. Codes of both systems have ten digits and
    the same code may name two villages, so the sender's own region decides. Queries: two.
    """
    position = mapping.get("village_code")
    if position is None:
        return []
    values = {_SIGNS.sub("", value): value for value in values_of(rows, position)}
    digits = [value for value in values if _TEN_DIGITS.fullmatch(value)]
    here = prefix_of(region_code)
    ours = set(
        Region.objects.filter(digits__in=digits, code__startswith=here).values_list(
            "digits", flat=True
        )
    )
    theirs = set(
        ForeignCode.objects.filter(
            system=CodeSystem.BPS, code__in=digits, region__code__startswith=here
        ).values_list("code", flat=True)
    )
    if len(theirs) <= len(ours):
        return []
    return [values[code] for code in digits if code in theirs - ours]
