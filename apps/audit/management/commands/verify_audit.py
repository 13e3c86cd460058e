"""`manage.py verify_audit`: whether the trail was changed.

After a restore of an older backup a person acknowledges the missing entries: `--restored BACKUP
--by WHO --reason WHY`. Every later verification names the acknowledgement.
"""

from __future__ import annotations

import json
import time
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.audit import restores
from apps.audit.anchors import Anchor
from apps.audit.verify import Report, verify
from apps.common import commands
from apps.common.errors import DomainError

TAMPERED = 2
SHOWN = 10


class Command(commands.Command):
    help = (
        "Verify the audit trail: chain, entries, times, guards and anchors. With --restored, --by"
        " and --reason: acknowledge that an older backup was put back."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--restored", metavar="BACKUP", default="", help="which backup")
        parser.add_argument("--by", default="", help="who acknowledges the restore")
        parser.add_argument("--reason", default="", help="why it was restored")
        parser.add_argument("--json", action="store_true", help="one JSON object as the last line")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["restored"]:
            self._acknowledge(options["restored"], options["by"], options["reason"])
        started = time.perf_counter()
        report = verify(now=timezone.now())
        seconds = round(time.perf_counter() - started, 2)
        self._say(report, seconds)
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(report, seconds)))
        if not report.is_sound:
            raise CommandError(
                _("The audit trail was tampered with. First: %(problem)s")
                % {"problem": report.problems[0].text},
                returncode=TAMPERED,
            )

    def _acknowledge(self, backup: str, by: str, reason: str) -> None:
        if not (by.strip() and reason.strip()):
            raise CommandError(
                _("Say who acknowledges the restore, and why: --by, --reason."), returncode=TAMPERED
            )
        try:
            restores.acknowledge(by=by, reason=reason, backup=backup, now=timezone.now())
        except DomainError as refused:
            raise CommandError(
                _("This does not come from a restore: %(problem)s") % {"problem": refused.text},
                returncode=TAMPERED,
            ) from refused

    def _say(self, report: Report, seconds: float) -> None:
        self.stdout.write(
            _(
                "%(sealed)s sealed entries, %(unsealed)s not yet sealed, %(anchors)s anchors;"
                " verified in %(seconds)s s."
            )
            % {
                "sealed": report.entries,
                "unsealed": report.unsealed,
                "anchors": report.anchors,
                "seconds": seconds,
            }
        )
        for line in report.restores:
            self.stdout.write(_restore_in_words(line))
        for problem in report.problems[:SHOWN]:
            self.stdout.write(problem.text)
        if report.is_sound:
            self.stdout.write(_("Nothing was changed."))


def _restore_in_words(line: Anchor) -> str:
    return _(
        "Restored from %(backup)s, acknowledged on %(at)s by %(by)s: %(reason)s. Anchors beyond"
        " position %(after)s written before that do not count."
    ) % {"at": line.at, **(line.restore or {})}


def _as_json(report: Report, seconds: float) -> dict[str, Any]:
    first = report.first_bad
    return {
        "ok": report.is_sound,
        "sealed": report.entries,
        "unsealed": report.unsealed,
        "anchors": report.anchors,
        "restores": len(report.restores),
        "problems": len(report.problems),
        "first_bad": first and first.__dict__ | {"text": first.text},
        "seconds": seconds,
    }
