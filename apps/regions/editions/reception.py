"""Receives a boundary file: stores it once under its edition's name and asks for its import."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from django.core.files import File
from django.db import transaction

from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import Actor, subject_of
from apps.common import locks, tabular
from apps.common.errors import DomainError
from apps.common.files import stored_files
from apps.common.locks import Lock
from apps.jobs import work
from apps.jobs.models import Job
from apps.regions.models import COUNTRY, BoundaryEdition, Region

IMPORT_EDITION: Final = "regions.import_edition"
Status = BoundaryEdition.Status


def inspect(path: Path, file_name: str) -> None:
    """Check during the request that a file holds boundaries. Makes no database query.

    Raises: FileRefused, NoRoom.
    """
    stored_files.need_room(stored_files.folder(""), path.stat().st_size, file_name)
    limits = tabular.BOUNDARY_FILE.look()
    tabular.sniff(path, file_name, formats=tabular.BOUNDARY_FORMATS, limits=limits)


@transaction.atomic
def receive_edition(
    *,
    path: Path,
    file_name: str,
    name: str,
    published_date: date,
    layer: str = "",
    code_field: str = "",
    code_system: str = "",
    covers: str = "",
    by: str,
    by_name: str = "",
    now: datetime,
    is_inspected: bool = False,
) -> tuple[BoundaryEdition, Job]:
    """Store a file as a dated edition and ask for its import; the caller sends the wake-up message.

    The same file under the same name again returns the existing edition and its job. The name of a
    failed one may be used again, with another file, layer or column.
    Raises: FileRefused, DomainError.
    """
    if not is_inspected:
        limits = tabular.BOUNDARY_FILE
        tabular.sniff(path, file_name, formats=tabular.BOUNDARY_FORMATS, limits=limits)
    if covers and covers != COUNTRY and not Region.objects.filter(code=covers).exists():
        raise DomainError("covers_unknown", region=covers)
    chosen = {"layer": layer, "code_field": code_field, "code_system": code_system}
    chosen |= {"covers": covers}
    sha256 = _sha256_of(path)
    _lock_name(name)
    edition = BoundaryEdition.objects.select_for_update().filter(name=name).first()
    job = _import_job(edition) if edition is not None else None
    if edition is not None and job is not None and not _is_free(edition, job):
        if edition.sha256 != sha256 or edition.summary.get("asked") != chosen:
            raise DomainError("name_taken", name=edition.name, filename=edition.file_name)
        return edition, job
    known = {
        "published_date": published_date,
        "status": Status.RECEIVED,
        "file_name": file_name[:200],
        "sha256": sha256,
        "summary": {"asked": chosen},
        "received_at": now,
        "received_by": by_name or by,
        **chosen,
    }
    edition, _created = BoundaryEdition.objects.update_or_create(name=name, defaults=known)
    with path.open("rb") as content:
        edition.file.save(f"{sha256[:16]}{path.suffix.lower()}", File(content))
    job = work.enqueue(
        IMPORT_EDITION,
        subject_of(edition),
        subject_name=name,
        by=by,
        by_name=by_name,
    )
    who = Actor(by, by_name)
    record.entry(Action.CREATE, about=edition, by=who, sha256=sha256, file_name=file_name)
    return edition, job


def _lock_name(name: str) -> None:
    """Serialise two simultaneous uploads under one name."""
    locks.hold_text(Lock.EDITION_NAME, name)


def _import_job(edition: BoundaryEdition) -> Job:
    subject = subject_of(edition)
    return Job.objects.filter(kind=IMPORT_EDITION, subject=subject).latest("pk")


def _is_free(edition: BoundaryEdition, job: Job) -> bool:
    """Whether a name may be used again: its import failed, or was cancelled before its end."""
    if job.status == Job.Status.CANCELLED:
        BoundaryEdition.objects.filter(
            pk=edition.pk, status__in=[Status.RECEIVED, Status.READING]
        ).update(status=Status.FAILED)
        edition.refresh_from_db()
    return edition.status == Status.FAILED


def resume_import(*, job: Job, by: Any, now: datetime) -> Job:
    """Start a failed import again, with the same choices. Raises: DomainError."""
    with transaction.atomic():
        edition = BoundaryEdition.objects.select_for_update().get(pk=job.subject.rpartition(":")[2])
        is_latest = _import_job(edition).pk == job.pk
        if not (is_latest and edition.status == Status.FAILED and work.resume(job)):
            raise DomainError("import_not_failed", status=str(edition.get_status_display()))
        BoundaryEdition.objects.filter(pk=edition.pk, status=Status.FAILED).update(
            status=Status.RECEIVED
        )
        record.entry(Action.RUN, about=edition, by=Actor(str(by)))
    job.refresh_from_db()
    return job


def _sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
