"""Restores database, files and anchors to one moment, and makes the portal safe to open.

Nothing is overwritten: the former files are renamed, with the time of the restore. Numbers that
were given out in the lost time are not used again. Work that ran is claimed again, so an old lease
or an old message changes nothing.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from django.conf import settings

from portal.backup import marks, tools
from portal.backup.marks import Mark
from portal.backup.tools import BackupFailed

RECOVERED_WITHIN_S: Final = 3_600
# How many numbers of each table are skipped: more than the lost time can have used.
GAP: Final = 100_000
SAFE_TO_OPEN: Final = """
SELECT setval(format('%I.%I', schemaname, sequencename)::regclass,
              coalesce(last_value, start_value) + :gap)
  FROM pg_sequences
 WHERE schemaname = 'public' AND coalesce(last_value, start_value) < max_value - :gap;
UPDATE jobs_job SET status = 'waiting', token = token + 1, heartbeat_at = now()
 WHERE status = 'running';
"""


def choose(until: datetime | None) -> Mark:
    """The last mark, or the last one until a moment. Raises: BackupFailed."""
    known = [mark for mark in marks.read() if until is None or mark.moment <= until]
    if not known:
        raise BackupFailed(f"There is no mark until {until or 'now'} in {marks.path()}.")
    return known[-1]


def bring_back(mark: Mark, *, now: datetime, is_drill: bool) -> Iterator[str]:
    """Restore step by step; yields what was done. Raises: BackupFailed."""
    _needs_stopped_database()
    if not (tools.repository() / "files" / "config").exists():
        raise BackupFailed(f"There is no repository in {tools.repository()}.")
    tools.write_config()
    yield from _put_aside(now, is_drill=is_drill)
    _cluster(mark, is_drill=is_drill)
    yield f"The database's files are back (base backup {mark.backup})."
    count = _files(mark)
    yield f"{count} files are back in {settings.MEDIA_ROOT}."
    _start()
    _wait_until_recovered()
    if is_drill:
        tools.examine()
        yield "Every table and index of it was examined (pg_amcheck)."
    tools.psql(f"\\set gap {GAP}\n{SAFE_TO_OPEN}")
    yield f"The database runs, as it was at {mark.at}."


def _needs_stopped_database() -> None:
    lock = Path(settings.BACKUP_CLUSTER) / "postmaster.pid"
    if lock.exists():
        number = lock.read_text().splitlines()[0]
        if Path(f"/proc/{number}").exists():
            raise BackupFailed(f"The database of {lock.parent} runs. Stop it first: make stop")


def _put_aside(now: datetime, *, is_drill: bool) -> Iterator[str]:
    """Rename what exists already."""
    for place in (Path(settings.BACKUP_CLUSTER), Path(settings.MEDIA_ROOT)):
        if place.exists() and any(place.iterdir()):
            aside = place.with_name(f"{place.name}.before-{now:%Y%m%dT%H%M%S}")
            place.rename(aside)
            yield f"What stood in {place} is now {aside}."


def _cluster(mark: Mark, *, is_drill: bool) -> None:
    cluster = Path(settings.BACKUP_CLUSTER)
    user = tools.cluster_user()
    if not cluster.exists():
        cluster.mkdir(mode=0o700, parents=True)
        if os.geteuid() == 0:
            shutil.chown(cluster, user)
    tools.pgbackrest(
        f"--set={mark.backup}",
        "--type=name",
        f"--target={mark.name}",
        f"--target-timeline={int(mark.wal[:8], 16)}",
        "--target-action=promote",
        # a drill must not write into the repository of the true portal
        f"--archive-mode={'off' if is_drill else 'preserve'}",
        "restore",
    )


def _files(mark: Mark) -> int:
    """Restore files and anchors of the mark's snapshot; returns the number of files. Existing
    anchors are kept: they may be newer than the backup.
    """
    media, anchors = Path(settings.MEDIA_ROOT), Path(settings.ANCHOR_DIR)
    unpacked = media.with_name(f"{media.name}.restoring")
    shutil.rmtree(unpacked, ignore_errors=True)
    unpacked.mkdir(mode=0o700, parents=True)
    tools.restic("restore", mark.snapshot, "--target", str(unpacked))
    if media.exists():
        media.rmdir()  # empty: a folder with files was renamed
    _within(unpacked, mark.media).rename(media)
    anchors.mkdir(mode=0o700, parents=True, exist_ok=True)
    saved = _within(unpacked, mark.anchors)
    if not (anchors / "anchors.jsonl").exists() and saved.is_dir():
        for file in saved.iterdir():
            shutil.copy2(file, anchors / file.name)
    shutil.rmtree(unpacked)
    return sum(len(files) for _folder, _names, files in os.walk(media))


def _within(unpacked: Path, absolute: str) -> Path:
    return unpacked / absolute.lstrip("/")


def _start() -> None:
    done = subprocess.run(  # noqa: S603 (the operator's own command)
        shlex.split(settings.BACKUP_START), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BackupFailed(
            f"{settings.BACKUP_START}: {(done.stderr or done.stdout).strip()[-1_000:]}"
        )


def _wait_until_recovered() -> None:
    deadline = time.monotonic() + RECOVERED_WITHIN_S
    while tools.psql("SELECT pg_is_in_recovery()")[0] != "f":
        if time.monotonic() > deadline:
            raise BackupFailed("The database did not come to the moment that was asked for.")
        time.sleep(0.2)
