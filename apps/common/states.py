"""Tables of moves between states, for the code that moves and the triggers that guard."""

from __future__ import annotations

from typing import Any

import pgtrigger

Moves = dict[Any, set[Any]]


def pairs(moves: Moves) -> list[tuple[str, str]]:
    """A table of moves as sorted pairs, for `pgtrigger.FSM`."""
    return sorted((str(old.value), str(new.value)) for old, news in moves.items() for new in news)


class StatusMoves(pgtrigger.FSM):
    """The trigger that guards `status`; it runs only for statements that write that column.

    For tables whose other columns are written by the thousand: otherwise each row would pay for it.
    """

    operation = pgtrigger.UpdateOf("status")
    field = "status"
