"""Reads a batch's rows into its staging table, all as text. Lost rows are read again
(`imports.staged_reading`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from django.db import transaction
from django.db.models import F

from apps.common import sql, tabular
from apps.common.files import stored_files
from apps.common.reader.copytext import CopyBlocks
from apps.common.sql import Table
from apps.imports import joined_cells, staged_reading
from apps.jobs.work import Lease
from apps.proposals import columns
from apps.proposals.checks.check_tables import ROW_COLUMNS, batch_staging
from apps.proposals.models import Batch
from apps.proposals.states import BEING_CHECKED, BatchStatus

CHUNK_ROWS: Final = 50_000


def staging(batch: Batch) -> Table:
    """The table of a batch's rows."""
    return batch_staging(batch)["staging"]


def read_batch(lease: Lease, batch: Batch) -> None:
    """Read all rows into staging and move the batch to checking.

    Raises: FileRefused if the file cannot be read to its end.
    """
    staged, last_row = staged_reading.position(staging(batch), "row_number", batch.rows_read)
    if batch.status == BatchStatus.CHECKING and staged:
        return
    if not staged:
        _begin(batch)

    def note(copied: int) -> None:
        Batch.objects.filter(pk=batch.pk).update(rows_read=F("rows_read") + copied)

    read = _chunks(batch, last_row)
    for copied in staged_reading.copy_chunks(staging(batch), ROW_COLUMNS, read, note):
        staged += copied
        lease.progress(staged, stage="reading")
    _move(batch, BatchStatus.CHECKING)
    batch.rows_read = staged


def is_whole(batch: Batch) -> bool:
    """Whether staging still holds every row that was read."""
    return _count(batch)[0] == batch.rows_read


def _count(batch: Batch) -> tuple[int, int]:
    return sql.filled(staging(batch), "row_number")


def _begin(batch: Batch) -> None:
    with transaction.atomic():
        batch_staging(batch).drop("staging")
        sql.create(staging(batch), ROW_COLUMNS)
        _move(batch, BatchStatus.READING, rows_read=0)
    batch.rows_read = 0


def stage_rows(table: Table, rows: list[dict[str, str]]) -> int:
    """Write typed rows into a new staging table; returns how many."""
    sql.create(table, ROW_COLUMNS)
    return sql.copy_in(table, ROW_COLUMNS, _typed_rows(rows))


def _move(batch: Batch, status: BatchStatus, **values: Any) -> None:
    moved = Batch.objects.filter(pk=batch.pk, status__in=BEING_CHECKED).update(
        status=status, **values
    )
    if not moved:
        raise RuntimeError(f"batch {batch.pk} is {batch.status}, not to be read")
    batch.status = status


def _chunks(batch: Batch, last_row: int) -> Iterator[Iterable[bytes]]:
    """The blocks of the file, in groups of at least CHUNK_ROWS rows."""
    if batch.row_values:
        yield _typed_rows(batch.row_values)
        return
    stream = tabular.stream(
        stored_path(batch),
        kind_of(batch),
        columns.positions(batch.mapping),
        skip_rows=last_row,
        scratch=stored_files.folder("scratch"),
    )
    blocks = joined_cells.split_blocks(stream, batch.mapping, columns.COLUMNS)
    yield from staged_reading.chunks(stream, CHUNK_ROWS, blocks)


def chosen_rows(batch: Batch, numbers: set[int]) -> Iterator[bytes]:
    """Some rows of a batch as they were sent, as COPY text; reading stops after the last one."""
    last = max(numbers, default=0)
    blocks: Iterable[bytes] = _typed_rows(batch.row_values)
    if not batch.row_values:
        stream = tabular.stream(
            stored_path(batch),
            kind_of(batch),
            columns.positions(batch.mapping),
            skip_rows=min(numbers, default=1) - 1,
            scratch=stored_files.folder("scratch"),
        )
        blocks = joined_cells.split_blocks(stream, batch.mapping, columns.COLUMNS)
    for block in blocks:
        number = 0
        for line in block.splitlines(keepends=True):
            number = int(line[: line.index(b"\t")])
            if number in numbers:
                yield line
        if number >= last:
            return


def delivered_row(batch: Batch, row_number: int) -> dict[str, str]:
    """The cells of one row as they were sent, by column; empty if the file does not have it.

    Raises: FileRefused.
    """
    for line in chosen_rows(batch, {row_number}):
        texts = line.decode().rstrip("\n").split("\t")
        return dict(zip(columns.COLUMNS, map(_unescaped, texts[1:]), strict=False))
    return {}


def _unescaped(cell: str) -> str:
    """A cell of COPY text as it was."""
    return re.sub(r"\\(.)", lambda found: {"t": "\t", "n": "\n"}.get(found[1], found[1]), cell)


def _typed_rows(rows: list[dict[str, str]]) -> list[bytes]:
    """Rows of the form or the API as COPY text, in the same form as the rows of a file."""
    blocks: list[bytes] = []
    width = len(columns.COLUMNS)
    copied = CopyBlocks(columns=range(width), width=width, emit=blocks.append)
    copied.add([[str(row.get(column) or "") for column in columns.COLUMNS] for row in rows])
    copied.close()
    return blocks


def stored_path(batch: Batch) -> Path:
    """The path of the stored file. Raises: FileRefused if it is missing or incomplete."""
    return stored_files.kept(batch.file, batch.file_size)


def kind_of(batch: Batch) -> tabular.FileKind:
    """The kind of file that was recognised when the batch was received."""
    name, _plus, zipped = batch.file_kind.partition("+")
    return tabular.FileKind(tabular.Format(name), bool(zipped))
