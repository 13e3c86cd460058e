"""`manage.py breach_report`: whose data one account saw, exported or changed in a period."""

from __future__ import annotations

import csv
import json
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from apps.accounts.access import actor_of
from apps.accounts.models import Client, User
from apps.audit import breach, record
from apps.audit.models import Action
from apps.audit.subjects import Actor, Subject
from apps.common import commands

# The model of the ids that an entry lists under each key (`apps.audit.about`).
LABELS: Final = {"persons": "registry.Person", "proposals": "proposals.Proposal"}


def read_moment(text: str) -> datetime:
    """A moment in the portal's time zone, unless the text names another."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else timezone.make_aware(found)


class Command(commands.Command):
    help = (
        "Say whose data an account saw, took out or changed in a period, how many, when and from"
        " where: for the notice of a breach. The file lists every person, proposal and row."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        who = parser.add_mutually_exclusive_group(required=True)
        who.add_argument("--user", metavar="NAME", help="a user's name")
        who.add_argument("--client", metavar="ID", help="an agency's client, by its public id")
        parser.add_argument("--since", type=read_moment, required=True, help="2026-11-01T08:00")
        parser.add_argument("--until", type=read_moment, help="before this moment; now without it")
        parser.add_argument("--to", type=Path, required=True, help="the CSV file to write")
        parser.add_argument("--reason", required=True, help="why it is asked")
        parser.add_argument("--json", action="store_true", help="one JSON object as the last line")

    def handle(self, *args: Any, **options: Any) -> None:
        since, until = options["since"], options["until"] or timezone.now()
        actor = _actor(options["user"], options["client"])
        found = breach.report_breach(actor=actor, since=since, until=until, labels=LABELS)
        period = {"since": since.isoformat(), "until": until.isoformat()}
        record.entry(
            Action.RUN,
            about=Subject(f"audit.Actor:{actor}"),
            by=Actor("command:breach_report"),
            reason=options["reason"],
            report="breach",
            **period,
        )
        _write(found, options["to"])
        for acts in found.acts:
            rows = f", {acts.exported_rows} rows in files" if acts.exported_rows else ""
            self.stdout.write(
                f"{acts.action} {acts.entries} times from {acts.address or 'this machine'},"
                f" {acts.first_at:%Y-%m-%d %H:%M} to {acts.last_at:%Y-%m-%d %H:%M}{rows}"
            )
        for label, count in sorted(found.counts().items()):
            self.stdout.write(f"{label}: {count}")
        self.stdout.write(f"{len(found.touched)} lines in {options['to']}.")
        if options["json"]:
            self.stdout.write(json.dumps({"actor": actor, "counts": found.counts(), **period}))


def _actor(user: str, client: str) -> str:
    found: User | Client | None
    if user:
        found = User.objects.filter(username=user).first()
    else:
        found = Client.objects.filter(client_id=client).first()
    if found is None:
        raise CommandError(f"There is no {user or client}.", returncode=commands.REFUSED)
    return actor_of(found)


def _write(found: breach.BreachReport, path: Path) -> None:
    """Write keys, no names: resolving a key to a person is recorded for each."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["subject", "actions", "entries", "first_at", "last_at"])
        for one in found.touched:
            times = (one.first_at.isoformat(), one.last_at.isoformat())
            writer.writerow([one.subject, " ".join(one.actions), one.entries, *times])
