"""Which counts of the register are hidden, in which regions; computed after each count.

What was hidden once stays hidden: two dates must not differ in what they show, or the difference
would tell.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from django.conf import settings

from apps.common import sql
from apps.common.disclosure import Ints, Tree, is_small, suppress
from apps.indicators.measures.definitions import (
    ALL_TABLES,
    COLUMNS,
    PROGRAMMES,
    TABLES,
    CountTable,
    programme_table,
    table_of,
    tables_of,
)
from apps.indicators.states import PROGRAMME
from apps.regions.models import COUNTRY

# Lengths of the codes of districts, regencies and provinces.
LENGTHS: Final = (8, 5, 2)


@dataclass(frozen=True)
class Hidden:
    """In how many regions more is hidden than before, and of which tables (`programmes` for all
    programmes); `villages` are those among the regions.
    """

    regions: int = 0
    tables: frozenset[str] = frozenset()
    villages: frozenset[str] = frozenset()


def refresh(*, period: date, changed: Collection[str] = ALL_TABLES) -> Hidden:
    """Hide what is too small in the counts of a month.

    `changed` are the tables of which a count changed since what is hidden was chosen last.
    """
    names = affected(changed)
    codes, arrays = _counts(period, columns_of(names))
    if not codes:
        return Hidden()
    programmes = _programmes(period, codes) if PROGRAMMES in names else {}
    former = _former()
    found = hidden_tables(
        codes,
        arrays | {f"{PROGRAMME}{code}": counts for code, counts in programmes.items()},
        former=former,
        tables=[
            one
            for one in tables_of(sorted(programmes))
            if one.name in names or one.name.startswith(PROGRAMME)
        ],
    )
    pairs = [
        (code, table)
        for table, hidden in found.items()
        for code in hidden.difference(former.get(table, ()))
    ]
    if not pairs:
        return Hidden()
    params = {"codes": [code for code, _ in pairs], "tables": [table for _, table in pairs]}
    regions = int(sql.scalar("indicators/measures/store_suppressed", params) or 0)
    tables = {PROGRAMMES if name.startswith(PROGRAMME) else name for _code, name in pairs}
    villages = {code for code, _table in pairs if len(code) > max(LENGTHS)}
    return Hidden(regions, frozenset(tables), frozenset(villages))


def affected(changed: Collection[str]) -> frozenset[str]:
    """The tables in which more may have to be hidden after a change of these: a part follows its
    whole and those beside it that exclude it, and all programmes follow the families in any.

    What is hidden of the others was chosen for the counts that they have.
    """
    names = set(changed)
    for table in TABLES:  # a whole stands before its parts
        beside = {table_of(column) for column in table.excluded}
        if table.whole in names or beside & names:
            names.add(table.name)
    if programme_table("").whole in names:
        names.add(PROGRAMMES)
    return frozenset(names)


def columns_of(names: Collection[str]) -> list[str]:
    """The columns that are read to choose what is hidden of these tables."""
    needed = {part for table in TABLES if table.name in names for part in table.parts}
    needed |= {table.whole for table in TABLES if table.name in names and table.whole}
    needed |= {name for table in TABLES if table.name in names for name in table.excluded}
    if PROGRAMMES in names:
        needed.add(programme_table("").whole)
    return [name for name in COLUMNS if name in needed]


def hidden_tables(
    codes: tuple[str, ...],
    counts: Mapping[str, Ints],
    *,
    former: Mapping[str, set[str]],
    tables: list[CountTable],
) -> dict[str, frozenset[str]]:
    """The hidden regions of each table. `counts` are those of the villages `codes`, by column;
    `former` are the regions that were hidden before. `tables` are all, or the affected ones.
    """
    tree = Tree.of(codes, LENGTHS, COUNTRY)
    found: dict[str, frozenset[str]] = {}
    in_both = _overlaps(counts, [table.name for table in tables])
    for table in tables:
        parts = [counts[name] for name in table.parts]
        hidden = set(former.get(table.name, ()))
        if table.whole:
            parts.append(counts[table.whole] - np.sum(parts, axis=0))
            parts += [
                np.maximum(counts[table.whole] - sum(counts[name] for name in names), 0)
                for names in table.rests
            ]
            hidden |= found[table.whole] if table.whole in found else former.get(table.whole, set())
        if table.name in in_both:
            parts.append(in_both[table.name])
        found[table.name] = suppress(
            tree, np.stack(parts, axis=1), threshold=settings.SMALL_COUNT, hidden=hidden
        )
    return found


def _overlaps(counts: Mapping[str, Ints], tables: Sequence[str]) -> dict[str, Ints]:
    """How often families are in a further programme, by table of a programme.

    All programmes' families minus those in any: of two programmes who is in both, of more no two
    share more than these. Nobody publishes them, everybody can subtract. Where they are few the
    programme with the fewest families is hidden.
    """
    names = [name for name in tables if name.startswith(PROGRAMME)]
    if len(names) < 2:
        return {}
    families = np.stack([counts[name] for name in names])
    both = np.maximum(families.sum(axis=0) - counts["families_enrolled"], 0)
    fewest = np.where(families > 0, families, np.iinfo(np.int64).max).argmin(axis=0)
    small = is_small(both, settings.SMALL_COUNT)
    return {name: np.where(small & (fewest != place), 0, both) for place, name in enumerate(names)}


def _counts(period: date, wanted: Sequence[str]) -> tuple[tuple[str, ...], dict[str, Ints]]:
    """The codes of the villages of a month, and their counts by column."""
    params = {"period": period, "columns": list(wanted)}
    [(codes, *columns)] = sql.run("indicators/measures/read_counts", params)
    if codes is None:
        return (), {}
    return tuple(codes), {
        name: np.array(values, dtype=np.int64)
        for name, values in zip(COLUMNS, columns, strict=True)
        if name in wanted
    }


def _programmes(period: date, codes: tuple[str, ...]) -> dict[str, Ints]:
    """Families in each programme, of the villages `codes`."""
    place = {code: number for number, code in enumerate(codes)}
    found: dict[str, Ints] = {}
    for programme, villages, families in sql.run(
        "indicators/measures/read_programmes", {"period": period}
    ):
        counts = np.zeros(len(codes), dtype=np.int64)
        counts[[place[village] for village in villages]] = families
        found[programme] = counts
    return found


def _former() -> dict[str, set[str]]:
    """The regions that are hidden now, by table."""
    found: dict[str, set[str]] = {}
    # many regions have the same tables
    for tables, regions in sql.run("indicators/measures/read_suppressed"):
        for table in tables:
            found.setdefault(table, set()).update(regions)
    return found
