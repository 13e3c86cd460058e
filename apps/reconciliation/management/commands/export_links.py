"""Export the pairs of a run as CSV, with the sources' own record numbers."""

from __future__ import annotations

from argparse import SUPPRESS
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import command
from apps.common import commands, sql
from apps.reconciliation.models import Run


class Command(commands.Command):
    help = (
        "Write the pairs of a run: the sources' own numbers, probability, weight and decision (what"
        " the pair stands as), and whether it belongs to the blind sample (blind_sample: true or"
        " false). Every pair says what it stands as. Do not show the file to people who still"
        " have to answer pairs of the blind sample."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("run", type=int)
        parser.add_argument(
            "--out", type=Path, required=True, help="a file that does not exist yet"
        )

        # every export has it now; the old argument is still accepted
        parser.add_argument("--open-sample", action="store_true", help=SUPPRESS)

    def handle(self, *, run: int, out: Path, **_options: Any) -> None:
        found = Run.objects.filter(pk=run).first()
        if found is None:
            raise CommandError(f"There is no run {run}.", returncode=commands.REFUSED)
        if out.exists():
            raise CommandError(
                f"{out} exists already. Name another file.", returncode=commands.REFUSED
            )
        record.entry(Action.EXPORT, about=found, by=command("export_links"))
        out.touch(mode=0o600)
        lines = sql.copy_out(
            "reconciliation/export_links",
            {"pairing": found.pairing_id, "run": found.pk},
            out,
            as_csv=True,
        )
        self.stdout.write(f"{lines} pairs written to {out}.")
