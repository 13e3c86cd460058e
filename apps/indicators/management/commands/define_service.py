"""`manage.py define_service NAME --url …`: a service that publishes figures, and its fields."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from apps.audit.subjects import command
from apps.common import commands
from apps.common.errors import DomainError
from apps.indicators.management.commands.import_indicators import pair
from apps.indicators.models import Service
from apps.indicators.services import syncing
from apps.regions.models import CodeSystem


class Command(commands.Command):
    help = "Add a service of published figures, or change one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="small letters, digits, - and _")
        parser.add_argument("--kind", choices=Service.Kind.values, required=True)
        parser.add_argument("--url", required=True, help="HTTPS, a public address")
        parser.add_argument("--layer", default="", help="number, collection or type name")
        parser.add_argument("--source", required=True, help="who publishes it")
        parser.add_argument("--period", required=True, help="2021, 2021-03, 2021-Q1 or 2021-S1")
        parser.add_argument(
            "--column",
            action="append",
            default=[],
            type=pair,
            metavar="FIELD=OURS",
            help="region_code, province_name, regency_name, district_name, village_name, year",
        )
        parser.add_argument(
            "--value", action="append", required=True, type=pair, metavar="FIELD=INDICATOR"
        )
        parser.add_argument(
            "--code-system", choices=CodeSystem.values, default=CodeSystem.KEMENDAGRI.value
        )
        parser.add_argument("--vintage", default="", help="year or day of the codes")
        parser.add_argument("--page-size", type=int, default=1_000)
        parser.add_argument("--interval-s", type=int, default=86_400)
        parser.add_argument("--off", action="store_true", help="do not ask it by itself")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            service = syncing.define_service(
                name=options["name"],
                by=command("define_service"),
                kind=options["kind"],
                url=options["url"],
                layer=options["layer"],
                source=options["source"],
                period=options["period"],
                fields={ours: field for field, ours in options["column"]},
                values={code: field for field, code in options["value"]},
                code_system=options["code_system"],
                vintage=options["vintage"],
                page_size=options["page_size"],
                interval_s=options["interval_s"],
                is_active=not options["off"],
            )
        except DomainError as refused:
            raise CommandError(refused.text, returncode=commands.REFUSED) from refused
        self.stdout.write(_("Stored: %(name)s.") % {"name": service.pk})
