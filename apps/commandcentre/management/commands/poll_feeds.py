"""`manage.py poll_feeds`: asks every feed now and stores what is new."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from apps.commandcentre.feeds import polling
from apps.common import commands, errors


class Command(commands.Command):
    help = "Asks every feed of hazards now; new and changed hazards are stored and assessed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="last line is one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        if not polling.addresses():
            self.stdout.write("No feed is on. Set the addresses (docs/operations.md).")
        done = polling.poll_feeds(now=timezone.now(), is_forced=True)
        for one in done:
            why = f" {errors.text(one.code, one.params)}" if one.code else ""
            self.stdout.write(f"{one.feed}: {one.new} new, {one.changed} changed.{why}")
        if options["json"]:
            feeds = {
                one.feed: {
                    "new": one.new,
                    "changed": one.changed,
                    "refused": one.refused,
                    "code": one.code,
                }
                for one in done
            }
            self.stdout.write(json.dumps({"feeds": feeds}))
