"""The weight of a pair, bar by bar, each with a sentence that explains it.

Weights are log2 of the odds. The sum starts at the value for two random records. Every comparison
adds to it or subtracts from it; the rarity of a value is a bar of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from apps.reconciliation.linkage import messages as linkage_messages
from apps.reconciliation.linkage.comparisons import Model, probability

# Half the width of the drawing, in its own units.
HALF_WIDTH = 100
SEEN = 0.05  # a bar of less would read as 0


@dataclass(frozen=True)
class Step:
    """One bar: from the sum before the step to the sum after it."""

    name: str
    label: str
    sentence: str
    weight: float
    total: float
    is_rarity: bool = False
    is_nothing: bool = False
    x: float = 0.0
    width: float = 0.0

    @property
    def signed(self) -> str:
        return signed(self.weight)

    @property
    def spoken(self) -> str:
        """The text for a screen reader."""
        amount = decimal(abs(self.weight))
        if self.weight < 0:
            return _("takes {amount} away").format(amount=amount)
        return _("adds {amount}").format(amount=amount)


@dataclass(frozen=True)
class Waterfall:
    """The start, the steps and the final weight."""

    start: float
    total: float
    steps: list[Step] = field(default_factory=list)
    zero: float = 0.0
    span: float = 2.0 * HALF_WIDTH

    @property
    def probability(self) -> float:
        return probability(self.total)

    @property
    def percent(self) -> str:
        return percent(self.probability)

    @property
    def likelihood(self) -> str:
        return linkage_messages.likelihood(self.probability)


def of(
    model: Mapping[str, Any],
    *,
    levels: Sequence[int],
    rarity: Sequence[float],
    letters: Mapping[str, int],
) -> Waterfall | None:
    """The steps of a pair under a stored model; None where no model is stored.

    `letters` is the number of differing letters by comparison, for the sentences.
    """
    if not model:
        return None
    known = Model.of(model)
    total = known.start
    steps: list[Step] = []
    for bar in known.bars(levels, rarity):
        total += bar.weight
        label = str(linkage_messages.LABELS[bar.comparison])
        said = linkage_messages.sentence(
            bar.code, letters=letters.get(bar.comparison, 0), rarity=bar.rarity
        )
        nothing = bar.code.endswith("_nothing")
        steps.append(
            Step(bar.comparison, label, said, bar.weight, total, is_nothing=nothing),
        )
        total += bar.rarity
        if abs(bar.rarity) >= SEEN:
            said = linkage_messages.rarity_sentence(bar.rarity)
            steps.append(Step(bar.comparison, label, said, bar.rarity, total, is_rarity=True))
    return _drawn(known.start, total, steps)


def _drawn(start: float, total: float, steps: list[Step]) -> Waterfall:
    """Place every bar in a drawing of fixed width."""
    stops = [start, 0.0, *(step.total for step in steps)]
    low, high = min(stops), max(stops)
    scale = 2.0 * HALF_WIDTH / max(high - low, 1.0)
    placed = []
    before = start
    for step in steps:
        left, right = sorted((before, step.total))
        width = round(max((right - left) * scale, 1.0), 1)
        placed.append(replace(step, x=round((left - low) * scale, 1), width=width))
        before = step.total
    return Waterfall(start, total, placed, round((0.0 - low) * scale, 1))


def decimal(value: float, places: int = 1) -> str:
    """A number rounded to this many decimals; Django's own formatting truncates."""
    return str(number_format(round(value, places), places))


def signed(weight: float) -> str:
    """`+6.2`, `−1.1`, `0`."""
    if abs(weight) < 0.05:
        return "0"
    return f"{'+' if weight > 0 else '−'}{decimal(abs(weight))}"


def percent(chance: float) -> str:
    """A percentage that is never 0 or 100, because no pair is certain."""
    if chance > 0.999:
        return f"> {decimal(99.9)} %"
    if chance < 0.001:
        return f"< {decimal(0.1)} %"
    places = 1 if chance > 0.99 or chance < 0.01 else 0
    return f"{decimal(100 * chance, places)} %"
