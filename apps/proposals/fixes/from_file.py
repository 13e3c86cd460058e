"""Correction files: the rows of the officer's returned file replace those with the same `Baris`.

Rows that are not in the file are kept. The same file twice is one change. A file with a row whose
number cannot be read or is unknown changes nothing and is refused with the reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import IntegrityError, transaction

from apps.accounts.models import User
from apps.common import sql, tabular
from apps.common.errors import DomainError
from apps.common.files import stored_files
from apps.common.sql import Tables
from apps.common.tabular import InspectedFile
from apps.imports import joined_cells
from apps.jobs.models import Job
from apps.proposals import columns, lines
from apps.proposals.checks import check_tables
from apps.proposals.fixes import row_fixes
from apps.proposals.models import Batch, Fix
from apps.proposals.upload import intake

# The heading of the column with the row numbers, in every language of the portal.
ROW_HEADINGS: Final = ("baris", "row")
# The row number on a line of the file, if its cell is a number.
ROW_OF_LINE: Final = (
    "bigint GENERATED ALWAYS AS (CASE WHEN row_text ~ '^[0-9]{1,9}([.,]0+)?$'"
    " THEN split_part(translate(row_text, ',', '.'), '.', 1)::bigint - %d END) STORED"
)


def keep(file: Any, file_name: str) -> InspectedFile:
    """Store a correction file and inspect it; `file`: opened, or its Path.

    No query, so that it can run outside of transactions. Raises: FileRefused, NoRoom.
    """
    if isinstance(file, Path):
        with file.open("rb") as opened:
            stored = intake.store(opened, file_name)
    else:
        stored = intake.store(file, file_name)
    with stored_files.deleted_if_refused(stored):
        kind, first = tabular.inspect_file(
            stored.path, file_name, limits=tabular.ROW_FILE.look(), scratch=stored.path.parent
        )
    return InspectedFile(stored, file_name, kind, first)


def receive(*, batch: Batch, file: Any, file_name: str, by: User, now: datetime) -> Job:
    """Store a correction file and enqueue the change.

    Raises: `not_yours`, `batch_not_ready`, FileRefused, NoRoom, `no_row_column`.
    """
    row_fixes.need_open(batch, by)
    return enqueue_file(batch=batch, kept=keep(file, file_name), by=by, now=now)


def enqueue_file(*, batch: Batch, kept: InspectedFile, by: User, now: datetime) -> Job:
    """Enqueue the change of a stored file. After a refusal the file is deleted.

    Raises: `not_yours`, `batch_not_ready`, `no_row_column`.
    """
    stored = kept.stored
    with stored_files.deleted_if_refused(stored):
        row_fixes.need_open(batch, by)
        known = _known(batch, stored.sha256, now)
        if known is not None:
            stored.path.unlink(missing_ok=True)
            return known
        return _store_fix(batch, by, now, kept.first.row_count, _fields(batch, kept))


def _known(batch: Batch, sha256: str, now: datetime) -> Job | None:
    """The job of the same file, if it was sent before and not undone or cancelled."""
    waiting = [Fix.Status.ASKED, Fix.Status.SHOWN, Fix.Status.DONE]
    fix = Fix.objects.filter(batch=batch, sha256=sha256, status__in=waiting).first()
    if fix is None:
        return None
    job = row_fixes.job_of(fix)
    if fix.status != Fix.Status.DONE and row_fixes.is_cancelled(job):
        row_fixes.give_up(fix, now)
        return None
    return job


def _fields(batch: Batch, kept: InspectedFile) -> dict[str, Any]:
    header, kind = kept.first.header, kept.kind
    position = row_column(header)
    if position is None:
        found = ", ".join(name for name in header if name)[:200]
        raise DomainError("no_row_column", filename=kept.file_name, found=found)
    return {
        "file": kept.stored.name,
        "file_name": Path(kept.file_name).name[:200],
        "file_kind": kind.format.value + ("+zip" if kind.is_zipped else ""),
        "sha256": kept.stored.sha256,
        "mapping": _mapping(batch, header, position),
        "values": {"row_column": position},
    }


def row_column(header: Sequence[str]) -> int | None:
    """The index of the column with the row numbers in a returned file: the last such heading."""
    found = [at for at, heading in enumerate(header) if columns.plain(heading) in ROW_HEADINGS]
    return found[-1] if found else None


def _mapping(batch: Batch, header: Sequence[str], row_position: int) -> dict[str, int]:
    """Our columns in the returned file: as its officer matched them, at any position."""
    known = {columns.plain(name): at for at, name in enumerate(header) if at != row_position}
    found = columns.match(header)
    for column, at in batch.mapping.items():
        heading = batch.header[at] if at < len(batch.header) else ""
        if heading in columns.GEOMETRY:  # a feature's own place has a heading in the returned file
            heading = columns.TEMPLATE[columns.GEOMETRY[heading]]
        if columns.plain(heading) in known:
            found[column] = known[columns.plain(heading)]
    return found


def _store_fix(
    batch: Batch, by: User, now: datetime, rows: int | None, fields: dict[str, Any]
) -> Job:
    try:
        with transaction.atomic():
            fix = Fix.objects.create(
                batch=batch, kind=Fix.Kind.FILE, user=by, asked_at=now, rows=rows or 0, **fields
            )
            return row_fixes.enqueue_fix(fix, by)
    except IntegrityError:
        job = _known(batch, fields["sha256"], now)
        if job is None:
            raise
        (Path(settings.MEDIA_ROOT) / fields["file"]).unlink(missing_ok=True)
        return job


# --- the worker's part ----------------------------------------------------------------------------


def read_sent(fix: Fix, tables: Tables) -> None:
    """Read the rows of the file into `sent`; its column `Baris` holds the lines of the earlier
    file.

    Raises: `row_numbers_missing`, `rows_twice`; FileRefused.
    """
    sql.create(
        tables["sent"],
        {
            **{"line": "bigint", "row_text": "text"},
            **dict.fromkeys(columns.COLUMNS, "text"),
            **{check_tables.EXTRA: "integer", "row_number": ROW_OF_LINE % lines.above(fix.batch)},
        },
    )
    name, _plus, zipped = fix.file_kind.partition("+")
    stream = tabular.stream(
        Path(fix.file.path),
        tabular.FileKind(tabular.Format(name), bool(zipped)),
        [fix.values["row_column"], *columns.positions(fix.mapping)],
        scratch=stored_files.folder("scratch"),
    )
    header = ["line", "row_text", *columns.COLUMNS, check_tables.EXTRA]
    blocks = joined_cells.split_blocks(stream, fix.mapping, columns.COLUMNS, before=2)
    sql.copy_in(tables["sent"], header, blocks)
    fix.rows, missing, twice = sql.run("proposals/fixes/inspect_sent", {}, tables=tables)[0]
    if missing:
        where = ", ".join(str(line + 1) for line in missing)
        raise DomainError("row_numbers_missing", filename=fix.file_name, lines=where)
    if twice:
        raise DomainError("rows_twice", filename=fix.file_name, rows=lines.listed(fix.batch, twice))
    if not fix.rows:
        raise tabular.FileRefused("no_rows", filename=fix.file_name)


def strangers(fix: Fix, tables: Tables) -> list[int]:
    """Rows that are about another person; they are not changed.

    Raises: `other_batch` when these are more than half of the file.
    """
    found = [number for (number,) in sql.run("proposals/fixes/find_strangers", {}, tables=tables)]
    if found and 2 * len(found) > fix.rows:
        raise DomainError(
            "other_batch",
            filename=fix.file_name,
            rows=lines.listed(fix.batch, found[:5]),
            count=len(found),
        )
    return found
