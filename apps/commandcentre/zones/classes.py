"""Which class of proneness a value of a layer or a grid means. No query.

Sources: InaRISK's classes of a hazard index (0.333, 0.666); Perka BNPB 2/2012 for the depth of a
flood (0.76 m, 1.5 m).
"""

from __future__ import annotations

import math
import re
from typing import Final

from apps.commandcentre.hazards.area_files import Classes
from apps.commandcentre.hazards.severity import CLASSES as WORDS
from apps.commandcentre.hazards.severity import NO_CLASS, NOT_PRONE, Meaning
from apps.commandcentre.models.zone import ZoneClass

BY_NUMBER: Final = {1: ZoneClass.LOW, 2: ZoneClass.MEDIUM, 3: ZoneClass.HIGH}
# Below the first bound there is no hazard.
BOUNDS: Final = {
    Meaning.INDEX: (0.001, 0.333, 0.666),
    Meaning.DEPTH_M: (0.01, 0.76, 1.5),
    Meaning.CLASS: (0.5, 1.5, 2.5),
}
# The same as a grid's reader takes them, with the greatest value that can be true.
OF_GRID: Final[Classes] = {
    Meaning.INDEX: (BOUNDS[Meaning.INDEX], 1.0),
    Meaning.DEPTH_M: (BOUNDS[Meaning.DEPTH_M], 100.0),
    Meaning.CLASS: (BOUNDS[Meaning.CLASS], 3.0),
}
_NUMBER: Final = re.compile(r"[+-]?\d{1,9}(?:[.,]\d{1,12})?(?:[eE][+-]?\d{1,2})?", re.ASCII)


def class_of(text: str, meaning: Meaning) -> ZoneClass | None:
    """The class of one value; None where the source says that there is no hazard.

    What cannot be read is PRONE: the place is in the layer, its class is not known.
    """
    word = text.strip().lower()
    if meaning is Meaning.PRONE:
        return None if word in NOT_PRONE else ZoneClass.PRONE
    if meaning is Meaning.CLASS and word in NO_CLASS:
        return None
    if meaning is Meaning.CLASS and word in WORDS:
        return BY_NUMBER[WORDS[word]]
    if not _NUMBER.fullmatch(word):
        return ZoneClass.PRONE
    value = float(word.replace(",", "."))
    if not math.isfinite(value) or value < 0:
        return ZoneClass.PRONE
    reached = sum(value >= bound for bound in BOUNDS[meaning])
    return BY_NUMBER.get(reached)
