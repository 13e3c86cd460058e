"""The numbers under which people find a row: the lines of their spreadsheet.

A row's own number counts from the first row under the headings; it stands in the database, in what
commands and the API answer, and in addresses. People read the line of the file instead, where its
headings stand on line 1, or below empty lines. Features of a spatial file, rows of Parquet and what
was typed have no lines: there the two are the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from apps.common import sql, tabular

if TYPE_CHECKING:
    from apps.proposals.models import Batch, Proposal

LINED: Final = frozenset({tabular.Format.CSV.value, tabular.Format.XLSX.value})


def above(batch: Batch) -> int:
    """How many lines of the batch's file stand above its first row."""
    has_lines = batch.file_kind.partition("+")[0] in LINED
    return batch.header_line if has_lines else 0


def line_of(batch: Batch, row_number: int) -> int:
    """The line on which people see a row."""
    return row_number + above(batch)


def lines_of(batch: Batch, row_numbers: Iterable[int]) -> list[int]:
    """The lines on which people see some rows, in the same order."""
    return [line_of(batch, number) for number in row_numbers]


def listed(batch: Batch, row_numbers: Iterable[int]) -> str:
    """Lines as a sentence names them."""
    return ", ".join(map(str, lines_of(batch, row_numbers)))


def above_of(batches: Iterable[int]) -> dict[int, int]:
    """`above` by the keys of batches, in sight or not. Queries: one."""
    return dict(sql.run("proposals/count_lines_above", {"batches": sorted(set(batches))}))


def load_lines(rows: Iterable[Proposal]) -> None:
    """Tell these proposals their lines, before each of them asks. Queries: one."""
    rows = list(rows)
    known = above_of(row.batch_id for row in rows)
    for row in rows:
        row.line = row.row_number + known[row.batch_id]


def unknown(batch: Batch, row_numbers: Iterable[int]) -> dict[str, Any]:
    """What `RowsUnknown` says of rows that the batch does not have."""
    return {
        "rows": listed(batch, row_numbers),
        "first": line_of(batch, 1),
        "last": line_of(batch, batch.rows_read),
    }
