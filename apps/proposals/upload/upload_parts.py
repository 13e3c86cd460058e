"""Files that arrive in parts, over days if need be, and become batches when they are whole.

A part is stored only where the one before it ended, so that nothing is doubled: whoever comes with
another offset is told the true one. Refuses what is no file of rows as soon as its beginning tells.
"""

from __future__ import annotations

import hashlib
import os
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
from apps.common import characters, tabular
from apps.common.errors import DomainError
from apps.common.files import quarantine, stored_files
from apps.common.reader import kinds
from apps.proposals import columns
from apps.proposals.models import Upload, UploadQuerySet
from apps.proposals.upload import intake, upload_warnings

FOLDER: Final = "uploads"
PART_BYTES: Final = 1_000_000
KEPT: Final = timedelta(days=7)
ORPHAN_S: Final = 24 * 3600  # a file that belongs to no upload
MOST_UNFINISHED: Final = 20
PIECE_BYTES: Final = 1 << 20
_PICTURES: Final = {"JPEG", "PNG", "GIF", "TIFF", "WEBP"}


class WrongOffset(DomainError):
    """The part does not begin where the last one ended; `received` is where that is."""

    code = "wrong_offset"

    def __init__(self, received: int) -> None:
        super().__init__(received=received)
        self.received = received


class NotWhole(DomainError):
    """Something of the file is still missing."""

    code = "not_whole"


class FileChanged(DomainError):
    """What arrived is not what was announced: the file was changed on its way."""

    code = "file_changed"


class IsPhoto(DomainError):
    """A picture where a file of rows was expected."""

    code = "is_photo"


@dataclass(frozen=True)
class Answer:
    """What the sender says to the questions about a file."""

    code_system: str
    mapping: Mapping[str, int] | None = None


@dataclass(frozen=True)
class Seen:
    """What a whole file is, found without the database: its fingerprint and its first rows.

    `state` tells the bytes that were looked at from others that came in their place.
    """

    sha256: str
    look: intake.FileInspection
    state: tuple[int, int, int]


@dataclass(frozen=True)
class Questions:
    """What only the sender can say before the file is checked."""

    look: intake.FileInspection
    missing: list[str]
    doubts: list[upload_warnings.UploadWarning] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.missing or self.doubts)


def path_of(upload: Upload) -> Path:
    """Where the bytes of an upload lie."""
    return _folder() / upload.pk.hex


def arrived(upload: Upload) -> int:
    """How many bytes are here: where the next part begins.

    A lost disk may hold less than was noted, a lost transaction more than was.
    """
    path = path_of(upload)
    return min(upload.received, path.stat().st_size) if path.exists() else 0


def unfinished(user: User) -> UploadQuerySet:
    """What a person has begun to send, or still has to answer for; the newest first."""
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
    code_system: str = "kemendagri",
) -> Upload | intake.Received:
    """An upload to send parts to: the one begun before with this very file, else a new one.

    The batch itself where the file is here already: then nothing need be sent.
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
    except IntegrityError:  # the other of two clicks
        return begun.get()


@transaction.atomic
def append(*, upload_id: UUID, by: User, offset: int, data: bytes, now: datetime) -> Upload:
    """Store the next part of an upload, on disk before this returns.

    Raises: Upload.DoesNotExist, `not_your_region`, WrongOffset; IsPhoto, FileRefused when the
    beginning tells that this is no file of rows; NoRoom, after which what came before stays.
    Locks: the upload's row, so that of two senders one is told the offset of the other.
    """
    upload = Upload.objects.select_for_update(of=("self",)).of(by).unfinished().get(pk=upload_id)
    intake.check_region(by, upload.region_id)
    received = arrived(upload)
    if offset != received or received + len(data) > upload.size:
        raise WrongOffset(received)
    if data:
        path = path_of(upload)
        stored_files.need_room(_folder(), upload.size - received, upload.file_name)
        _write(path, received, data, upload.file_name)
        upload.received, upload.updated_at = received + len(data), now
        upload.parts += 1
        upload.save(update_fields=["received", "updated_at", "parts"])
        if received == 0:
            _look_early(upload, data)
    return upload


@transaction.atomic
def keep(*, by: User, region_code: str, file: Any, now: datetime, code_system: str) -> Upload:
    """A file that came in one piece, by a form without a script: an upload that is whole.

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
    assert isinstance(begun, Upload)  # nothing was claimed
    path = path_of(begun)
    whole = path.with_name(uuid4().hex)  # beside it, so that what is there stays until all is
    with stored_files.writing(whole, begun.file_name) as out:
        for piece in file.chunks(PIECE_BYTES):
            out.write(piece)
    whole.replace(path)
    begun.received, begun.parts, begun.updated_at, begun.sha256 = file.size, 1, now, ""
    begun.save(update_fields=["received", "updated_at", "parts", "sha256"])
    return begun


def ready(*, upload_id: UUID, by: User) -> intake.Received | Upload:
    """What comes of a whole file: its batch, where it is one already, else the upload to look at.

    Raises: Upload.DoesNotExist, `not_your_region`, NotWhole.
    """
    upload = Upload.objects.of(by).select_related("region", "batch", "user").get(pk=upload_id)
    if upload.batch_id is not None:
        return _known(upload)
    intake.check_region(by, upload.region_id)
    _state_of(upload)
    return upload


def look_over(upload: Upload) -> Seen:
    """Look at a whole file. Asks the database nothing: for outside of transactions.

    Raises: NotWhole, FileChanged, IsPhoto, FileRefused. After the last three the caller removes the
    upload: no other answer can come of it.
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
    """A whole file becomes a batch, or one first has to say something about it.

    The same file twice is the same batch, and so is finishing twice.
    Raises: Upload.DoesNotExist, `not_your_region`, NotWhole (also where other bytes came since),
    ColumnsMissing (an answer without them).
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
    """What only the sender can say about a whole file."""
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
    """Forget an upload that has not become a batch, and its bytes."""
    for upload in (
        Upload.objects.select_for_update(of=("self",)).of(by).unfinished().filter(pk=upload_id)
    ):
        _forget(upload)


def sweep(*, now: datetime) -> int:
    """Put aside what nobody came back for, and files that belong to no upload; returns how many.

    Runs as the worker, which alone sees everybody's. A database that did not write the folder
    touches nothing: to it, every file belongs to no upload.
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
    """Which bytes lie there now. Raises: NotWhole."""
    try:
        found = path_of(upload).stat()
    except FileNotFoundError:
        raise NotWhole(filename=upload.file_name) from None
    if not upload.is_whole or found.st_size != upload.size:
        raise NotWhole(filename=upload.file_name)
    return found.st_ino, found.st_mtime_ns, found.st_size


def _write(path: Path, offset: int, data: bytes, file_name: str) -> None:
    """Raises: NoRoom, with nothing of the part left behind."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        os.ftruncate(descriptor, offset)  # what a lost transaction left behind
        with stored_files.room(path.parent, file_name):
            written = 0
            while written < len(data):
                written += os.pwrite(descriptor, data[written:], offset + written)
            os.fsync(descriptor)
    except stored_files.NoRoom:
        os.ftruncate(descriptor, offset)
        raise
    finally:
        os.close(descriptor)


def _look_early(upload: Upload, data: bytes) -> None:
    """Tell a photo before twenty megabytes of it are sent."""
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
