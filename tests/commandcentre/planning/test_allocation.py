"""The allocation against a general solver of linear programmes, and its promises."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.sparse import coo_array

from apps.commandcentre.planning import allocation
from apps.commandcentre.planning.allocation import (
    Allocation,
    Problem,
    UnsolvableError,
    allocate,
    limit_loads,
)

# Above every weighted distance of these problems, so that need is met before distance counts.
UNMET_COST = 10_000_000


def problem(
    seed: int, sources: int, villages: int, *, plenty: float, reach: float = 1.0
) -> Problem:
    """A made-up problem. `plenty` is stock beside need, `reach` the share of ways that exist."""
    draw = np.random.default_rng(seed)
    need = draw.integers(0, 60, villages)
    supply = draw.multinomial(int(need.sum() * plenty), np.full(sources, 1 / sources))
    distance_m = draw.integers(10, 8_000, (sources, villages)) * 100.0
    distance_m[draw.random((sources, villages)) > reach] = np.inf
    return Problem(
        supply.astype(np.int64),
        need.astype(np.int64),
        distance_m,
        draw.integers(1, 4, villages),
    )


def by_linear_programme(asked: Problem) -> tuple[int, float]:
    """(unmet units, weighted cost) of the same problem by HiGHS."""
    tails, heads = np.nonzero(np.isfinite(asked.distance_m))
    villages = asked.need.size
    arcs = tails.size
    costs = asked.distance_m[tails, heads] * asked.urgency[heads]
    objective = np.concatenate([costs, UNMET_COST * asked.urgency.astype(float)])
    stock = coo_array(
        (np.ones(arcs), (tails, np.arange(arcs))), (asked.supply.size, arcs + villages)
    )
    given = coo_array(
        (
            np.ones(arcs + villages),
            (np.concatenate([heads, np.arange(villages)]), np.arange(arcs + villages)),
        ),
        (villages, arcs + villages),
    )
    found = linprog(
        objective, A_ub=stock, b_ub=asked.supply, A_eq=given, b_eq=asked.need, method="highs"
    )
    assert found.status == 0
    return round(found.x[arcs:].sum()), float(found.x[:arcs] @ costs)


def sums(asked: Problem, found: Allocation) -> tuple[np.ndarray, np.ndarray]:
    sent, given = np.zeros_like(asked.supply), np.zeros_like(asked.need)
    for one in found.shipments:
        sent[one.source] += one.quantity
        given[one.village] += one.quantity
    return sent, given


@pytest.mark.parametrize("reach", [1.0, 0.4], ids=["every way", "some ways"])
@pytest.mark.parametrize("plenty", [0.5, 1.0, 3.0], ids=["short", "even", "plenty"])
@pytest.mark.parametrize("seed", range(4))
def test_it_is_as_good_as_a_linear_programme(seed, plenty, reach):
    asked = problem(seed, 7, 25, plenty=plenty, reach=reach)
    found = allocate(asked)
    unmet, cost = by_linear_programme(asked)
    assert int(found.unmet.sum()) == unmet
    assert found.cost == pytest.approx(cost, rel=1e-9, abs=1)


@pytest.mark.parametrize("plenty", [0.5, 3.0])
def test_no_source_sends_more_than_it_has_and_no_village_gets_more_than_it_needs(plenty):
    asked = problem(11, 9, 40, plenty=plenty)
    found = allocate(asked)
    sent, given = sums(asked, found)
    assert (sent <= asked.supply).all()
    assert (given + found.unmet == asked.need).all()
    assert (sent + found.unused == asked.supply).all()


def test_what_is_missing_is_said_and_falls_on_the_least_urgent():
    asked = Problem(
        supply=np.array([10]),
        need=np.array([8, 8]),
        distance_m=np.array([[1_000.0, 900_000.0]]),
        urgency=np.array([1, 3]),
    )
    found = allocate(asked)
    assert found.unmet.tolist() == [6, 0]
    assert found.unmet.any()


def test_a_nearer_source_serves_its_neighbour_only_if_the_whole_gains():
    """Nearest first would give the first village 1 km and leave the second 100 km."""
    asked = Problem(
        supply=np.array([5, 5]),
        need=np.array([5, 5]),
        distance_m=np.array([[1_000.0, 2_000.0], [3_000.0, 100_000.0]]),
        urgency=np.array([1, 1]),
    )
    ways = {(one.source, one.village) for one in allocate(asked).shipments}
    assert ways == {(0, 1), (1, 0)}


def test_what_the_operator_locked_stays_and_the_rest_is_best_around_it():
    asked = Problem(
        supply=np.array([5, 5]),
        need=np.array([5, 5]),
        distance_m=np.array([[1_000.0, 2_000.0], [3_000.0, 100_000.0]]),
        urgency=np.array([1, 1]),
        locks={(0, 0): 3},
    )
    found = allocate(asked)
    sent = {(one.source, one.village, one.is_locked): one.quantity for one in found.shipments}
    assert sent == {(0, 0, True): 3, (0, 1, False): 2, (1, 0, False): 2, (1, 1, False): 3}
    assert not found.unmet.any()


@pytest.mark.parametrize(
    ("locks", "code"),
    [
        ({(0, 9): 1}, "lock_unknown"),
        ({(0, 0): -1}, "lock_unknown"),
        ({(0, 0): 4, (0, 1): 4}, "lock_over_stock"),
        ({(0, 0): 5, (1, 0): 1}, "lock_over_need"),
    ],
)
def test_a_lock_that_cannot_be_kept_is_refused(locks, code):
    asked = Problem(
        supply=np.array([6, 6]),
        need=np.array([5, 5]),
        distance_m=np.full((2, 2), 1_000.0),
        urgency=np.array([1, 1]),
        locks=locks,
    )
    with pytest.raises(UnsolvableError) as refused:
        allocate(asked)
    assert refused.value.code == code


def test_a_source_whose_vehicles_are_full_sends_less_and_another_helps():
    asked = Problem(
        supply=np.array([10, 10]),
        need=np.array([10]),
        distance_m=np.array([[1_000.0], [9_000.0]]),
        urgency=np.array([1]),
        limits={0: 4},
    )
    assert sums(asked, allocate(asked))[0].tolist() == [4, 6]


def test_loads_above_the_capacity_shrink_by_the_same_share():
    assert limit_loads({1: 100, 2: 51}, load_kg=2_000, capacity_kg=1_000) == {1: 50, 2: 25}
    assert limit_loads({1: 100}, load_kg=900, capacity_kg=1_000) == {1: 100}


@pytest.mark.parametrize("missing", ["stock", "need", "both"])
def test_nothing_to_send_or_to_get_is_no_fault(missing):
    supply = np.array([0 if missing != "need" else 5])
    need = np.array([0 if missing != "stock" else 5])
    found = allocate(Problem(supply, need, np.array([[1_000.0]]), np.array([1])))
    assert found.shipments == ()
    assert found.unmet.tolist() == need.tolist()


# --- the likely ways first ---


@pytest.fixture
def few_ways_first(monkeypatch):
    monkeypatch.setattr(allocation, "SMALL", 0)
    monkeypatch.setattr(allocation, "CHEAP_SOURCES", 2)
    monkeypatch.setattr(allocation, "CHEAP_VILLAGES", 1)


@pytest.mark.parametrize("reach", [1.0, 0.4], ids=["every way", "some ways"])
@pytest.mark.parametrize("plenty", [0.5, 1.0, 3.0], ids=["short", "even", "plenty"])
@pytest.mark.parametrize("seed", range(4))
def test_ways_that_were_left_out_at_first_are_added_until_none_is_better(
    few_ways_first, seed, plenty, reach
):
    asked = problem(seed, 9, 30, plenty=plenty, reach=reach)
    found = allocate(asked)
    unmet, cost = by_linear_programme(asked)
    assert int(found.unmet.sum()) == unmet
    assert found.cost == pytest.approx(cost, rel=1e-9, abs=1)


def test_stock_that_is_only_far_away_is_found(few_ways_first):
    """The nearest sources of every village have one unit each, the farthest one has the rest."""
    sources, villages = 12, 40
    draw = np.random.default_rng(5)
    distance_m = np.sort(draw.integers(10, 9_000, (sources, villages)), axis=0) * 100.0
    supply = np.ones(sources, dtype=np.int64)
    supply[-1] = 10_000
    asked = Problem(
        supply, draw.integers(1, 60, villages), distance_m, draw.integers(1, 6, villages)
    )
    found = allocate(asked)
    unmet, cost = by_linear_programme(asked)
    assert (int(found.unmet.sum()), unmet) == (0, 0)
    assert found.cost == pytest.approx(cost, rel=1e-9, abs=1)


def test_a_large_problem_is_the_same_over_the_likely_ways_and_over_all(monkeypatch):
    asked = problem(11, 120, 600, plenty=0.8)
    assert asked.distance_m.size > allocation.SMALL
    likely = allocate(asked)
    monkeypatch.setattr(allocation, "SMALL", 10**9)
    whole = allocate(asked)
    assert likely.cost == whole.cost
    assert likely.unmet.sum() == whole.unmet.sum()
