"""The base of the commands that import a file of an office: its options, and what it says."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.audit.subjects import command
from apps.common import commands
from apps.common.errors import DomainError
from apps.common.files import stored_files
from apps.imports.findings import SHOWN
from apps.imports.office_imports import Import, Imported
from apps.regions.models import CodeSystem


class OfficeCommand(commands.Command):
    """A subclass says what is imported (`help`, `name` of the command) and does it (`import_file`).

    `shows_cells = False` keeps what the cells hold off the terminal and its log.
    """

    name = ""
    shows_cells = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--mapping", type=Path, help="JSON: our column -> heading in the file")
        parser.add_argument(
            "--code-system",
            choices=CodeSystem.values,
            default=CodeSystem.KEMENDAGRI.value,
            help="of villages",
        )
        parser.add_argument("--json", action="store_true", help="end with one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        path = commands.need_file(options["file"])
        try:
            mapping = json.loads(options["mapping"].read_text()) if options["mapping"] else None
        except (OSError, ValueError) as unreadable:
            raise CommandError(
                _("%(path)s cannot be read as JSON.") % {"path": options["mapping"]},
                returncode=commands.REFUSED,
            ) from unreadable
        try:
            done = self.import_file(self._asked(path, mapping, options))
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

    def _asked(
        self, path: Path, mapping: dict[str, str | int] | None, options: dict[str, Any]
    ) -> Import:
        return Import(
            path=path,
            by=command(self.name),
            now=timezone.now(),
            mapping=mapping,
            kind=options.get("kind", ""),
            code_system=options["code_system"],
            scratch=stored_files.folder("scratch"),
        )

    def import_file(self, asked: Import) -> Imported:
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
