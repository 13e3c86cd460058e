"""Which numbers of the villages are not shown, what is shown of a row, and of which villages it is
said whether they are pockets (adr/0030): those whose counted families are shown.

A number below `SMALL_COUNT` is hidden, and so is a part of which the rest is that small, and
further villages where the sum of their district or regency would tell (`common.disclosure`). Where
a village's families are hidden, all its numbers are; where its persons are, those of its programmes
are; where its enrolled families are, or those in a programme that the method counts, its counted
ones are: they are the same families, in part or all. Sums are made of what is shown. The columns
are chosen once, when an edition is computed, and stored beside the counts (`hidden`); what the
thematic maps hide later is hidden in every edition that is kept (`hidden_later`), in the same
transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import numpy as np
from django.conf import settings
from django.db.models import Q

from apps.common.disclosure import Tree, suppress
from apps.indicators.states import PROGRAMME
from apps.regions.models import COUNTRY

FAMILIES: Final = "families"
# Lengths of the codes of districts, regencies and provinces.
LENGTHS: Final = (8, 5, 2)
# The parts of a village's families; who is enrolled before who is counted.
PARTS: Final = ("enrolled", "counted", "proposed", "located", "inside", "near_border")
PERSONS, COUNTED, ENROLLED, LOCATED = "persons", "counted", "enrolled", "located"
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
# Points inside the village and near its border are parts of those that are located, and with the
# rest, those elsewhere, they add up to them: they are hidden together.
PLACES: Final = SAME_NUMBERS["places"]


class HasHidden(Protocol):
    """A row with counts; `hidden` are the columns that are not shown."""

    hidden: list[str]


@dataclass(frozen=True)
class Method:
    """By what a village's families are counted, and what else is known of them.

    `programmes` are those of the method; without any every family is counted. `families` are those
    in each programme, also of others, by village: the maps show them. `nested` are the counted
    families, by village, of editions by other methods that count all of these programmes and more,
    or only some of them.
    """

    programmes: tuple[str, ...] = ()
    families: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    nested: Sequence[Mapping[str, int]] = ()

    @property
    def tables(self) -> set[str]:
        return set(map(programme_column, self.programmes))


def hidden_columns(
    villages: Mapping[str, Mapping[str, int]],
    former: Mapping[str, set[str]],
    method: Method = Method(),
) -> dict[str, list[str]]:
    """The hidden columns of each village that has some: code → counts by column → columns.

    `former` are those of earlier editions and of the thematic maps: what is hidden in one place or
    at one time is hidden here, or the difference would tell.
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

    single = [(name,) for name in (FAMILIES, PERSONS, *PARTS) if name not in PLACES]
    for names in (*single, PLACES, *((name,) for name in programmes)):
        whole, parts = whole_of(names[0]), [counts_of(name) for name in names]
        known = {code for code in codes if not set(names).isdisjoint(former.get(code, ()))}
        known |= hidden.get(FAMILIES, frozenset()) | hidden.get(whole, frozenset())
        if whole:
            parts.append(np.maximum(counts_of(whole) - sum(parts), 0))
        if names == (COUNTED,) and method.programmes:
            known |= hidden[ENROLLED]
            known |= {code for code in codes if _tells(villages[code], code, former, method)}
            parts += _rests(codes, parts[0], counts_of(ENROLLED), former, method)
        found_in = suppress(
            tree, np.stack(parts, axis=1), threshold=settings.SMALL_COUNT, hidden=known
        )
        hidden |= dict.fromkeys(names, found_in)
    found: dict[str, list[str]] = defaultdict(list)
    for name, regions in hidden.items():
        for code in regions & villages.keys():
            found[code].append(name)
    return dict(found)


def _rests(
    codes: Sequence[str],
    counted: Any,
    enrolled: Any,
    former: Mapping[str, set[str]],
    method: Method,
) -> list[Any]:
    """What follows from the counted families beside the counts of programmes: those who are in
    other programmes alone, in the others of the method alone, in several of the method, in others
    and in one of the method, and in what a wider method counts alone.
    """

    def by_village(families: Mapping[str, int]) -> Any:
        return np.array([families.get(code, 0) for code in codes], dtype=np.int64)

    inside = [by_village(method.families.get(code, {})) for code in method.programmes]
    beside = [
        by_village(families)
        for code, families in method.families.items()
        if code not in method.programmes
    ]
    found = [enrolled - counted, sum(inside) - counted]
    found += [counted - families for families in inside]
    if beside:
        # who cannot read all of these programmes cannot subtract
        is_read = np.array([not _others(former.get(code, ()), method) for code in codes])
        found.append(np.where(is_read, sum(beside) - (enrolled - counted), 0))
    found += [np.abs(counted - by_village(families)) for families in method.nested]
    return [np.maximum(one, 0) for one in found]


def _others(hidden: Iterable[str], method: Method) -> set[str]:
    """The programmes beside the method's that are among hidden columns."""
    return set(filter(is_of_programme, hidden)) - method.tables


def _tells(
    counts: Mapping[str, int], village: str, former: Mapping[str, set[str]], method: Method
) -> bool:
    """Whether the counted families bound a number that is hidden of a programme: one of the method,
    or the only ones that those who are enrolled but not counted can be in (`follow_maps.sql`, too).
    """
    hidden = former.get(village, set())
    if hidden & method.tables:
        return True
    others = _others(hidden, method)
    if not others:
        return False
    shown = sum(
        families.get(village, 0)
        for code, families in method.families.items()
        if code not in method.programmes and programme_column(code) not in others
    )
    return counts.get(ENROLLED, 0) - counts.get(COUNTED, 0) > shown


def whole_of(column: str) -> str:
    """The column of which another one is a part; empty for the wholes."""
    if column in PLACES:
        return LOCATED
    if column in PARTS:
        return FAMILIES
    return PERSONS if is_of_programme(column) else ""


def programme_column(code: str) -> str:
    """The name under which the persons of a programme are hidden."""
    return f"{PROGRAMME}{code}"


def is_of_programme(column: str) -> bool:
    return column.startswith(PROGRAMME)


def columns_of(table: str) -> tuple[str, ...]:
    """The columns of an edition that hold the same numbers as a table of the thematic maps."""
    return (table,) if is_of_programme(table) else SAME_NUMBERS.get(table, ())


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
