"""Receiving rows: a file, or one row of the form or the API. Both become a batch and a job.

Refuses, in words, what is not a file of rows, a region outside the sender's work, and a file for
which the disk has no room. The same file for the same region is the same batch.
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
from apps.regions.models import Region

CHECK_BATCH: Final = "proposals.check_batch"
FOLDER: Final = "batches"
# Up to so many rows somebody waits for the answer.
INTERACTIVE_ROWS: Final = 200


class ColumnsMissing(DomainError):
    """The header lacks columns without which no row can be proposed."""

    code = "columns_missing"


@dataclass(frozen=True)
class Received:
    """What became of a delivery: its batch, the job that checks it, and whether it is new."""

    batch: Batch
    job: Job
    is_new: bool


@dataclass(frozen=True)
class FileInspection:
    """What a file is, its first rows, and which of its columns are ours."""

    kind: tabular.Kind
    peek: tabular.Peek
    found: columns.Found


def receive_file(
    *,
    file: Any,
    file_name: str,
    by: User | Agency,
    region_code: str,
    now: datetime,
    code_system: str = "kemendagri",
    mapping: Mapping[str, str | int] | None = None,
) -> Received:
    """Store a file of rows and ask for its check. `file` is opened for reading bytes.

    Raises: `not_your_region`, NoRoom, FileRefused, ColumnsMissing, `mapping_unknown`.
    """
    region = _region(by, region_code)
    stored = store(file, file_name)
    return _adopt(stored, region, by, file_name, now, code_system, mapping)


@dataclass(frozen=True)
class Kept:
    """A file in the protected storage, and what was seen in it."""

    stored: Stored
    file_name: str
    look: FileInspection


def keep_file(file: Any, file_name: str) -> Kept:
    """Store a file of rows and look at it; what cannot be read goes again.

    Asks the database nothing: for outside of transactions. Raises: NoRoom, FileRefused.
    """
    stored = store(file, file_name)
    try:
        return Kept(stored, file_name, inspect_upload(stored.path, file_name))
    except BaseException:
        stored.path.unlink(missing_ok=True)
        raise


def take_file(
    *,
    kept: Kept,
    by: User | Agency,
    region_code: str,
    now: datetime,
    code_system: str = "kemendagri",
    mapping: Mapping[str, str | int] | None = None,
) -> Received:
    """A kept file becomes a batch and a job; it goes again where it does not.

    Raises: `not_your_region`, ColumnsMissing, `mapping_unknown`.
    """
    stored = kept.stored
    try:
        region = _region(by, region_code)
    except BaseException:
        stored.path.unlink(missing_ok=True)
        raise
    return _adopt(stored, region, by, kept.file_name, now, code_system, mapping, kept.look)


def adopt_file(
    *,
    path: Path,
    sha256: str,
    file_name: str,
    by: User | Agency,
    region_code: str,
    now: datetime,
    code_system: str = "kemendagri",
    mapping: Mapping[str, str | int] | None = None,
    look: FileInspection | None = None,
) -> Received:
    """Take over a file that lies whole in the protected storage, without copying its bytes.

    `path` stays its giver's: the batch gets a name of its own for the same bytes. `look` is what
    `look_at` said of this file, where the giver has asked already.
    Raises: `not_your_region`, FileRefused, ColumnsMissing, `mapping_unknown`.
    """
    region = _region(by, region_code)
    own = _folder() / uuid4().hex
    own.hardlink_to(path)
    own.touch()  # as new as its row: a file that no row names yet is not swept away
    stored = Stored(f"{FOLDER}/{own.name}", path.stat().st_size, sha256)
    return _adopt(stored, region, by, file_name, now, code_system, mapping, look)


def known_file(*, sha256: str, region_code: str) -> Received | None:
    """The batch that the same file has become before, in the same region."""
    known = Batch.objects.filter(sha256=sha256, region_id=region_code).first() if sha256 else None
    return None if known is None else Received(known, job_of(known), False)


def inspect_upload(path: Path, file_name: str) -> FileInspection:
    """What a stored file is, its header and first rows. Raises: FileRefused."""
    kind, peek = tabular.inspect_file(
        path, file_name, limits=tabular.ROW_FILE.look(), scratch=path.parent
    )
    return FileInspection(kind, peek, columns.recognise(peek.header, peek.samples))


def check_region(by: User | Agency, region_code: str) -> Region:
    """The region, if the sender may upload for it. Raises: `not_your_region`."""
    return _region(by, region_code)


def need_sender(by: User | Agency, batch: Batch) -> None:
    """Raises: `not_yours` for who does not act for the batch's sender."""
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
    """One row of the form or the API: a batch of one, checked by the very same statements.

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
    """A few rows that were typed, not uploaded: one batch.

    Raises: `not_your_region`.
    """
    region = _region(by, region_code)
    kept = [_kept(row) for row in rows]
    return _received(by, now, len(kept), region=region, origin=origin, row_values=kept)


@transaction.atomic
def replace_rows(*, batch: Batch, rows: Sequence[Mapping[str, str]], by: User | Agency) -> Job:
    """Put other typed rows into a batch of which nothing was submitted yet, and check it again.

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
    """Let the check of a batch that failed, or was cancelled, begin again, for its sender.

    Raises: `not_yours`, `cannot_resume`.
    """
    need_sender(by, batch)
    return begin_again(batch=batch, by=by)


@transaction.atomic
def begin_again(*, batch: Batch, by: User | Agency) -> Job:
    """The same for whoever looks after the jobs (the permission is the page's): the file and what
    is made of it stay the sender's. Raises: `cannot_resume`.
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
    """A stored file becomes a batch; it goes again where it does not."""
    try:
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
    except BaseException:
        stored.path.unlink(missing_ok=True)
        raise
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
    """The refusal of a file of this many bytes."""
    return stored_files.too_large(size, file_name, tabular.ROW_FILE)


def _noted(
    stored: Stored, look: FileInspection, file_name: str, mapping: Mapping[str, str | int] | None
) -> dict[str, Any]:
    """What the batch notes about its file."""
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
    """The batch and its job, in one transaction; or the batch that another request made first."""
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
    """Ask for the check of a batch; few rows are checked at once."""
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
    """The job that checks a batch, the latest of them."""
    return Job.objects.filter(subject=batch.subject, kind=CHECK_BATCH).latest("pk")


def uploaded_already(batch: Batch, by: User) -> str:
    """The words for a file that is here already."""
    when = date_format(timezone.localtime(batch.received_at), "DATETIME_FORMAT")
    if batch.user_id == by.pk:
        return _("You uploaded this file on {when} already; this is its page.").format(when=when)
    return _("This file was uploaded on {when} by {who} already; this is its page.").format(
        when=when, who=batch.sender
    )
