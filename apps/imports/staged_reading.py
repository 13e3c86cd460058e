"""From a file into a table, chunk by chunk: each chunk is a transaction that also notes how far the
reading is, so that work which was killed continues where it stopped.

The tables are UNLOGGED: a crash of the database empties them. Reading continues only if the number
of rows in the table equals the number that was noted; otherwise it starts again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from django.db import transaction

from apps.common import sql
from apps.common.sql import Table
from apps.common.tabular import Stream

# The input of one chunk → the input of each COPY. A connection that is copying cannot run a query;
# who has to look something up between two blocks gives several inputs.
Pieces = Callable[[Iterable[bytes]], Iterable[Iterable[bytes]]]


def position(table: Table, key: str, noted: int) -> tuple[int, int]:
    """(rows in the table, greatest key) if reading may continue after them; else (0, 0)."""
    count, last = sql.filled(table, key)
    return (count, last) if count == noted else (0, 0)


def chunks(
    stream: Stream, rows: int, blocks: Iterable[bytes] | None = None
) -> Iterator[Iterable[bytes]]:
    """The blocks of a file, in groups of at least so many rows.

    `blocks` are made of the stream's own, one by one, where they are changed on the way.
    """
    given = iter(stream if blocks is None else blocks)
    for first in given:
        yield chain([first], _until(given, stream, stream.last_row + rows))


def _until(blocks: Iterator[bytes], stream: Stream, row: int) -> Iterator[bytes]:
    while stream.last_row < row:
        block = next(blocks, None)
        if block is None:
            return
        yield block


def copy_chunks(
    table: Table,
    columns: Iterable[str],
    read: Iterable[Iterable[bytes]],
    note: Callable[[int], object],
    *,
    pieces: Pieces | None = None,
    null: str = "",
) -> Iterator[int]:
    """Copy chunks into a table; yields the number of rows of each, after its transaction.

    `note(rows)` stores how far the reading is, in the same transaction.
    """
    names = list(columns)
    for chunk in read:
        with transaction.atomic():
            inputs = [chunk] if pieces is None else pieces(chunk)
            copied = sum(sql.copy_in(table, names, blocks, null=null) for blocks in inputs)
            note(copied)
        yield copied
