"""`manage.py tidy`: lists files that no row names; a person can confirm that they are put aside."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from apps.audit import ownership, record
from apps.common import commands
from apps.common.files import quarantine
from portal.operations import leftovers
from portal.operations import messages as operations_messages


class Command(commands.Command):
    help = (
        "Say which files of MEDIA_ROOT no row names. With --confirm, --by and --reason: the folder"
        " is this database's from now on, and they go into the quarantine, where they stay"
        f" {quarantine.KEPT.days} days."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--confirm", action="store_true", help="put them aside, however many")
        parser.add_argument("--by", default="", help="who confirms it")
        parser.add_argument("--reason", default="", help="why")
        parser.add_argument("--json", action="store_true", help="one JSON object as the last line")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        found = leftovers.survey(now=now)
        self.stdout.write(f"{len(found.kept)} files, {len(found.left)} that no row names:")
        for folder, count in sorted(Counter(path.parent.name for path in found.left).items()):
            self.stdout.write(f"  {folder}: {count}")
        stop = leftovers.stop() or found.stop()
        moved = 0
        if options["confirm"]:
            if not (options["by"].strip() and options["reason"].strip()):
                raise CommandError(
                    "Say who confirms it, and why: --by, --reason.", returncode=commands.REFUSED
                )
            with record.acting(actor="command:tidy", actor_name=options["by"]):
                ownership.confirm(now=now, by=options["by"], reason=options["reason"])
            moved = leftovers.files(now=now, confirmed=True)
            self.stdout.write(f"{moved} put aside in {quarantine.FOLDER}/{now.date()}.")
        elif stop:
            self.stdout.write(operations_messages.stopped(stop))
        if options["json"]:
            said = {"files": len(found.kept), "left": len(found.left), "moved": moved}
            self.stdout.write(json.dumps(said | {"stopped": stop.code if stop else ""}))
