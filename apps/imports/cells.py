"""Parses the cells of an office's file: numbers, days, sexes, yes and no. Pure.

Values repeat: a country has about forty thousand birthdays and eighty thousand villages. `Known`
parses each distinct text once and answers repeats from a dictionary.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Final

from apps.common.headings import plain
from apps.common.identity import NIK_LENGTH, digits

NOTHING: Final = r"\N"  # null in COPY's text format
KEPT: Final = 400_000  # distinct texts remembered at once, some 80 MB
FIRST_YEAR, LAST_YEAR = 1850, 2100
LOWEST, HIGHEST = 1, 10  # desil

_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "jan januari january", "feb februari february pebruari", "mar maret march", "apr april",
            "mei may", "jun juni june", "jul juli july", "agu agt ags agustus aug august",
            "sep sept september", "okt oktober oct october", "nov november nop nopember",
            "des desember dec december",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_YEAR_FIRST = re.compile(r"(\d{4})[-/. ]?(\d{1,2})[-/. ]?(\d{1,2})(?:[T ][0-9:.,]+Z?)?")
_DAY_FIRST = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})(?:[T ][0-9:.,]+)?")
_TOGETHER = re.compile(r"(\d{2})(\d{2})(\d{4})")
_WORDED = re.compile(r"(\d{1,2})[-/. ]+([A-Za-z]{3,9})\.?[-/., ]+(\d{4})")
_MALE: Final = frozenset(("l", "lk", "laki", "lakilaki", "pria", "m", "male", "1"))
_FEMALE: Final = frozenset(("p", "pr", "perempuan", "wanita", "f", "female", "2"))
_YES: Final = frozenset(("ya", "y", "yes", "true", "t", "1", "aktif", "penerima", "active"))
_NO: Final = frozenset(
    ("", "tidak", "tdk", "n", "no", "false", "f", "0", "2", "bukan", "nonaktif", "inactive")
)
_DEAD: Final = _YES - {"aktif", "active", "penerima"} | {
    "meninggal", "meninggaldunia", "mati", "wafat", "almarhum", "almarhumah", "deceased", "dead",
}  # fmt: skip
_ALIVE: Final = _NO | {"hidup", "masihhidup", "aktif", "alive", "ada"}


class Unreadable(ValueError):
    """A text that is not a value of its column; the argument names the fault."""


class Known(dict[str, str]):
    """Cell text → COPY text; each distinct text is parsed once.

    A text that cannot be read becomes `nothing` and is kept in `wrong` with the reason.
    """

    def __init__(self, read: Callable[[str], str], nothing: str = "") -> None:
        self._read, self._nothing = read, nothing
        self.wrong: dict[str, str] = {}

    def __missing__(self, text: str) -> str:
        if len(self) >= KEPT:
            self.clear()
            self.wrong.clear()
        try:
            value = self._read(text) if text else self._nothing
        except Unreadable as unreadable:
            self.wrong[text] = str(unreadable)
            value = self._nothing
        self[text] = value
        return value

    def column(self, cells: list[str]) -> list[str]:
        return list(map(self.__getitem__, cells))


def number(text: str) -> str:
    """Sixteen digits, from any spelling. Raises: Unreadable with the kind of its shape."""
    bare = digits(text)
    if bare.endswith("0") and len(bare) == NIK_LENGTH + 1 and text.endswith(".0"):
        bare = bare[:-1]  # a number that went through a spreadsheet
    if not (bare.isascii() and bare.isdecimal()):
        raise Unreadable("scientific" if re.search(r"\d[Ee]\+?\d", bare) else "letters")
    if len(bare) != NIK_LENGTH:
        raise Unreadable("short" if len(bare) < NIK_LENGTH else "long")
    if len(set(bare)) == 1:
        raise Unreadable("same_digit")
    return bare


def day(text: str) -> str:
    """An ISO day (`2000-01-31`) from any of the known spellings. Raises: Unreadable."""
    for pattern, order in (
        (_YEAR_FIRST, (1, 2, 3)),
        (_DAY_FIRST, (3, 2, 1)),
        (_TOGETHER, (3, 2, 1)),
    ):
        found = pattern.fullmatch(text)
        if found and (said := _day(*(int(found[at]) for at in order))):
            return said
    found = _WORDED.fullmatch(text)
    if found and (month := _MONTHS.get(found[2].casefold())):
        said = _day(int(found[3]), month, int(found[1]))
        if said:
            return said
    raise Unreadable("date")


def _day(year: int, month: int, day_: int) -> str:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return ""
    try:
        return dt.date(year, month, day_).isoformat()
    except ValueError:
        return ""


def sex(text: str) -> str:
    """L or P. Raises: Unreadable."""
    name = plain(text)
    if name in _MALE:
        return "L"
    if name in _FEMALE:
        return "P"
    raise Unreadable("sex")


def yes(text: str) -> str:
    """`t` or `f`. Raises: Unreadable."""
    return _either(text, _YES, _NO)


def dead(text: str) -> str:
    """`t` for a dead person, else `f`. Raises: Unreadable."""
    return _either(text, _DEAD, _ALIVE)


def _either(text: str, yes_: frozenset[str], no: frozenset[str]) -> str:
    name = plain(text)
    if name in yes_:
        return "t"
    if name in no:
        return "f"
    raise Unreadable("yes_no")


def desil(text: str) -> str:
    """1 to 10, in digits. Raises: Unreadable."""
    found = re.fullmatch(r"(?:\D*\s*)?(\d{1,2})(?:[.,]0+)?", text)
    if found and LOWEST <= int(found[1]) <= HIGHEST:
        return str(int(found[1]))
    raise Unreadable("desil")


def short(text: str) -> str:
    """RT or RW: three digits."""
    return text.zfill(3)[-3:] if text.isdecimal() else text[:3]
