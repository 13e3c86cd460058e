"""The disks of uploads, database and broker are full in turn, with nothing left, while twenty
officers work and 100,000 rows are checked (bar 8). Each lies on a file system of its own.

What each part does by itself: tests/proposals/upload/test_no_room.py, tests/jobs/test_outage.py,
tests/seams/test_no_room.py.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import pytest
import redis

from tests.figures import Figure
from tests.house import House, house
from tests.seams.officers import Record, at_work, send
from tests.seams.test_outages_scale import (
    PAGE_WITHIN_S,
    ROWS,
    WORKS_AGAIN_S,
    begun_since,
    nothing_lost,
    now,
    senders,
    sent,
    status_of,
    timed,
    token_of,
    until,
    upload,
    whole,
)

pytestmark = [pytest.mark.scale]
ROLES: Final = {"regency_officer": 12, "verifier": 4, "head_of_office": 2, "province_monitor": 2}
LARGE: Final = dict.fromkeys(("files.csv", "database.csv", "broker.csv"), ROWS)
FILES: Final = {"small.csv": 40, "first.csv": 2_000} | LARGE
# Sparse: what is not written takes nothing from the machine's disk.
SIZE_BYTES: Final = {"files": 4 << 30, "database": 8 << 30, "broker": 256 << 20}
FULL_S: Final = 30.0
PAUSE: Final = (0.5, 2.0)
# Work that found no room is tried every 20 s; the rest is a batch of full size.
READY_WITHIN_S: Final = 300.0
# Kept free on the disk of files (DISK_SPARE_BYTES).
SPARE_BYTES: Final = 1 << 30


@dataclass(frozen=True)
class Disk:
    folder: Path

    @property
    def hog(self) -> Path:
        return self.folder / "hog"

    @property
    def free_bytes(self) -> int:
        return shutil.disk_usage(self.folder).free

    def fill(self, *, but_bytes: int = 0) -> None:
        """Take what is free, in ever smaller pieces; without `but_bytes` down to the last block."""
        step = max(4_096, self.free_bytes - but_bytes)
        with self.hog.open("ab") as file:
            while step >= 4_096 and self.free_bytes > but_bytes:
                try:
                    os.posix_fallocate(file.fileno(), file.seek(0, os.SEEK_END), step)
                except OSError:
                    step //= 2

    def empty(self) -> None:
        self.hog.unlink(missing_ok=True)


@contextmanager
def mounted(folder: Path, image: Path, size: int) -> Iterator[Disk]:
    """A file system of so many bytes, in a sparse file."""
    folder.mkdir(parents=True)
    with image.open("wb") as file:
        file.truncate(size)
    made = ["mkfs.ext4", "-q", "-m", "0", str(image)]
    subprocess.run(made, check=True, capture_output=True)
    if subprocess.run(["mount", "-o", "loop", str(image), str(folder)], check=False).returncode:
        pytest.skip("no disk can be mounted here")
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


Disks = dict[str, Disk]


@pytest.fixture(scope="module")
def place() -> Iterator[tuple[Path, Disks]]:
    """The folder of a house, with its three disks."""
    if os.geteuid() != 0:
        pytest.skip("only root mounts a small disk")
    folder = Path(tempfile.mkdtemp(prefix="house-"))
    folders = {
        "files": folder / "state/media",
        "database": folder / "state/postgres",
        "broker": folder / "redis",
    }
    with ExitStack() as still:
        still.callback(shutil.rmtree, folder, ignore_errors=True)
        yield (
            folder,
            {
                name: still.enter_context(
                    mounted(folders[name], folder / f"{name}.img", SIZE_BYTES[name])
                )
                for name in folders
            },
        )


@pytest.fixture(scope="module")
def running(place: tuple[Path, Disks]) -> Iterator[House]:
    with house(ROLES, FILES, folder=place[0]) as it:
        yield it


@pytest.fixture
def disks(place: tuple[Path, Disks]) -> Iterator[Disks]:
    yield place[1]
    for disk in place[1].values():
        disk.empty()


@pytest.fixture(scope="module")
def batch(running: House) -> str:
    """The number of a batch that is read, with findings to look at."""
    number = upload(running, "first.csv")
    until(lambda: status_of(running, number) == "ready", 120)
    return number


@contextmanager
def full(disk: Disk) -> Iterator[None]:
    """For FULL_S: what somebody gives free meanwhile is taken, too. Then there is room."""
    until_ = time.monotonic() + FULL_S
    disk.fill()
    try:
        yield
        while time.monotonic() < until_:
            disk.fill()
            time.sleep(0.5)
    finally:
        disk.empty()


def checked(it: House, batch: str) -> None:
    """The large batch ends alone, whole; and so does each small one, none of them half."""
    until(lambda: status_of(it, batch) == "ready", READY_WITHIN_S)
    whole(it, batch)
    # the same people again: such a file waits for its sender's answer
    open_ = "SELECT count(*) FROM proposals_batch WHERE status NOT IN ('ready', 'asking')"
    until(lambda: it.rows(open_) == [["0"]], READY_WITHIN_S)
    half = it.rows(
        "SELECT b.id FROM proposals_batch b"
        " WHERE b.status = 'ready' AND (b.counts->>'rows')::int <> ("
        " SELECT count(*) FROM proposals_proposal p WHERE p.batch_id = b.id) + ("
        " SELECT count(*) FROM proposals_heldrow h WHERE h.batch_id = b.id)"
    )
    assert not half
    assert it.rows("SELECT kind, message_code FROM jobs_job WHERE status = 'failed'") == []
    it.run("status")  # an error where a process has ended


def began(it: House, name: str) -> str:
    """A large batch that is being checked."""
    number = upload(it, name)
    until(lambda: token_of(it, number)[1] == "running", 60)
    time.sleep(3)
    return number


def told(figure: Figure, what: str, record: Record) -> None:
    seconds = max(record.seconds())
    figure(f"{what} full: slowest page", seconds, "s", f"≤ {PAGE_WITHIN_S:.0f}")
    figure(f"{what} full: answers", " ".join(f"{s}×{n}" for s, n in record.statuses().items()))
    assert seconds <= PAGE_WITHIN_S, record.slowest()


def test_the_disk_of_files_is_full_and_senders_are_told_in_words(
    running: House, batch: str, disks: Disks, figure: Figure
) -> None:
    number, disk = began(running, "files.csv"), disks["files"]
    sender = senders(running)[0].browser
    with at_work(running.officers, batch=batch, pause=PAUSE, file=sent(running)) as record:
        time.sleep(3)
        disk.fill(but_bytes=SPARE_BYTES - (16 << 20))
        content = (running.files / "small.csv").read_bytes() + b"hampir penuh\n"
        scarce = send(sender, "hampir-penuh.csv", content, running.regency)
        with full(disk):
            refused = send(sender, "penuh.csv", content + b"\n", running.regency)
        again = send(sender, "penuh.csv", content + b"\n", running.regency)
        since = time.monotonic()
        time.sleep(10)
        after = record.since(since)
    told(figure, "disk of files", record)
    for answer in (scarce, refused):
        assert answer.status_code == 422, answer.text[:300]
        assert answer.json()["wrong"]["file"]
    assert again.status_code == 200, again.text[:300]
    assert not record.wrong([200, 302, 422]), (record.wrong([200, 302, 422])[:5], running.errors())
    assert not after.wrong([200, 302]), after.wrong([200, 302])[:5]
    checked(running, number)
    nothing_lost(running, record)


def test_the_disk_of_the_database_is_full_and_nothing_is_half(
    running: House, batch: str, disks: Disks, figure: Figure
) -> None:
    number, disk = began(running, "database.csv"), disks["database"]
    with at_work(running.officers, batch=batch, pause=PAUSE, file=sent(running)) as record:
        time.sleep(3)
        with full(disk):
            pass
        is_over = not _runs(running)
        # what the documentation says to do where PostgreSQL has ended itself
        running.start_database()
        page = until(lambda: timed(running.officers[0].browser, "/")[0] == 200, 60)
        works = until(partial(begun_since, running, now(running)), 120)
        since = time.monotonic()
        time.sleep(10)
        after = record.since(since)
    told(figure, "disk of the database", record)
    figure("disk of the database full: PostgreSQL ended itself", "yes" if is_over else "no")
    figure("disk of the database full: room again, first page after", page, "s", "≤ 10")
    figure("disk of the database full: room again, work goes on after", works, "s", "≤ 30")
    assert not record.wrong([200, 302, 503]), (record.wrong([200, 302, 503])[:5], running.errors())
    assert not after.wrong([200, 302]), after.wrong([200, 302])[:5]
    assert page <= PAGE_WITHIN_S
    assert works <= WORKS_AGAIN_S
    checked(running, number)
    nothing_lost(running, record)


def _runs(it: House) -> bool:
    with suppress(FileNotFoundError, ProcessLookupError):
        os.kill(it.postmaster, 0)
        return True
    return False


def test_the_disk_of_the_broker_is_full_and_work_goes_on_when_there_is_room(
    running: House, batch: str, disks: Disks, figure: Figure
) -> None:
    client = redis.Redis(unix_socket_path=str(running.redis.socket))
    client.config_set("appendonly", "yes")  # as in deploy/redis.conf
    until(lambda: not client.info("persistence")["aof_rewrite_in_progress"], 30)
    number, disk = began(running, "broker.csv"), disks["broker"]
    with at_work(running.officers, batch=batch, pause=PAUSE, file=sent(running)) as record:
        time.sleep(3)
        with full(disk):
            until(lambda: client.info("persistence")["aof_last_write_status"] == "err", FULL_S)
        moment = now(running)
        works = until(partial(begun_since, running, moment), 120)
        time.sleep(10)
    client.close()
    told(figure, "disk of the broker", record)
    figure("disk of the broker full: room again, work goes on after", works, "s", "≤ 30")
    assert not record.wrong([200, 302]), (record.wrong([200, 302])[:5], running.errors())
    assert works <= WORKS_AGAIN_S
    checked(running, number)
    nothing_lost(running, record)
