"""Where an earthquake was felt, as BMKG writes it: `II-III MMI Kab. Manggarai, II Ende`. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

MOST_PLACES: Final = 50
ROMAN: Final = {
    name: number
    for number, name in enumerate(
        ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"), start=1
    )
}
NUMERAL: Final = r"(?:XII|XI|IX|IV|VIII|VII|VI|V|III|II|I|X)"
_ENTRY: Final = re.compile(
    rf"(?:({NUMERAL})(?:\s*[-–]\s*({NUMERAL}))?\s+(?:MMI\s+)?)?(.+)", re.DOTALL
)
# "Kab. Kep. Sangihe" is written "Kep. Sangihe" and "Sangihe", too; "Banggai Kepulauan" is another
# regency than "Banggai".
_KIND: Final = re.compile(
    r"^(?:di\s+)?(?:(?:kab(?:upaten)?|kota|kec(?:amatan)?)\b\.?\s*)?"
    r"(?:adm(?:inistrasi)?\b\.?\s*)?(?:kep(?:ulauan)?\b\.?\s*)?",
    re.IGNORECASE,
)
_ISLANDS: Final = re.compile(r"\bkep\b")
# The standard deviation between earthquakes and within one, of the relation's residuals. Ours: the
# split of the published total (about 0.8 to 1.2) that single-event studies find, rounded.
BETWEEN: Final = 0.6
WITHIN: Final = 0.8
MOST_OFFSET: Final = 1.5


@dataclass(frozen=True)
class FeltPlace:
    """A place and the intensity that was felt there (the middle of a range)."""

    name: str
    intensity: float


def read(text: str) -> list[FeltPlace]:
    """The places of a text; one without a numeral has that of the place before it."""
    found: list[FeltPlace] = []
    last: float | None = None
    for part in re.split(r"[,;]", text)[:MOST_PLACES]:
        entry = _ENTRY.fullmatch(part.strip())
        if entry is None:
            continue
        low, high, rest = entry.groups()
        if low:
            last = (ROMAN[low] + ROMAN[high or low]) / 2
        name = place_key(rest)
        if last is not None and name:
            found.append(FeltPlace(name, last))
    return found


def place_key(name: str) -> str:
    """A regency's name without its kind, in small letters, to compare."""
    plain = _KIND.sub("", name.strip().rstrip(".")).lower()
    return " ".join(re.sub(r"[^a-z ]+", " ", _ISLANDS.sub("kepulauan", plain)).split())


def offset(residuals: Sequence[float]) -> float:
    """By how much an earthquake is stronger than the relation's median, from felt minus expected.

    The mean, drawn towards nought where few places are known (the event term of a mixed model).
    """
    if not residuals:
        return 0.0
    count = len(residuals)
    weight = BETWEEN**2 * count / (BETWEEN**2 * count + WITHIN**2)
    drawn = weight * sum(residuals) / count
    return max(-MOST_OFFSET, min(MOST_OFFSET, drawn))
