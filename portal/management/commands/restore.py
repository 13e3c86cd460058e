"""`manage.py restore`: restores the portal to the last mark, or to an earlier one."""

from __future__ import annotations

import json
import time
from datetime import datetime
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from apps.audit import ownership, record, restores, verify
from apps.common import commands
from apps.common.errors import DomainError
from portal.backup import backup_status, restoring
from portal.backup.tools import BackupFailed

FAILED = 2


class Command(commands.Command):
    help = (
        "Bring database, files and anchors back from BACKUP_REPOSITORY to one moment. What stands"
        " there now is put beside. The portal must be stopped."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--by", required=True, help="who restores")
        parser.add_argument("--reason", required=True, help="why")
        parser.add_argument("--until", help="an earlier moment (2026-11-28T10:00:00+07:00)")
        parser.add_argument(
            "--drill", action="store_true", help="elsewhere, to see that it works: archives nothing"
        )
        parser.add_argument("--json", action="store_true", help="one JSON object as the last line")

    def handle(self, *args: Any, **options: Any) -> None:
        started, now = time.perf_counter(), timezone.now()
        try:
            mark = restoring.choose(_moment(options["until"]))
            for step in restoring.bring_back(mark, now=now, is_drill=options["drill"]):
                self.stdout.write(step)
            with record.acting(actor="command:restore", actor_name=options["by"]):
                ownership.confirm(now=now, by=options["by"], reason=options["reason"])
                restores.acknowledge(
                    by=options["by"],
                    reason=options["reason"],
                    backup=f"{mark.backup}, {mark.name}",
                    now=now,
                    head=restores.Head(mark.position, mark.digest),
                )
        except BackupFailed as error:
            raise CommandError(error.words, returncode=FAILED) from error
        except DomainError as error:
            raise CommandError(
                f"The database is back, its audit trail is not sound: {error.text}",
                returncode=FAILED,
            ) from error
        report = verify.verify(now=timezone.now())
        seconds = round(time.perf_counter() - started, 1)
        self.stdout.write(
            f"{report.entries} sealed entries of the audit trail verified,"
            f" {len(report.problems)} problems. Restored in {seconds} s; what was written after"
            f" {mark.at} is lost."
        )
        if not options["drill"]:
            backup_status.note(mark_at=mark.at)
        if options["json"]:
            said = {"mark": mark.at, "backup": mark.backup, "audit_sound": report.is_sound}
            self.stdout.write(json.dumps(said | {"seconds": seconds}))
        if not report.is_sound:
            raise CommandError(report.problems[0].text, returncode=FAILED)


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else timezone.make_aware(moment)
