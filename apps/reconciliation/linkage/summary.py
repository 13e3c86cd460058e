"""A run in figures: boxes that add up, the histogram of weights, the changes since the last run."""

from __future__ import annotations

from dataclasses import dataclass
from math import log10
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.http import urlencode
from django.utils.translation import pgettext_lazy

from apps.reconciliation.linkage.counting import FARTHEST, ListedPairs
from apps.reconciliation.models import IS_BLIND, Pairing, RecordPair, Run
from apps.reconciliation.states import SETTLED, PairStatus

# Every record of the left side is in exactly one.
BOXES: Final[dict[str, Any]] = {
    "nik": pgettext_lazy("box", "Linked by NIK"),
    "linked": pgettext_lazy("box", "Linked by weight"),
    "review": pgettext_lazy("box", "To be reviewed"),
    "unmatched": pgettext_lazy("box", "Without a match"),
}
CHANGES: Final[dict[str, Any]] = {
    "new": pgettext_lazy("change", "pairs found by this run"),
    # the older pairs that a run moved are not stored; the current status of its own pairs can be
    # listed
    "answered": pgettext_lazy("change", "of the found ones, those decided by people's answers"),
    "displaced": pgettext_lazy(
        "change", "of the found ones, those to which another pair was preferred"
    ),
    "ended": pgettext_lazy("change", "pairs that no longer hold, or were found again"),
}
BAR_WIDTH: Final = 16
HEIGHT: Final = 120


@dataclass(frozen=True)
class Box:
    """One box of the summary."""

    code: str
    label: Any
    count: int
    total: int

    @property
    def percent(self) -> float:
        return 100 * self.count / self.total if self.total else 0.0


@dataclass(frozen=True)
class Bar:
    """Pairs of one whole weight, and their side of the thresholds."""

    low: int
    count: int
    zone: str
    x: int
    height: float

    @property
    def query(self) -> str:
        """The list of exactly these pairs; the outermost bars include all pairs beyond."""
        ends = {"low": self.low, "high": self.low + 1}
        if self.low >= FARTHEST:
            del ends["high"]
        if self.low <= -FARTHEST:
            del ends["low"]
        return urlencode(ends)

    @property
    def y(self) -> float:
        return HEIGHT - self.height


@dataclass(frozen=True)
class Histogram:
    """A drawing in units of its own; `marks` are the positions of both thresholds."""

    bars: list[Bar]
    width: int
    marks: list[tuple[str, float, float]]
    height: int = HEIGHT


def boxes(run: Run) -> list[Box]:
    """The boxes in a fixed order; none before the run has counted."""
    found = run.counts.get("boxes") or {}
    total = int(run.counts.get("records") or sum(found.values()))
    known = [Box(code, label, int(found.get(code, 0)), total) for code, label in BOXES.items()]
    return known if found else []


def histogram(run: Run, listed: ListedPairs, lower: float, upper: float) -> Histogram | None:
    """The listed pairs by whole weight, once the run has counted.

    Bar heights are logarithmic: a thousand times as many pairs is three times as high.
    """
    counts = dict(listed.bins)
    if not counts or not run.histogram:
        return None
    lows = range(min(*counts, int(lower)), max(*counts, int(upper)) + 1)
    highest = log10(max(counts.values()) + 1)
    bars = [
        Bar(
            low,
            counts.get(low, 0),
            "linked" if low >= upper else "below" if low + 1 <= lower else "review",
            BAR_WIDTH * place,
            round((HEIGHT - 14) * log10(counts.get(low, 0) + 1) / highest, 1),
        )
        for place, low in enumerate(lows)
    ]
    marks = [
        (name, weight, round(BAR_WIDTH * (weight - lows[0]), 1))
        for name, weight in (("lower", lower), ("upper", upper))
    ]
    return Histogram(bars, BAR_WIDTH * len(lows), marks)


def changes(run: Run) -> list[tuple[str, Any, int]]:
    """(kind, words, count) of the differences to the run before, as its lists show them.

    Queries: four, by index.
    """
    if run.previous_id is None:
        return []
    return [
        (kind, words, changed(run, kind).exclude(IS_BLIND).count())
        for kind, words in CHANGES.items()
    ]


def changed(run: Run, kind: str) -> QuerySet[RecordPair]:
    """Exactly the pairs that `changes` counts."""
    mine = RecordPair.objects.filter(pairing=run.pairing_id)
    if kind == "ended":
        return mine.filter(until=run.pk)
    if kind == "new":
        return mine.filter(run=run)
    statuses = SETTLED if kind == "answered" else [PairStatus.DISPLACED]
    return mine.filter(run=run, until__isnull=True, status__in=statuses)


def named(pairing: Pairing) -> str:
    """The names of both sources; `pairing.left` and `.right` must be loaded already."""
    return f"{pairing.left.name} – {pairing.right.name}"
