"""`manage.py reset_factor USERNAME --reason lost`: for users whom no administrator can help."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.accounts.people import users
from apps.audit import record
from apps.common import commands
from apps.common.errors import DomainError


class Command(commands.Command):
    help = "Take a user's second factor away, so that a new one is set up at the next sign-in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--reason", choices=sorted(users.RESET_REASONS), required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"]).first()
        try:
            if user is None:
                raise DomainError("nobody_of_that_name", username=options["username"])
            with record.acting(actor="system", actor_name="manage.py reset_factor"):
                users.reset_factor(user=user, by=None, reason=options["reason"], now=timezone.now())
        except DomainError as refused:
            raise CommandError(refused.text, returncode=commands.REFUSED) from refused
        said = _("The second factor of %(name)s is reset; all sessions of theirs have ended.")
        self.stdout.write(said % {"name": user})
