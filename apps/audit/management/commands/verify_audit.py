"""`manage.py verify_audit`: whether anybody changed what the trail says."""

from __future__ import annotations

import json
import time
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.audit import messages
from apps.audit.verify import Report, verify
from apps.common import commands

TAMPERED = 2
SHOWN = 10


class Command(commands.Command):
    help = "Verify the audit trail: chain, entries, times, guards and anchors."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object as the last line")

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.perf_counter()
        report = verify(now=timezone.now())
        seconds = round(time.perf_counter() - started, 2)
        self._say(report, seconds)
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(report, seconds)))
        if not report.is_sound:
            raise CommandError(
                _("The audit trail was tampered with. First: %(problem)s")
                % {"problem": messages.text(report.problems[0])},
                returncode=TAMPERED,
            )

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
        for problem in report.problems[:SHOWN]:
            self.stdout.write(messages.text(problem))
        if report.is_sound:
            self.stdout.write(_("Nothing was changed."))


def _as_json(report: Report, seconds: float) -> dict[str, Any]:
    first = report.first_bad
    return {
        "ok": report.is_sound,
        "sealed": report.entries,
        "unsealed": report.unsealed,
        "anchors": report.anchors,
        "problems": len(report.problems),
        "first_bad": first and first.__dict__ | {"text": messages.text(first)},
        "seconds": seconds,
    }
