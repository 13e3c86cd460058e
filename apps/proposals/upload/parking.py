"""Storage for uploads whose columns were not recognised, until the officer has matched them."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

from django.conf import settings
from django.utils import timezone

from apps.common.files import quarantine, stored_files

FOLDER: Final = "parked"
KEPT_S: Final = 24 * 3600


def park(file: Any) -> str:
    """Keep an upload for a day; returns the token that finds it. Raises: NoRoom."""
    folder = _folder()
    _tidy(folder)
    token = uuid4()
    stored_files.need_room(folder, file.size, file.name)
    with stored_files.writing(folder / token.hex, file.name) as out:
        for piece in file.chunks():
            out.write(piece)
    return token.hex


def path_of(token: str) -> Path | None:
    """The parked file, or None if it no longer exists."""
    try:
        path = _folder() / UUID(token).hex
    except ValueError:
        return None
    return path if path.is_file() else None


def drop(token: str) -> None:
    """Remove a parked file."""
    path = path_of(token)
    if path is not None:
        path.unlink(missing_ok=True)


def _folder() -> Path:
    folder = Path(settings.MEDIA_ROOT) / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _tidy(folder: Path) -> None:
    """Remove files that were not used in time."""
    for path in folder.iterdir():
        if path.is_file() and time.time() - path.stat().st_mtime > KEPT_S:
            quarantine.put_aside(path, now=timezone.now())
