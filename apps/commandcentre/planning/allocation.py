"""Which source sends how much of one good to which village: a transport problem, solved exactly.

Pure: no Django. Goods do not compete with each other, so each is its own problem. Least unmet need
comes first, that of the most urgent villages before others; then the least distance, weighted by
urgency. What cannot be met is an answer (`unmet`), never a silent shortfall.

Solver: min-cost flow of OR-tools (cost scaling; exact for whole units), over the likely ways first;
the prices of the nodes then prove that no other way is cheaper, or say which ones to add. A plan is
therefore proven optimal or refused, there is no gap.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

# Distances are compared in this unit; finer differences are below the accuracy of a road.
UNIT_M: Final = 100.0
# Urgencies are whole numbers from 1 (least) to this.
MOST_URGENT: Final = 5
# Half of the earth's circumference with a penalty for ten sea crossings of 1,000 km.
FARTHEST_M: Final = 30_000_000.0
# A problem of so many ways is solved over all of them.
SMALL: Final = 50_000
# The first ways of a larger one: cheapest sources of a village, cheapest villages of a source.
CHEAP_SOURCES: Final = 16
CHEAP_VILLAGES: Final = 50
# After so many times that ways were added, or where so large a share of them was, all are taken.
ROUNDS: Final = 6
MANY: Final = 0.3


class UnsolvableError(Exception):
    """The problem contradicts itself. `code` is lock_unknown, lock_over_stock, lock_over_need or
    shape; `params` name source and village by their places.
    """

    def __init__(self, code: str, **params: int) -> None:
        super().__init__(code)
        self.code, self.params = code, params


@dataclass(frozen=True)
class Problem:
    """One good, S sources and D villages.

    supply: whole units that each source may send (S). need: whole units per village (D).
    distance_m: effective metres (S x D), with penalties; infinite where no way leads. urgency: 1 to
    5 per village (D). locks: units that the operator fixed, by (source, village); they are part of
    the answer. limits: units that a source may send at most, e.g. what its vehicles carry.
    """

    supply: Integers
    need: Integers
    distance_m: Floats
    urgency: Integers
    locks: Mapping[tuple[int, int], int] = field(default_factory=dict)
    limits: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Shipment:
    """Units from one source to one village, by their places in the problem."""

    source: int
    village: int
    quantity: int
    is_locked: bool = False


@dataclass(frozen=True)
class Allocation:
    """The best answer. unmet: units per village (D). unused: units per source (S).

    cost is the weighted distance of what is sent, in units x metres x urgency.
    """

    shipments: tuple[Shipment, ...]
    unmet: Integers
    unused: Integers
    cost: float


def allocate(problem: Problem) -> Allocation:
    """The allocation of least unmet need and, of these, the least weighted distance.

    Raises: UnsolvableError. Cost: 2,000 villages and 300 sources in about a second.
    """
    _check(problem)
    locked = [
        Shipment(source, village, quantity, is_locked=True)
        for (source, village), quantity in sorted(problem.locks.items())
        if quantity
    ]
    supply, need = _left(problem, locked)
    free = _solve(supply, need, problem)
    shipments = (*locked, *free)
    sent = np.zeros(problem.distance_m.shape, dtype=np.int64)
    for one in shipments:
        sent[one.source, one.village] += one.quantity
    cost = np.where(sent > 0, problem.distance_m, 0.0) * sent * problem.urgency
    return Allocation(
        shipments,
        unmet=np.maximum(problem.need - sent.sum(axis=0), 0),
        unused=problem.supply - sent.sum(axis=1),
        cost=float(cost.sum()),
    )


def _check(problem: Problem) -> None:
    shape = problem.supply.size, problem.need.size
    if problem.distance_m.shape != shape or problem.urgency.size != shape[1]:
        raise UnsolvableError("shape", sources=shape[0], villages=shape[1])
    if min(problem.supply.min(initial=0), problem.need.min(initial=0)) < 0:
        raise UnsolvableError("shape", sources=shape[0], villages=shape[1])
    sent = np.zeros(shape[0], dtype=np.int64)
    given = np.zeros(shape[1], dtype=np.int64)
    for (source, village), quantity in problem.locks.items():
        if not (0 <= source < shape[0] and 0 <= village < shape[1] and quantity >= 0):
            raise UnsolvableError("lock_unknown", source=source, village=village)
        sent[source] += quantity
        given[village] += quantity
        if sent[source] > problem.supply[source]:
            raise UnsolvableError("lock_over_stock", source=source, village=village)
        if given[village] > problem.need[village]:
            raise UnsolvableError("lock_over_need", source=source, village=village)


def _left(problem: Problem, locked: list[Shipment]) -> tuple[Integers, Integers]:
    """What each source can still send, and each village still needs, after the locks."""
    supply, need = problem.supply.copy(), problem.need.copy()
    for source, most in problem.limits.items():
        supply[source] = min(supply[source], most)
    for one in locked:
        supply[one.source] = max(0, supply[one.source] - one.quantity)
        need[one.village] -= one.quantity
    return supply, need


def _solve(supply: Integers, need: Integers, problem: Problem) -> list[Shipment]:
    """The free shipments, by a flow over the likely ways; others are added until none is cheaper.

    What a way would save is known from the prices of the nodes (`_cheaper`): without a cheaper way
    the answer is proven optimal over all ways, as if all had been in the flow.
    """
    sources = np.flatnonzero(supply)
    villages = np.flatnonzero(need)
    if not villages.size:
        return []
    steps = _steps(problem, sources, villages)
    is_way = np.isfinite(steps)
    most = float(np.max(steps, where=is_way, initial=0.0))
    # unmet need is dearer than every way that the flow could be led round by
    price = (2 * min(sources.size, villages.size) + 1) * (int(most) + 1)
    unmet = price * problem.urgency[villages]
    likely = _likely(steps, supply[sources], need[villages], problem.urgency[villages], unmet)
    for _round in range(ROUNDS):
        sent = _flow(steps, likely, supply[sources], need[villages], unmet)
        cheaper = _cheaper(steps, likely, sent, supply[sources], need[villages], unmet)
        if not cheaper.any():
            break
        likely |= cheaper
        if likely.sum() > MANY * is_way.sum():
            # round after round over nearly all ways takes longer than one over all
            sent = _flow(steps, is_way, supply[sources], need[villages], unmet)
            break
    else:
        sent = _flow(steps, is_way, supply[sources], need[villages], unmet)
    return [
        Shipment(int(sources[one]), int(villages[other]), int(sent[one, other]))
        for one, other in zip(*np.nonzero(sent), strict=True)
    ]


def _likely(
    steps: Floats, supply: Integers, need: Integers, urgency: Integers, unmet: Integers
) -> NDArray[np.bool_]:
    """The ways that a flow probably uses; all ways of a small problem.

    Villages of the same urgency with the same nearest source are taken as one at first. What a unit
    is worth at each source in the flow to these groups says from where each village gets it
    cheapest, also where the nearest sources have nothing left.
    """
    is_way = np.isfinite(steps)
    if steps.size <= SMALL:
        return is_way
    nearest = np.where(is_way.any(axis=0), steps.argmin(axis=0), supply.size)
    kinds, group = np.unique(nearest * (MOST_URGENT + 1) + urgency, return_inverse=True)
    sizes = np.bincount(group)
    grouped = np.rint(np.stack([np.bincount(group, row) for row in steps]) / sizes)
    ways = np.isfinite(grouped)
    needed = np.bincount(group, need).astype(np.int64)
    missing = np.zeros(kinds.size, dtype=np.int64)
    missing[group] = unmet
    sent = _flow(grouped, ways, supply, needed, missing)
    worth, _villages = _prices(grouped, ways, sent, supply, needed, missing)
    price = steps + worth[:, None]
    excess = np.subtract(price, price.min(axis=0), out=np.full_like(price, np.inf), where=is_way)
    likely = np.zeros(steps.shape, dtype=np.bool_)
    for axis, most in ((0, CHEAP_SOURCES), (1, CHEAP_VILLAGES)):
        width = min(most, steps.shape[axis])
        cheapest = np.argpartition(excess, width - 1, axis=axis).take(range(width), axis=axis)
        np.put_along_axis(likely, cheapest, True, axis=axis)
    return likely & is_way


def _flow(
    steps: Floats, ways: NDArray[np.bool_], supply: Integers, need: Integers, unmet: Integers
) -> Integers:
    """The cheapest flow over some ways: units by source and village.

    One more node gives what is missing and takes what is left over: an arc from it to a village is
    unmet need.
    """
    from ortools.graph.python import min_cost_flow  # noqa: PLC0415  large, for workers only

    tails, heads = np.nonzero(ways)
    first, rest = supply.size, supply.size + need.size
    flow = min_cost_flow.SimpleMinCostFlow()
    arcs = flow.add_arcs_with_capacity_and_unit_cost(
        tails.astype(np.int32),
        (first + heads).astype(np.int32),
        np.minimum(supply[tails], need[heads]),
        steps[tails, heads].astype(np.int64),
    )
    flow.add_arcs_with_capacity_and_unit_cost(
        np.full(need.size, rest, dtype=np.int32),
        np.arange(first, rest, dtype=np.int32),
        need,
        unmet,
    )
    flow.add_arcs_with_capacity_and_unit_cost(
        np.arange(first, dtype=np.int32),
        np.full(first, rest, dtype=np.int32),
        supply,
        np.zeros(first, dtype=np.int64),
    )
    balance = int(need.sum() - supply.sum())
    flow.set_nodes_supplies(
        np.arange(rest + 1, dtype=np.int32),
        np.concatenate([supply, -need, [balance]]).astype(np.int64),
    )
    _prove(flow)
    sent = np.zeros(steps.shape, dtype=np.int64)
    sent[tails, heads] = flow.flows(arcs)
    return sent


def _cheaper(
    steps: Floats,
    ways: NDArray[np.bool_],
    sent: Integers,
    supply: Integers,
    need: Integers,
    unmet: Integers,
) -> NDArray[np.bool_]:
    """The ways outside the flow that would make it cheaper: where the prices of its nodes differ by
    more than the way costs. None: the flow is the cheapest over all ways.
    """
    outside = np.isfinite(steps) & ~ways
    if not outside.any():
        return outside
    source, village = _prices(steps, ways, sent, supply, need, unmet)
    return outside & (source[:, None] + steps < village[None, :])


def _prices(
    steps: Floats,
    ways: NDArray[np.bool_],
    sent: Integers,
    supply: Integers,
    need: Integers,
    unmet: Integers,
) -> tuple[Floats, Floats]:
    """What a unit costs at each source and village in a flow that is the cheapest over its ways:
    shortest distances in what it leaves open, by Bellman and Ford. Every way is open: what a node
    gives and takes limits it, not the way. Whole numbers, exact in floats.
    """
    inside = np.where(ways, steps, np.inf)
    tails, heads = np.nonzero(sent)
    back = steps[tails, heads]
    is_short, is_over = sent.sum(axis=0) < need, sent.sum(axis=1) < supply
    source, village, rest = np.zeros(supply.size), np.zeros(need.size), 0.0
    for _step in range(supply.size + need.size + 2):
        before = source.copy(), village.copy(), rest
        rest = min(rest, float(source.min()))
        village = np.minimum(village, (source[:, None] + inside).min(axis=0))
        village = np.minimum(village, rest + unmet)
        np.minimum.at(source, tails, village[heads] - back)
        rest = min(rest, float(np.min(village - unmet, where=is_short, initial=np.inf)))
        source = np.where(is_over, np.minimum(source, rest), source)
        if (
            rest == before[2]
            and np.array_equal(source, before[0])
            and np.array_equal(village, before[1])
        ):
            return source, village
    raise RuntimeError("the flow is not the cheapest over its own ways")


def _steps(problem: Problem, sources: Integers, villages: Integers) -> Floats:
    """The price of one unit on each way: weighted distance in whole steps; infinite without one."""
    distance = problem.distance_m[np.ix_(sources, villages)]
    if np.nanmax(np.where(np.isfinite(distance), distance, 0.0), initial=0.0) > FARTHEST_M:
        raise UnsolvableError("shape", sources=sources.size, villages=villages.size)
    steps: Floats = np.rint(distance / UNIT_M) * problem.urgency[villages]
    return steps


def _prove(flow: Any) -> None:
    """Solve; the answer is optimal, or there is none."""
    status = flow.solve()
    if status != flow.OPTIMAL:
        raise RuntimeError(f"the flow ended as {status}")


def limit_loads(
    quantities: Mapping[int, int], load_kg: float, capacity_kg: float
) -> dict[int, int]:
    """Smaller quantities of each good (by its place), so that one source's vehicles carry them.

    All goods shrink by the same share, rounded down; within the capacity they stay as they are.
    """
    if load_kg <= capacity_kg:
        return dict(quantities)
    share = capacity_kg / load_kg
    return {good: math.floor(quantity * share) for good, quantity in quantities.items()}
