"""The lines of a spreadsheet, which pages show instead of row numbers.

A row number counts from the first row under the headings; the database, the commands, the API and
the URLs use it. Pages show the line in the file, in which the headings are on line 1 or below empty
lines. Features of a spatial file, rows of Parquet and typed rows have no lines: for them both
numbers are equal.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from apps.common import sql, tabular

if TYPE_CHECKING:
    from apps.proposals.models import Batch, Proposal

LINED: Final = frozenset({tabular.Format.CSV.value, tabular.Format.XLSX.value})


def above(batch: Batch) -> int:
    """The number of lines above the first row in the batch's file."""
    has_lines = batch.file_kind.partition("+")[0] in LINED
    return batch.header_line if has_lines else 0


def line_of(batch: Batch, row_number: int) -> int:
    """The line of a row."""
    return row_number + above(batch)


def lines_of(batch: Batch, row_numbers: Iterable[int]) -> list[int]:
    """The lines of some rows, in the same order."""
    return [line_of(batch, number) for number in row_numbers]


def listed(batch: Batch, row_numbers: Iterable[int]) -> str:
    """The lines of some rows as a text for a sentence."""
    return ", ".join(map(str, lines_of(batch, row_numbers)))


def above_of(batches: Iterable[int]) -> dict[int, int]:
    """`above` by the keys of batches, visible to the user or not. Queries: one."""
    return dict(sql.run("proposals/count_lines_above", {"batches": sorted(set(batches))}))


def load_lines(rows: Iterable[Proposal]) -> None:
    """Load the lines of these proposals with one query instead of one each. Queries: one."""
    rows = list(rows)
    known = above_of(row.batch_id for row in rows)
    for row in rows:
        row.line = row.row_number + known[row.batch_id]


def unknown(batch: Batch, row_numbers: Iterable[int]) -> dict[str, Any]:
    """The parameters of the refusal about row numbers that the batch does not have."""
    return {
        "rows": listed(batch, row_numbers),
        "first": line_of(batch, 1),
        "last": line_of(batch, batch.rows_read),
    }
