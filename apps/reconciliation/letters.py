"""Which letters of two texts differ, for pages that mark them."""

from __future__ import annotations

from difflib import SequenceMatcher

# (text, whether it differs)
Pieces = list[tuple[str, bool]]


def marked(ours: str, theirs: str) -> tuple[Pieces, Pieces]:
    """Both texts in pieces, those that the other lacks marked. Case and spaces count."""
    left: Pieces = []
    right: Pieces = []
    for what, a, b, c, d in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        if b > a:
            left.append((ours[a:b], what != "equal"))
        if d > c:
            right.append((theirs[c:d], what != "equal"))
    return left, right
