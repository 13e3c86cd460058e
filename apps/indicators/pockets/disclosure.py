"""Which numbers of the villages are not shown, what is shown of a row, and of which villages it is
said whether they are pockets (adr/0030): those whose counted families are shown.

A number below `SMALL_COUNT` is hidden, and so is a part of which the rest is that small, and
further villages where the sum of their district or regency would tell (`common.disclosure`). Where
a village's families are hidden, all its numbers are; where its persons are, those of its programmes
are. Sums are made of what is shown. The columns are chosen once, when an edition is computed, and
stored beside the counts (`hidden`); what the thematic maps hide later is hidden in every edition
that is kept (`follow_maps`), in the same transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Protocol

import numpy as np
from django.conf import settings
from django.db.models import Q

from apps.common import locks, sql
from apps.common.disclosure import Tree, suppress
from apps.common.locks import Lock
from apps.indicators.states import PROGRAMME
from apps.regions.models import COUNTRY

FAMILIES: Final = "families"
# Lengths of the codes of districts, regencies and provinces.
LENGTHS: Final = (8, 5, 2)
# The parts of a village's families.
PARTS: Final = ("counted", "enrolled", "proposed", "located", "inside", "near_border")
PERSONS, COUNTED = "persons", "counted"
# The tables of the thematic maps that hold the same numbers (`measures.definitions`), and the
# columns of an edition. Those of programmes have one name in both.
SAME_NUMBERS: Final[Mapping[str, tuple[str, ...]]] = {
    "families": (FAMILIES,),
    "persons": (PERSONS,),
    "families_enrolled": ("enrolled",),
    "families_without_proposal": ("proposed",),
    "families_located": ("located",),
    "places": ("inside", "near_border"),
}


class HasHidden(Protocol):
    """A row with counts; `hidden` are the columns that are not shown."""

    hidden: list[str]


def hidden_columns(
    villages: Mapping[str, Mapping[str, int]],
    former: Mapping[str, set[str]],
    by_programme: Sequence[Mapping[str, int]] = (),
) -> dict[str, list[str]]:
    """The hidden columns of each village that has some: code → counts by column → columns.

    `former` are those of earlier editions and of the thematic maps: what is hidden in one place or
    at one time is hidden here, or the difference would tell. `by_programme` are the families, by
    village, in each of the programmes that the method counts: the maps show them.
    """
    codes = sorted(villages)
    if not codes:
        return {}
    tree = Tree.of(codes, LENGTHS, COUNTRY)
    programmes = sorted(
        {name for counts in villages.values() for name in counts if is_of_programme(name)}
    )
    hidden: dict[str, frozenset[str]] = {}

    def counts_of(name: str) -> Any:
        return np.array([villages[code].get(name, 0) for code in codes], dtype=np.int64)

    for name in (FAMILIES, PERSONS, *PARTS, *programmes):
        counts, whole = counts_of(name), whole_of(name)
        rest = np.maximum(counts_of(whole) - counts, 0)
        parts = [counts, rest] if whole else [counts]
        if name == COUNTED:
            in_programmes = [
                np.array([one.get(code, 0) for code in codes], dtype=np.int64)
                for one in by_programme
            ]
            parts += _differences(counts, counts_of("enrolled"), in_programmes)
        known = {code for code in codes if name in former.get(code, ())}
        known |= hidden.get(FAMILIES, frozenset()) | hidden.get(whole, frozenset())
        hidden[name] = suppress(
            tree, np.stack(parts, axis=1), threshold=settings.SMALL_COUNT, hidden=known
        )
    found: dict[str, list[str]] = defaultdict(list)
    for name, regions in hidden.items():
        for code in regions & villages.keys():
            found[code].append(name)
    return dict(found)


def _differences(counted: Any, enrolled: Any, by_programme: Sequence[Any]) -> list[Any]:
    """What follows from the counted families beside the counts of programmes: those who are in
    other programmes alone, in the others of the method alone, and, of two, in both.
    """
    found = [enrolled - counted]
    if len(by_programme) > 1:
        found += [counted - families for families in by_programme]
    if len(by_programme) == 2:
        found.append(sum(by_programme) - counted)
    return [np.maximum(one, 0) for one in found]


def whole_of(column: str) -> str:
    """The column of which another one is a part; empty for the wholes."""
    if column in PARTS:
        return FAMILIES
    return PERSONS if is_of_programme(column) else ""


def programme_column(code: str) -> str:
    """The name under which the persons of a programme are hidden."""
    return f"{PROGRAMME}{code}"


def is_of_programme(column: str) -> bool:
    return column.startswith(PROGRAMME)


def columns_of(table: str, programmes: Sequence[str]) -> tuple[str, ...]:
    """The columns of an edition that hold the same numbers as a table of the thematic maps.

    What the method counts by one programme are the families in it.
    """
    if not is_of_programme(table):
        return SAME_NUMBERS.get(table, ())
    counts_it = [programme_column(code) for code in programmes] == [table]
    return (table, COUNTED) if counts_it else (table,)


def follow_maps() -> int:
    """Hide in every edition of ours, and in its differences, what the thematic maps hide now.

    Cells that hold families of a village whose number is hidden go. Returns the number of villages
    that changed. Locks: what is hidden. Queries: four.
    """
    locks.hold(Lock.HIDDEN)
    pairs = [(table, column) for table, columns in SAME_NUMBERS.items() for column in columns]
    params = {
        "tables": [table for table, _ in pairs],
        "columns": [column for _, column in pairs],
        "programme": PROGRAMME,
    }
    changed = int(sql.scalar("indicators/pockets/follow_maps", params))
    sql.run("indicators/pockets/follow_villages")
    if changed:
        sql.run("indicators/pockets/follow_cells")
    return changed


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
