"""Which counts of the register are hidden, in which regions; computed after each count.

What was hidden once stays hidden: two dates must not differ in what they show, or the difference
would tell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from django.conf import settings

from apps.common import sql
from apps.common.disclosure import Ints, Tree, is_small, suppress
from apps.indicators.measures.definitions import COLUMNS, PROGRAMMES, CountTable, tables_of
from apps.indicators.states import PROGRAMME
from apps.regions.models import COUNTRY

# Lengths of the codes of districts, regencies and provinces.
LENGTHS: Final = (8, 5, 2)


@dataclass(frozen=True)
class Hidden:
    """In how many regions more is hidden than before, and of which tables (`programmes` for all
    programmes).
    """

    regions: int = 0
    tables: frozenset[str] = frozenset()


def refresh(*, period: date) -> Hidden:
    """Hide what is too small in the counts of a month.

    Cost: 83,762 villages at most 1.3 s: so much longer a refresh takes where rows changed
    (bench/measures.py).
    """
    codes, arrays = _counts(period)
    if not codes:
        return Hidden()
    programmes = _programmes(period, codes)
    former = _former()
    found = hidden_tables(
        codes,
        arrays | {f"{PROGRAMME}{code}": counts for code, counts in programmes.items()},
        former=former,
        tables=tables_of(sorted(programmes)),
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
    return Hidden(regions, frozenset(tables))


def hidden_tables(
    codes: tuple[str, ...],
    counts: Mapping[str, Ints],
    *,
    former: Mapping[str, set[str]],
    tables: list[CountTable],
) -> dict[str, frozenset[str]]:
    """The hidden regions of each table. `counts` are those of the villages `codes`, by column;
    `former` are the regions that were hidden before.
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
            hidden |= found[table.whole]
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


def _counts(period: date) -> tuple[tuple[str, ...], dict[str, Ints]]:
    """The codes of the villages of a month, and their counts by column."""
    [(codes, *columns)] = sql.run("indicators/measures/read_counts", {"period": period})
    if codes is None:
        return (), {}
    arrays = (np.array(values, dtype=np.int64) for values in columns)
    return tuple(codes), dict(zip(COLUMNS, arrays, strict=True))


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
