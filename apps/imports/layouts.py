"""Files of offices that are read by one command: the columns of a kind of file, found in a file by
their headings and what the cells hold, and its rows as texts.

Needed columns that are not certain are asked for, with what is proposed in the words of `mapping`.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from apps.common import tabular
from apps.common.errors import DomainError
from apps.common.text import column_likeness
from apps.common.text.column_likeness import Holds, RecognisedColumns
from apps.common.text.headings import Vocabulary
from apps.imports import joined_cells
from apps.imports.blocks import read_block

# The columns of a spatial file's geometry, and the headings of a column that holds a whole point.
GEOMETRY: Final = {tabular.LATITUDE: "latitude", tabular.LONGITUDE: "longitude"}
POINT: Final = ("latitude", "longitude")
POINT_HEADINGS: Final = (
    "Titik Koordinat", "Koordinat", "Koordinat Lokasi", "Titik Lokasi", "Koordinat GPS",
    "Titik GPS", "Lat Long", "Lintang Bujur", "Coordinates", "Coordinate",
)  # fmt: skip
LINED: Final = frozenset({tabular.Format.CSV, tabular.Format.XLSX})
Mapping_ = Mapping[str, str | int]


@dataclass(frozen=True)
class Layout:
    """One kind of file. `needed` are groups of columns; a file has one column of each group.
    `keeps_lines`: cells have lines that mean something.

    The first heading of a column in `words` is its name in texts.
    """

    words: Vocabulary
    holds: Mapping[str, Holds]
    needed: tuple[tuple[str, ...], ...]
    formats: frozenset[tabular.Format] = tabular.ROW_FORMATS
    limits: tabular.Limits = tabular.ROW_FILE
    keeps_lines: bool = False
    joined: Mapping[tuple[str, ...], Holds] = field(
        default_factory=lambda: {POINT: Holds(joined_cells.is_point, is_telling=True)}
    )

    def label(self, column: str) -> str:
        return self.words.headings[column][0]

    def without(self, column: str) -> Layout:
        """The same, where this column is not needed."""
        return replace(self, needed=tuple(one for one in self.needed if column not in one))

    def lacking(self, columns: Collection[str]) -> list[str]:
        """The first column of each needed group that is not there."""
        return [group[0] for group in self.needed if not set(group) & set(columns)]


@dataclass(frozen=True)
class OfficeFile:
    """A file whose columns are known. `name` is that of its sender."""

    path: Path
    name: str
    kind: tabular.FileKind
    layout: Layout
    header: list[str]
    header_line: int
    row_count: int | None
    mapping: dict[str, int]

    def line_of(self, row: int) -> int:
        """The line of a row in the spreadsheet; its number where a file has no lines."""
        return row + (self.header_line if self.kind.format in LINED else 0)

    @property
    def unused(self) -> list[str]:
        """The headings of the file's columns that are not used."""
        return column_likeness.left_out(self.header, set(self.mapping.values()))


def open_file(
    path: Path,
    layout: Layout,
    *,
    mapping: Mapping_ | None = None,
    is_matched: bool = False,
    scratch: Path | None = None,
    name: str = "",
) -> OfficeFile:
    """Look at a file and find its columns; `mapping` names headings or positions for some of them.
    With `is_matched` a person has matched all: no other column is used. `name` is what its sender
    calls a stored file.

    Raises: FileRefused, `import_columns_missing`, `import_column_unknown`.
    """
    name = name or path.name
    kind, first = look_at(path, layout, name=name, limits=layout.limits, scratch=scratch)
    found = recognise_columns(first, layout)
    chosen = settled_columns(found, layout)
    if mapping is not None:
        given = _named(mapping, first.header, layout, name)
        chosen = given if is_matched else _untaken(chosen, given)
    if lacking := layout.lacking(chosen):
        raise _missing(lacking, found, layout, first, name)
    return OfficeFile(
        path, name, kind, layout, first.header, first.header_line, first.row_count, chosen
    )


def _untaken(found: Mapping[str, int], given: dict[str, int]) -> dict[str, int]:
    taken = set(given.values())
    return {name: at for name, at in found.items() if at not in taken} | given


def look_at(
    path: Path, layout: Layout, *, name: str, limits: tabular.Limits, scratch: Path | None = None
) -> tuple[tabular.FileKind, tabular.Peek]:
    """The kind of a file and its first rows. Raises: FileRefused."""
    return tabular.inspect_file(path, name, formats=layout.formats, limits=limits, scratch=scratch)


def recognise_columns(first: tabular.Peek, layout: Layout) -> RecognisedColumns:
    """Our columns in a file, by its headings and what its cells hold."""
    return column_likeness.recognise(
        first.header, first.samples, layout.words, layout.holds, joined=layout.joined
    )


def settled_columns(found: RecognisedColumns, layout: Layout) -> dict[str, int]:
    """The columns that are used without asking: a needed one only if it is certain."""
    certain = found.certain()
    asked = [one for group in layout.needed if not set(group) & set(certain) for one in group]
    return found.mapping(asked)


def _named(
    mapping: Mapping_, header: Sequence[str], layout: Layout, file_name: str
) -> dict[str, int]:
    try:
        return layout.words.named(mapping, header)
    except KeyError as unknown:
        raise DomainError(
            "import_column_unknown", column=str(unknown.args[0]), filename=file_name
        ) from None


def _missing(
    lacking: Sequence[str],
    found: RecognisedColumns,
    layout: Layout,
    first: tabular.Peek,
    file_name: str,
) -> DomainError:
    groups = [group for group in layout.needed if group[0] in lacking]
    likely = {
        one: found.header[found.matches[one].position]
        for group in groups
        for one in group
        if one in found.matches
    }
    return DomainError(
        "import_columns_missing",
        columns=", ".join(layout.label(one) for one in lacking),
        found=", ".join(name for name in first.header if name)[:200],
        line=max(first.header_line, 1),
        filename=file_name,
        mapping=json.dumps(likely or {lacking[0]: "…"}, ensure_ascii=False),
    )


def rows(file: OfficeFile, *, scratch: Path | None = None) -> Iterator[tuple[int, dict[str, str]]]:
    """(row number, our column → text) of each row that holds text. Raises: FileRefused.

    A column that the file does not have is empty. Row 1 is the first under the headings.
    """
    columns = file.layout.words.columns
    stream = tabular.stream(
        file.path,
        file.kind,
        file.layout.words.positions(file.mapping),
        limits=file.layout.limits,
        scratch=scratch,
    )
    for data in joined_cells.split_blocks(stream, file.mapping, columns):
        block = read_block(data, columns, keeps_lines=file.layout.keeps_lines)
        for number, *cells in zip(block.rows, *block.given.values(), strict=True):
            texts = {name: cell.strip() for name, cell in zip(columns, cells, strict=True)}
            yield int(number), texts
