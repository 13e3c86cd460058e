"""Suppression of small counts in sums along a tree, so that none can be computed back. Pure.

A count of a cell is hidden where it is 1 to `threshold - 1`, or where what is left of its whole is.
The sum of a published region minus the sums of its published parts is what its hidden cells add up
to: they form a group. A group is safe where it has cells of two parts of the region and enough of
each count; else further cells are hidden (the smallest first), and where a region has none, its own
sum. Then every hidden cell can be anything in an interval of at least `threshold`.

Source: Hundepool et al., Statistical Disclosure Control (2012), chapter 4; bars 33 and 34.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import chain, compress
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
# A group must hold so many times the threshold of each count: readers know more than the sums, such
# as that a count is no larger than another one.
MARGIN: Final = 2


@dataclass(frozen=True)
class Tree:
    """Regions by level, the lowest level first; codes are sorted, and a parent's are its prefix.

    `starts[level][n]` is the place of the first child of node n of `codes[level + 1]`; the children
    of a node are neighbours. The last level is one root.
    """

    codes: tuple[tuple[str, ...], ...]
    starts: tuple[Ints, ...]

    @classmethod
    def of(cls, leaves: Sequence[str], lengths: Sequence[int], root: str) -> Tree:
        """The tree above sorted, distinct leaf codes; `lengths` of the levels above, falling."""
        codes: list[tuple[str, ...]] = [tuple(leaves)]
        starts: list[Ints] = []
        for length in (*lengths, 0):
            below = codes[-1]
            firsts = [
                place
                for place, code in enumerate(below)
                if place == 0 or code[:length] != below[place - 1][:length]
            ]
            codes.append(tuple(below[place][:length] or root for place in firsts))
            starts.append(np.array(firsts, dtype=np.int64))
        return cls(tuple(codes), tuple(starts))

    def children(self, level: int, node: int) -> range:
        """The places of a node's children in the level below."""
        starts = self.starts[level - 1]
        last = node + 1 == len(starts)
        return range(starts[node], len(self.codes[level - 1]) if last else starts[node + 1])


def is_small(counts: Any, threshold: int) -> Any:
    """Whether counts must not be shown: 1 to threshold - 1."""
    return (counts > 0) & (counts < threshold)


def suppress(
    tree: Tree, parts: Ints, *, threshold: int, hidden: Collection[str] = ()
) -> frozenset[str]:
    """The codes of all regions, of every level, whose counts must be hidden.

    Shapes: `parts` are the counts of the leaves, leaves × columns; the columns of one whole (a
    numerator and the rest of its denominator) are given together. `hidden` are codes that are
    hidden already, at another date or of the denominator; they stay so.
    Cost: 83,402 villages with two columns in 0.3 to 1 s.
    """
    return _Suppression(tree, parts, threshold, hidden).run() if len(parts) else frozenset()


class _Suppression:
    """One run from the leaves to the root. `held` and `cells` are sums and number of the hidden
    leaves in the open group of a node; they go to its parent where the node is hidden.
    """

    def __init__(self, tree: Tree, parts: Ints, threshold: int, hidden: Collection[str]) -> None:
        self.tree, self.threshold = tree, threshold
        self.values: list[Ints] = [parts.astype(np.int64)]
        for starts in tree.starts:
            self.values.append(np.add.reduceat(self.values[-1], starts, axis=0))
        self.totals = [values.sum(axis=1) for values in self.values]
        given = set(hidden)
        self.hidden = [
            is_small(values, threshold).any(axis=1)
            | np.fromiter(map(given.__contains__, codes), dtype=bool, count=len(codes))
            for values, codes in zip(self.values, tree.codes, strict=True)
        ]
        first = self.hidden[0]
        self.held: list[Ints] = [np.where(first[:, None], self.values[0], 0)]
        self.cells: list[Ints] = [first.astype(np.int64)]

    def run(self) -> frozenset[str]:
        for level in range(1, len(self.tree.codes)):
            self._gather(level)
            open_groups = (self.cells[level] > 0) & ~self.hidden[level]
            for node in np.flatnonzero(open_groups & ~self._safe(level)):
                self._close(level, int(node))
            # a region hidden already, whose parts are all shown, would be their sum
            for node in np.flatnonzero(self.hidden[level] & (self.cells[level] == 0)):
                self._open(level, int(node))
        return frozenset(
            chain.from_iterable(
                compress(codes, flags)
                for codes, flags in zip(self.tree.codes, self.hidden, strict=True)
            )
        )

    def _gather(self, level: int) -> None:
        """The groups of all nodes of a level, from those of their hidden children."""
        starts, below = self.tree.starts[level - 1], self.hidden[level - 1]
        cells = np.where(below, self.cells[level - 1], 0)
        self.held.append(
            np.add.reduceat(np.where(below[:, None], self.held[level - 1], 0), starts, axis=0)
        )
        self.cells.append(np.add.reduceat(cells, starts))
        self.spans = np.add.reduceat((cells > 0).astype(np.int64), starts)

    def _safe(self, level: int) -> Any:
        return self._are_enough(self.held[level], self.cells[level]) & (self.spans > 1)

    def _are_enough(self, held: Ints, cells: Any) -> Any:
        """Whether groups hold enough of each count, or none of it."""
        enough = (held == 0) | (held >= MARGIN * self.threshold)
        if held.shape[-1] == 1:
            # a hidden cell of a whole is known not to be 0
            enough &= held - np.asarray(cells)[..., None] >= self.threshold
        return enough.all(axis=-1)

    def _close(self, level: int, node: int) -> None:
        """Hide further children of a node until its group is safe, else the node itself."""
        children = self.tree.children(level, node)
        shown = [
            child
            for child in children
            if not self.hidden[level - 1][child] and self.totals[level - 1][child] > 0
        ]
        shown.sort(key=lambda child: (self.totals[level - 1][child], child))
        while not self._is_safe(level, node) and shown:
            self._hide(level - 1, self._chosen(level, node, shown))
            self._sum_up(level, node)
        if not self._is_safe(level, node):
            self.hidden[level][node] = True

    def _is_safe(self, level: int, node: int) -> bool:
        enough = self._are_enough(self.held[level][node], self.cells[level][node])
        return bool(enough) and self._span(level, node) > 1

    def _span(self, level: int, node: int) -> int:
        children = self.tree.children(level, node)
        span = slice(children.start, children.stop)
        return int((self.hidden[level - 1][span] & (self.cells[level - 1][span] > 0)).sum())

    def _chosen(self, level: int, node: int, shown: list[int]) -> int:
        """Take the smallest child that has some of the counts of which the group has too little."""
        held = self.held[level][node]
        lacking = (held > 0) & (held < MARGIN * self.threshold)
        values = self.values[level - 1]
        for place, child in enumerate(shown):
            if not lacking.any() or (values[child][lacking] > 0).all():
                return shown.pop(place)
        return shown.pop(0)

    def _hide(self, level: int, node: int) -> None:
        """Hide a node that was shown; its group, or its smallest leaf, joins its parent's."""
        self.hidden[level][node] = True
        if level == 0:
            self.held[0][node], self.cells[0][node] = self.values[0][node], 1
        elif self.cells[level][node] == 0:
            self._open(level, node)

    def _open(self, level: int, node: int) -> None:
        """Hide the smallest child of a hidden node, down to a leaf."""
        positive = [
            child for child in self.tree.children(level, node) if self.totals[level - 1][child] > 0
        ]
        if positive:
            self._hide(level - 1, min(positive, key=lambda one: (self.totals[level - 1][one], one)))
            self._sum_up(level, node)

    def _sum_up(self, level: int, node: int) -> None:
        children = self.tree.children(level, node)
        span = slice(children.start, children.stop)
        below = self.hidden[level - 1][span]
        self.held[level][node] = self.held[level - 1][span][below].sum(axis=0)
        self.cells[level][node] = self.cells[level - 1][span][below].sum()
