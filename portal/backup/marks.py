"""Marks: moments to which database and files can both be restored.

A mark is a restore point in the database's journal and a snapshot of the files taken after it, so
the snapshot contains each file that a row of that moment names. A mark is written once both are in
the repository. The anchors are copied before the restore point, so that none is ahead of its chain.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from portal.backup import tools
from portal.backup.tools import BackupFailed

FILE_NAME: Final = "marks.jsonl"
ARCHIVED_WITHIN_S: Final = 60
ALL_KEPT: Final = timedelta(days=1)
# Files that are being unpacked can be made again; none is the only copy of anything.
LEFT_OUT: Final = ("scratch",)


# The head first: none of its seals is younger than the restore point.
_RESTORE_POINT: Final = """
SELECT coalesce(max(position), 0) AS position, coalesce(max(encode(digest, 'hex')), '') AS digest
  FROM (SELECT * FROM audit_seal ORDER BY position DESC LIMIT 1) AS head \\gset
SELECT pg_create_restore_point(:'name') AS lsn \\gset
SELECT :'lsn', pg_walfile_name(:'lsn'), identity, :'position', :'digest' FROM audit_installation;
SELECT pg_switch_wal() \\g /dev/null
"""


@dataclass(frozen=True)
class Mark:
    """One moment. `wal` is the piece of the journal that holds it, `backup` the base before it."""

    at: str
    name: str
    lsn: str
    wal: str
    backup: str
    snapshot: str
    media: str
    anchors: str
    fingerprint: str
    database: str
    position: int
    digest: str
    code: str = ""

    @property
    def moment(self) -> datetime:
        return datetime.fromisoformat(self.at)


def path() -> Path:
    return tools.repository() / FILE_NAME


def read() -> list[Mark]:
    """All marks, oldest first. Raises: BackupFailed when one was changed, or the key
    has changed.
    """
    if not path().exists():
        return []
    marks = []
    for number, line in enumerate(path().read_text(encoding="utf-8").splitlines(), 1):
        try:
            mark = Mark(**json.loads(line))
        except (TypeError, ValueError) as error:
            raise BackupFailed(f"{FILE_NAME}, line {number}, cannot be read.") from error
        if not hmac.compare_digest(_code(mark), mark.code):
            raise BackupFailed(
                f"{FILE_NAME}, line {number}: it was changed, or {settings.BACKUP_KEY_FILE} is not"
                " the key of this repository."
            )
        marks.append(mark)
    return marks


def make(*, now: datetime, backup: str) -> Mark:
    """Make a mark; returns when database and files are in the repository up to it.

    Cost: a second or two, half of it for restic's key; one piece of the journal.
    Raises: BackupFailed.
    """
    with _alone():
        known = read()
        anchors = _copy_anchors()
        name = f"mark-{now:%Y%m%dT%H%M%S%f}"
        said = tools.psql(f"\\set name {name}\n{_RESTORE_POINT}")
        lsn, wal, database, position, digest = said[0].split("|")
        print_of_files = _fingerprint(anchors)
        is_same = bool(known) and known[-1].fingerprint == print_of_files
        snapshot = known[-1].snapshot if is_same else _snapshot(anchors)
        _wait_until_archived(wal)
        mark = Mark(
            at=now.isoformat(),
            name=name,
            lsn=lsn,
            wal=wal,
            backup=backup,
            snapshot=snapshot,
            media=str(Path(settings.MEDIA_ROOT).resolve()),
            anchors=str(anchors),
            fingerprint=print_of_files,
            database=database,
            position=int(position),
            digest=digest,
        )
        _write([*known, replace(mark, code=_code(mark))], only_last=True)
        return mark


def forget(*, backups: list[str], now: datetime) -> None:
    """Drop marks whose base backup is gone, and data that only their snapshots held. Of marks older
    than a day the last of each hour is kept.
    """
    with _alone():
        known = read()
        usable = [one for one in known if one.backup in backups]
        hours = {one.at[:13]: one.name for one in usable}
        kept = [
            one for one in usable if one.moment > now - ALL_KEPT or hours[one.at[:13]] == one.name
        ]
        if len(kept) == len(known):
            return
        _write(kept)
        going = {one.snapshot for one in known} - {one.snapshot for one in kept}
        if going:
            tools.restic("forget", *sorted(going))
            tools.restic("prune")


def _write(marks: list[Mark], *, only_last: bool = False) -> None:
    lines = [json.dumps(asdict(mark)) + "\n" for mark in (marks[-1:] if only_last else marks)]
    target = path() if only_last else path().with_name(f"{FILE_NAME}.new")
    with target.open("a" if only_last else "w", encoding="utf-8") as file:
        file.writelines(lines)
        file.flush()
        os.fsync(file.fileno())
    if not only_last:
        target.replace(path())


def _code(mark: Mark) -> str:
    fields = {name: value for name, value in asdict(mark).items() if name != "code"}
    secret = hmac.digest(tools.key().encode(), b"marks", hashlib.sha256)
    return hmac.new(secret, json.dumps(fields).encode(), hashlib.sha256).hexdigest()


def _copy_anchors() -> Path:
    """Copy the present anchors, before the restore point."""
    target = Path(settings.BACKUP_STATE) / "anchors"
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    source = Path(settings.ANCHOR_DIR)
    for name in ("anchors.jsonl", "head.json"):
        if (source / name).exists():
            shutil.copy2(source / name, target / name)
        else:
            (target / name).unlink(missing_ok=True)
    return target.resolve()


def _fingerprint(anchors: Path) -> str:
    """A digest that changes when any file is added, removed or written."""
    digest = hashlib.sha256()
    for root in (Path(settings.MEDIA_ROOT), anchors):
        for folder, names, files in os.walk(root):
            if Path(folder) == root:
                names[:] = [name for name in names if name not in LEFT_OUT]
            names.sort()
            for name in sorted(files):
                with suppress(FileNotFoundError):
                    seen = os.lstat(f"{folder}/{name}")
                    digest.update(f"{folder}/{name}\0{seen.st_size} {seen.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _snapshot(anchors: Path) -> str:
    media = Path(settings.MEDIA_ROOT).resolve()
    media.mkdir(mode=0o700, parents=True, exist_ok=True)
    excluded = [f"--exclude={media / name}" for name in LEFT_OUT]
    said = tools.restic("backup", "--json", "--host", "portal", *excluded, str(media), str(anchors))
    for line in reversed(said.splitlines()):
        told: dict[str, Any] = json.loads(line)
        if told.get("message_type") == "summary":
            return str(told["snapshot_id"])
    raise BackupFailed("restic wrote no snapshot.")


def _wait_until_archived(wal: str) -> None:
    """Wait until PostgreSQL has archived this piece of its journal in the repository."""
    deadline = time.monotonic() + ARCHIVED_WITHIN_S
    while not _is_archived(wal):
        if time.monotonic() > deadline:
            raise BackupFailed(
                f"The database's journal is not archived: {wal} did not come within"
                f" {ARCHIVED_WITHIN_S} s. Look at archive_mode, archive_command and the database's"
                " log."
            )
        time.sleep(0.1)


def _is_archived(wal: str) -> bool:
    return any(archived(wal))


def archived(wal: str) -> Iterator[Path]:
    """The files of the repository that hold this piece."""
    for archive in (tools.repository() / "database" / "archive" / tools.STANZA).glob("*-*"):
        yield from (archive / wal[:16]).glob(f"{wal}-*")


@contextmanager
def _alone() -> Iterator[None]:
    """Hold a lock: restic locks its repository, and marks are written in their order."""
    state = Path(settings.BACKUP_STATE)
    state.mkdir(mode=0o711, parents=True, exist_ok=True)
    descriptor = os.open(state / "marks.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
