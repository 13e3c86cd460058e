"""Kinds of social need that are shown on no map, and who else knows of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

# Permensos 8/2012, numbers 3–7, 10 and 16–19 (children in conflict with the law, victims, HIV,
# drugs, trafficking …).
PROTECTED_PPKS: Final = frozenset({3, 4, 5, 6, 7, 10, 16, 17, 18, 19})
# Those of some family cards somebody of which is known to have one outside of the register.
known_elsewhere: list[Callable[[set[str]], set[str]]] = []


def cards_known_elsewhere(cards: Iterable[str | None]) -> set[str]:
    """Those of some family cards of which the apps above know it. Queries: theirs."""
    asked = {card for card in cards if card}
    return set().union(*(known(asked) for known in known_elsewhere))
