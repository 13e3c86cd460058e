"""Receiving rows: a file, or rows of the form or the API. Both become a batch and a job.

A file is refused with a text for its sender if it is not a file of rows, if the region is outside
the sender's scope, or if the disk has no room. The same file for the same region is the same batch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.accounts.access import actor_of, scope_of
from apps.accounts.models import Agency, User
from apps.accounts.roles import Permission
from apps.audit import record
from apps.audit.models import Action
from apps.casework.models import Cycle
from apps.common import tabular
from apps.common.errors import DomainError
from apps.common.files import stored_files
from apps.common.files.stored_files import NoRoom as NoRoom
from apps.common.files.stored_files import Stored
from apps.jobs import work
from apps.jobs.models import Job
from apps.proposals import columns
from apps.proposals.models import Batch
from apps.proposals.states import BatchStatus
from apps.proposals.steps import acts_for
from apps.proposals.upload import column_mapping
from apps.regions.models import CodeSystem, Region

CHECK_BATCH: Final = "proposals.check_batch"
FOLDER: Final = "batches"
# Up to this many rows, a person waits for the answer.
INTERACTIVE_ROWS: Final = 200


class ColumnsMissing(DomainError):
    """The header lacks columns that every proposal needs."""

    code = "columns_missing"


@dataclass(frozen=True)
class Received:
    """The result of a delivery: its batch, the job that checks it, and whether the batch is new."""

    batch: Batch
    job: Job
    is_new: bool


@dataclass(frozen=True)
class FileInspection:
    """The kind of a file, its first rows, and which of its columns are ours."""

    kind: tabular.FileKind
    peek: tabular.Peek
    found: columns.RecognisedColumns


def receive_file(
    *,
    file: Any,
    file_name: str,
    by: User | Agency,
    region_code: str,
    now: datetime,
    code_system: str = CodeSystem.KEMENDAGRI,
    mapping: Mapping[str, str | int] | None = None,
) -> Received:
    """Store a file of rows and enqueue its check. `file` is open for reading bytes.

    Raises: `not_your_region`, NoRoom, FileRefused, ColumnsMissing, `mapping_unknown`.
    """
    region = _region(by, region_code)
    stored = store(file, file_name)
    return _adopt(stored, region, by, file_name, now, code_system, mapping)


def adopt_file(
    *,
    path: Path,
    sha256: str,
    file_name: str,
    by: User | Agency,
    region_code: str,
    now: datetime,
    code_system: str = CodeSystem.KEMENDAGRI,
    mapping: Mapping[str, str | int] | None = None,
    look: FileInspection | None = None,
) -> Received:
    """Make a batch of a complete file in the protected storage, without copying its bytes.

    `path` still belongs to the caller: the batch gets its own name for the same bytes. `look` is
    the result of `inspect_upload` for this file, if the caller has it already.
    Raises: `not_your_region`, FileRefused, ColumnsMissing, `mapping_unknown`.
    """
    region = _region(by, region_code)
    own = _folder() / uuid4().hex
    own.hardlink_to(path)
    own.touch()  # a new time stamp, so that the sweep spares the file until its row exists
    stored = Stored(f"{FOLDER}/{own.name}", path.stat().st_size, sha256)
    return _adopt(stored, region, by, file_name, now, code_system, mapping, look)


def known_file(*, sha256: str, region_code: str) -> Received | None:
    """The batch that already exists for the same file in the same region, or None."""
    known = Batch.objects.filter(sha256=sha256, region_id=region_code).first() if sha256 else None
    return None if known is None else Received(known, job_of(known), False)


def inspect_upload(path: Path, file_name: str) -> FileInspection:
    """The kind of a stored file, its header and first rows. Raises: FileRefused."""
    kind, peek = tabular.inspect_file(
        path, file_name, limits=tabular.ROW_FILE.look(), scratch=path.parent
    )
    return FileInspection(kind, peek, columns.recognise(peek.header, peek.samples))


def check_region(by: User | Agency, region_code: str) -> Region:
    """The region, which the sender may upload for. Raises: `not_your_region`."""
    return _region(by, region_code)


def need_sender(by: User | Agency, batch: Batch) -> None:
    """Raises: `not_yours` if this person does not act for the batch's sender."""
    if not acts_for(by, batch):
        raise DomainError("not_yours", region=batch.region_id)


@transaction.atomic
def receive_row(
    *,
    values: Mapping[str, str],
    by: User | Agency,
    region_code: str,
    origin: str,
    now: datetime,
) -> Received:
    """One row of the form or the API: a batch of one row, checked by the same statements.

    Raises: `not_your_region`.
    """
    return receive_rows(rows=[values], by=by, region_code=region_code, origin=origin, now=now)


@transaction.atomic
def receive_rows(
    *,
    rows: Sequence[Mapping[str, str]],
    by: User | Agency,
    region_code: str,
    origin: str,
    now: datetime,
) -> Received:
    """Make one batch of a few typed rows.

    Raises: `not_your_region`.
    """
    region = _region(by, region_code)
    kept = [_kept(row) for row in rows]
    return _received(by, now, len(kept), region=region, origin=origin, row_values=kept)


@transaction.atomic
def replace_rows(*, batch: Batch, rows: Sequence[Mapping[str, str]], by: User | Agency) -> Job:
    """Replace the typed rows of a batch of which nothing is submitted yet, and check it again.

    Raises: `not_yours`, `cannot_resume`.
    """
    need_sender(by, batch)
    kept = [_kept(row) for row in rows]
    mine = Batch.objects.filter(pk=batch.pk, submitted_at=None)
    again = mine.filter(status=BatchStatus.READY).update(
        status=BatchStatus.CHECKING, row_values=kept, rows_read=0
    ) or mine.filter(status=BatchStatus.FAILED).update(
        status=BatchStatus.RECEIVED, row_values=kept, rows_read=0
    )
    if not again:
        raise DomainError("cannot_resume", batch=str(batch))
    return enqueue_batch_check(batch, by, len(kept))


def _kept(values: Mapping[str, str]) -> dict[str, str]:
    return {name: str(value) for name, value in values.items() if name in columns.COLUMNS and value}


@transaction.atomic
def resume(*, batch: Batch, by: User | Agency, now: datetime) -> Job:
    """Restart the failed or cancelled check of a batch, for its sender.

    Raises: `not_yours`, `cannot_resume`.
    """
    need_sender(by, batch)
    return begin_again(batch=batch, by=by)


@transaction.atomic
def begin_again(*, batch: Batch, by: User | Agency) -> Job:
    """The same for a person who manages jobs; the page checks the permission.

    The file and the batch still belong to the sender. Raises: `cannot_resume`.
    """
    job = job_of(batch)
    wanted = Batch.objects.filter(pk=batch.pk, status=BatchStatus.FAILED)
    moved = wanted.update(status=BatchStatus.RECEIVED, rows_read=0)
    is_unbegun = batch.status == BatchStatus.RECEIVED and job.status == Job.Status.CANCELLED
    if not moved and not is_unbegun:
        raise DomainError("cannot_resume", batch=str(batch))
    if not work.resume(job):
        job = enqueue_batch_check(batch, by, job.total)
    record.entry(Action.CHANGE, about=batch, by=by, step="resume")
    job.refresh_from_db()
    return job


def _adopt(
    stored: Stored,
    region: Region,
    by: User | Agency,
    file_name: str,
    now: datetime,
    code_system: str,
    mapping: Mapping[str, str | int] | None,
    look: FileInspection | None = None,
) -> Received:
    """Make a batch of a stored file; if that fails, the file is removed."""
    with stored_files.deleted_if_refused(stored):
        known = known_file(sha256=stored.sha256, region_code=region.code)
        if known is not None:
            stored.path.unlink(missing_ok=True)
            return known
        seen = look or inspect_upload(stored.path, file_name)
        received = _received(
            by,
            now,
            seen.peek.row_count,
            region=region,
            code_system=code_system,
            **_noted(stored, seen, file_name, mapping),
        )
    if not received.is_new:
        stored.path.unlink(missing_ok=True)
    return received


def _region(by: User | Agency, code: str) -> Region:
    region = Region.objects.filter(code=code).first()
    if region is None or not scope_of(by, Permission.UPLOAD_BATCH).contains(code):
        raise DomainError("not_your_region", region=code)
    return region


def store(file: Any, file_name: str) -> Stored:
    """Keep a file of rows in the protected storage. Raises: NoRoom, FileRefused."""
    return stored_files.keep(file, file_name, under=FOLDER, limits=tabular.ROW_FILE)


def _folder() -> Path:
    return stored_files.folder(FOLDER)


def too_large(size: int, file_name: str) -> tabular.FileRefused:
    """The refusal of a file of this size in bytes."""
    return stored_files.too_large(size, file_name, tabular.ROW_FILE)


def _noted(
    stored: Stored, look: FileInspection, file_name: str, mapping: Mapping[str, str | int] | None
) -> dict[str, Any]:
    """The fields of the batch that describe its file."""
    kind = look.kind
    return {
        "file": stored.name,
        "file_name": Path(file_name).name[:200],
        "file_size": stored.size,
        "file_kind": kind.format.value + ("+zip" if kind.is_zipped else ""),
        "sha256": stored.sha256,
        "header": look.peek.header,
        "header_line": look.peek.header_line,
        "mapping": _mapping(look, mapping, file_name),
    }


def _mapping(
    look: FileInspection, wanted: Mapping[str, str | int] | None, file_name: str
) -> dict[str, int]:
    header, found = look.peek.header, columns.settled(look.found)
    if wanted is not None:
        try:
            chosen = columns.named(wanted, header)
        except KeyError as unknown:
            raise DomainError(
                "mapping_unknown", column=unknown.args[0], filename=file_name
            ) from None
        taken = set(chosen.values())
        found = {column: at for column, at in found.items() if at not in taken} | chosen
    if lacking := columns.missing(found):
        raise ColumnsMissing(
            columns=", ".join(columns.TEMPLATE[column] for column in lacking),
            found=", ".join(name for name in header if name)[:200],
            line=max(look.peek.header_line, 1),
            likely=column_mapping.likely(look.found, lacking),
            filename=file_name,
        )
    return found


def _received(by: User | Agency, now: datetime, row_count: int | None, **fields: Any) -> Received:
    """Create the batch and its job in one transaction, or return an earlier request's batch."""
    sender = {"user": by} if isinstance(by, User) else {"agency": by}
    day = timezone.localdate(now)
    cycle = Cycle.objects.open_on(day).order_by("cutoff_date", "pk").first()
    try:
        with transaction.atomic():
            batch = Batch.objects.create(received_at=now, cycle=cycle, **sender, **fields)
            job = enqueue_batch_check(batch, by, row_count)
            record.entry(
                Action.CREATE, about=batch, by=by, sha256=batch.sha256, size=batch.file_size
            )
    except IntegrityError:
        known = Batch.objects.filter(
            sha256=fields.get("sha256", ""), region=fields["region"]
        ).first()
        if known is None or not known.sha256:
            raise
        return Received(known, job_of(known), False)
    return Received(batch, job, True)


def enqueue_batch_check(batch: Batch, by: User | Agency, row_count: int | None) -> Job:
    """Enqueue the check of a batch; a batch of few rows does not wait behind large ones."""
    is_short = row_count is not None and row_count <= INTERACTIVE_ROWS
    return work.enqueue(
        CHECK_BATCH,
        batch.subject,
        subject_name=str(batch)[:200],
        region_code=batch.region_id,
        by=actor_of(by),
        by_name=str(by),
        queue="interactive" if is_short else "batches",
        total=row_count,
    )


def job_of(batch: Batch) -> Job:
    """The latest job that checks a batch."""
    return Job.objects.filter(subject=batch.subject, kind=CHECK_BATCH).latest("pk")


def uploaded_already(batch: Batch, by: User) -> str:
    """The text for a file that was uploaded before."""
    when = date_format(timezone.localtime(batch.received_at), "DATETIME_FORMAT")
    if batch.user_id == by.pk:
        return _("You uploaded this file on {when} already; this is its page.").format(when=when)
    return _("This file was uploaded on {when} by {who} already; this is its page.").format(
        when=when, who=batch.sender
    )
