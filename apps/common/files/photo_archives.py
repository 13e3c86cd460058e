"""A ZIP of photos, read by a sandboxed child: its names, and its members one after the other."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from apps.common.files.refused import FileRefused
from apps.common.files.sandbox import Child, ChildDied, ChildLimits

TARGET: Final = "apps.common.reader.photo_archive:serve"
LIMITS: Final = ChildLimits(memory_bytes=512 << 20, cpu_s=120, clock_s=60.0, niceness=10)
# Photos hardly become smaller in a ZIP.
FILE_BYTES: Final = 200_000_000
UNPACKED_BYTES: Final = 300_000_000


def names(path: Path) -> list[tuple[int, str]]:
    """(place in the archive, name) of each file. Raises: FileRefused for no ZIP, and for bombs."""
    found: list[tuple[int, str]] = []
    for letter, payload in _frames(path, None, 0):
        if letter == "j":
            found = [(at, str(name)) for at, name in json.loads(payload)]
    return found


def members(path: Path, wanted: Sequence[int], *, member_bytes: int) -> Iterator[tuple[int, bytes]]:
    """(place, content) of the wanted members, one in memory at a time.

    A broken member is empty, of one that is too large `member_bytes` + 1 bytes come.
    Raises: FileRefused.
    """
    at = -1
    for letter, payload in _frames(path, list(wanted), member_bytes):
        if letter == "f":
            at = int(payload)
        elif letter == "d":
            yield at, payload


def _frames(path: Path, wanted: list[int] | None, member_bytes: int) -> Iterator[tuple[str, bytes]]:
    request: dict[str, Any] = {
        "path": str(path),
        "unpacked_bytes": UNPACKED_BYTES,
        "wanted": wanted,
        "member_bytes": member_bytes,
    }
    child = Child(TARGET, request, limits=LIMITS, readable=[path])
    with child:
        try:
            for letter, payload in child.frames():
                if letter == "r":
                    refusal = json.loads(payload)
                    raise FileRefused(refusal["code"], **refusal["params"])
                yield letter, payload
        except ChildDied as death:
            raise FileRefused("zip_broken") from death
