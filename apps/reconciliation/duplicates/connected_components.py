"""Which records belong together, when pairs of them do. Pure, one pass over the pairs."""

from __future__ import annotations

from collections.abc import Iterable


def groups(pairs: Iterable[tuple[int, int]]) -> list[list[int]]:
    """The groups that the pairs make, each in the order of its ids, by their first.

    A = B and B = C make one group of three, whoever says that A is C.
    """
    parents: dict[int, int] = {}

    def root(one: int) -> int:
        while (up := parents.setdefault(one, one)) != one:
            parents[one] = one = parents[up]  # half the way is saved for the next who asks
        return one

    for left, right in pairs:
        low, high = sorted((root(left), root(right)))
        parents[high] = low
    found: dict[int, list[int]] = {}
    for one in sorted(parents):
        found.setdefault(root(one), []).append(one)
    return list(found.values())
