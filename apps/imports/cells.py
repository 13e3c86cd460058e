"""Parses the cells of an office's file: numbers, quantities, days, phones, yes and no. Pure.

Values repeat: a country has about forty thousand birthdays and eighty thousand villages. `Known`
parses each distinct text once and answers repeats from a dictionary.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Final, NamedTuple

from apps.common.text.headings import plain
from apps.common.text.identity import NIK_LENGTH, digits

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


# Numbers as people write them: Indonesian (1.000,5), English where it cannot be anything else
# (1,000.5 and 1,000,000), plain (1000.5).
_INDONESIAN = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?")
_ENGLISH = re.compile(r"[1-9]\d{0,2}(?:(?:,\d{3})+\.\d+|(?:,\d{3}){2,})")
_AMBIGUOUS = re.compile(r"[1-9]\d{0,2},\d{3}")
_PLAIN = re.compile(r"\d+(?:[.,]\d+)?")
_QUANTITY = re.compile(r"(?P<number>[-−]?\s?\d[\d.,\s]*)(?P<unit>[^\W\d_][^\d]*)?")
_PHONE = re.compile(r"(?:\+?62|0)?(\d{7,12})")


class Quantity(NamedTuple):
    """A number, and the unit as it was written behind it, or ""."""

    amount: Decimal
    unit: str


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


def decimal(text: str) -> Decimal:
    """A number from its Indonesian or plain writing: `1.000` is a thousand, `1,5` one and a half.

    Raises: Unreadable: `ambiguous` (`1,000` may be both), `number`.
    """
    bare = "".join(text.split())
    if _INDONESIAN.fullmatch(bare):
        return Decimal(bare.replace(".", "").replace(",", "."))
    if _ENGLISH.fullmatch(bare):
        return Decimal(bare.replace(",", ""))
    if _AMBIGUOUS.fullmatch(bare):
        raise Unreadable("ambiguous")
    if _PLAIN.fullmatch(bare):
        return Decimal(bare.replace(",", "."))
    raise Unreadable("number")


def quantity(text: str) -> Quantity:
    """A quantity with or without its unit: `700 paket`, `1,5 t`, `1.000`.

    Raises: Unreadable: `negative`, `ambiguous`, `number`.
    """
    found = _QUANTITY.fullmatch(text.strip())
    if not found:
        raise Unreadable("number")
    if found["number"][0] in "-−":
        raise Unreadable("negative")
    return Quantity(decimal(found["number"].strip()), (found["unit"] or "").strip(" ."))


def phone(text: str) -> str:
    """A phone number with a leading zero: `+62 812-3456-7890` is `081234567890`.

    A spreadsheet drops the zero of a number. Raises: Unreadable.
    """
    bare = re.sub(r"[\s().\-/]", "", text.removesuffix(".0"))
    if not (found := _PHONE.fullmatch(bare)):
        raise Unreadable("phone")
    return f"0{found[1]}"
