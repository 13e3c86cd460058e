"""A small file that arrives in parts, without a row: its name says whose it is.

A part is stored only at the end of the part before it. Files that nobody finishes are cleared away
with the other leftovers.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final
from uuid import UUID

from apps.common.files import stored_files

PART_BYTES: Final = 1_000_000


class WrongPart(Exception):
    """The part does not begin where the last one ended; `received` is that offset in bytes.

    It is no refusal: the sender goes on from there.
    """

    def __init__(self, received: int) -> None:
        super().__init__(received)
        self.received = received


def path_of(folder: str, owner: int, key: UUID) -> Path:
    """The path of a person's file; nobody else's key leads there."""
    return stored_files.folder(folder) / f"{owner}-{key.hex}"


def arrived(path: Path) -> int:
    """The number of bytes received, which is the offset of the next part."""
    return path.stat().st_size if path.exists() else 0


def append(path: Path, offset: int, data: bytes, *, most_bytes: int, file_name: str) -> int:
    """Store the next part; returns the number of bytes received. It is on disk afterwards.

    Raises: WrongPart (also for a part that would exceed `most_bytes`), NoRoom.
    """
    received = arrived(path)
    if offset != received or received + len(data) > most_bytes:
        raise WrongPart(received)
    if data:
        stored_files.need_room(path.parent, len(data), file_name)
        stored_files.write_part(path, received, data, file_name)
    return received + len(data)
