"""The base of the commands that import a file of an office: its options, and what it says."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from apps.common import commands
from apps.common.errors import DomainError
from apps.imports.findings import SHOWN, Findings
from apps.imports.layouts import OfficeFile


@dataclass(frozen=True)
class Imported:
    """The result of an import. `counts` are rows by what became of them."""

    file: OfficeFile
    rows: int
    counts: dict[str, int]
    findings: Findings
    listed: Path | None


class OfficeCommand(commands.Command):
    """A subclass says what is imported (`help`) and does it (`import_file`).

    `shows_cells = False` keeps what the cells hold off the terminal and its log.
    """

    shows_cells = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--mapping", type=Path, help="JSON: our column -> heading in the file")
        parser.add_argument(
            "--code-system", choices=["kemendagri", "bps"], default="kemendagri", help="of villages"
        )
        parser.add_argument("--json", action="store_true", help="end with one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(
                _("There is no file %(path)s.") % {"path": path}, returncode=commands.REFUSED
            )
        try:
            mapping = json.loads(options["mapping"].read_text()) if options["mapping"] else None
        except (OSError, ValueError) as unreadable:
            raise CommandError(
                _("%(path)s cannot be read as JSON.") % {"path": options["mapping"]},
                returncode=commands.REFUSED,
            ) from unreadable
        try:
            done = self.import_file(path, mapping, options)
        except DomainError as refused:
            raise CommandError(refused.text, returncode=commands.REFUSED) from refused
        self._say(done)
        if options["json"]:
            summary = {
                "rows": done.rows,
                **done.counts,
                "refused": len(done.findings.refused_rows),
                "findings": done.findings.counts(),
            }
            self.stdout.write(json.dumps(summary))

    def import_file(
        self, path: Path, mapping: dict[str, str | int] | None, options: dict[str, Any]
    ) -> Imported:
        """Import a file. Raises: DomainError, FileRefused."""
        raise NotImplementedError

    def say_counts(self, counts: dict[str, int]) -> str:
        """The sentence about what became of the rows."""
        raise NotImplementedError

    def _say(self, done: Imported) -> None:
        self.stdout.write(_("%(rows)s rows read: ") % {"rows": done.rows}, ending="")
        self.stdout.write(self.say_counts(done.counts))
        if unused := done.file.unused:
            names = ", ".join(unused)
            self.stdout.write(_("Columns that were not used: %(names)s.") % {"names": names})
        for finding in islice(done.findings, SHOWN if self.shows_cells else 0):
            self.stdout.write(done.findings.sentence(finding))
        if done.listed is not None:
            self.stdout.write(
                _("%(refused)s rows were not taken; every finding with its line: %(path)s")
                % {"refused": len(done.findings.refused_rows), "path": done.listed}
            )
