"""What a layer's column says of severity: its measure, and the band of each value. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from apps.commandcentre import intensity


class Meaning(StrEnum):
    """What the values of a column, or of a grid's cells, are."""

    MMI = "mmi"
    DEPTH_M = "depth_m"
    INDEX = "index"
    CLASS = "class"
    # PetaBencana's states of a flooded neighbourhood
    STATE = "state"
    # yes or no: whether a place is prone to the hazard
    PRONE = "prone"

    @property
    def measure(self) -> str:
        """The measure of the bands that are made of it (`states.Measure`)."""
        of = {Meaning.STATE: Meaning.DEPTH_M, Meaning.PRONE: Meaning.CLASS}
        return of.get(self, self).value


@dataclass(frozen=True)
class SeverityBand:
    """`upper` is None for the highest band."""

    lower: float
    upper: float | None
    label: str


# The columns by which severity is recognised, the surest first.
COLUMNS: Final[tuple[tuple[Meaning, tuple[str, ...]], ...]] = (
    (Meaning.STATE, ("state",)),
    (Meaning.MMI, ("mmi", "intensity", "intensitas", "paramvalue")),
    (Meaning.DEPTH_M, ("depth_m", "kedalaman_m", "depth", "kedalaman", "tinggi_m", "genangan")),
    (Meaning.INDEX, ("index", "indeks", "indeks_bahaya", "hazard_index")),
    (Meaning.PRONE, ("rawan", "prone", "floodprone", "rawan_banjir", "is_prone")),
    (Meaning.CLASS, ("kelas", "class", "kelas_bahaya", "gridcode", "tingkat", "level")),
)
UNKNOWN: Final = SeverityBand(0, None, "?")
AREA: Final = SeverityBand(0, None, "–")
# Source: PetaBencana's states (data archive 2017): 1 unknown, 2 10–70 cm, 3 71–150 cm, 4 above.
STATES: Final = {
    1: UNKNOWN,
    2: SeverityBand(0.1, 0.7, "10–70 cm"),
    3: SeverityBand(0.7, 1.5, "71–150 cm"),
    4: SeverityBand(1.5, None, "> 150 cm"),
}
DEPTHS: Final = (
    SeverityBand(0, 0.1, "< 10 cm"),
    *(STATES[2], STATES[3], STATES[4]),
)
# Source: InaRISK's classes of a hazard index.
INDEXES: Final = (
    SeverityBand(0, 0.333, "rendah"),
    SeverityBand(0.333, 0.666, "sedang"),
    SeverityBand(0.666, None, "tinggi"),
)
# The ends of the scales.
GREATEST: Final = {Meaning.MMI: 12.0, Meaning.INDEX: 1.0}
CLASSES: Final = {"rendah": 1, "low": 1, "sedang": 2, "medium": 2, "tinggi": 3, "high": 3}
NOT_PRONE: Final = frozenset(("no", "n", "tidak", "tdk", "bukan", "false", "f", "0"))
_NUMBER: Final = re.compile(r"[+-]?\d{1,9}(?:[.,]\d{1,12})?(?:[eE][+-]?\d{1,2})?", re.ASCII)


def recognise(fields: Sequence[str], named: str = "") -> tuple[str, Meaning] | None:
    """The column of severity and its meaning; None where there is none.

    `named` is the column that a person names; its meaning is recognised, else it is a class.
    """
    if named and named not in fields:
        return None
    candidates = [named] if named else fields
    by_name = {field.lower(): field for field in candidates}
    for meaning, names in COLUMNS:
        for name in names:
            if name in by_name:
                return by_name[name], meaning
    return (named, Meaning.CLASS) if named else None


def bands_of(values: Iterable[str], meaning: Meaning) -> dict[str, SeverityBand | None]:
    """The band of each value; None for one that is below the lowest band."""
    return {value: band_of(value, meaning) for value in values}


def impossible(values: Iterable[str], meaning: Meaning) -> str:
    """The first value that cannot be: negative, or above the greatest of its scale; "" if none."""
    most = GREATEST.get(meaning, math.inf)
    for text in sorted(values):
        found = _NUMBER.fullmatch(text.strip())
        if meaning is not Meaning.PRONE and found is not None:
            value = float(text.strip().replace(",", "."))
            if not 0 <= value <= most:
                return text.strip()
    return ""


def band_of(text: str, meaning: Meaning) -> SeverityBand | None:
    """The band of one value. What cannot be read has the band UNKNOWN: the place is affected, the
    severity is not known.
    """
    word = text.strip().lower()
    if meaning is Meaning.PRONE:
        return None if word in NOT_PRONE else AREA
    if meaning is Meaning.CLASS and word in CLASSES:
        return SeverityBand(CLASSES[word], None, text.strip()[:60])
    found = _NUMBER.fullmatch(word)
    if found is None:
        return UNKNOWN
    value = float(word.replace(",", "."))
    if not math.isfinite(value) or value < 0:
        return UNKNOWN
    if meaning is Meaning.MMI:
        return mmi_band(value)
    if meaning is Meaning.STATE:
        return STATES.get(round(value), UNKNOWN)
    if meaning is Meaning.CLASS:
        return SeverityBand(value, None, text.strip()[:60])
    bands = DEPTHS if meaning is Meaning.DEPTH_M else INDEXES
    return next(band for band in reversed(bands) if value >= band.lower)


def mmi_band(value: float) -> SeverityBand | None:
    """The band of an intensity; None below V, where nothing is damaged."""
    number = min(intensity.band_of(value), intensity.BANDS[-1])
    if number < intensity.BANDS[0]:
        return None
    is_last = number == intensity.BANDS[-1]
    label = f"MMI {intensity.ROMAN[number]}" + ("+" if is_last else "")
    return SeverityBand(
        number - intensity.HALF, None if is_last else number + intensity.HALF, label
    )
