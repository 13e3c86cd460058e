"""Files of the protected storage are not deleted at once: they stay in a dated folder for 30 days.

`quarantine/2026-11-28/batches/0f…` is what a round of that day moved out of `batches/`. A file that
a row names again is moved back to its place.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Container, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

from django.conf import settings

FOLDER: Final = "quarantine"
KEPT: Final = timedelta(days=30)
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")


def put_aside(path: Path, *, now: datetime) -> Path | None:
    """Move a file or folder of the protected storage to the quarantine; None if it vanished
    meanwhile.

    It is a rename: bytes, owner and time stay, and a link stays a link.
    """
    name = path.relative_to(settings.MEDIA_ROOT)
    target = _folder() / now.date().isoformat() / name
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.path.lexists(target):  # a second one of this name on one day
        target = target.with_name(f"{target.name}.{now:%H%M%S%f}")
    try:
        path.rename(target)
    except FileNotFoundError:
        return None
    return target


def bring_back(named: Container[str]) -> int:
    """Move files back that rows name and that are missing; returns the number of files."""
    root, brought = Path(settings.MEDIA_ROOT), 0
    for day in _days():
        for path in sorted(day.rglob("*")):
            name = path.relative_to(day).as_posix()
            if name in named and path.is_file() and not (root / name).exists():
                (root / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                path.rename(root / name)
                brought += 1
    return brought


def purge(*, now: datetime) -> int:
    """Delete the folders of days more than 30 days ago; returns the number of days."""
    over = [day for day in _days() if date.fromisoformat(day.name) < (now - KEPT).date()]
    for day in over:
        shutil.rmtree(day, ignore_errors=True)
    return len(over)


def is_empty() -> bool:
    return next(_days(), None) is None


def _folder() -> Path:
    return Path(settings.MEDIA_ROOT) / FOLDER


def _days() -> Iterator[Path]:
    """The dated folders, newest last."""
    if not _folder().is_dir():
        return iter(())
    return iter(
        sorted(
            path
            for path in _folder().iterdir()
            if _DAY.fullmatch(path.name) and path.is_dir() and not path.is_symlink()
        )
    )
