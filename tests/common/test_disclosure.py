"""Suppression, attacked: by linear programme over all that is published, and by other dates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pytest
from scipy.optimize import linprog

from apps.common.disclosure import Ints, Tree, suppress

LENGTHS, ROOT, THRESHOLD = (8, 5, 2), "ID", 5
MOST = 1_000  # no village has more families


def village(place: int) -> str:
    return f"11.01.{1 + place // 4:02d}.{2001 + place % 4}"


def of(*counts: int) -> tuple[Tree, Ints]:
    """Villages in districts of four."""
    codes = [village(place) for place in range(len(counts))]
    return Tree.of(codes, LENGTHS, ROOT), np.array([counts], dtype=np.int64).T


def hidden(*counts: int, before: frozenset[str] = frozenset()) -> set[str]:
    tree, values = of(*counts)
    return set(suppress(tree, values, threshold=THRESHOLD, hidden=before))


def test_counts_of_five_and_more_and_zeros_are_shown():
    assert hidden(5, 0, 12, 40) == set()


def test_a_small_count_takes_another_one_with_it():
    assert hidden(3, 20, 30, 40) == {village(0), village(1)}


def test_a_count_that_would_be_the_rest_of_its_district_hides_the_district():
    """One village alone has people: its district's sum is its count."""
    found = hidden(3, 0, 0, 0, 20, 30, 40, 50)
    assert {village(0), "11.01.01"} < found
    assert "11.01.02" in found  # else its regency minus this one is the other's sum


def test_a_group_of_small_counts_needs_enough_in_it():
    """2 + 2 are known to be between 1 and 3."""
    found = hidden(2, 2, 30, 40)
    assert found == {village(0), village(1), village(2)}


def test_what_was_hidden_stays_hidden():
    before = frozenset(hidden(3, 20, 30, 40))
    assert hidden(9, 20, 30, 40, before=before) >= before


def test_a_rate_hides_where_what_is_left_of_its_whole_is_small():
    tree, whole = of(50, 50, 50, 50)
    part = np.array([[48, 20, 25, 30]]).T
    found = suppress(tree, np.hstack([part, whole - part]), threshold=THRESHOLD)
    assert village(0) in found
    assert len(found) > 1


def test_the_tree_is_made_of_the_codes():
    tree = Tree.of(["11.01.01.2001", "11.01.02.2001", "12.03.01.2001"], LENGTHS, ROOT)
    assert tree.codes[1:] == (
        ("11.01.01", "11.01.02", "12.03.01"),
        ("11.01", "12.03"),
        ("11", "12"),
        ("ID",),
    )
    assert list(tree.children(2, 0)) == [0, 1]


# --- the attack ---


@dataclass
class Country:
    """A made-up country: a whole, a part of it, and what a reader sees hidden of both."""

    tree: Tree
    whole: Ints
    part: Ints
    hidden_wholes: frozenset[str]
    hidden_parts: frozenset[str]

    @property
    def leaves(self) -> tuple[str, ...]:
        return self.tree.codes[0]

    def under(self, code: str) -> list[int]:
        return [
            place for place, leaf in enumerate(self.leaves) if code == ROOT or leaf.startswith(code)
        ]


def made(seed: int, before: Mapping[str, frozenset[str]] | None = None) -> Country:
    random = np.random.default_rng(seed)
    codes = sorted(
        f"{province}.{regency:02d}.{district:02d}.{2001 + number}"
        for province in (11, 12)
        for regency in range(1, random.integers(2, 4))
        for district in range(1, random.integers(2, 4))
        for number in range(random.integers(1, 6))
    )
    whole = random.poisson(random.choice([3, 8, 20, 60]), len(codes))
    part = random.binomial(whole, random.choice([0.03, 0.1, 0.5, 0.95]))
    return shown(Tree.of(codes, LENGTHS, ROOT), whole, part, before or {})


def shown(tree: Tree, whole: Ints, part: Ints, before: Mapping[str, frozenset[str]]) -> Country:
    wholes = suppress(
        tree, whole[:, None], threshold=THRESHOLD, hidden=before.get("whole", frozenset())
    )
    parts = suppress(
        tree,
        np.stack([part, whole - part], axis=1),
        threshold=THRESHOLD,
        hidden=wholes | before.get("part", frozenset()),
    )
    return Country(tree, whole, part, wholes, parts)


def intervals(country: Country) -> list[tuple[str, int, float, float]]:
    """(what, true count, least, most) of each hidden count of 1 to 4 that a reader can derive.

    Known: every published sum of both tables, that a part is no larger than its whole, that a
    hidden whole is not 0.
    """
    size = len(country.leaves)
    sums, totals = [], []
    for shift, values, names in (
        (0, country.whole, country.hidden_wholes),
        (size, country.part, country.hidden_parts),
    ):
        for code in (code for level in country.tree.codes for code in level if code not in names):
            row = np.zeros(2 * size)
            row[[shift + place for place in country.under(code)]] = 1
            sums.append(row)
            totals.append(values[country.under(code)].sum())
    orders = np.hstack([-np.eye(size), np.eye(size)])
    bounds = [(1.0 if leaf in country.hidden_wholes else 0.0, MOST) for leaf in country.leaves]
    bounds += [(0.0, MOST)] * size
    found = []
    for code in (code for level in country.tree.codes for code in level):
        places = country.under(code)
        whole, part = np.zeros(2 * size), np.zeros(2 * size)
        whole[places] = 1
        part[[size + place for place in places]] = 1
        asked = []
        if code in country.hidden_wholes:
            asked.append(("whole", whole, country.whole[places].sum()))
        if code in country.hidden_parts:
            asked.append(("part", part, country.part[places].sum()))
            rest = (country.whole - country.part)[places].sum()
            asked.append(("rest", whole - part, rest))
        for what, weights, true in asked:
            if not 0 < true < THRESHOLD:
                continue
            ends = [
                linprog(
                    sign * weights,
                    A_ub=orders,
                    b_ub=np.zeros(size),
                    A_eq=np.array(sums) if sums else None,
                    b_eq=totals if sums else None,
                    bounds=bounds,
                )
                for sign in (1, -1)
            ]
            assert all(end.status == 0 for end in ends)
            found.append((f"{what} of {code}", int(true), ends[0].fun, -ends[1].fun))
    return found


@pytest.mark.parametrize("seed", range(40))
def test_no_hidden_count_can_be_computed_back(seed):
    for what, true, least, most in intervals(made(seed)):
        assert least - 1e-6 <= true <= most + 1e-6
        assert most - least >= THRESHOLD - 1e-6, what


def test_the_attack_would_find_something():
    """Cell by cell alone, the programme recovers counts: it is a real attack."""
    found = []
    for seed in range(12):
        country = made(seed)
        naive = Country(
            country.tree,
            country.whole,
            country.part,
            frozenset(
                leaf
                for leaf, count in zip(country.leaves, country.whole, strict=True)
                if 0 < count < THRESHOLD
            ),
            frozenset(
                leaf
                for leaf, whole, part in zip(
                    country.leaves, country.whole, country.part, strict=True
                )
                if 0 < part < THRESHOLD or 0 < whole - part < THRESHOLD
            ),
        )
        found += [most - least for _what, _true, least, most in intervals(naive)]
    assert min(found) < 1


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.long
def test_the_difference_of_two_dates_tells_nothing(seed):
    """A month later one village changed by a family. Whoever holds that all others are as they
    were has the earlier figures of those that are hidden now: none may be among them.
    """
    first = made(seed)
    random = np.random.default_rng(1_000 + seed)
    place = random.integers(len(first.leaves))
    whole, part = first.whole.copy(), first.part.copy()
    whole[place] += 1
    before = {"whole": first.hidden_wholes, "part": first.hidden_parts}
    later = shown(first.tree, whole, part, before)
    assert first.hidden_wholes <= later.hidden_wholes
    assert first.hidden_parts <= later.hidden_parts
    # the pages of the earlier month follow the list of today
    again = Country(first.tree, first.whole, first.part, later.hidden_wholes, later.hidden_parts)
    for country in (later, again):
        for what, _true, least, most in intervals(country):
            assert most - least >= THRESHOLD - 1e-6, what
