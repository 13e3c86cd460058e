"""`manage.py backup`: a base backup, or with an option one of the other parts of the backup."""

from __future__ import annotations

import json
import time
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from apps.audit import ownership, record
from apps.audit.models import Action
from apps.audit.subjects import Subject
from apps.common import commands
from portal.backup import backup_status, checks, marks, tools
from portal.backup.tools import BackupFailed

FAILED = 2
VERBS = ("prepare", "mark", "follow", "verify", "examine", "note_drill", "list")


class Command(commands.Command):
    help = (
        "Save database, files and anchors, encrypted, into BACKUP_REPOSITORY. Without an option: a"
        " base backup and a mark."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--prepare", action="store_true", help="key, repository and settings")
        which.add_argument("--mark", action="store_true", help="one moment to come back to")
        which.add_argument(
            "--follow",
            action="store_true",
            help=f"a mark every {settings.BACKUP_EVERY_S} s, until it is stopped",
        )
        which.add_argument(
            "--verify", action="store_true", help="read all of it: checksums, journal, key"
        )
        which.add_argument(
            "--examine",
            action="store_true",
            help="check the running database's own tables and indexes (pg_amcheck)",
        )
        which.add_argument("--note-drill", metavar="JSON", help="what bin/restore-drill found")
        which.add_argument("--list", action="store_true", help="the moments to come back to")
        parser.add_argument("--full", action="store_true", help="copy what is saved already, too")
        parser.add_argument("--json", action="store_true", help="one JSON object as the last line")

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.perf_counter()
        verb = next((verb for verb in VERBS if options[verb]), "save")
        try:
            said = getattr(self, f"_{verb}")(options)
        except BackupFailed as error:
            backup_status.note(failed=error.words)
            raise CommandError(error.words, returncode=FAILED) from error
        if options["json"]:
            seconds = round(time.perf_counter() - started, 2)
            self.stdout.write(json.dumps(said | {"seconds": seconds}))

    def _prepare(self, options: dict[str, Any]) -> dict[str, Any]:
        tools.make_repository()
        tools.make_stanza()
        self.stdout.write(
            f"The repository {tools.repository()} is ready. Keep a copy of"
            f" {settings.BACKUP_KEY_FILE} and of the portal's environment elsewhere: without them"
            " nothing can be brought back.\nThe database must call for each piece of its journal"
            f" (bin/services does it at its next start):\narchive_command ="
            f" '{tools.archive_command()}'"
        )
        return {"archive_command": tools.archive_command()}

    def _save(self, options: dict[str, Any]) -> dict[str, Any]:
        tools.write_config()
        tools.pgbackrest(f"--type={'full' if options['full'] else 'diff'}", "backup")
        bases = tools.backups()
        label, size = bases[-1]["label"], bases[-1]["info"]["size"]
        mark = self._make_mark(label)
        marks.forget(backups=[one["label"] for one in bases], now=timezone.now())
        with record.acting(actor="command:backup"):
            record.entry(Action.RUN, about=Subject("portal.Backup", label), bytes=size)
        backup_status.note_backup(mark.at)
        self.stdout.write(f"Base backup {label}, {size / 1e6:,.0f} MB, and the mark of {mark.at}.")
        return {"backup": label, "bytes": size, "mark": mark.at}

    def _mark(self, options: dict[str, Any]) -> dict[str, Any]:
        mark = self._make_mark(self._base())
        self.stdout.write(f"The portal can be brought back to {mark.at}.")
        return {"mark": mark.at}

    def _follow(self, options: dict[str, Any]) -> dict[str, Any]:
        while True:
            began = time.monotonic()
            try:
                self._make_mark(self._base())
            except (BackupFailed, DatabaseError, OSError) as error:
                # shown on the status page; the next round tries again
                backup_status.note(failed=str(error)[:1_000])
                self.stderr.write(str(error))
            close_old_connections()
            time.sleep(max(1, settings.BACKUP_EVERY_S - (time.monotonic() - began)))

    def _verify(self, options: dict[str, Any]) -> dict[str, Any]:
        found = list(checks.problems())
        backup_status.note(checked_at=timezone.now().isoformat(), problems=found)
        for problem in found:
            self.stdout.write(problem)
        if found:
            raise CommandError(
                f"The backup is damaged: {len(found)} problems. First: {found[0]} Make a new one at"
                " once: manage.py backup --full.",
                returncode=FAILED,
            )
        last = marks.read()[-1]
        self.stdout.write(f"Everything is there and whole, up to {last.at}.")
        return {"ok": True, "mark": last.at}

    def _examine(self, options: dict[str, Any]) -> dict[str, Any]:
        at = timezone.now().isoformat()
        try:
            tools.examine()
        except BackupFailed as error:
            backup_status.note(examined_at=at, damage=error.words)
            raise
        backup_status.note(examined_at=at, damage="")
        self.stdout.write("Every table and index of the database is sound.")
        return {"ok": True}

    def _note_drill(self, options: dict[str, Any]) -> dict[str, Any]:
        said = json.loads(options["note_drill"])
        backup_status.note(
            drill_at=timezone.now().isoformat(),
            drill_s=said.get("seconds", 0),
            drill_problem="" if said.get("audit_sound") else "failed",
        )
        return {}

    def _list(self, options: dict[str, Any]) -> dict[str, Any]:
        known = marks.read()
        for mark in known:
            self.stdout.write(f"{mark.at}  {mark.backup}  {mark.snapshot[:8]}")
        return {"marks": [mark.at for mark in known]}

    def _make_mark(self, backup: str) -> marks.Mark:
        ownership.identity()
        mark = marks.make(now=timezone.now(), backup=backup)
        backup_status.note(mark_at=mark.at, failed="")
        return mark

    def _base(self) -> str:
        bases = tools.backups()
        if not bases:
            raise BackupFailed("There is no base backup yet: manage.py backup.")
        return str(bases[-1]["label"])
