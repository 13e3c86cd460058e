"""Whether the backup can be restored: checksums, journal, snapshots, key."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from portal.backup import marks, tools
from portal.backup.tools import BackupFailed

# Pieces of 16 MB; 256 of them in one number of a journal's file name.
PIECES: Final = 0x100
_FOUND_WRONG: Final = re.compile(r"(?:missing|checksum invalid|size invalid|other): [1-9]")


def problems() -> Iterator[str]:
    """The problems found, as text; none if the backup is complete. Reads the whole repository."""
    try:
        known = marks.read()
    except BackupFailed as error:
        yield error.words
        known = []
    try:
        bases = tools.backups()
    except BackupFailed as error:
        yield error.words
        bases = []
    if not bases:
        yield "There is no base backup that is whole."
    elif not known:
        yield "There is no mark: files and database cannot be brought back to one moment."
    else:
        yield from _journal(bases, known)
    yield from _database()
    yield from _files(known)


def _journal(bases: list[dict[str, Any]], known: list[marks.Mark]) -> Iterator[str]:
    """Check every piece from the start of each base backup until the last mark."""
    last = known[-1].wal
    for base in bases[:1]:
        for wal in pieces(base["archive"]["start"], last):
            if not _has(wal):
                yield f"The journal has a gap: {wal} is not in the repository."


def pieces(first: str, last: str) -> Iterator[str]:
    """The names from one piece of the journal to another, on the timeline of the last."""
    for number in range(_number(first), _number(last) + 1):
        yield f"{last[:8]}{number // PIECES:08X}{number % PIECES:08X}"


def _has(wal: str) -> bool:
    """Whether a piece exists on its timeline or, before that began, on one of its ancestors."""
    for timeline in range(int(wal[:8], 16), 0, -1):
        if next(marks.archived(f"{timeline:08X}{wal[8:]}"), None) is not None:
            return True
    return False


def _number(wal: str) -> int:
    return int(wal[8:16], 16) * PIECES + int(wal[16:], 16)


def _database() -> Iterator[str]:
    try:
        told = tools.pgbackrest("--output=text", "--verbose", "verify")
    except BackupFailed as error:
        yield error.words
        return
    for line in told.splitlines():
        if "status: error" in line or _FOUND_WRONG.search(line):
            yield f"pgBackRest verify: {line.strip()}"


def _files(known: list[marks.Mark]) -> Iterator[str]:
    try:
        tools.restic("check", "--read-data")
        there = tools.restic("snapshots", "--json")
    except BackupFailed as error:
        yield error.words
        return
    for one in {mark.snapshot: mark for mark in known}.values():
        if one.snapshot not in there:
            yield f"The snapshot {one.snapshot[:8]} of the mark of {one.at} is missing."
