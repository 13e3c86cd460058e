"""Photos for the rows of a file, in a ZIP: the name of each photo is a row or a NIK.

The request stores the ZIP and enqueues a job. The job draws one photo after the other; what a row
has already is not added again, so that a job that begins again and a ZIP that comes twice double
nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy

from apps.accounts.access import actor_of
from apps.accounts.models import User
from apps.audit import record
from apps.audit.models import Action
from apps.casework import photos
from apps.common import sql
from apps.common.errors import DomainError
from apps.common.files import photo_archives, stored_files
from apps.common.tabular import Limits
from apps.common.text import characters
from apps.common.text.identity import is_number
from apps.jobs import kinds, work
from apps.jobs.models import Job
from apps.jobs.work import Lease
from apps.proposals import lines
from apps.proposals.models import Batch, HousePhoto, PhotoArchive
from apps.proposals.photos import house_photos, photo_findings
from apps.proposals.states import CHECKED, OPEN, BatchStatus

ADD_PHOTOS: Final = "proposals.add_photos"
FOLDER: Final = "photo_archives"
LIMITS: Final = Limits(
    file_bytes=photo_archives.FILE_BYTES,
    unpacked_bytes=photo_archives.UNPACKED_BYTES,
    rows=None,
    clock_s=60,
    cpu_s=60,
)
ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
LONGEST_LINE: Final = 7  # digits
# `12.jpg`, `12_2.jpg`, `12 dalam.jpg`, `9701015005889001-depan.png`
_NAME: Final = re.compile(r"\s*(\d{1,16})(?!\d)(.*)", re.DOTALL)
# What may follow the number of a row: `_2`, ` (2)`, words. Other digits are of a day or an hour.
_AFTER_ROW: Final = re.compile(r"(?:_\d{1,2}|\s?\(\d{1,2}\))?(?:[\s_-]*[^\W\d_].*)?\s*", re.DOTALL)
_INSIDE: Final = ("dalam", "inside")
_OTHER: Final = ("lain", "samping", "belakang", "other")


@dataclass(frozen=True)
class NamedPhoto:
    """One member of a ZIP: its place, its name, and the row (or the NIK) that the name says."""

    place: int
    name: str
    row_number: int = 0
    nik: str = ""
    kind: str = HousePhoto.Kind.FRONT.value


@dataclass
class ZipOutcome:
    """What became of the photos of one ZIP."""

    added: int = 0
    known: int = 0
    unknown: list[str] = field(default_factory=list)
    refused: list[list[Any]] = field(default_factory=list)
    rows: set[int] = field(default_factory=set)
    # row and sha256 of each photo so far
    sent: set[tuple[int, str]] = field(default_factory=set)

    def stored(self) -> dict[str, Any]:
        most = PhotoArchive.MOST_NAMED
        return {
            "added": self.added,
            "known": self.known,
            "unknown": self.unknown[:most],
            "unknown_count": len(self.unknown),
            "refused": self.refused[:most],
            "refused_count": len(self.refused),
        }


def receive(*, batch: Batch, file: Any, by: User, now: datetime) -> PhotoArchive:
    """Store a ZIP for a batch and enqueue its job. The caller checks whether the person may.

    Raises: `batch_not_ready`, `photos_zip_expected`, `photo_zip_too_large`, NoRoom.
    """
    name = characters.file_name(file.name) or "?"
    if batch.status not in CHECKED:
        status = str(BatchStatus(batch.status).label)
        raise DomainError("batch_not_ready", batch=str(batch), status=status)
    if file.size > LIMITS.file_bytes:
        raise DomainError(
            "photo_zip_too_large",
            filename=name,
            size_mb=round(file.size / 1e6),
            limit_mb=round(LIMITS.file_bytes / 1e6),
        )
    if not file.read(4).startswith(ZIP):
        raise DomainError("photos_zip_expected", filename=name)
    file.seek(0)
    stored = stored_files.keep(file, name, under=FOLDER, limits=LIMITS)
    with stored_files.deleted_if_refused(stored):
        return _enqueued(batch, stored, name, by, now)


@transaction.atomic
def _enqueued(
    batch: Batch, stored: stored_files.Stored, name: str, by: User, now: datetime
) -> PhotoArchive:
    archive = PhotoArchive.objects.create(
        batch=batch, user=by, file=stored.name, file_name=name[:200], size=stored.size, at=now
    )
    record.entry(Action.CREATE, about=archive, by=by, sha256=stored.sha256)
    work.enqueue(
        ADD_PHOTOS,
        archive.subject,
        subject_name=str(batch),
        region_code=batch.region_id,
        by=actor_of(by),
        by_name=str(by),
    )
    return archive


def job_of(archive: PhotoArchive) -> Job | None:
    """The latest job of an archive."""
    return Job.objects.filter(subject=archive.subject, kind=ADD_PHOTOS).order_by("pk").last()


def fail(job: Job) -> None:
    """After a failed or cancelled job: the ZIP is not kept; its sender sends a mended one. The
    photos that were added are kept, and compared with their points.
    """
    archives = PhotoArchive.objects.select_related("batch", "user")
    archive = archives.get(pk=int(job.subject.rpartition(":")[2]))
    if not archive.file:
        return
    path = Path(archive.file.path)
    PhotoArchive.objects.filter(pk=archive.pk).update(file="")
    transaction.on_commit(lambda: path.unlink(missing_ok=True))
    # those that others added meanwhile are among them, which is no harm
    added = HousePhoto.objects.filter(
        batch=archive.batch, row_number__isnull=False, at__gte=archive.at
    )
    rows = {row for row in added.values_list("row_number", flat=True) if row is not None}
    if rows:
        photo_findings.enqueue_refresh(batch=archive.batch, rows=rows, by=archive.user)


@kinds.job(
    ADD_PHOTOS,
    label=gettext_lazy("Photos of houses"),
    is_resumable=False,
    on_failed=fail,
    remedy=gettext_lazy(
        "The photos that were added are kept. Send the ZIP again on the page of the file's photos;"
        " nothing is added twice."
    ),
)
def add_photos(lease: Lease) -> None:
    """Add the photos of a ZIP to the rows that their names say. Runs as the worker.

    Cost: half a second for each photo, one at a time.
    """
    archive = PhotoArchive.objects.select_related("batch", "user").get(
        pk=int(lease.job.subject.rpartition(":")[2])
    )
    if not archive.file:  # done before a repeat
        lease.finish(added=archive.result.get("added", 0))
        return
    path = stored_files.kept(archive.file, archive.size)
    outcome = ZipOutcome()
    named = _named(archive, path, outcome)
    lease.progress(0, len(named), stage="photos")
    by_place = {one.place: one for one in named}
    wanted = [one.place for one in named]
    sent = photo_archives.members(path, wanted, member_bytes=photos.MOST_BYTES)
    for done, (at, content) in enumerate(sent, 1):
        _add(archive, by_place[at], content, outcome)
        lease.progress(done, stage="photos")
    lease.timed("photos")
    with transaction.atomic():
        photo_findings.refresh(archive.batch_id, outcome.rows)
        PhotoArchive.objects.filter(pk=archive.pk).update(
            file="", result=outcome.stored(), done_at=timezone.now()
        )
        record.entry(Action.RUN, about=archive, by=lease.job, added=outcome.added)
        lease.finish(added=outcome.added)
        transaction.on_commit(lambda: path.unlink(missing_ok=True))


def read_name(place: int, name: str, above: int) -> NamedPhoto | None:
    """What the name of a photo says, or None. `above`: see `lines.above`."""
    found = _NAME.fullmatch(PurePosixPath(name.replace("\\", "/")).stem)
    if found is None:
        return None
    digits, rest = found[1], found[2].lower()
    kind = HousePhoto.Kind.FRONT
    if any(word in rest for word in _INSIDE):
        kind = HousePhoto.Kind.INSIDE
    elif any(word in rest for word in _OTHER):
        kind = HousePhoto.Kind.OTHER
    if is_number(digits):
        return NamedPhoto(place, name, nik=digits, kind=kind.value)
    row_number = int(digits) - above
    if len(digits) > LONGEST_LINE or row_number < 1 or not _AFTER_ROW.fullmatch(rest):
        return None
    return NamedPhoto(place, name, row_number=row_number, kind=kind.value)


def _named(archive: PhotoArchive, path: Path, outcome: ZipOutcome) -> list[NamedPhoto]:
    """The photos whose names say a row of the batch. The others are noted in the outcome."""
    try:
        found = photo_archives.names(path)
    except DomainError as refused:
        refused.params.setdefault("filename", archive.file_name)
        raise
    if not found:
        raise DomainError("no_photos_in_zip", filename=archive.file_name)
    above = lines.above(archive.batch)
    read = [(name, read_name(place, name, above)) for place, name in found]
    outcome.unknown += [name for name, one in read if one is None]
    return [one for _name, one in read if one is not None]


def _add(archive: PhotoArchive, named: NamedPhoto, content: bytes, outcome: ZipOutcome) -> None:
    row = _row_of(archive.batch, named)
    if row is None:
        outcome.unknown.append(named.name)
        return
    row_number, village_code, is_open = row
    try:
        if not is_open:
            raise DomainError("photo_row_decided")
        prepared = photos.prepare(content, PurePosixPath(named.name).name)
        is_new = house_photos.add_to_row(
            batch=archive.batch,
            row_number=row_number,
            village_code=village_code,
            prepared=prepared,
            kind=named.kind,
            by=archive.user,
            now=timezone.now(),
        )
    except DomainError as refused:
        if isinstance(refused, stored_files.NoRoom):
            raise
        outcome.refused.append([named.name, refused.code, refused.params])
        return
    outcome.rows.add(row_number)
    key = (row_number, prepared.sent_sha256)
    # what an attempt added before its worker was killed was added all the same
    is_added = is_new or (key not in outcome.sent and _is_of_former_attempt(archive, *key))
    outcome.sent.add(key)
    outcome.added += is_added
    outcome.known += not is_added


def _is_of_former_attempt(archive: PhotoArchive, row_number: int, sha256: str) -> bool:
    """Whether a row has a photo since its ZIP was sent. Queries: one."""
    since = HousePhoto.objects.filter(batch=archive.batch_id, at__gte=archive.at)
    return since.filter(row_number=row_number, sent_sha256=sha256).exists()


def _row_of(batch: Batch, named: NamedPhoto) -> tuple[int, str, bool] | None:
    """(row, village, whether it takes photos) of a name. Queries: one."""
    values = {
        "batch": batch.pk,
        "row_number": named.row_number,
        "nik": named.nik,
        "open": [str(status) for status in OPEN],
    }
    return next((tuple(row) for row in sql.run("proposals/photos/match_name", values)), None)
