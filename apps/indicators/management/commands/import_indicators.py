"""`manage.py import_indicators FILE --period 2021 --source TEXT`: published figures by region."""

from __future__ import annotations

import argparse
import json
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.audit.subjects import command
from apps.common import commands, errors
from apps.common.errors import DomainError
from apps.indicators.figures import intake, reading
from apps.indicators.figures.reading import ReadingOutcome
from apps.indicators.models import Publication
from apps.regions.models import CodeSystem

SHOWN = 20


class Command(commands.Command):
    help = "Import published figures (CSV, XLSX, GeoJSON, GeoPackage) and say what is odd."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--period", required=True, help="2021, 2021-03, 2021-Q1 or 2021-S1")
        parser.add_argument("--source", required=True, help="who published it, and where")
        parser.add_argument(
            "--indicator", action="append", default=[], help="only this one (may be repeated)"
        )
        parser.add_argument(
            "--value",
            action="append",
            default=[],
            type=pair,
            metavar="HEADING=INDICATOR",
            help="the column of an indicator's figures (may be repeated)",
        )
        parser.add_argument(
            "--column",
            action="append",
            default=[],
            type=pair,
            metavar="HEADING=OURS",
            help="region_code, province_name, regency_name, district_name, village_name, year",
        )
        parser.add_argument(
            "--code-system", choices=CodeSystem.values, default=CodeSystem.KEMENDAGRI.value
        )
        parser.add_argument("--vintage", default="", help="year or day of the codes")
        parser.add_argument("--by-name", action="store_true", help="do not read the codes")
        parser.add_argument(
            "--published", type=date.fromisoformat, help="day of publication, such as 2021-11-30"
        )
        parser.add_argument("--json", action="store_true", help="end with one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        path = commands.need_file(options["file"])
        try:
            publication, outcome = self._import(path, options)
        except DomainError as refused:
            raise CommandError(refused.text, returncode=commands.REFUSED) from refused
        self._say(publication, outcome)
        if options["json"]:
            self.stdout.write(json.dumps(_summary(publication, outcome)))

    def _import(
        self, path: Path, options: dict[str, Any]
    ) -> tuple[Publication, ReadingOutcome | None]:
        now, by = timezone.now(), command("import_indicators")
        told = intake.Told(
            source=options["source"],
            period=options["period"],
            code_system=options["code_system"],
            vintage=options["vintage"],
            published_date=options["published"],
            by_code=not options["by_name"],
            columns={ours: heading for heading, ours in options["column"]} or None,
            values={code: heading for heading, code in options["value"]} or None,
            indicators=tuple(options["indicator"]),
        )
        with path.open("rb") as file:
            kept = intake.keep(file, path.name)
        received = intake.receive_publication(kept, told, by=by, now=now)
        if received.lacks is not None:
            raise received.lacks
        publication = received.publication
        if not received.is_to_be_read:
            return publication, None
        outcome = reading.read_at_once(publication, by=by, now=now)
        publication.refresh_from_db()
        return publication, outcome

    def _say(self, publication: Publication, outcome: ReadingOutcome | None) -> None:
        if outcome is None:
            self.stdout.write(
                _("This file was received before, as publication %(number)s. Nothing was done.")
                % {"number": publication.pk}
            )
            return
        self.stdout.write(
            _("%(rows)s rows read, %(taken)s regions taken.")
            % {"rows": outcome.rows, "taken": outcome.taken}
        )
        for release in outcome.releases:
            told = {"indicator": release.indicator_id, "count": release.values_count}
            self.stdout.write(_("In force: %(indicator)s, %(count)s values.") % told)
        for code in outcome.unchanged:
            told = {"indicator": code}
            self.stdout.write(_("Unchanged: %(indicator)s. No new release was made.") % told)
        for row in publication.open_rows.order_by("row_number")[:SHOWN]:
            self.stdout.write(errors.text(row.code, row.params))
        for one in publication.findings.order_by("-is_refusal", "row_number")[:SHOWN]:
            self.stdout.write(errors.text(one.code, one.params))
        for reason in outcome.held:
            self.stdout.write(errors.text(reason["code"], reason["params"]))
        if outcome.status == Publication.Status.REVIEW:
            self.stdout.write(
                _(
                    "%(open)s rows wait for a planner: nothing is in force yet. Answer them at"
                    " /indicators/publications/%(number)s/."
                )
                % {"open": outcome.open, "number": publication.pk}
            )


def pair(text: str) -> tuple[str, str]:
    """The two parts of `HEADING=NAME`; the heading may hold further signs of equality."""
    heading, equals, ours = text.rpartition("=")
    if not equals or not heading or not ours:
        raise argparse.ArgumentTypeError(f"{text} is not HEADING=NAME")
    return heading, ours


def _summary(publication: Publication, outcome: ReadingOutcome | None) -> dict[str, Any]:
    known = {"publication": publication.pk, "status": publication.status}
    if outcome is None:
        return {**known, "is_new": False}
    return {
        **known,
        "is_new": True,
        "rows": outcome.rows,
        "taken": outcome.taken,
        "open": outcome.open,
        "refused": outcome.refused,
        "releases": {one.indicator_id: one.values_count for one in outcome.releases},
        "unchanged": outcome.unchanged,
        "held": [one["code"] for one in outcome.held],
    }
