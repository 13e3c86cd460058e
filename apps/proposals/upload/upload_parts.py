"""Files that arrive in parts, over days if needed, and become batches when they are complete.

A part is stored only at the end of the part before it, so that no bytes are stored twice. A request
with another offset is answered with the right one. A file that is not a file of rows is refused as
soon as its first bytes show it.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from apps.accounts.access import scope_of
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.audit import ownership
from apps.common import tabular
from apps.common.errors import DomainError
from apps.common.files import quarantine, stored_files
from apps.common.reader import kinds
from apps.common.text import characters
from apps.proposals import columns
from apps.proposals.models import Upload, UploadQuerySet
from apps.proposals.upload import intake, upload_warnings
from apps.regions.models import CodeSystem

FOLDER: Final = "uploads"
PART_BYTES: Final = 1_000_000
KEPT: Final = timedelta(days=7)
ORPHAN_S: Final = 24 * 3600  # a file that belongs to no upload
MOST_UNFINISHED: Final = 20
PIECE_BYTES: Final = 1 << 20
_PICTURES: Final = {"JPEG", "PNG", "GIF", "TIFF", "WEBP"}


class WrongOffset(DomainError):
    """The part does not begin where the last one ended; `received` is that offset in bytes."""

    code = "wrong_offset"

    def __init__(self, received: int) -> None:
        super().__init__(received=received)
        self.received = received


class NotWhole(DomainError):
    """A part of the file is still missing."""

    code = "not_whole"


class FileChanged(DomainError):
    """The bytes that arrived are not those that were announced: the file has changed."""

    code = "file_changed"


class IsPhoto(DomainError):
    """A picture where a file of rows was expected."""

    code = "is_photo"


@dataclass(frozen=True)
class Answer:
    """The sender's answers to the questions about a file."""

    code_system: str
    mapping: Mapping[str, int] | None = None


@dataclass(frozen=True)
class Seen:
    """The result of inspecting a complete file without the database: fingerprint and first rows.

    `state` identifies the inspected bytes, so that later changes of the file are noticed.
    """

    sha256: str
    look: intake.FileInspection
    state: tuple[int, int, int]


@dataclass(frozen=True)
class Questions:
    """Questions that only the sender can answer before the file is checked."""

    look: intake.FileInspection
    missing: list[str]
    warnings: list[upload_warnings.UploadWarning] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.missing or self.warnings)


def path_of(upload: Upload) -> Path:
    """The path of an upload's bytes."""
    return _folder() / upload.pk.hex


def arrived(upload: Upload) -> int:
    """The number of bytes received, which is the offset of the next part.

    After the loss of a disk, the file can be shorter than its row says; after a transaction that
    was rolled back, it can be longer. The smaller number counts.
    """
    path = path_of(upload)
    return min(upload.received, path.stat().st_size) if path.exists() else 0


def unfinished(user: User) -> UploadQuerySet:
    """A person's uploads that are incomplete or have open questions; the newest first."""
    return Upload.objects.of(user).unfinished().select_related("region").order_by("-updated_at")


@transaction.atomic
def begin(
    *,
    by: User,
    region_code: str,
    file_name: str,
    size: int,
    now: datetime,
    modified_ms: int = 0,
    sha256: str = "",
    code_system: str = CodeSystem.KEMENDAGRI,
) -> Upload | intake.Received:
    """An upload to send parts to: the unfinished one of the same file, else a new one.

    If the file is already a batch, the batch is returned and nothing has to be sent.
    Raises: `not_your_region`, FileRefused, NoRoom, `too_many_uploads`.
    """
    intake.check_region(by, region_code)
    file_name = characters.file_name(file_name) or "?"
    if size <= 0:
        raise tabular.FileRefused("empty_file", filename=file_name)
    if size > tabular.ROW_FILE.file_bytes:
        raise intake.too_large(size, file_name)
    if known := intake.known_file(sha256=sha256, region_code=region_code):
        return known
    same = {"region_id": region_code, "file_name": file_name, "size": size}
    same |= {"modified_ms": modified_ms}
    mine = Upload.objects.of(by).unfinished()
    begun = mine.filter(Q(sha256=sha256) | Q(sha256="") if sha256 else Q(), **same)
    if found := begun.order_by("-received", "pk").first():
        Upload.objects.filter(pk=found.pk).update(code_system=code_system)
        found.code_system = code_system
        return found
    if mine.count() >= MOST_UNFINISHED:
        raise DomainError("too_many_uploads", count=MOST_UNFINISHED)
    stored_files.need_room(_folder(), size, file_name)
    fields = same | {"sha256": sha256, "code_system": code_system}
    try:
        with transaction.atomic():
            return Upload.objects.create(user=by, created_at=now, updated_at=now, **fields)
    except IntegrityError:  # another request has created it at the same time
        return begun.get()


@transaction.atomic
def append(*, upload_id: UUID, by: User, offset: int, data: bytes, now: datetime) -> Upload:
    """Store the next part of an upload; it is on disk before this returns.

    Raises: Upload.DoesNotExist, `not_your_region`, WrongOffset; IsPhoto, FileRefused if the first
    bytes show that this is not a file of rows; NoRoom, which leaves the earlier parts unchanged.
    Locks: the upload's row, so that of two senders the second gets WrongOffset.
    """
    upload = Upload.objects.select_for_update(of=("self",)).of(by).unfinished().get(pk=upload_id)
    intake.check_region(by, upload.region_id)
    received = arrived(upload)
    if offset != received or received + len(data) > upload.size:
        raise WrongOffset(received)
    if data:
        path = path_of(upload)
        stored_files.need_room(_folder(), upload.size - received, upload.file_name)
        stored_files.write_part(path, received, data, upload.file_name)
        upload.received, upload.updated_at = received + len(data), now
        upload.parts += 1
        upload.save(update_fields=["received", "updated_at", "parts"])
        if received == 0:
            _look_early(upload, data)
    return upload


@transaction.atomic
def keep(*, by: User, region_code: str, file: Any, now: datetime, code_system: str) -> Upload:
    """Make a complete upload of a file that a form without a script sends in one request.

    Raises: as `begin`.
    """
    begun = begin(
        by=by,
        region_code=region_code,
        file_name=file.name,
        size=file.size,
        now=now,
        code_system=code_system,
    )
    assert isinstance(begun, Upload)  # `begin` returns a batch only for a claimed sha256
    path = path_of(begun)
    whole = path.with_name(uuid4().hex)  # the old bytes are kept until all new ones are written
    with stored_files.writing(whole, begun.file_name) as out:
        for piece in file.chunks(PIECE_BYTES):
            out.write(piece)
    whole.replace(path)
    begun.received, begun.parts, begun.updated_at, begun.sha256 = file.size, 1, now, ""
    begun.save(update_fields=["received", "updated_at", "parts", "sha256"])
    return begun


def ready(*, upload_id: UUID, by: User) -> intake.Received | Upload:
    """The result of a complete file: its batch if there is one, else the upload to inspect.

    Raises: Upload.DoesNotExist, `not_your_region`, NotWhole.
    """
    upload = Upload.objects.of(by).select_related("region", "batch", "user").get(pk=upload_id)
    if upload.batch_id is not None:
        return _known(upload)
    intake.check_region(by, upload.region_id)
    _state_of(upload)
    return upload


def look_over(upload: Upload) -> Seen:
    """Inspect a complete file. Queries: none, so it is called outside transactions.

    Raises: NotWhole, FileChanged, IsPhoto, FileRefused. After the last three the caller removes the
    upload, as another attempt would have the same result.
    """
    state = _state_of(upload)
    with path_of(upload).open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    if upload.sha256 not in ("", sha256):
        raise FileChanged(filename=upload.file_name)
    return Seen(sha256, _looked(upload), state)


@transaction.atomic
def finish(
    *, upload_id: UUID, by: User, now: datetime, seen: Seen, answer: Answer | None = None
) -> intake.Received | Questions:
    """Make a batch of a complete file, or return the questions to its sender.

    The same file, sent or finished twice, is the same batch.
    Raises: Upload.DoesNotExist, `not_your_region`, NotWhole (also if the bytes have changed since
    they were inspected), ColumnsMissing (if the answer does not name them).
    """
    upload = Upload.objects.select_for_update(of=("self",)).of(by).get(pk=upload_id)
    if upload.batch_id is not None:
        return _known(upload)
    path = path_of(upload)
    if _state_of(upload) != seen.state:
        raise NotWhole(filename=upload.file_name)
    known = intake.known_file(sha256=seen.sha256, region_code=upload.region_id)
    if known is None:
        intake.check_region(by, upload.region_id)
        asked = questions(upload, seen, now)
        if asked and answer is None:
            return asked
        said = answer or Answer(upload.code_system)
        known = intake.adopt_file(
            path=path,
            sha256=seen.sha256,
            file_name=upload.file_name,
            by=by,
            region_code=upload.region_id,
            now=now,
            code_system=said.code_system,
            mapping=said.mapping,
            look=seen.look,
        )
    Upload.objects.filter(pk=upload.pk).update(
        batch=known.batch, updated_at=now, sha256=seen.sha256
    )
    transaction.on_commit(lambda: path.unlink(missing_ok=True))
    return known


def questions(upload: Upload, seen: Seen, now: datetime) -> Questions:
    """The questions to the sender about a complete file."""
    look = seen.look
    mapping = columns.settled(look.found)
    found = upload_warnings.find_warnings(
        file_name=upload.file_name,
        header=look.peek.header,
        mapping=mapping,
        samples=look.peek.samples,
        region_code=upload.region_id,
        code_system=upload.code_system,
        today=timezone.localdate(now),
        scope=scope_of(upload.user, Permission.UPLOAD_BATCH),
    )
    return Questions(look, columns.missing(mapping), found)


def remove(*, upload_id: UUID, by: User) -> None:
    """Remove an upload that has not become a batch, and its bytes."""
    for upload in (
        Upload.objects.select_for_update(of=("self",)).of(by).unfinished().filter(pk=upload_id)
    ):
        _forget(upload)


def sweep(*, now: datetime) -> int:
    """Put aside expired uploads and files that belong to no upload; returns how many.

    Runs as the worker, the only role that sees the uploads of all users. If the folder was written
    by another database, nothing is touched: no file would belong to an upload of this one.
    """
    if ownership.stranger() is not None:
        return 0
    count = 0
    for upload in Upload.objects.filter(updated_at__lt=now - KEPT).order_by("updated_at")[:1_000]:
        with transaction.atomic():
            _put_aside(upload, now)
        count += 1
    known = {key.hex for key in Upload.objects.unfinished().values_list("pk", flat=True)}
    for path in _folder().iterdir():
        if path.name not in known and time.time() - path.stat().st_mtime > ORPHAN_S:
            quarantine.put_aside(path, now=now)
            count += 1
    return count


def _put_aside(upload: Upload, now: datetime) -> None:
    path = path_of(upload)
    upload.delete()
    transaction.on_commit(lambda: quarantine.put_aside(path, now=now))


def _forget(upload: Upload) -> None:
    path = path_of(upload)
    upload.delete()
    transaction.on_commit(lambda: path.unlink(missing_ok=True))


def _known(upload: Upload) -> intake.Received:
    assert upload.batch is not None
    return intake.Received(upload.batch, intake.job_of(upload.batch), False)


def _state_of(upload: Upload) -> tuple[int, int, int]:
    """The state of the stored bytes now. Raises: NotWhole."""
    try:
        found = path_of(upload).stat()
    except FileNotFoundError:
        raise NotWhole(filename=upload.file_name) from None
    if not upload.is_whole or found.st_size != upload.size:
        raise NotWhole(filename=upload.file_name)
    return found.st_ino, found.st_mtime_ns, found.st_size


def _look_early(upload: Upload, data: bytes) -> None:
    """Refuse a photo by its first part, before twenty megabytes of it are sent."""
    if found := kinds.told_early(data):
        refused = tabular.FileRefused("wrong_type", found=found)
        raise _plain(refused, upload)


def _looked(upload: Upload) -> intake.FileInspection:
    try:
        return intake.inspect_upload(path_of(upload), upload.file_name)
    except tabular.FileRefused as refused:
        raise _plain(refused, upload) from None


def _plain(refused: tabular.FileRefused, upload: Upload) -> DomainError:
    if refused.code == "wrong_type" and refused.params.get("found") in _PICTURES:
        return IsPhoto(found=refused.params["found"], filename=upload.file_name)
    refused.params["filename"] = upload.file_name
    return refused


def _folder() -> Path:
    folder = Path(settings.MEDIA_ROOT) / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
