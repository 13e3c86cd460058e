"""Calls the two backup tools: pgBackRest for the database, restic for the files.

Both encrypt with the key of BACKUP_KEY_FILE and verify by checksum. pgBackRest and psql run as the
user who owns the cluster's files; root switches to that user.
"""

from __future__ import annotations

import json
import os
import pwd
import secrets
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import connection

STANZA: Final = "portal"
CONFIG: Final = "pgbackrest.conf"


class BackupFailed(Exception):
    """A tool failed, or a part of the backup is missing; `words` is the text for the operator."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


def repository() -> Path:
    if not settings.BACKUP_REPOSITORY:
        raise BackupFailed("BACKUP_REPOSITORY is not set: there is no place for backups.")
    return Path(settings.BACKUP_REPOSITORY)


def key() -> str:
    try:
        text = Path(settings.BACKUP_KEY_FILE).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        text = ""
    if not text:
        raise BackupFailed(
            f"The key {settings.BACKUP_KEY_FILE} is missing. A new repository: manage.py backup"
            " --prepare. An old one: bring its key back."
        )
    return text


def cluster_user() -> str:
    """The user who owns the database's files."""
    for path in (Path(settings.BACKUP_CLUSTER), Path(settings.BACKUP_CLUSTER).parent):
        if path.exists():
            return pwd.getpwuid(path.stat().st_uid).pw_name
    return "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name


def as_cluster_user(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
    user = cluster_user()
    if os.geteuid() == 0 and user != "root":
        command = ["runuser", "-u", user, "--", *command]
    return _run(command, **options)


def pgbackrest(*arguments: str, wanted: bool = True) -> str:
    """Returns the output. Raises: BackupFailed with the last output, unless `wanted` is False."""
    done = as_cluster_user(
        ["pgbackrest", f"--config={config_path()}", f"--stanza={STANZA}", *arguments]
    )
    if wanted and done.returncode:
        raise BackupFailed(f"pgBackRest {arguments[-1]}: {_last_words(done)}")
    return done.stdout


def restic(*arguments: str, wanted: bool = True) -> str:
    """Returns the output. Raises: BackupFailed with the last output, unless `wanted` is False."""
    environment = os.environ | {
        "RESTIC_REPOSITORY": str(repository() / "files"),
        "RESTIC_PASSWORD": key(),
    }
    done = _run(["restic", "--no-cache", "--quiet", *arguments], env=environment)
    if wanted and done.returncode:
        raise BackupFailed(f"restic {arguments[0]}: {_last_words(done)}")
    return done.stdout


def psql(statements: str, *, database: str = "") -> list[str]:
    """The rows of statements that need a superuser, columns separated by a bar."""
    command = ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-U", "postgres"]
    command += ["-d", database or connection.settings_dict["NAME"]]
    if settings.BACKUP_SOCKET:
        command += ["-h", settings.BACKUP_SOCKET]
    done = as_cluster_user(command, input=statements)
    if done.returncode:
        raise BackupFailed(f"The database refused: {_last_words(done)}")
    return done.stdout.splitlines()


def examine() -> None:
    """Check every page of the database's tables and indexes; the database is used meanwhile.
    Raises: BackupFailed with what is damaged.
    """
    version = (Path(settings.BACKUP_CLUSTER) / "PG_VERSION").read_text().strip()
    done = as_cluster_user(
        [
            f"/usr/lib/postgresql/{version}/bin/pg_amcheck",
            *("--install-missing", "--no-strict-names", "--username=postgres"),
            *([f"--host={settings.BACKUP_SOCKET}"] if settings.BACKUP_SOCKET else []),
            f"--database={connection.settings_dict['NAME']}",
        ]
    )
    if done.returncode:
        raise BackupFailed(f"pg_amcheck: {(done.stdout or done.stderr).strip()[:1_000]}")


def _run(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(  # noqa: S603 (our own words, no shell)
            command,
            capture_output=True,
            encoding="utf-8",
            errors="replace",  # with a wrong key the output is not text
            check=False,
            cwd="/",
            **options,
        )
    except FileNotFoundError as error:
        raise BackupFailed(f"{error.filename} is not installed: bin/setup installs it.") from error


def _last_words(done: subprocess.CompletedProcess[str]) -> str:
    lines = (done.stderr.strip() or done.stdout.strip()).splitlines()
    told = [line for line in lines if "ERROR" in line or "atal" in line] or lines
    return " ".join(told[-3:])[:1_000] or f"exit code {done.returncode}"


# --- once -----------------------------------------------------------------------------------------


def config_path() -> Path:
    return Path(settings.BACKUP_STATE) / CONFIG


def archive_command() -> str:
    """The command that PostgreSQL calls for each finished piece of its journal."""
    return f"pgbackrest --config={config_path()} --stanza={STANZA} archive-push %p"


def write_config() -> None:
    """Write pgBackRest's settings, readable only for the cluster's user: they contain the key."""
    state = Path(settings.BACKUP_STATE)
    state.mkdir(mode=0o711, parents=True, exist_ok=True)
    for folder in ("lock", "spool"):
        _make_folder(state / folder)
    lines = [
        "[global]",
        f"repo1-path={repository() / 'database'}",
        "repo1-cipher-type=aes-256-cbc",
        f"repo1-cipher-pass={key()}",
        f"repo1-retention-full={settings.BACKUP_KEEP}",
        f"lock-path={state / 'lock'}",
        f"spool-path={state / 'spool'}",
        "log-level-file=off",
        "log-level-console=warn",
        "compress-type=zst",
        "start-fast=y",
        "process-max=2",
        "archive-timeout=60",
        f"[{STANZA}]",
        f"pg1-path={settings.BACKUP_CLUSTER}",
        "pg1-user=postgres",
        "pg1-database=postgres",
    ]
    if settings.BACKUP_SOCKET:
        lines.append(f"pg1-socket-path={settings.BACKUP_SOCKET}")
    fresh = config_path().with_name(f"{CONFIG}.new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write("\n".join(lines) + "\n")
    if os.geteuid() == 0:
        shutil.chown(fresh, cluster_user())
    fresh.replace(config_path())


def make_repository() -> None:
    """Make the folders and the key of a new repository; existing ones stay."""
    path = Path(settings.BACKUP_KEY_FILE)
    if not path.exists():
        if (repository() / "files" / "config").exists():
            raise BackupFailed(f"The repository is there, its key {path} is not: bring it back.")
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48) + "\n")
    repository().mkdir(mode=0o711, parents=True, exist_ok=True)
    _make_folder(repository() / "database")
    if not (repository() / "files" / "config").exists():
        restic("init")
    write_config()


def make_stanza() -> None:
    """Make pgBackRest's stanza. Needs the running database."""
    pgbackrest("stanza-create")


def _make_folder(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.geteuid() == 0:
        shutil.chown(folder, cluster_user())


def backups() -> list[dict[str, Any]]:
    """The complete base backups, oldest first, in pgBackRest's description."""
    # not strict: with a wrong key the answer contains undecodable bytes
    told = json.loads(pgbackrest("--output=json", "info") or "[]", strict=False)
    if not told:
        return []
    if told[0]["status"]["code"] not in {0, 2}:  # 2: no backup yet
        raise BackupFailed(
            "pgBackRest cannot read its repository: it is damaged, missing, or"
            f" {settings.BACKUP_KEY_FILE} is not its key."
        )
    return [one for one in told[0]["backup"] if not one.get("error")]
