"""Which letters of two texts differ, for pages that mark them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher

from rapidfuzz.distance import Levenshtein


@dataclass(frozen=True)
class Part:
    """Consecutive letters; `differs` marks those that the other side lacks."""

    text: str
    differs: bool = False


Parts = list[Part]
# (text, whether it differs)
Pieces = list[tuple[str, bool]]


def marked(left: str, right: str) -> tuple[Parts, Parts]:
    """Both values in parts; upper and lower case are equal.

    `BUDI SANTOSO` and `BUDI SANTUSO` differ in one letter each. Where one side is empty nothing is
    marked, because there is nothing to compare.
    """
    if not left or not right:
        return _whole(left), _whole(right)
    ours: Parts = []
    theirs: Parts = []
    for code in Levenshtein.opcodes(_folded(left), _folded(right)):
        differs = code.tag != "equal"
        _add(ours, left[code.src_start : code.src_end], differs)
        _add(theirs, right[code.dest_start : code.dest_end], differs)
    return ours, theirs


def marked_exactly(ours: str, theirs: str) -> tuple[Pieces, Pieces]:
    """Both texts in pieces, those that the other lacks marked. Case and spaces count."""
    left: Pieces = []
    right: Pieces = []
    for what, a, b, c, d in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        if b > a:
            left.append((ours[a:b], what != "equal"))
        if d > c:
            right.append((theirs[c:d], what != "equal"))
    return left, right


def letters_apart(left: str, right: str) -> int:
    """The edit distance: letters to replace, insert or delete to turn one text into the other."""
    return int(Levenshtein.distance(_folded(left), _folded(right)))


def _folded(text: str) -> str:
    # `casefold` may lengthen a text, and the parts would be cut at the wrong positions
    return "".join(low if len(low := letter.lower()) == 1 else letter for letter in text)


def _whole(text: str) -> Parts:
    return [Part(text)] if text else []


def _add(parts: Parts, text: str, differs: bool) -> None:
    if not text:
        return
    if parts and parts[-1].differs == differs:
        parts[-1] = Part(parts[-1].text + text, differs)
    else:
        parts.append(Part(text, differs))
