"""A backup of the tests' own database and files is brought back elsewhere; every damage to it is
found by the check, not by the restore."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings
from django.utils import timezone

from apps.audit import record
from apps.audit.models import Action, Entry
from apps.audit.subjects import Subject
from apps.jobs.models import Job
from apps.proposals.models import Batch
from portal import tasks
from portal.backup import backup_status, checks, marks, tools
from tests import emptying
from tests.conftest import as_role
from tests.jobs.doing import a_job
from tests.personas import persona
from tests.proposals import factory
from tests.workers import ROOT, environment

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@dataclass
class Saved:
    """A repository with one base backup and two marks, and what stood in the portal then."""

    folder: Path
    settings: dict[str, Any]
    batches: dict[str, bytes]
    entries: int
    job: int

    @property
    def repository(self) -> Path:
        return Path(self.settings["BACKUP_REPOSITORY"])


def walkable(prefix: str) -> Path:
    """A folder that the database's user may walk through."""
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    folder.chmod(0o711)
    return folder


def superuser(statement: str) -> str:
    with psycopg.connect(
        host=connection.settings_dict["HOST"],
        user="postgres",
        dbname=connection.settings_dict["NAME"],
        autocommit=True,
    ) as link:
        cursor = link.execute(statement)  # type: ignore[arg-type]
        return str(cursor.fetchone()[0]) if cursor.description else ""  # type: ignore[index]


def a_batch(text: bytes) -> None:
    with as_role("owner"):
        batch = factory.batch(persona("regency_officer"))
        batch.file.save("usulan.csv", ContentFile(text))


@pytest.fixture(scope="module")
def saved(django_db_setup: None, django_db_blocker: Any) -> Iterator[Saved]:
    folder = walkable("backup-")
    media = folder / "media"
    ours = {
        "BACKUP_REPOSITORY": str(folder / "repository"),
        "BACKUP_KEY_FILE": folder / "key",
        "BACKUP_STATE": folder / "state",
        "BACKUP_SOCKET": connection.settings_dict["HOST"],
        "MEDIA_ROOT": media,
        "ANCHOR_DIR": folder / "anchors",
    }
    with django_db_blocker.unblock(), override_settings(**ours):
        ours["BACKUP_CLUSTER"] = Path(superuser("SHOW data_directory"))
        with override_settings(**ours):
            try:
                yield _saved(folder, ours)
            finally:
                superuser("ALTER SYSTEM RESET archive_command")
                superuser("SELECT pg_reload_conf()")
                emptying.restore()
                shutil.rmtree(folder, ignore_errors=True)


def _saved(folder: Path, ours: dict[str, Any]) -> Saved:
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE portal_worker")
    call_command("backup", "--prepare", verbosity=0)
    superuser(f"ALTER SYSTEM SET archive_command = '{tools.archive_command()}'")
    superuser("SELECT pg_reload_conf()")
    a_batch(b"yang pertama")
    record.entry(Action.READ, about=Subject("registry.Person:1"))
    tasks.anchor()
    call_command("backup")
    a_batch(b"yang kedua")
    job = a_job()
    Job.objects.filter(pk=job.pk).update(status="running", token=3)
    record.entry(Action.DECIDE, about=Subject("proposals.Proposal:1"))
    tasks.anchor()
    call_command("backup", "--mark")
    files = {}
    for batch in Batch.objects.all():
        with batch.file.open() as file:
            files[batch.file.name] = file.read()
    kept = Saved(folder, ours, files, Entry.objects.count(), job.pk)
    a_batch(b"sesudah saat itu")  # lost
    record.entry(Action.GRANT, about=Subject("accounts.Grant:1"))
    tasks.anchor()
    return kept


@pytest.mark.long
def test_it_comes_back_elsewhere_and_is_safe_to_open(saved: Saved) -> None:
    """Database, files and anchors of the last mark; the newer anchors are here, and told of."""
    place = walkable("restored-")
    try:
        said = restored(saved, place, keep_anchors=True)
        assert said["audit_sound"] is True
        with elsewhere(place) as there:
            names = [name for (name,) in there.execute("SELECT file FROM proposals_batch")]
            assert sorted(names) == sorted(saved.batches)
            status, token = there.execute(
                "SELECT status, token FROM jobs_job WHERE id = %s", [saved.job]
            ).fetchone()
            assert (status, token) == ("waiting", 4), "whoever holds the old lease writes nothing"
            (number,) = there.execute("SELECT nextval('jobs_job_id_seq')").fetchone()
            assert number > saved.job + 50_000, "numbers of the lost time are given to nobody else"
        for name, content in saved.batches.items():
            assert (place / "media" / name).read_bytes() == content
        assert len(list((place / "media" / "batches").iterdir())) == 2
        done = manage(saved, place, "verify_audit", "--json")
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout.splitlines()[-1])["restores"] == 1
    finally:
        stop(place)
        shutil.rmtree(place, ignore_errors=True)


@pytest.mark.scale
def test_it_comes_back_where_nothing_is_left(saved: Saved) -> None:
    place = walkable("restored-")
    try:
        assert restored(saved, place, keep_anchors=False)["audit_sound"] is True
        assert (place / "anchors" / "anchors.jsonl").exists()
    finally:
        stop(place)
        shutil.rmtree(place, ignore_errors=True)


FILLER_ROWS = 10_000_000


@pytest.mark.scale
def test_a_gigabyte_is_saved_and_comes_back(saved: Saved, figure: Any) -> None:
    place = walkable("restored-")
    superuser(
        "CREATE TABLE staging.filler AS SELECT n, encode(sha256(n::text::bytea), 'hex') AS text"
        f" FROM generate_series(1, {FILLER_ROWS}) AS n"
    )
    try:
        size_mb = int(superuser("SELECT pg_relation_size('staging.filler')")) / 1e6
        began = time.monotonic()
        with as_role("worker"):
            call_command("backup", "--full")
        saving_s = time.monotonic() - began
        began = time.monotonic()
        restored(saved, place, keep_anchors=True)
        seconds = time.monotonic() - began
        with elsewhere(place) as there:
            (rows,) = there.execute("SELECT count(*) FROM staging.filler").fetchone()
        assert rows == FILLER_ROWS
        figure(f"backup of {size_mb:,.0f} MB more", saving_s, "s")
        figure(f"restore of {size_mb:,.0f} MB more, examined", seconds, "s", "10 GB in 15 min")
    finally:
        superuser("DROP TABLE staging.filler")
        stop(place)
        shutil.rmtree(place, ignore_errors=True)


# An index whose order is no longer that of its comparison, as after a broken write or another
# version of a collation.
COMPARE = """CREATE OR REPLACE FUNCTION staging.compare(integer, integer) RETURNS integer
LANGUAGE sql IMMUTABLE AS 'SELECT btint4cmp({})'"""
DAMAGED = (
    COMPARE.format("$1, $2"),
    """CREATE OPERATOR CLASS staging.compared FOR TYPE integer USING btree AS OPERATOR 1 <,
    OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
    FUNCTION 1 staging.compare(integer, integer)""",
    "CREATE TABLE staging.damaged AS SELECT generate_series(1, 1000) AS n",
    "CREATE INDEX damaged_order ON staging.damaged (n staging.compared)",
    COMPARE.format("$2, $1"),
)
REPAIRED = (
    "DROP TABLE IF EXISTS staging.damaged",
    "DROP OPERATOR FAMILY IF EXISTS staging.compared USING btree CASCADE",
    "DROP FUNCTION IF EXISTS staging.compare",
)


@pytest.fixture
def damaged(saved: Saved) -> Iterator[None]:
    for statement in DAMAGED:
        superuser(statement)
    yield
    for statement in (*REPAIRED, "DROP EXTENSION IF EXISTS amcheck"):
        superuser(statement)


@pytest.mark.scale
def test_a_damaged_index_is_found_by_the_drill(saved: Saved, damaged: None) -> None:
    place = walkable("restored-")
    try:
        with as_role("worker"):
            call_command("backup", "--mark")
        done = manage(saved, place, *DRILL)
        assert done.returncode == 2
        assert "pg_amcheck" in done.stderr
        assert "damaged_order" in done.stderr
    finally:
        stop(place)
        shutil.rmtree(place, ignore_errors=True)


@pytest.mark.long
def test_a_damaged_index_of_the_running_database_is_named_and_an_alarm(
    saved: Saved, damaged: None, signed_in: Any
) -> None:
    with as_role("worker"):
        with pytest.raises(CommandError, match="damaged_order") as refused:
            call_command("backup", "--examine")
        assert refused.value.returncode == 2
    browser = signed_in("administrator")
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    assert "of the running database is damaged" in browser.get("/status/").content.decode()
    for statement in REPAIRED:
        superuser(statement)
    with as_role("worker"):
        call_command("backup", "--examine")
    assert "is damaged" not in browser.get("/status/").content.decode()


def test_an_examination_over_a_week_old_is_an_alarm(saved: Saved) -> None:
    now = timezone.now()
    backup_status.note(examined_at=(now - timedelta(days=9)).isoformat(), damage="")
    known = backup_status.read()
    assert known is not None
    assert "examination_old" in known.alarms(now=now)
    assert "examination_old" not in known.alarms(now=now - timedelta(days=2))


def test_a_drill_that_was_never_made_is_an_alarm_a_week_after_the_first_backup(
    tmp_path: Path,
) -> None:
    now = timezone.now()
    with override_settings(BACKUP_REPOSITORY=str(tmp_path), BACKUP_STATE=tmp_path / "state"):
        backup_status.note_backup((now - timedelta(days=9)).isoformat())
        backup_status.note_backup(now.isoformat())
        known = backup_status.read()
        assert known is not None
        due = {"drill_old", "examination_old"}
        assert due <= set(known.alarms(now=now))
        assert not due & set(known.alarms(now=now - timedelta(days=2)))
        backup_status.note(drill_at=now.isoformat(), examined_at=now.isoformat())
        made = backup_status.read()
        assert made is not None
        assert not due & set(made.alarms(now=now))


@pytest.mark.long
def test_a_whole_backup_is_said_to_be_whole(saved: Saved) -> None:
    assert list(checks.problems()) == []


@pytest.fixture
def copy(saved: Saved) -> Iterator[Path]:
    """A second repository to be damaged."""
    folder = walkable("damaged-")
    # by hard links: what is damaged is written anew
    subprocess.run(["cp", "-al", saved.repository, folder / "repository"], check=True)
    with override_settings(
        BACKUP_REPOSITORY=str(folder / "repository"), BACKUP_STATE=folder / "state"
    ):
        tools.write_config()
        yield folder / "repository"
    shutil.rmtree(folder, ignore_errors=True)


def flip(path: Path) -> None:
    """One bit in the middle."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    anew(path, bytes(content))


def anew(path: Path, content: bytes) -> None:
    seen = path.stat()
    path.unlink()
    path.write_bytes(content)
    path.chmod(seen.st_mode)
    os.chown(path, seen.st_uid, seen.st_gid)


def largest(folder: Path, pattern: str) -> Path:
    found = (one for one in folder.rglob(pattern) if one.is_file())
    return max(found, key=lambda one: one.stat().st_size)


@pytest.mark.scale
def test_a_flipped_bit_in_the_base_backup_is_found(copy: Path) -> None:
    flip(largest(copy / "database" / "backup", "pg_data/base/*/*.zst"))
    assert any("pgBackRest verify" in words for words in checks.problems())


@pytest.mark.scale
def test_a_flipped_bit_in_the_journal_is_found(copy: Path) -> None:
    flip(next(marks.archived(marks.read()[-1].wal)))
    assert any("pgBackRest verify" in words for words in checks.problems())


@pytest.mark.long
def test_every_damage_is_named_by_one_check(copy: Path) -> None:
    """Bits in base backup and files, a piece of the journal, a mark. Each alone: `make prove`."""
    flip(largest(copy / "database" / "backup", "pg_data/base/*/*.zst"))
    flip(largest(copy / "files" / "data", "*"))
    wal = marks.read()[-1].wal
    next(marks.archived(wal)).unlink()
    found = "\n".join(checks.problems())
    assert "pgBackRest verify" in found
    assert "restic check" in found
    assert f"The journal has a gap: {wal}" in found


@pytest.mark.scale
def test_a_flipped_bit_in_the_files_is_found(copy: Path) -> None:
    flip(largest(copy / "files" / "data", "*"))
    assert any("restic" in words for words in checks.problems())


@pytest.mark.scale
@pytest.mark.parametrize("which", [0, -1])
def test_a_missing_piece_of_the_journal_is_found(copy: Path, which: int) -> None:
    wal = marks.read()[which].wal
    next(marks.archived(wal)).unlink()
    assert any(wal in words for words in checks.problems())


def test_a_changed_mark_is_found(copy: Path) -> None:
    path = copy / "marks.jsonl"
    anew(path, path.read_bytes().replace(b'"position": ', b'"position": 1'))
    assert any("was changed" in words for words in checks.problems())


@pytest.mark.scale
def test_a_missing_snapshot_is_found(copy: Path) -> None:
    tools.restic("forget", marks.read()[-1].snapshot)
    assert any("snapshot" in words for words in checks.problems())


@pytest.mark.long
def test_a_wrong_key_is_found(copy: Path, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("k" * 64)
    with override_settings(BACKUP_KEY_FILE=tmp_path / "key"):
        tools.write_config()
        found = list(checks.problems())
    assert any("not the key" in words for words in found), found
    assert any("wrong password" in words for words in found)
    assert any("pgBackRest" in words for words in found)


@pytest.mark.long
def test_the_command_ends_with_two_and_the_status_page_tells(
    copy: Path, signed_in: Any, capsys: Any
) -> None:
    next(marks.archived(marks.read()[-1].wal)).unlink()
    with as_role("worker"), pytest.raises(CommandError) as refused:
        call_command("backup", "--verify")
    assert refused.value.returncode == 2
    browser = signed_in("administrator")
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    page = browser.get("/status/").content.decode()
    assert 'id="backup-alarm"' in page


@pytest.mark.long
def test_nothing_of_the_repository_can_be_read_without_the_key(saved: Saved) -> None:
    for path in saved.repository.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert b"yang pertama" not in content
            assert b"portal_worker" not in content
    assert oct(Path(saved.settings["BACKUP_KEY_FILE"]).stat().st_mode)[-3:] == "600"


# --- the second portal ----------------------------------------------------------------------------


DRILL = ("restore", "--drill", "--by", "Sri", "--reason", "latihan", "--json")


def restored(saved: Saved, place: Path, *, keep_anchors: bool) -> dict[str, Any]:
    if keep_anchors:
        shutil.copytree(saved.settings["ANCHOR_DIR"], place / "anchors")
    said = manage(saved, place, *DRILL)
    assert said.returncode == 0, said.stdout + said.stderr
    found: dict[str, Any] = json.loads(said.stdout.splitlines()[-1])
    return found


def manage(saved: Saved, place: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command of a portal whose state is in another place; `start` starts its database."""
    (place / "sockets").mkdir(exist_ok=True)
    if os.geteuid() == 0:
        shutil.chown(place / "sockets", "postgres")
        if not (place / "postgres").exists():
            (place / "postgres").mkdir(mode=0o700)
            shutil.chown(place / "postgres", "postgres")
    start = place / "start"
    start.write_text(START.format(place=place, as_user=AS_USER, bin=postgres_bin()))
    start.chmod(0o755)
    name = connection.settings_dict["NAME"]
    urls = {
        variable: f"postgresql://portal_{role}@{quote(str(place / 'sockets'), safe='')}/{name}"
        for variable, role in (
            ("DATABASE_URL", "web"),
            ("DATABASE_WORKER_URL", "worker"),
            ("DATABASE_OWNER_URL", "owner"),
        )
    }
    return subprocess.run(
        [sys.executable, ROOT / "manage.py", *arguments],
        env=environment()
        | urls
        | {
            "PORTAL_STATE": str(place),
            "SECRET_KEY": settings.SECRET_KEY,
            "REDIS_URL": settings.CACHES["default"]["LOCATION"],
            "BACKUP_REPOSITORY": str(saved.repository),
            "BACKUP_KEY_FILE": str(saved.settings["BACKUP_KEY_FILE"]),
            "BACKUP_START": str(start),
            "MEDIA_ROOT": str(place / "media"),
            "ANCHOR_DIR": str(place / "anchors"),
            "STORAGE_ENCRYPTION": "none: a test",
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


AS_USER = "runuser -u postgres --" if os.geteuid() == 0 else ""
START = """#!/bin/sh
cd / && {as_user} {bin}/pg_ctl start --silent --wait --timeout=60 --pgdata={place}/postgres/data \\
  -o "-c unix_socket_directories={place}/sockets -c shared_buffers=32MB -c fsync=off" \\
  </dev/null >{place}/postgres.log 2>&1
"""


def postgres_bin() -> str:
    major = int(superuser("SHOW server_version_num")) // 10_000
    return f"/usr/lib/postgresql/{major}/bin"


def elsewhere(place: Path) -> psycopg.Connection[Any]:
    return psycopg.connect(
        host=str(place / "sockets"),
        user="postgres",
        dbname=connection.settings_dict["NAME"],
        autocommit=True,
    )


def stop(place: Path) -> None:
    if (place / "postgres" / "data" / "postmaster.pid").exists():
        subprocess.run(
            f"cd / && {AS_USER} {postgres_bin()}/pg_ctl stop --silent --mode=immediate"
            f" --pgdata={place}/postgres/data",
            shell=True,
            check=False,
        )
