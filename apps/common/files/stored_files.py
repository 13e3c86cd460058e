"""Stores a foreign file in the protected storage: in pieces, with its fingerprint, if it fits."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final
from uuid import uuid4

import structlog
from django.conf import settings
from django.core.files.base import File

from apps.common.files.limits import FULL, Limits
from apps.common.files.refused import FileRefused

PIECE_BYTES: Final = 1 << 20
log = structlog.get_logger(__name__)


class NoRoom(FileRefused):
    """Too little space is left on the disk."""

    code = "no_room"


@dataclass(frozen=True)
class Stored:
    """A stored file, by its name below MEDIA_ROOT."""

    name: str
    size: int
    sha256: str

    @property
    def path(self) -> Path:
        return Path(settings.MEDIA_ROOT) / self.name


def folder(name: str) -> Path:
    """A folder of the protected storage; made if it does not exist."""
    path = Path(settings.MEDIA_ROOT) / name
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def kept(file: Any, size: int) -> Path:
    """The path of a row's stored file.

    Raises: FileRefused (missing) if the row names none, or the disk has only a part of it, as after
    an incomplete restore. A size of 0 means that no size was recorded; it is not compared.
    """
    if not file:
        log.error("file_missing", fault="no_name")
        raise FileRefused("file_missing")
    path = Path(file.path)
    if size and path.is_file() and path.stat().st_size != size:
        log.error("file_missing", file=path.name, fault="wrong_size")
        raise FileRefused("file_missing")
    return path


def keep(file: Any, file_name: str, *, under: str, limits: Limits) -> Stored:
    """Write a file, opened for reading bytes, into a folder of the protected storage.

    Raises: NoRoom, FileRefused (too large).
    """
    size = getattr(file, "size", None) or 0
    need_room(folder(under), size, file_name)
    path = folder(under) / uuid4().hex
    digest, written = hashlib.sha256(), 0
    with writing(path, file_name) as out:
        for piece in _pieces(file):
            written += len(piece)
            if written > limits.file_bytes:
                raise too_large(max(written, size), file_name, limits)
            digest.update(piece)
            out.write(piece)
    return Stored(f"{under}/{path.name}", written, digest.hexdigest())


@contextmanager
def deleted_if_refused(stored: Stored) -> Iterator[None]:
    """What looks at a stored file or records it: if it raises, the file is deleted."""
    try:
        yield
    except BaseException:
        stored.path.unlink(missing_ok=True)
        raise


@contextmanager
def writing(path: Path, file_name: str) -> Iterator[BinaryIO]:
    """A new file of the protected storage, either complete or not there. Raises: NoRoom."""
    with room(path.parent, file_name):
        try:
            with path.open("xb") as out:
                path.chmod(0o600)
                yield out
                out.flush()
                os.fsync(out.fileno())
        except BaseException:
            path.unlink(missing_ok=True)
            raise


def write_part(path: Path, offset: int, data: bytes, file_name: str) -> None:
    """Write a part of a file at its offset; bytes behind it are cut off. It is on disk afterwards.

    Raises: NoRoom, after which no byte of the part is kept.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        os.ftruncate(descriptor, offset)  # bytes of a transaction that was rolled back
        with room(path.parent, file_name):
            written = 0
            while written < len(data):
                written += os.pwrite(descriptor, data[written:], offset + written)
            os.fsync(descriptor)
    except NoRoom:
        os.ftruncate(descriptor, offset)
        raise
    finally:
        os.close(descriptor)


@contextmanager
def room(place: Path, file_name: str) -> Iterator[None]:
    """Turns a disk that fills up meanwhile into the same refusal. Raises: NoRoom."""
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise _no_room(place, 0, file_name) from error


def too_large(size: int, file_name: str, limits: Limits) -> FileRefused:
    """The refusal of a file of this many bytes."""
    return FileRefused(
        "too_large",
        size_mb=round(size / 1e6),
        limit_mb=round(limits.file_bytes / 1e6),
        filename=file_name,
    )


def need_room(place: Path, size: int, file_name: str) -> None:
    """Refuse a file of this many bytes if the disk has no room for it. Raises: NoRoom."""
    if shutil.disk_usage(place).free < 2 * size + settings.DISK_SPARE_BYTES:
        raise _no_room(place, size, file_name)


def _no_room(place: Path, size: int, file_name: str) -> NoRoom:
    return NoRoom(
        filename=file_name,
        free_mb=round(shutil.disk_usage(place).free / 1e6),
        needed_mb=round((2 * size + settings.DISK_SPARE_BYTES) / 1e6),
    )


def _pieces(file: Any) -> Iterable[bytes]:
    if isinstance(file, File):
        return file.chunks(PIECE_BYTES)
    return iter(lambda: file.read(PIECE_BYTES), b"")
