"""`manage.py sync_indicators [NAME …]`: reads services of published figures now."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.audit.subjects import command
from apps.common import commands, errors
from apps.indicators.models import Service
from apps.indicators.services import syncing


class Command(commands.Command):
    help = "Read services of published figures now; one that fails changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", nargs="*", help="without any: every active one")
        parser.add_argument("--json", action="store_true", help="last line is one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        names = options["name"]
        services = (
            Service.objects.filter(pk__in=names)
            if names
            else Service.objects.filter(is_active=True)
        )
        found = {service.pk: service for service in services}
        if missing := [name for name in names if name not in found]:
            unknown = errors.text("service_unknown", {"name": missing[0]})
            raise CommandError(unknown, returncode=commands.REFUSED)
        by, told = command("sync_indicators"), dict[str, Any]()
        for name, service in found.items():
            done = syncing.sync_service(service, by=by, now=timezone.now())
            why = f" {errors.text(done.code, done.params)}" if done.code else ""
            words = _("new figures") if done.is_new else _("nothing new")
            self.stdout.write(f"{name}: {done.rows}, {words}.{why}")
            told[name] = {
                "code": done.code,
                "rows": done.rows,
                "pages": done.asked,
                "is_new": done.is_new,
                "publication": done.publication.pk if done.publication else None,
            }
        if options["json"]:
            self.stdout.write(json.dumps({"services": told}))
