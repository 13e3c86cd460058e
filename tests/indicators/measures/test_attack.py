"""All published counts of the register as one linear programme: none that is hidden comes back.

A reader knows every sum that is shown, of every table and level, and how the counts are related:
points inside and near a border are points, who is in one programme is in a programme, and so on.
There are two programmes, so that who is in both follows from who is in one and who is in any.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

from apps.common.disclosure import Ints, Tree
from apps.indicators.measures.definitions import COLUMNS, tables_of
from apps.indicators.measures.suppression import LENGTHS, hidden_tables
from apps.regions.models import COUNTRY

THRESHOLD = 5
MOST = 2_000
FIRST, SECOND = "programme_PKH", "programme_SEMBAKO"
NAMES = (*COLUMNS, FIRST, SECOND)
TABLES = tables_of(["PKH", "SEMBAKO"])
# Counts that together are no more than others.
PARTS = (
    (("families_located",), ("families",)),
    (("families_inside", "families_near"), ("families_located",)),
    (("families_enrolled",), ("families",)),
    (("families_without_proposal",), ("families",)),
    ((FIRST,), ("families_enrolled",)),
    ((SECOND,), ("families_enrolled",)),
    (("families_enrolled",), (FIRST, SECOND)),
    (("disability",), ("persons",)),
    (("under_five", "elderly", "birth_unknown"), ("persons",)),
)

Counts = dict[str, Ints]


def made(seed: int) -> tuple[tuple[str, ...], Counts]:
    """A made-up register of two provinces: the codes of its villages, and their counts."""
    random = np.random.default_rng(seed)
    codes = sorted(
        f"{province}.{regency:02d}.{district:02d}.{2001 + number}"
        for province in (11, 12)
        for regency in range(1, random.integers(2, 4))
        for district in range(1, random.integers(2, 4))
        for number in range(random.integers(1, 6))
    )
    size, mean = len(codes), random.choice([5, 15, 40, 100])
    families = random.poisson(mean, size)
    located = random.binomial(families, random.choice([0.6, 0.95]))
    inside = random.binomial(located, random.choice([0.6, 0.9]))
    enrolled = random.binomial(families, random.choice([0.1, 0.5]))
    persons = np.where(families == 0, 0, families + random.poisson(2 * mean, size))
    # shares by village: in some nearly all are children or old
    under_five = random.binomial(persons, random.choice([0.08, 0.3, 0.6], size))
    elderly = random.binomial(persons - under_five, random.choice([0.12, 0.3, 0.8], size))
    first = random.binomial(enrolled, random.choice([0.3, 0.7]))
    in_both = random.binomial(first, random.choice([0.05, 0.3, 0.8]))
    counts = {
        "families": families,
        "families_located": located,
        "families_inside": inside,
        "families_near": random.binomial(located - inside, 0.4),
        "families_enrolled": enrolled,
        "families_without_proposal": random.binomial(families, random.choice([0.1, 0.9])),
        "persons": persons,
        "under_five": under_five,
        "elderly": elderly,
        "disability": random.binomial(persons, 0.03),
        "birth_unknown": random.binomial(persons - under_five - elderly, 0.02),
        "proposals_open": random.poisson(8, size),
        FIRST: first,
        SECOND: enrolled - first + in_both,
    }
    return tuple(codes), counts


class Reader:
    """What a reader knows of a register, as a linear programme over all counts of all villages."""

    def __init__(
        self, codes: tuple[str, ...], counts: Counts, hidden: dict[str, frozenset[str]]
    ) -> None:
        self.codes, self.counts, self.size = codes, counts, len(codes)
        self.hidden = {part: hidden[table.name] for table in TABLES for part in table.parts}
        self.wholes = {table.parts[0]: table.whole for table in TABLES if len(table.parts) == 1}
        self.under = {
            code: [n for n, leaf in enumerate(codes) if code == COUNTRY or leaf.startswith(code)]
            for level in Tree.of(codes, LENGTHS, COUNTRY).codes
            for code in level
        }
        shown = [
            (name, code) for name in NAMES for code in self.under if code not in self.hidden[name]
        ]
        self.sums = csr_matrix([self.weights((name,), self.under[code]) for name, code in shown])
        self.totals = [counts[name][self.under[code]].sum() for name, code in shown]
        self.orders = csr_matrix(
            [
                self.weights(parts, [place]) - self.weights(wholes, [place])
                for parts, wholes in PARTS
                for place in range(self.size)
            ]
        )

    def weights(self, names: tuple[str, ...], places: list[int]) -> np.ndarray:
        found = np.zeros(len(NAMES) * self.size)
        for name in names:
            found[[NAMES.index(name) * self.size + place for place in places]] = 1
        return found

    def small(self) -> Iterator[tuple[str, np.ndarray]]:
        """Every hidden count of 1 to 4, every rest of a whole, and who is in both, as weights."""
        for name in NAMES:
            for code in self.hidden[name] & self.under.keys():
                places = self.under[code]
                of_part = self.weights((name,), places)
                count = self.counts[name][places].sum()
                if 0 < count < THRESHOLD:
                    yield f"{name} of {code}", of_part
                whole = self.wholes.get(name)
                if whole and 0 < self.counts[whole][places].sum() - count < THRESHOLD:
                    yield f"rest of {name} of {code}", self.weights((whole,), places) - of_part
        for code, places in self.under.items():
            yield from self._ages(code, places)
            in_both = self.weights((FIRST, SECOND), places)
            in_both -= self.weights(("families_enrolled",), places)
            if 0 < in_both @ self.true() < THRESHOLD:
                yield f"both programmes of {code}", in_both

    def _ages(self, code: str, places: list[int]) -> Iterator[tuple[str, np.ndarray]]:
        """Who is in none of several groups of ages that exclude each other."""
        groups = ("under_five", "elderly", "birth_unknown")
        for names in (groups, *combinations(groups, 2)):
            rest = self.weights(("persons",), places) - self.weights(names, places)
            if 0 < rest @ self.true() < THRESHOLD:
                yield f"none of {names} of {code}", rest

    def true(self) -> Ints:
        return np.concatenate([self.counts[name] for name in NAMES])

    def width(self, weights: np.ndarray) -> float:
        """How wide the interval is in which a reader knows a sum to lie."""
        ends = [
            linprog(
                sign * weights,
                A_ub=self.orders,
                b_ub=np.zeros(self.orders.shape[0]),
                A_eq=self.sums,
                b_eq=self.totals,
                bounds=(0, MOST),
            )
            for sign in (1, -1)
        ]
        assert all(end.status == 0 for end in ends)
        return float(-ends[1].fun - ends[0].fun)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(16))
@pytest.mark.long
def test_no_hidden_count_of_the_register_can_be_computed_back(seed):
    codes, counts = made(seed)
    hidden = hidden_tables(codes, counts, former={}, tables=TABLES)
    reader = Reader(codes, counts, hidden)
    narrow = {what for what, weights in reader.small() if reader.width(weights) < THRESHOLD - 1e-6}
    assert narrow == set()


@pytest.mark.long
@pytest.mark.slow
def test_who_is_in_both_programmes_follows_where_the_tables_are_hidden_one_by_one():
    """Hidden as if each programme were the only one: the attack is one."""
    narrow = 0
    for seed in range(16):
        codes, counts = made(seed)
        hidden = hidden_tables(codes, counts, former={}, tables=tables_of(["PKH"]))
        alone = {SECOND: counts[SECOND], FIRST: counts[FIRST] * 0}
        second = hidden_tables(codes, counts | alone, former={}, tables=tables_of(["SEMBAKO"]))
        reader = Reader(codes, counts, hidden | {SECOND: second[SECOND]})
        narrow += sum(
            reader.width(weights) < THRESHOLD - 1e-6
            for what, weights in reader.small()
            if what.startswith("both")
        )
    assert narrow > 0


@pytest.mark.slow
def test_the_programme_computes_back_what_is_hidden_cell_by_cell():
    """Without other cells beside the small ones: the attack is one."""
    codes, counts = made(3)
    cells = {
        table.name: frozenset(
            code
            for place, code in enumerate(codes)
            if any(0 < counts[part][place] < THRESHOLD for part in table.parts)
        )
        for table in TABLES
    }
    reader = Reader(codes, counts, cells)
    assert min(reader.width(weights) for _what, weights in reader.small()) < 1
