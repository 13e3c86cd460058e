"""The rows of a publication: which region each means, and its figures, with what is to be said."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from apps.common.text.headings import plain
from apps.imports.cells import Unreadable
from apps.imports.layouts import OfficeFile
from apps.indicators.figures import numerals, region_names
from apps.indicators.figures.figure_columns import CODE, VALUE, YEAR
from apps.indicators.figures.region_codes import Codes
from apps.indicators.figures.region_names import NAME_COLUMNS, Names
from apps.indicators.models import Indicator, OpenRow, Publication
from apps.regions.models import LEVEL_BY_LENGTH, Level

_TOTALS: Final = frozenset(
    ("indonesia", "nasional", "national", "jumlah", "total", "ratarata", "ratarataindonesia")
)
# A word of its own: Totallang and Indonesiana are villages.
_TOTAL_START: Final = re.compile(
    r"[\W_]*(?:jumlah|(?:grand[\W_]*)?total|rata[\W_]*rata|indonesia)(?![^\W\d_])", re.I
)
OTHER_NAME: Final = "figure_code_other_name"
TWICE: Final = "figure_twice"
# So few regions of a province that no row names are likely for a name that is unknown.
FEW_UNNAMED: Final = 6


@dataclass(frozen=True)
class Note:
    """One remark on a row; `is_refusal`: the row, or a figure of it, is not taken."""

    row: int
    code: str
    params: dict[str, Any]
    is_refusal: bool


@dataclass
class FigureRow:
    """One row: its texts by our columns, its region ("" if open), and its figures by indicator."""

    number: int
    line: int
    texts: Mapping[str, str]
    region: str = ""
    key: str = ""
    level: str = ""
    values: dict[str, Decimal] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The lowest name of the row, or its code."""
        names = [self.texts[one] for one in NAME_COLUMNS if self.texts.get(one)]
        return names[-1] if names else self.texts.get(CODE, "")


@dataclass
class Open:
    """A row that a planner has to look at."""

    row: FigureRow
    code: str
    params: dict[str, Any]
    candidates: tuple[str, ...]


@dataclass
class Rows:
    """What the rows of a publication gave. `considered` are those about a region."""

    taken: list[FigureRow] = field(default_factory=list)
    open: list[Open] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    considered: int = 0
    other_names: int = 0
    unlike_names: int = 0
    mixed: list[str] = field(default_factory=list)

    def note(self, row: FigureRow, code: str, *, is_refusal: bool = False, **params: Any) -> None:
        told = {"line": row.line, "value": row.name[:60], **params}
        self.notes.append(Note(row.number, code, told, is_refusal))

    def leave_open(
        self, row: FigureRow, code: str, candidates: Iterable[str], **params: Any
    ) -> None:
        told = {"line": row.line, "value": row.name[:60], **params}
        self.open.append(Open(row, code, told, tuple(dict.fromkeys(candidates))))


class Resolver:
    """Finds the regions of a publication's rows."""

    def __init__(
        self, publication: Publication, texts: Sequence[Mapping[str, str]], today: date
    ) -> None:
        has_codes = any(row.get(CODE) for row in texts)
        self._codes = (
            Codes(publication.code_system, publication.vintage, today) if has_codes else None
        )
        given = [
            level for column, level in NAME_COLUMNS.items() if any(row.get(column) for row in texts)
        ]
        lowest = given[-1] if given else Level.REGENCY
        kinds = region_names.writes_kinds(row.get("regency_name", "") for row in texts)
        self.names = Names(lowest, today, writes_kinds=kinds)
        self.names.learn({row[one] for row in texts for one in NAME_COLUMNS if row.get(one)})
        answers = OpenRow.objects.filter(publication=publication)
        self._answers = {answer.row_number: answer for answer in answers}

    def resolve(self, row: FigureRow, rows: Rows) -> bool:
        """Set the row's region, or leave it open. False if the row is left out."""
        answer = self._answers.get(row.number)
        if answer is not None and answer.is_left_out:
            rows.note(row, "figure_left_out", is_refusal=True, by=answer.answered_by)
            return False
        found = self.names.find(row.texts)
        row.key, row.level = found.key, found.level
        if answer is not None and answer.region_id:
            row.region = answer.region_id
            rows.note(row, "figure_answered", region=self.label(row.region), by=answer.answered_by)
            return True
        if text := row.texts.get(CODE, ""):
            return self._by_code(row, text, found, rows)
        return self._by_name(row, found, rows)

    def _by_code(
        self, row: FigureRow, text: str, found: region_names.FoundRegion, rows: Rows
    ) -> bool:
        assert self._codes is not None
        meaning = self._codes.meaning(text)
        if not meaning.region:
            if found.region:
                rows.note(row, meaning.fault, value=text[:40])
                return self._by_name(row, found, rows)
            likely = (*meaning.later, *self._without_zero(text), *found.candidates)
            rows.leave_open(row, meaning.fault, likely, value=text[:40])
            return True
        code = meaning.region
        row.level = LEVEL_BY_LENGTH[len(code)]
        # a region that is named above the code's, or below it, has to lie on one line with it
        named = found if found.region else self._above(row)
        is_elsewhere = bool(named.region) and not (
            code.startswith(named.region) or named.region.startswith(code)
        )
        if is_elsewhere or (found.level == row.level and found.region != code):
            is_certain = bool(found.region) or is_elsewhere
            if is_certain and named.code != region_names.CONFIRMED:
                rows.other_names += 1
                likely = (found.region,) if found.region else found.candidates
                rows.leave_open(
                    row, OTHER_NAME, (code, *likely), value=text[:40], name=row.name[:60],
                    region=self.label(code),
                )  # fmt: skip
                return True
            if not self.names.is_called(code, row.name):
                rows.unlike_names += 1
                rows.note(row, "figure_name_unlike", region=self.label(code))
        row.region = code
        return True

    def _above(self, row: FigureRow) -> region_names.FoundRegion:
        """The lowest region that the names above the row's own one mean for certain."""
        names = dict(row.texts)
        for column in reversed(NAME_COLUMNS):
            if names.pop(column, "") and (found := self.names.find(names)).region:
                return found
        return region_names.FoundRegion()

    def _by_name(self, row: FigureRow, found: region_names.FoundRegion, rows: Rows) -> bool:
        if found.region:
            row.region = found.region
            if found.code:
                rows.note(row, found.code, region=self.label(found.region))
        else:
            rows.leave_open(row, found.code or region_names.UNKNOWN, found.candidates)
        return True

    def _without_zero(self, text: str) -> tuple[str, ...]:
        """A code that a spreadsheet took for a number: 11.1 is 11.10."""
        whole, point, end = text.partition(".")
        if point and len(whole) == 2 and len(end) == 1 and self._codes is not None:
            region = self._codes.meaning(f"{text}0").region
            return (region,) if region else ()
        return ()

    def label(self, code: str) -> str:
        """`Kabupaten Garut (32.05)`, as findings name a region."""
        return f"{self.names.names[code]} ({code})" if code in self.names.names else code

    def add_unnamed(self, rows: Rows) -> None:
        """Put the regions of a province that no row names before the other candidates."""
        named = {row.region for row in rows.taken}
        for one in rows.open:
            written = one.row.texts.get("province_name", "")
            if one.row.level != Level.REGENCY or not written or one.code in (TWICE, OTHER_NAME):
                continue
            province = self.names.province(written)
            unnamed = [code for code in self.names.regions_in(province) if code not in named]
            if province and len(unnamed) <= FEW_UNNAMED:
                one.candidates = tuple(dict.fromkeys((*unnamed, *one.candidates)))


def read_rows(
    publication: Publication,
    file: OfficeFile,
    given: Sequence[tuple[int, Mapping[str, str]]],
    indicators: Mapping[str, Indicator],
    today: date,
) -> Rows:
    """The rows of a file with their regions and figures. Queries: six at most."""
    rows = Rows()
    lines = [
        FigureRow(number, file.line_of(number), texts)
        for number, texts in given
        if any(texts.values())
    ]
    about = [row for row in lines if _is_about_region(row, publication, indicators, rows)]
    rows.considered = len(about)
    resolver = Resolver(publication, [row.texts for row in about], today)
    kept = [row for row in about if resolver.resolve(row, rows)]
    _read_values(kept, file, indicators, rows, resolver)
    open_rows = {one.row.number for one in rows.open}
    rows.taken = [row for row in kept if row.region and row.values and row.number not in open_rows]
    _set_repeats_apart(rows, resolver)
    resolver.add_unnamed(rows)
    return rows


def _is_about_region(
    row: FigureRow, publication: Publication, indicators: Mapping[str, Indicator], rows: Rows
) -> bool:
    """Whether a row is about one region and this period; said otherwise."""
    has_figure = any(
        not numerals.is_nothing(row.texts.get(f"{VALUE}{code}", "")) for code in indicators
    )
    names = [row.texts[one] for one in (CODE, *NAME_COLUMNS) if row.texts.get(one)]
    is_total = not names or any(_is_total(name) for name in names) or _is_country(row)
    if is_total or (not has_figure and not row.texts.get(CODE)):
        rows.note(row, "figure_total_row" if has_figure else "figure_note_row")
        return False
    year = row.texts.get(YEAR, "").removesuffix(".0")
    if year and not publication.period.startswith(year[:4]):
        rows.note(
            row, "figure_other_period", is_refusal=True, value=year[:20], period=publication.period
        )
        return False
    return True


def _is_country(row: FigureRow) -> bool:
    """Whether the code is that of the whole country in BPS's tables."""
    digits = re.sub(r"[^0-9]", "", row.texts.get(CODE, ""))
    return bool(digits) and set(digits) in ({"0"}, {"9"})


def _is_total(name: str) -> bool:
    """Whether a cell names no region but a total: `INDONESIA`, `Jumlah/Total`, `Rata-rata`."""
    words = plain(name)
    return words in _TOTALS or _TOTAL_START.match(name) is not None


def _read_values(
    rows_: Sequence[FigureRow],
    file: OfficeFile,
    indicators: Mapping[str, Indicator],
    rows: Rows,
    resolver: Resolver,
) -> None:
    """Read the figures of the rows, column by column."""
    for code, indicator in indicators.items():
        column = f"{VALUE}{code}"
        heading = file.header[file.mapping[column]]
        writing = numerals.writing_of(row.texts.get(column, "") for row in rows_)
        if writing.is_mixed:
            rows.mixed.append(heading)
        for row in rows_:
            text = row.texts.get(column, "")
            if numerals.is_nothing(text):
                where = resolver.label(row.region) if row.region else row.name[:60]
                rows.note(row, "figure_missing", region=where, column=heading)
                continue
            number, fault = _read_value(text, writing, indicator)
            if number is None:
                rows.note(row, fault, is_refusal=True, value=text[:40], column=heading)
            else:
                row.values[code] = number


def _read_value(
    text: str, writing: numerals.Writing, indicator: Indicator
) -> tuple[Decimal | None, str]:
    """The figure of a cell, or None and the code of what is wrong."""
    is_count = indicator.kind == Indicator.Kind.COUNT
    try:
        number = numerals.read_number(text, writing, is_whole=is_count)
    except Unreadable as odd:
        return None, "figure_ambiguous" if str(odd) == "ambiguous" else "figure_number"
    if indicator.limits == Indicator.Limits.SHARE and not 0 <= number <= 100:
        return None, "figure_out_of_range"
    if is_count and number < 0:
        return None, "figure_negative"
    return number, ""


def _set_repeats_apart(rows: Rows, resolver: Resolver) -> None:
    """Take equal rows of one region once; different ones wait for a planner, all of them."""
    by_region: dict[str, list[FigureRow]] = defaultdict(list)
    for row in rows.taken:
        by_region[row.region].append(row)
    rows.taken = []
    for region, same in by_region.items():
        first, *others = same
        if all(row.values == first.values for row in others):
            rows.taken.append(first)
            for row in others:
                rows.note(
                    row, "figure_twice_same", is_refusal=True, other_line=first.line,
                    region=resolver.label(region),
                )  # fmt: skip
            continue
        for row in same:
            other = others[0] if row is first else first
            rows.leave_open(
                row, TWICE, (region,), other_line=other.line, region=resolver.label(region)
            )
