"""Groups of records connected by pairs. Pure, one pass over the pairs."""

from __future__ import annotations

from collections.abc import Iterable


def groups(pairs: Iterable[tuple[int, int]]) -> list[list[int]]:
    """The connected groups; each in the order of its ids, ordered by the first id.

    A = B and B = C make one group of three, even without a pair A = C.
    """
    parents: dict[int, int] = {}

    def root(one: int) -> int:
        while (up := parents.setdefault(one, one)) != one:
            parents[one] = one = parents[up]  # path halving: shorter for the next look-up
        return one

    for left, right in pairs:
        low, high = sorted((root(left), root(right)))
        parents[high] = low
    found: dict[int, list[int]] = {}
    for one in sorted(parents):
        found.setdefault(root(one), []).append(one)
    return list(found.values())
