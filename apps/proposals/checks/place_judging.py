"""Places that were judged while another transaction stored a row of the same family, once more."""

from __future__ import annotations

from typing import Final

from apps.common import sql

# One round judges so many cards and persons; the rest waits for the next.
MOST: Final = 10_000


def judge_noted() -> int:
    """Judge the rows of cards and persons lately found to be protected (`PlaceToJudge`), and remove
    those whose `horizon` has ended: no transaction that did not see them is left.

    Returns how many cards and persons were judged; 0 when nothing waits.
    """
    judged = sql.call("proposals_judge_noted", MOST)
    assert isinstance(judged, int)
    return judged
