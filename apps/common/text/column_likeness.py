"""Recognises which column of a file is which of ours, by headings and cell contents. Pure.

    found = recognise(header, rows, words, holds)
    found.mapping(needed)        what may be used without asking
    found.asked(needed)          needed columns of which only an uncertain proposal is known
    found.unused                 positions of columns that match none of ours

`words` is an app's vocabulary (common.text.headings); `holds` describes the cells of some of its
columns. A few hundred rows are enough. NIK and KK both have sixteen digits: a NIK contains birth
date and sex, and a KK is shared by the members of a family.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache
from typing import Final

from rapidfuzz import fuzz

from apps.common.text.headings import Vocabulary, plain, words_of, written_out

type_rows = Sequence[Sequence[str]]

LIKELY: Final = 72.0  # a heading this similar to one of ours is proposed
ALIKE: Final = 88.0  # and is accepted without asking for columns that are not needed
MOST: Final = 0.8  # the share of filled cells that makes a column one of a kind
FEW: Final = 0.1
SHORTEST: Final = 4  # letters; shorter headings resemble too many others
ROWS: Final = 300  # that are checked
VARIED: Final = 0.7  # share of different cells in a column of names
MANY: Final = 8  # rows from which a share is meaningful
AGREED: Final = 0.6  # share of rows whose number contains the day of birth
_SIGNS = re.compile(r"[\s.'’‘`\-\u00a0]")
# Words of headings whose sixteen digits belong to another person or are another number.
_NO_NIK: Final = frozenset(
    ("kk", "keluarga", "ayah", "ibu", "suami", "istri", "pasangan", "kepala", "wali", "kks",
     "rekening")
)  # fmt: skip
_NO_KK: Final = frozenset(
    ("nik", "ktp", "ayah", "ibu", "suami", "istri", "pasangan", "kks", "rekening", "telepon", "hp")
)
_SIXTEEN = re.compile(r"\d{16}")
_CODE = re.compile(r"\d{2}[. \-]\d{1,2}[. \-]\d{1,2}[. \-]\d{4}|\d{10}(?:[.,]0+)?")
_DEGREES = re.compile(r"[-+−]?\s?\d{1,3}[.,]\d{2,}°?")
LONGEST_HEADING = 200  # that is compared with ours
LONGEST_DEGREES = 40  # the search below grows with the square
_LATITUDE_SIDE = re.compile(r"\d.*\b(?:LS|LU|S|N)\.?$|^(?:LS|LU|S|N)\b.*\d", re.I)
_LONGITUDE_SIDE = re.compile(r"\d.*\b(?:BT|BB|E|T|B)\.?$|^(?:BT|BB|E)\b.*\d", re.I)
_MONTH = (
    r"(?:jan|feb|peb|mar|apr|mei|may|jun|jul|agu|agt|ags|aug|sep|okt|oct|nov|nop|des|dec)[a-z]*"
)
_DAY_FIRST = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})(?:[T ].*)?")
_YEAR_FIRST = re.compile(r"(\d{4})[-/. ](\d{1,2})[-/. ](\d{1,2})(?:[T ].*)?")
_WORDED = re.compile(rf"(\d{{1,2}})[-/. ]+({_MONTH})\.?[-/., ]+(\d{{4}}|\d{{2}})", re.I)
_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        ("jan", "feb peb", "mar", "apr", "mei may", "jun", "jul", "agu agt ags aug", "sep",
         "okt oct", "nov nop", "des dec"),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_SEXES: Final = frozenset(
    ("l", "p", "lk", "pr", "lakilaki", "laki", "laki2", "perempuan", "pria", "wanita", "male",
     "female", "m", "f")
)  # fmt: skip
_SMALL = re.compile(r"(?:R[TW])?[\s.:]*\d{1,3}", re.IGNORECASE)
_NAME = re.compile(r"[^\W\d_][^\d_:;/]*")


class Reason(StrEnum):
    """How a column was recognised."""

    EXACT = "exact"
    LIKENESS = "likeness"
    CONTENT = "content"


@dataclass(frozen=True)
class Holds:
    """What the cells of one of our columns look like.

    `is_telling`: hardly anything else looks so, and no heading is needed. `is_loose`: a heading is
    ignored over cells that are clearly those of another column (`DESA` over codes). `is_varied`:
    nearly every cell is different; such a column is proposed and asked for. `partner` is the column
    without which the cells alone prove nothing.
    """

    fits: Callable[[str], bool]
    is_telling: bool = False
    is_loose: bool = False
    is_varied: bool = False
    partner: str = ""


@dataclass(frozen=True)
class Match:
    """One of our columns and the position that holds it. `score` is 0 to 100."""

    column: str
    position: int
    reason: Reason
    score: float = 100.0
    is_certain: bool = True


@dataclass(frozen=True)
class RecognisedColumns:
    """The columns found in a header and its first rows. `unused` are positions in file order."""

    matches: dict[str, Match]
    header: Sequence[str]
    unused: list[int] = field(default_factory=list)

    def mapping(self, needed: Collection[str] = ()) -> dict[str, int]:
        """Our columns and their positions that may be used without asking."""
        return {m.column: m.position for m in self.matches.values() if self._is_used(m, needed)}

    def certain(self) -> dict[str, int]:
        """Our columns and their positions that are certain."""
        return {m.column: m.position for m in self.matches.values() if m.is_certain}

    def proposed(self) -> dict[str, int]:
        """Our columns and their positions, including the uncertain ones."""
        return {match.column: match.position for match in self.matches.values()}

    def asked(self, needed: Collection[str]) -> list[Match]:
        """The needed columns of which only an uncertain proposal is known."""
        return [m for m in self.matches.values() if m.column in needed and not m.is_certain]

    def guessed(self, mapping: Mapping[str, int]) -> list[Match]:
        """The columns of a mapping that no heading names exactly."""
        return [
            match
            for match in self.matches.values()
            if match.reason != Reason.EXACT and mapping.get(match.column) == match.position
        ]

    def left_out(self, mapping: Mapping[str, int]) -> list[str]:
        """The headings of the columns that a mapping does not use, without running numbers."""
        return left_out(self.header, set(mapping.values()))

    def _is_used(self, match: Match, needed: Collection[str]) -> bool:
        return match.is_certain or (match.column not in needed and match.score >= ALIKE)


COUNTERS: Final = frozenset(("no", "nomor", "nourut", "nomorurut", "nou", "urut", "baris", "row"))


def left_out(header: Sequence[str], used: Collection[int]) -> list[str]:
    """The headings at other positions than the used ones, without running numbers."""
    return [
        name
        for position, name in enumerate(header)
        if name and position not in used and plain(name) not in COUNTERS
    ]


def recognise(
    header: Sequence[str],
    rows: type_rows,
    words: Vocabulary,
    holds: Mapping[str, Holds],
    *,
    joined: Mapping[tuple[str, ...], Holds] | None = None,
    nik: str = "nik",
    kk: str = "kk",
    birth_date: str = "birth_date",
) -> RecognisedColumns:
    """Each of our columns with its position, the reason, and whether it is certain.

    The heading's name counts first, unless its cells are clearly something else. `joined` describes
    the cells of one column that holds several of ours, such as a point. `nik`, `kk` and
    `birth_date` are the names of these columns here.
    """
    cells = [_cells(rows, position) for position in range(len(header))]
    matches = {
        column: Match(column, position, Reason.EXACT)
        for column, position in words.match(header).items()
        if not _is_belied(cells[position], column, holds)
    }
    for columns, together in (joined or {}).items():
        for column in columns:
            if column in matches and _is_joined(
                cells[matches[column].position], together, holds.get(column)
            ):
                at = matches[column].position
                matches |= {one: Match(one, at, Reason.CONTENT) for one in columns}
                break
    free = [at for at in range(len(header)) if at not in {m.position for m in matches.values()}]
    for match in _numbers(header, cells, free, matches, holds, (nik, kk, birth_date)):
        matches[match.column] = match
    singly: dict[tuple[str, ...], Holds] = {(name,): one for name, one in holds.items()}
    _by_cells(cells, free, matches, {**(joined or {}), **singly})
    _by_likeness(header, cells, free, matches, holds, words)
    _by_variety(cells, free, matches, holds)
    for column, match in matches.items():
        partner = holds[column].partner if column in holds else ""
        if partner and partner not in matches and match.reason == Reason.CONTENT:
            matches[column] = replace(match, is_certain=False)
    used = {match.position for match in matches.values()}
    ordered = {column: matches[column] for column in words.columns if column in matches}
    unused = [at for at, name in enumerate(header) if at not in used and (name or cells[at])]
    return RecognisedColumns(ordered, header, unused)


# What cells look like -----------------------------------------------------------------------------


def is_number(text: str) -> bool:
    """Whether a text is sixteen digits, in any notation."""
    return bool(_SIXTEEN.fullmatch(_SIGNS.sub("", text)))


def is_date(text: str) -> bool:
    """Whether a text is a calendar day in a usual notation."""
    return day_of(text) is not None


def is_sex(text: str) -> bool:
    return plain(text) in _SEXES


def is_latitude(text: str) -> bool:
    """Whether a text is degrees within the country's latitudes, or has a compass direction."""
    return _within(text, -11.5, 6.5) or _has_side(text, _LATITUDE_SIDE)


def is_longitude(text: str) -> bool:
    return _within(text, 94.5, 141.5) or _has_side(text, _LONGITUDE_SIDE)


def _has_side(text: str, sides: re.Pattern[str]) -> bool:
    text = text.strip()
    return len(text) <= LONGEST_DEGREES and bool(sides.search(text))


def is_village_code(text: str) -> bool:
    """Whether a text is a village's code: with dots or blanks, or ten digits."""
    text = text.strip().lstrip("'")
    return bool(_CODE.fullmatch(text)) and 11 <= int(text[:2]) <= 97


def is_small_number(text: str) -> bool:
    """Whether a text is a number of at most three digits, such as that of an RT."""
    return bool(_SMALL.fullmatch(text.strip()))


def is_name(text: str) -> bool:
    """Whether a text is words, not numbers or codes."""
    return bool(_NAME.fullmatch(text.strip()))


def one_of(known: Collection[str]) -> Callable[[str], bool]:
    """A test for one of these words, ignoring case and punctuation."""
    plainly = {plain(word) for word in known}
    return lambda text: plain(text) in plainly


def day_of(text: str) -> tuple[int, int, int] | None:
    """(day, month, year in two digits) of a date in a usual notation, or of a spreadsheet's day."""
    text = text.strip()
    if found := _DAY_FIRST.fullmatch(text):
        day, month, year = (int(part) for part in found.groups())
    elif found := _YEAR_FIRST.fullmatch(text):
        year, month, day = (int(part) for part in found.groups())
    elif found := _WORDED.fullmatch(text):
        day, month, year = int(found[1]), _MONTHS[found[2][:3].casefold()], int(found[3])
    else:
        return None
    return (day, month, year % 100) if 1 <= day <= 31 and 1 <= month <= 12 else None


def _within(text: str, lowest: float, highest: float) -> bool:
    text = text.strip().replace("−", "-").rstrip("°").replace(" ", "")
    if not _DEGREES.fullmatch(text):
        return False
    return lowest <= float(text.replace(",", ".")) <= highest


# Columns by their cells ---------------------------------------------------------------------------


def _cells(rows: type_rows, position: int) -> list[str]:
    return [row[position] if position < len(row) else "" for row in rows[:ROWS]]


def _share(cells: Sequence[str], fits: Callable[[str], bool], *, is_whole: bool = False) -> float:
    """The share of the filled cells that fit; 0 when none is filled, or none of the first ones
    fits.

    `is_whole` checks all cells, also when the first ones do not fit.
    """
    filled = [cell for cell in cells if cell.strip()]
    if not is_whole and len(filled) > MANY and not any(map(fits, filled[:MANY])):
        return 0.0
    return sum(map(fits, filled)) / len(filled) if filled else 0.0


def _is_belied(cells: Sequence[str], column: str, holds: Mapping[str, Holds]) -> bool:
    """Whether the cells under a heading are clearly those of another column of ours."""
    own = holds.get(column)
    if own is None or not own.is_loose or _share(cells, own.fits) > FEW:
        return False
    return any(
        other.is_telling and name != column and _share(cells, other.fits) >= MOST
        for name, other in holds.items()
    )


def _is_joined(cells: Sequence[str], together: Holds, own: Holds | None) -> bool:
    """Whether the cells under one column's heading hold several (`Lahir` over `Ampel, …`)."""
    is_own = own is None or _share(cells, own.fits) > FEW
    return not is_own and _share(cells, together.fits) >= MOST


def _numbers(
    header: Sequence[str],
    cells: Sequence[list[str]],
    free: list[int],
    matches: Mapping[str, Match],
    holds: Mapping[str, Holds],
    names: tuple[str, str, str],
) -> list[Match]:
    """The columns of NIK, KK and birth date among those without a heading of ours."""
    nik, kk, birth_date = names
    is_wanted = {name: name in holds and name not in matches for name in names}
    dates = [at for at in free if _share(cells[at], is_date) >= MOST]
    days = [matches[birth_date].position] if birth_date in matches else dates
    numbers = [at for at in free if _share(cells[at], is_number) >= MOST]
    found: list[Match] = []
    if is_wanted[nik]:
        own = [at for at in numbers if not _speaks_of(header[at], _NO_NIK, unless=_NO_KK)]
        found += _nik_of(nik, own, cells, [cells[at] for at in days])
    people = found[0].position if found else matches[nik].position if nik in matches else None
    if is_wanted[birth_date] and people is not None:
        agreed = [at for at in dates if _agreement(cells[people], cells[at]) >= AGREED]
        found += [Match(birth_date, at, Reason.CONTENT) for at in agreed[:1]]
    if is_wanted[kk]:
        rest = [at for at in numbers if at != people]
        rest = [at for at in rest if not _speaks_of(header[at], _NO_KK, unless={"kk"})]
        found += _kk_of(kk, rest, cells, is_alone=people is not None)
    return found


def _speaks_of(heading: str, others: Collection[str], *, unless: Collection[str]) -> bool:
    """Whether a heading names another thing; one that names both (`No KK/KTP`) may be either."""
    words = set(words_of(heading))
    return bool(words & set(others)) and not words & (set(unless) & {"nik", "ktp", "kk"})


def _nik_of(
    nik: str, numbers: Sequence[int], cells: Sequence[list[str]], days: Sequence[Sequence[str]]
) -> list[Match]:
    """The column of sixteen digits with a birth date in it; else the most likely one, uncertain."""
    sure = [at for at in numbers if any(_agreement(cells[at], day) >= AGREED for day in days)]
    sure = sure or [at for at in numbers if _women(cells[at])]
    likely = sure or [at for at in numbers if not _is_shared(cells[at])]
    return [Match(nik, at, Reason.CONTENT, 100, len(sure) == 1) for at in likely[:1]]


def _kk_of(
    kk: str, numbers: Sequence[int], cells: Sequence[list[str]], *, is_alone: bool
) -> list[Match]:
    """The column of sixteen digits that family members share; else the most likely one,
    uncertain.
    """
    sure = [at for at in numbers if _is_shared(cells[at]) or _is_issue(cells[at])]
    likely = sure or numbers
    return [Match(kk, at, Reason.CONTENT, 100, is_alone and len(sure) == 1) for at in likely[:1]]


def _digits(cell: str) -> str:
    bare = _SIGNS.sub("", cell)
    return bare if _SIXTEEN.fullmatch(bare) else ""


def _agreement(numbers: Sequence[str], days: Sequence[str]) -> float:
    """The share of rows whose number contains their birth date (a woman's day is forty more)."""
    compared = agreed = 0
    for cell, written in zip(numbers, days, strict=True):
        number, day = _digits(cell), day_of(written)
        if number and day:
            compared += 1
            inside = int(number[6:8]), int(number[8:10]), int(number[10:12])
            agreed += (inside[0] % 40, *inside[1:]) == (day[0] % 40, *day[1:])
    return agreed / compared if compared else 0.0


def _women(cells: Sequence[str]) -> bool:
    """Whether some of the numbers contain the day of a woman; a KK never does."""
    share = _share(cells, lambda cell: "41" <= _digits(cell)[6:8] <= "71", is_whole=True)
    return share > FEW and len([cell for cell in cells if cell.strip()]) >= MANY


def _is_shared(cells: Sequence[str]) -> bool:
    """Whether many rows share a number, as the members of a family do."""
    filled = [cell for cell in cells if cell.strip()]
    return len(filled) > 2 and len(set(filled)) <= 0.9 * len(filled)


def _is_issue(cells: Sequence[str]) -> bool:
    """Whether the numbers contain days of issue: calendar days, never those of a woman."""
    days = [_digits(cell)[6:10] for cell in cells if _digits(cell)]
    return len(days) >= MANY and all(
        "01" <= day[:2] <= "31" and "01" <= day[2:] <= "12" for day in days
    )


def _by_cells(
    cells: Sequence[list[str]],
    free: list[int],
    matches: dict[str, Match],
    holds: Mapping[tuple[str, ...], Holds],
) -> None:
    """Columns whose cells look like one of ours (or several, joined) and hardly like
    anything else.
    """
    for columns, own in holds.items():
        if not own.is_telling or any(column in matches for column in columns):
            continue
        taken = {match.position for match in matches.values()}
        fitting = [at for at in free if at not in taken and _share(cells[at], own.fits) >= MOST]
        for column in columns if fitting else ():
            matches[column] = Match(column, fitting[0], Reason.CONTENT, 100, len(fitting) == 1)


def _by_variety(
    cells: Sequence[list[str]],
    free: list[int],
    matches: dict[str, Match],
    holds: Mapping[str, Holds],
) -> None:
    """Remaining columns that fit: proposed, never certain."""
    for column, own in holds.items():
        if column in matches or not own.is_varied:
            continue
        taken = {match.position for match in matches.values()}
        for at in free:
            filled = [cell for cell in cells[at] if cell.strip()]
            is_varied = len(set(filled)) >= VARIED * len(filled)
            if at not in taken and is_varied and _share(filled, own.fits) >= MOST:
                matches[column] = Match(column, at, Reason.CONTENT, 60, is_certain=False)
                break


def _by_likeness(
    header: Sequence[str],
    cells: Sequence[list[str]],
    free: list[int],
    matches: dict[str, Match],
    holds: Mapping[str, Holds],
    words: Vocabulary,
) -> None:
    """Remaining columns by similarity of the headings, the most similar first."""
    pairs = sorted(
        (
            (likeness(header[at], names), column, at)
            for column, names in words.headings.items()
            if column not in matches
            for at in free
            if 0 < len(header[at]) <= LONGEST_HEADING
        ),
        key=lambda pair: -pair[0],
    )
    taken = {match.position for match in matches.values()}
    for score, column, at in pairs:
        if score < LIKELY or column in matches or at in taken:
            continue
        own = holds.get(column)
        share = _share(cells[at], own.fits) if own else None
        if share is not None and any(cells[at]) and share < 0.5:
            continue
        is_certain = score >= ALIKE and share is not None and share >= MOST
        reason = Reason.CONTENT if is_certain else Reason.LIKENESS
        matches[column] = Match(column, at, reason, round(score, 1), is_certain)
        taken.add(at)


def likeness(heading: str, names: Sequence[str]) -> float:
    """The similarity of a heading to the most similar of some names, 0 to 100."""
    whole, core = _forms(heading)
    if min(len(whole), len(core)) < SHORTEST:
        return 0.0
    others = map(_forms, names)
    return max(max(fuzz.ratio(whole, one), fuzz.ratio(core, other)) for one, other in others)


@lru_cache(maxsize=4_096)
def _forms(heading: str) -> tuple[str, str]:
    return plain(heading), written_out(heading)
