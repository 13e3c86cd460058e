"""Ages, programmes, enrolled and counted families together: what the maps show of all levels, and
an edition of its villages, as one linear programme.

Unlike `test_attack`, registers are made up without a database, so that many can be: large shares of
children and of the old, districts that the second programme does not reach, and methods that count
one, two or all of three programmes. What a reader looks for are the families of a village by the
programmes that they are in (eight kinds), those with a proposal and without, and its persons by age
(four groups).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

from apps.common.disclosure import Ints, Tree
from apps.indicators.measures.definitions import COLUMNS, tables_of
from apps.indicators.measures.suppression import LENGTHS, hidden_tables
from apps.indicators.pockets.disclosure import (
    COUNTED,
    ENROLLED,
    Method,
    columns_of,
    hidden_columns,
    programme_column,
)
from apps.regions.models import COUNTRY

THRESHOLD, MOST = 5, 20_000
PROGRAMMES = ("PKH", "SEMBAKO", "PBI")
TABLES = tables_of(PROGRAMMES)
KINDS = tuple(product((False, True), repeat=len(PROGRAMMES)))
AGES = ("under_five", "elderly", "birth_unknown", "between")
# What is unknown of a village: families by kind, persons by age, persons in each programme,
# families with a proposal and without.
UNKNOWN = (
    *("".join("01"[one] for one in kind) for kind in KINDS),
    *AGES,
    *(f"persons in {one}" for one in PROGRAMMES),
    *("proposed", "unproposed"),
)
FAMILIES = UNKNOWN[: len(KINDS)]
METHODS = (("PKH", "SEMBAKO"), PROGRAMMES, ("PKH",), ("SEMBAKO", "PBI"))
OTHERS = ("located", "inside", "near_border")


def kinds_in(programmes: tuple[str, ...]) -> tuple[str, ...]:
    places = [PROGRAMMES.index(one) for one in programmes]
    return tuple(
        name
        for name, kind in zip(FAMILIES, KINDS, strict=True)
        if any(kind[place] for place in places)
    )


# What is published, as sums of what is unknown.
SUMS: dict[str, tuple[str, ...]] = {
    "families": FAMILIES,
    "families_enrolled": kinds_in(PROGRAMMES),
    **{programme_column(one): kinds_in((one,)) for one in PROGRAMMES},
    "persons": AGES,
    **{age: (age,) for age in AGES[:3]},
    "families_without_proposal": ("unproposed",),
}
# A table and the column of an edition that shows the same.
SAME = {"families": "families", "families_enrolled": ENROLLED, "persons": "persons"}


@dataclass(frozen=True)
class Register:
    codes: tuple[str, ...]
    true: Ints  # villages × UNKNOWN
    method: tuple[str, ...]

    def count(self, names: tuple[str, ...]) -> Ints:
        return self.true[:, [UNKNOWN.index(name) for name in names]].sum(axis=1)


def made(seed: int) -> Register:
    random = np.random.default_rng(seed)
    codes = sorted(
        f"{province}.{regency:02d}.{district:02d}.{2001 + number}"
        for province in (11, 12)
        for regency in range(1, random.integers(2, 4))
        for district in range(1, random.integers(2, 4))
        for number in range(random.integers(2, 6))
    )
    size = len(codes)
    unreached = {code: random.random() < 0.5 for code in sorted({one[:8] for one in codes})}
    families = random.poisson(random.choice([20, 60, 150, 400]), size)
    shares = random.choice([0, 0.1, 0.2, 0.5, 0.9], size=len(PROGRAMMES))
    reached = np.array([[1, not unreached[code[:8]], 1] for code in codes])
    true = np.zeros((size, len(UNKNOWN)), dtype=np.int64)
    for place in range(size):
        chance = shares * reached[place] * random.choice([0.3, 1, 1])
        probable = [
            np.prod(np.where(kind, chance, 1 - chance)) for kind in np.array(KINDS, dtype=bool)
        ]
        true[place, : len(KINDS)] = random.multinomial(families[place], probable)
        persons = families[place] + random.poisson(2 * families[place])
        young, old = random.choice([0.08, 0.3, 0.6]), random.choice([0.1, 0.35])
        ages = [young, old, 0.02, max(0, 1 - young - old - 0.02)]
        true[place, len(KINDS) : len(KINDS) + 4] = random.multinomial(persons, ages)
    register = Register(tuple(codes), true, METHODS[seed % len(METHODS)])
    for number, programme in enumerate(PROGRAMMES):
        inside = register.count(kinds_in((programme,)))
        true[:, len(KINDS) + len(AGES) + number] = np.minimum(
            inside + random.binomial(inside, 0.4), register.count(AGES)
        )
    proposing = random.choice([0, 0.05, 0.3, 0.9], size)
    proposed = random.binomial(register.count(FAMILIES), proposing)
    true[:, UNKNOWN.index("proposed")] = proposed
    true[:, UNKNOWN.index("unproposed")] = register.count(FAMILIES) - proposed
    return register


def hidden_by_maps(register: Register) -> dict[str, frozenset[str]]:
    zeros = np.zeros(len(register.codes), dtype=np.int64)
    counts = dict.fromkeys(COLUMNS, zeros)
    counts |= {name: register.count(names) for name, names in SUMS.items()}
    return hidden_tables(register.codes, counts, former={}, tables=TABLES)


def hidden_by_edition(register: Register, maps: dict[str, frozenset[str]]) -> dict[str, set[str]]:
    """Column → villages, as an edition is computed after the maps."""
    former: dict[str, set[str]] = {}
    for table, regions in maps.items():
        for region in regions:
            former.setdefault(region, set()).update(columns_of(table))
    columns = {
        "families": register.count(FAMILIES),
        "persons": register.count(AGES),
        ENROLLED: register.count(kinds_in(PROGRAMMES)),
        COUNTED: register.count(kinds_in(register.method)),
        "proposed": register.count(("proposed",)),
        **{name: np.zeros(len(register.codes), dtype=np.int64) for name in OTHERS},
        **{programme_column(one): register.count((f"persons in {one}",)) for one in PROGRAMMES},
    }
    villages = {
        code: {name: int(counts[place]) for name, counts in columns.items()}
        for place, code in enumerate(register.codes)
    }
    families = {
        one: dict(zip(register.codes, register.count(kinds_in((one,))).tolist(), strict=True))
        for one in PROGRAMMES
    }
    hidden = hidden_columns(villages, former, Method(register.method, families))
    return {name: {code for code, names in hidden.items() if name in names} for name in columns}


class Reader:
    """What a reader knows of a register, as a linear programme over all villages."""

    def __init__(self, register: Register) -> None:
        self.register, self.codes = register, register.codes
        self.under = {
            code: [
                place
                for place, leaf in enumerate(self.codes)
                if code == COUNTRY or leaf.startswith(code)
            ]
            for level in Tree.of(self.codes, LENGTHS, COUNTRY).codes
            for code in level
        }
        parts = ("proposed", "unproposed")
        self.rows: list[np.ndarray] = [
            self.weights(FAMILIES, code) - self.weights(parts, code) for code in self.codes
        ]
        self.shown: set[tuple[str, str]] = set()

    def weights(self, names: tuple[str, ...], code: str) -> np.ndarray:
        found = np.zeros((len(self.codes), len(UNKNOWN)))
        for name in names:
            found[self.under[code], UNKNOWN.index(name)] = 1
        return found.ravel()

    def value(self, weights: np.ndarray) -> int:
        return int(weights @ self.register.true.ravel())

    def read_maps(self, hidden: dict[str, frozenset[str]]) -> None:
        for name, names in SUMS.items():
            for code in self.under.keys() - hidden[name]:
                self.shown.add((name, code))
                self.rows.append(self.weights(names, code))

    def read_edition(self, hidden: dict[str, set[str]]) -> None:
        """Its villages: the same numbers as those of the maps, and those that it alone has."""
        columns = {column: SUMS[table] for table, column in SAME.items()}
        columns[COUNTED] = kinds_in(self.register.method)
        columns["proposed"] = ("proposed",)
        columns |= {programme_column(one): (f"persons in {one}",) for one in PROGRAMMES}
        for name, names in columns.items():
            for code in set(self.codes) - hidden[name] - hidden["families"]:
                if programme_column("") in name and code in hidden["persons"]:
                    continue
                self.shown.add((f"{name} of the edition", code))
                self.rows.append(self.weights(names, code))

    def small(self) -> Iterator[tuple[str, np.ndarray]]:
        """Every number of 1 to 4: of a table, the rest of its whole, and what of two tables is in
        one alone or in both.
        """
        method = kinds_in(self.register.method)
        enrolled = kinds_in(PROGRAMMES)
        asked = dict(SUMS) | {COUNTED: method, "proposed": ("proposed",)}
        asked |= {
            "not enrolled": tuple(set(FAMILIES) - set(enrolled)),
            "enrolled, not counted": tuple(set(enrolled) - set(method)),
            "between": ("between",),
        }
        for one in PROGRAMMES:
            asked[f"enrolled, not in {one}"] = tuple(set(enrolled) - set(kinds_in((one,))))
            asked[f"persons in {one}"] = (f"persons in {one}",)
        for number, age in enumerate(AGES):
            asked[f"not {age}"] = tuple(set(AGES) - {age})
            for other in AGES[:number]:
                asked[f"neither {age} nor {other}"] = tuple(set(AGES) - {age, other})
        for one, two in (("PKH", "SEMBAKO"), ("PKH", "PBI"), ("SEMBAKO", "PBI")):
            asked[f"{one} and {two}"] = tuple(set(kinds_in((one,))) & set(kinds_in((two,))))
        for what, names in asked.items():
            for code in self.under:
                weights = self.weights(names, code)
                if 0 < self.value(weights) < THRESHOLD:
                    yield f"{what} of {code}", weights

    def narrow(self) -> set[str]:
        sums = csr_matrix(np.array(self.rows))
        totals = sums @ self.register.true.ravel()
        # who is in a programme is a person, and each family in it has one
        orders = []
        for code in self.codes:
            for one in PROGRAMMES:
                persons = self.weights((f"persons in {one}",), code)
                orders += [persons - self.weights(AGES, code)]
                orders += [self.weights(kinds_in((one,)), code) - persons]
        upper = csr_matrix(np.array(orders))
        found = set()
        for what, weights in self.small():
            ends = [
                linprog(
                    sign * weights,
                    A_ub=upper,
                    b_ub=np.zeros(upper.shape[0]),
                    A_eq=sums,
                    b_eq=totals,
                    bounds=(0, MOST),
                )
                for sign in (1, -1)
            ]
            assert all(end.status == 0 for end in ends)
            if -ends[1].fun - ends[0].fun < THRESHOLD - 1e-6:
                found.add(what)
        return found


def published(seed: int) -> Reader:
    register = made(seed)
    maps = hidden_by_maps(register)
    reader = Reader(register)
    reader.read_maps(maps)
    reader.read_edition(hidden_by_edition(register, maps))
    return reader


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.parametrize("seed", range(16))
def test_nothing_small_follows_from_ages_programmes_enrolled_and_counted_together(seed):
    assert published(seed).narrow() == set()


def district(numbers: dict[str, tuple[int, ...]]) -> Register:
    """Districts of villages with so many families in each kind, and twice as many persons."""
    true = np.zeros((len(numbers), len(UNKNOWN)), dtype=np.int64)
    for place, kinds in enumerate(numbers.values()):
        true[place, : len(kinds)] = kinds
        true[place, UNKNOWN.index("between")] = 2 * sum(kinds)
        true[place, UNKNOWN.index("unproposed")] = sum(kinds)
        for one in PROGRAMMES:
            names = [UNKNOWN.index(name) for name in kinds_in((one,))]
            true[place, UNKNOWN.index(f"persons in {one}")] = true[place, names].sum()
    return Register(tuple(numbers), true, ("PKH", "SEMBAKO"))


def test_counted_families_are_hidden_where_they_are_those_of_a_hidden_programme():
    """Without the second programme the counted are those in the first: 7, 9 and 4. The maps hide
    the first and the third, the edition may not hide the second instead.
    """
    kinds = {"000": 0, "001": 1, "010": 2, "100": 4}

    def families(none: int, pkh: int, pbi: int) -> tuple[int, ...]:
        found = [0] * len(KINDS)
        found[kinds["000"]], found[kinds["100"]], found[kinds["001"]] = none, pkh, pbi
        return tuple(found)

    register = district(
        {
            "11.01.01.2001": families(30, 7, 12),
            "11.01.01.2002": families(30, 9, 30),
            "11.01.01.2003": families(30, 4, 20),
            "11.01.02.2001": families(60, 50, 50),
            "11.01.02.2002": families(60, 50, 50),
        }
    )
    maps = hidden_by_maps(register)
    pkh = {code for code in maps["programme_PKH"] if len(code) == 13}
    assert "11.01.01.2003" in pkh
    hidden = hidden_by_edition(register, maps)[COUNTED]
    assert pkh <= hidden
    assert "11.01.02.2001" not in hidden


@pytest.mark.parametrize(
    ("enrolled_alone", "is_hidden"), [((9, 12), False), ((9, 3), True), ((0, 3), False)]
)
def test_counted_families_are_hidden_where_they_bound_a_hidden_programme_beside_the_method(
    enrolled_alone, is_hidden
):
    """Nine are enrolled and not counted: they are in PBI, unless BLT, whose number is hidden, has
    some of them.
    """
    alone, blt = enrolled_alone
    village, others = "11.01.01.2001", [f"11.01.01.{2002 + place}" for place in range(5)]
    plain = {"families": 90, "persons": 180, ENROLLED: 60, COUNTED: 40}
    villages = dict.fromkeys((village, *others), plain | dict.fromkeys((*OTHERS, "proposed"), 0))
    villages |= {village: villages[village] | {ENROLLED: 40 + alone}}
    families = {
        "PKH": dict.fromkeys(villages, 40),
        "PBI": dict.fromkeys(villages, 20) | {village: 6 if blt == 3 else 20},
        "BLT": {village: blt},
    }
    former = {village: {"programme_BLT"}}
    found = hidden_columns(villages, former, Method(("PKH",), families))
    assert (COUNTED in found.get(village, ())) == is_hidden


def test_counted_families_are_hidden_where_a_wider_method_counts_a_few_more():
    villages = dict.fromkeys(
        [f"11.01.01.{2001 + place}" for place in range(6)],
        {"families": 90, "persons": 180, ENROLLED: 60, COUNTED: 30}
        | dict.fromkeys((*OTHERS, "proposed"), 0),
    )
    first = min(villages)
    families = {"PKH": dict.fromkeys(villages, 30), "PBI": dict.fromkeys(villages, 50)}
    wider = dict.fromkeys(villages, 45) | {first: 33}
    method = Method(("PKH",), families, [wider])
    assert COUNTED in hidden_columns(villages, {}, method)[first]
    assert first not in hidden_columns(villages, {}, Method(("PKH",), families))


def test_ages_that_exclude_each_other_are_hidden_where_little_is_left_between_them():
    """Of thirty persons seven are children, twenty are old: three are left, of unknown age."""
    size = 8
    codes = tuple(f"11.01.{1 + place // 4:02d}.{2001 + place % 4}" for place in range(size))
    true = np.zeros((size, len(UNKNOWN)), dtype=np.int64)
    true[:, [0, UNKNOWN.index("unproposed")]] = 100
    ages = [UNKNOWN.index(age) for age in AGES]
    true[:, ages] = [30, 40, 12, 118]
    true[0, ages] = [7, 20, 3, 0]
    register = Register(codes, true, ("PKH",))
    reader = Reader(register)
    reader.read_maps(hidden_by_maps(register))
    assert ("under_five", codes[0]) in reader.shown
    assert ("elderly", codes[0]) not in reader.shown
    assert reader.narrow() == set()
