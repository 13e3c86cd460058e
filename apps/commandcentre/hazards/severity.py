"""What a layer's column says of severity: its measure, and the band of each value. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from apps.commandcentre import intensity
from apps.commandcentre.hazards import felt


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
# No band that is known begins at nought: what is not known is told from the weakest one.
UNKNOWN: Final = SeverityBand(0, None, "?")
AREA: Final = SeverityBand(0, None, "–")
# Source: PetaBencana's states (data archive 2017): 1 unknown, 2 10–70 cm, 3 71–150 cm, 4 above.
STATES: Final = {
    1: UNKNOWN,
    2: SeverityBand(0.1, 0.7, "10–70 cm"),
    3: SeverityBand(0.7, 1.5, "71–150 cm"),
    4: SeverityBand(1.5, None, "> 150 cm"),
}
DEPTHS: Final = (STATES[2], STATES[3], STATES[4])
# Source: InaRISK's classes of a hazard index; below the first there is no hazard.
INDEXES: Final = (
    SeverityBand(0.001, 0.333, "rendah"),
    SeverityBand(0.333, 0.666, "sedang"),
    SeverityBand(0.666, None, "tinggi"),
)
# A class below this is none.
LOWEST_CLASS: Final = 0.5
# The ends of the scales.
GREATEST: Final = {Meaning.MMI: 12.0, Meaning.INDEX: 1.0}
CLASSES: Final = {"rendah": 1, "low": 1, "sedang": 2, "medium": 2, "tinggi": 3, "high": 3}
NOT_PRONE: Final = frozenset(("no", "n", "tidak", "tdk", "bukan", "false", "f", "0"))
# The words of a class that is none; a letter may be one.
NO_CLASS: Final = frozenset(
    ("no", "none", "tidak", "tidak ada", "tidak rawan", "tidak terdampak", "aman", "nihil")
)
_NUMBER: Final = re.compile(r"[+-]?\d{1,9}(?:[.,]\d{1,12})?(?:[eE][+-]?\d{1,2})?", re.ASCII)
_PLAIN: Final = r"\d{1,4}(?:[.,]\d{1,6})?"
_RANGE: Final = re.compile(rf"({_PLAIN})\s*[-–]\s*({_PLAIN})", re.ASCII)
# "VIII", "VII-VIII", "MMI VI", "VI MMI", "IX+".
_NUMERALS: Final = re.compile(
    rf"(?:mmi\s+)?({felt.NUMERAL})(?:\s*[-–]\s*({felt.NUMERAL}))?\+?(?:\s+mmi)?", re.IGNORECASE
)


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
        found = _number(text.strip().lower(), meaning)
        if meaning is not Meaning.PRONE and found is not None and not 0 <= found <= most:
            return text.strip()
    return ""


def greatest(values: Iterable[str], meaning: Meaning) -> str:
    """The greatest of some values; the first one where none is a number."""

    def number(text: str) -> float:
        found = _number(text.strip().lower(), meaning)
        return -math.inf if found is None else found

    return max(sorted(values), key=number)


def band_of(text: str, meaning: Meaning) -> SeverityBand | None:
    """The band of one value; None for one below the lowest band, as a grid of the same values has
    none there. What cannot be read has the band UNKNOWN: the place is affected, the severity is not
    known.
    """
    word = text.strip().lower()
    if meaning is Meaning.PRONE:
        return None if word in NOT_PRONE else AREA
    if meaning is Meaning.CLASS and word in NO_CLASS:
        return None
    if meaning is Meaning.CLASS and word in CLASSES:
        return SeverityBand(CLASSES[word], None, text.strip()[:60])
    value = _number(word, meaning)
    if value is None or not math.isfinite(value) or value < 0:
        return UNKNOWN
    if meaning is Meaning.MMI:
        return mmi_band(value)
    if meaning is Meaning.STATE:
        return STATES.get(round(value), UNKNOWN)
    if meaning is Meaning.CLASS:
        return SeverityBand(value, None, text.strip()[:60]) if value >= LOWEST_CLASS else None
    bands = DEPTHS if meaning is Meaning.DEPTH_M else INDEXES
    return next((band for band in reversed(bands) if value >= band.lower), None)


def _number(word: str, meaning: Meaning) -> float | None:
    """The number of a value in small letters, the middle of a range; intensities may be written in
    Roman numerals, as BMKG does. None where it is no number.
    """
    if _NUMBER.fullmatch(word):
        return float(word.replace(",", "."))
    if meaning is Meaning.MMI and (found := _NUMERALS.fullmatch(word)):
        low, high = found.groups()
        return (felt.ROMAN[low.upper()] + felt.ROMAN[(high or low).upper()]) / 2
    if meaning in (Meaning.MMI, Meaning.DEPTH_M, Meaning.INDEX) and (
        found := _RANGE.fullmatch(word)
    ):
        return sum(float(end.replace(",", ".")) for end in found.groups()) / 2
    return None


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
