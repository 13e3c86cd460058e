"""Receives an uploaded file: stores it, finds its columns, asks for its import."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from django.db import transaction
from django.db.models import Q

from apps.accounts.access import actor_of
from apps.accounts.models import User
from apps.audit import record
from apps.audit.models import Action
from apps.commandcentre.models import OfficeUpload
from apps.commandcentre.uploads import upload_kinds
from apps.common import tabular
from apps.common.errors import DomainError
from apps.common.files import stored_files
from apps.common.files.stored_files import Stored
from apps.imports import layouts
from apps.jobs import work
from apps.jobs.models import Job

IMPORT_UPLOAD: Final = "commandcentre.import_upload"
FOLDER: Final = "office_uploads"
# A file that was not imported, and a list of findings, are kept so long.
KEPT: Final = timedelta(days=30)


@dataclass(frozen=True)
class MatchedFile:
    """A stored file, its headings, and our columns that are known for certain."""

    stored: Stored
    file_name: str
    header: list[str]
    mapping: dict[str, int]
    is_matched: bool


def keep(file: Any, file_name: str, kind: str, options: Mapping[str, str]) -> MatchedFile:
    """Store a file and look at its first rows. Makes no query of the database.

    Raises: NoRoom, FileRefused.
    """
    limits = upload_kinds.limits_of(kind)
    stored = stored_files.keep(file, file_name, under=FOLDER, limits=limits)
    rows = upload_kinds.ROWS.get(kind)
    if rows is None:  # the job looks at an area
        return MatchedFile(stored, file_name, [], {}, True)
    layout = rows.layout_for(options)
    with stored_files.deleted_if_refused(stored):
        _kind, first = layouts.look_at(
            stored.path,
            layout,
            name=file_name,
            limits=limits.look(),
            scratch=stored_files.folder("scratch"),
        )
    chosen = layouts.settled_columns(layouts.recognise_columns(first, layout), layout)
    return MatchedFile(stored, file_name, first.header, chosen, not layout.lacking(chosen))


@transaction.atomic
def receive(
    *, kept: MatchedFile, kind: str, options: Mapping[str, str], by: User, now: datetime
) -> OfficeUpload:
    """Record a stored file. Its import is asked for, unless its columns have to be matched."""
    upload = OfficeUpload.objects.create(
        kind=kind,
        file=kept.stored.name,
        file_name=Path(kept.file_name).name[:200],
        file_size=kept.stored.size,
        sha256=kept.stored.sha256,
        options=dict(options),
        header=kept.header,
        mapping=kept.mapping,
        user=by,
        received_at=now,
    )
    record.entry(
        Action.CREATE,
        about=upload,
        by=by,
        kind=kind,
        sha256=kept.stored.sha256,
        size=kept.stored.size,
    )
    if kept.is_matched:
        _enqueue(upload, by)
    return upload


@transaction.atomic
def match_columns(*, upload: OfficeUpload, mapping: Mapping[str, int], by: User) -> Job:
    """Import a file with the columns that a person chose.

    Raises: `upload_imported`, `upload_under_way`, `upload_gone`.
    """
    upload = OfficeUpload.objects.select_for_update().get(pk=upload.pk)
    need_open(upload)
    upload.mapping = dict(mapping)
    upload.save(update_fields=["mapping"])
    record.entry(Action.CHANGE, about=upload, by=by, columns=sorted(mapping))
    return _enqueue(upload, by)


def need_open(upload: OfficeUpload) -> None:
    """Raises: `upload_imported`, `upload_under_way`, `upload_gone` where nothing can be done."""
    if upload.imported_at is not None:
        raise DomainError("upload_imported")
    job = job_of(upload)
    if job is not None and not job.is_finished:
        raise DomainError("upload_under_way")
    if not upload.file:
        raise DomainError("upload_gone")


def peek(upload: OfficeUpload) -> tabular.Peek:
    """Headings and first rows of a file with rows. Raises: FileRefused."""
    layout = upload_kinds.ROWS[upload.kind].layout
    path = stored_files.kept(upload.file, upload.file_size)
    _kind, first = layouts.look_at(
        path,
        layout,
        name=upload.file_name,
        limits=layout.limits.look(),
        scratch=stored_files.folder("scratch"),
    )
    return first


def job_of(upload: OfficeUpload) -> Job | None:
    """The last job that imported a file, or tried to. Queries: one."""
    found = Job.objects.filter(subject=upload.subject, kind=IMPORT_UPLOAD)
    return found.order_by("-pk").first()


def sweep(*, now: datetime) -> int:
    """Forget files that were not imported in time, and old lists of findings; the tidying of files
    removes them. Returns their number.
    """
    old = OfficeUpload.objects.filter(received_at__lt=now - KEPT)
    return old.exclude(Q(file="") & Q(listed="")).update(file="", listed="")


def _enqueue(upload: OfficeUpload, by: User) -> Job:
    return work.enqueue(
        IMPORT_UPLOAD,
        upload.subject,
        subject_name=upload.file_name,
        by=actor_of(by),
        by_name=str(by),
    )
