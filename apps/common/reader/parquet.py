"""Parquet: read by Arrow a few thousand rows at a time, as the text that a CSV would contain."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from apps.common.reader.copytext import ROWS_AT_ONCE
from apps.common.reader.refusal import Refusal
from apps.common.reader.workbook import number_text

BATCH_ROWS = 64 * ROWS_AT_ONCE


def rows_of(path: Path, skip: int) -> tuple[list[str], int, Iterator[list[list[str]]]]:
    """(names of the columns, number of rows, the rows after the first `skip` in chunks)."""
    import pyarrow as arrow  # noqa: PLC0415  only this kind of file needs it
    from pyarrow import parquet  # noqa: PLC0415

    try:
        file = parquet.ParquetFile(path, memory_map=False, pre_buffer=False)
        schema = file.schema_arrow
    except (arrow.ArrowException, OSError) as error:
        raise Refusal("parquet_broken") from error
    ways = [_way(arrow.types, column) for column in schema]
    return list(schema.names), file.metadata.num_rows, _chunks(arrow, file, ways, skip)


def _way(types: Any, column: Any) -> Callable[[list[Any]], list[str]]:
    """The function that converts the values of a column to text."""
    kind = column.type.value_type if types.is_dictionary(column.type) else column.type
    if types.is_nested(kind) or types.is_binary(kind) or types.is_large_binary(kind):
        raise Refusal("parquet_nested", name=column.name[:80])
    if types.is_string(kind) or types.is_large_string(kind):
        return _texts
    if types.is_integer(kind):
        return _integers
    return _others


def _texts(values: list[Any]) -> list[str]:
    return [value or "" for value in values]


def _integers(values: list[Any]) -> list[str]:
    return ["" if value is None else str(value) for value in values]


def _others(values: list[Any]) -> list[str]:
    return [_text(value) for value in values]


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time.min else value.isoformat(" ")
    return value.isoformat() if isinstance(value, dt.date | dt.time) else str(value)


def _chunks(arrow: Any, file: Any, ways: list[Any], skip: int) -> Iterator[list[list[str]]]:
    """The rows in chunks. Row groups that are completely skipped are not read."""
    groups: list[int] = []
    left = skip
    for group in range(file.num_row_groups):
        rows = file.metadata.row_group(group).num_rows
        if left >= rows and not groups:
            left -= rows
        else:
            groups.append(group)
    try:
        for batch in file.iter_batches(BATCH_ROWS, row_groups=groups, use_threads=False):
            kept = batch.slice(left)
            left = max(left - batch.num_rows, 0)
            pairs = zip(ways, kept.columns, strict=True)
            rows_ = list(map(list, zip(*(way(c.to_pylist()) for way, c in pairs), strict=True)))
            for at in range(0, len(rows_), ROWS_AT_ONCE):
                yield rows_[at : at + ROWS_AT_ONCE]
    except (arrow.ArrowException, OSError, ValueError) as error:
        raise Refusal("parquet_broken") from error
