"""Photos as evidence: checked, drawn again without the camera's notes, stored, served.

Place and time are read before the picture is made smaller. The content decides what a file is. A
file with several uses (a picture and a program at once) is refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from django.contrib.gis.geos import Point
from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.audit import record
from apps.audit.models import Action
from apps.casework.models import Photo
from apps.common.errors import DomainError
from apps.common.files import inspection, pictures, quarantine, stored_files
from apps.common.geo import SRID
from apps.common.reader import kinds

FOLDER: Final = "photos"
MOST_BYTES: Final = 12_000_000
MOST_PIXELS: Final = 50_000_000
# A photo of a house on a screen; the whole of a month of a regency fits on a disk.
LONGEST_SIDE_PX: Final = 1_600
STORED_BYTES: Final = 300_000
# A camera whose clock was never set begins with one of the years before.
FIRST_YEAR: Final = 2010


@dataclass(frozen=True)
class PreparedPhoto:
    """A valid photo as it is stored, and what its camera wrote.

    Units: sides in pixels; `position` is latitude and longitude, WGS 84.
    """

    jpeg: bytes
    width: int
    height: int
    sent_sha256: str
    file_name: str
    position: tuple[float, float] | None
    taken_at: datetime | None


def prepare(file: Any, file_name: str, *, who: str = "") -> PreparedPhoto:
    """Check a photo and draw it again. Runs outside of transactions; `who` waits for a slot.

    `file` is opened for reading bytes, or the bytes themselves. Raises: DomainError, Busy.
    """
    sent = _content(file, file_name)
    _check_format(sent, file_name)
    with inspection.picture_slot(who) if who else nullcontext():
        drawn = _drawn(sent, file_name)
    return PreparedPhoto(
        jpeg=drawn.jpeg,
        width=drawn.width,
        height=drawn.height,
        sent_sha256=hashlib.sha256(sent).hexdigest(),
        file_name=file_name,
        position=drawn.position,
        taken_at=_likely(drawn.taken_at),
    )


@transaction.atomic
def store(prepared: PreparedPhoto, *, region_code: str, by: User, now: datetime) -> Photo:
    """Store a prepared photo. The caller checks whether the person may. Raises: NoRoom."""
    path = _write(prepared)
    try:
        with transaction.atomic():
            photo = Photo.objects.create(
                region_id=region_code,
                file=f"{FOLDER}/{path.name}",
                size=len(prepared.jpeg),
                width=prepared.width,
                height=prepared.height,
                sha256=hashlib.sha256(prepared.jpeg).hexdigest(),
                sent_sha256=prepared.sent_sha256,
                location=_point(prepared.position),
                taken_at=prepared.taken_at,
                user=by,
                by_name=str(by),
                at=now,
            )
            record.entry(Action.CREATE, about=photo, by=by, sha256=photo.sha256)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return photo


def path_of(photo: Photo) -> Path:
    """The path of the stored JPEG. The caller records the reading: it knows what the photo shows.

    Raises: FileRefused (missing), FileNotFoundError.
    """
    return stored_files.kept(photo.file, photo.size)


@transaction.atomic
def remove(photo: Photo, *, by: User | None, now: datetime) -> None:
    """Remove a photo; its file goes to the quarantine once the transaction is committed."""
    path = Path(photo.file.path)
    record.entry(Action.CHANGE, about=photo, by=by, step="delete")
    photo.delete()
    transaction.on_commit(_put_aside(path, now))


def _put_aside(path: Path, now: datetime) -> Callable[[], object]:
    return lambda: quarantine.put_aside(path, now=now)


def _content(file: Any, file_name: str) -> bytes:
    """The whole content, which is small; at most one byte over the limit is read."""
    if isinstance(file, bytes):
        content, size = file, len(file)
    else:
        size = getattr(file, "size", 0) or 0
        content = file.read(MOST_BYTES + 1) if size <= MOST_BYTES else b""
    if size > MOST_BYTES or len(content) > MOST_BYTES:
        raise DomainError(
            "photo_too_large",
            filename=file_name,
            size_mb=f"{max(size, len(content)) / 1e6:.1f}",
            limit_mb=MOST_BYTES // 1_000_000,
        )
    if not content:
        raise DomainError("photo_empty", filename=file_name)
    return content


def _check_format(content: bytes, file_name: str) -> None:
    """Compares bytes and decodes nothing."""
    if not pictures.format_of(content):
        found = kinds.told_early(content) or ("ZIP" if content.startswith(b"PK") else "?")
        raise DomainError("photo_unknown", filename=file_name, found=found)
    if second := pictures.second_format(content):
        raise DomainError("photo_two_formats", filename=file_name, found=second)


def _drawn(content: bytes, file_name: str) -> pictures.Drawn:
    try:
        return pictures.draw(
            content,
            formats=pictures.PHOTOS,
            most_pixels=MOST_PIXELS,
            longest_side_px=LONGEST_SIDE_PX,
            most_bytes=STORED_BYTES,
        )
    except pictures.PictureRefused as refused:
        if refused.code == "picture_too_large":
            raise DomainError(
                "photo_too_many_pixels",
                filename=file_name,
                megapixels=round(refused.params["pixels"] / 1e6),
                limit=MOST_PIXELS // 1_000_000,
            ) from refused
        raise DomainError("photo_broken", filename=file_name) from refused


def _likely(taken: datetime | None) -> datetime | None:
    """The time with a zone (the portal's where the camera wrote none); None if it cannot be."""
    if taken is None:
        return None
    moment = taken if timezone.is_aware(taken) else timezone.make_aware(taken)
    tomorrow = timezone.now() + timedelta(days=1)
    return moment if moment.year >= FIRST_YEAR and moment < tomorrow else None


def _point(position: tuple[float, float] | None) -> Point | None:
    if position is None:
        return None
    latitude, longitude = position
    return Point(longitude, latitude, srid=SRID)


def _write(prepared: PreparedPhoto) -> Path:
    """Write the JPEG to disk, whole or not at all. Raises: NoRoom."""
    folder = stored_files.folder(FOLDER)
    stored_files.need_room(folder, len(prepared.jpeg), prepared.file_name)
    path = folder / f"{uuid4().hex}.jpg"
    with stored_files.writing(path, prepared.file_name) as out:
        out.write(prepared.jpeg)
    return path
