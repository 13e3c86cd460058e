"""Which numbers of the villages are not shown, and what is shown of a row.

A number below `SMALL_COUNT` is hidden, and so is a part of which the rest is that small, and
further villages where the sum of their district or regency would tell (`common.disclosure`). Where
a village's families are hidden, all its numbers are. Sums are made of what is shown. The columns
are chosen once, when an edition is computed, and stored beside the counts (`hidden`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final, Protocol

import numpy as np
from django.conf import settings
from django.db.models import Q

from apps.common.disclosure import Tree, suppress
from apps.regions.models import COUNTRY

FAMILIES: Final = "families"
# Lengths of the codes of districts, regencies and provinces.
LENGTHS: Final = (8, 5, 2)
# The parts of a village's families.
PARTS: Final = ("counted", "enrolled", "proposed", "located", "inside", "near_border")


class HasHidden(Protocol):
    """A row with counts; `hidden` are the columns that are not shown."""

    hidden: list[str]


def hidden_columns(
    villages: Mapping[str, Mapping[str, int]], former: Mapping[str, set[str]]
) -> dict[str, list[str]]:
    """The hidden columns of each village that has some: code → counts by column → columns.

    `former` are those of earlier editions and of the thematic maps: what is hidden in one place or
    at one time is hidden here, or the difference would tell.
    """
    codes = sorted(villages)
    if not codes:
        return {}
    tree = Tree.of(codes, LENGTHS, COUNTRY)
    counts = {
        name: np.array([villages[code][name] for code in codes], dtype=np.int64)
        for name in (FAMILIES, "persons", *PARTS)
    }
    families = counts[FAMILIES]
    hidden: dict[str, frozenset[str]] = {}
    for name in (FAMILIES, "persons", *PARTS):
        parts = [counts[name], families - counts[name]] if name in PARTS else [counts[name]]
        known = {code for code in codes if name in former.get(code, ())}
        hidden[name] = suppress(
            tree,
            np.stack(parts, axis=1),
            threshold=settings.SMALL_COUNT,
            hidden=known | hidden.get(FAMILIES, frozenset()),
        )
    found: dict[str, list[str]] = defaultdict(list)
    for name, regions in hidden.items():
        for code in regions & villages.keys():
            found[code].append(name)
    return dict(found)


def shown_count(row: HasHidden, column: str) -> int | None:
    """A count of a row; None where it is hidden."""
    if {FAMILIES, column} & set(row.hidden):
        return None
    count: int = getattr(row, column)
    return count


def is_shown(*columns: str) -> Q:
    """The rows whose counts in these columns are shown."""
    return ~Q(hidden__overlap=sorted({FAMILIES, *columns}))


def is_shown_among(hidden: Iterable[str], column: str) -> bool:
    """The same for the columns that a statement returned."""
    return not {FAMILIES, column} & set(hidden)
