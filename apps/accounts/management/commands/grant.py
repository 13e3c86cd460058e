"""`manage.py grant USERNAME ROLE REGION_CODE`: gives a role from the machine itself."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.accounts.models import Grant, User
from apps.accounts.people import grants, users
from apps.audit import record
from apps.common import commands
from apps.common.errors import DomainError


class Command(commands.Command):
    help = "Give a user a role in a region (a year, unless --until says otherwise)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("role")
        parser.add_argument("region_code")
        parser.add_argument("--create", action="store_true", help="make the user first")
        parser.add_argument(
            "--nik", default="", help="the person's, where the account has none yet"
        )
        parser.add_argument("--until", type=_day, help="last day, yyyy-mm-dd")
        parser.add_argument("--json", action="store_true", help="one JSON object as the last line")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with record.acting(actor="system", actor_name="manage.py grant"):
                made = _so_already(options)
                password, is_new = "", made is None
                if made is None:
                    made, password = self._grant(options)
        except DomainError as refused:
            raise CommandError(refused.text, returncode=commands.REFUSED) from refused
        self._report(made, password, is_new=is_new, as_json=options["json"])

    @transaction.atomic
    def _grant(self, options: dict[str, Any]) -> tuple[Grant, str]:
        now = timezone.now()
        user, password = self._user(options["username"], create=options["create"], now=now)
        users.give_nik(user=user, nik=options["nik"], by=None, now=now)
        made = grants.grant(
            user=user,
            role=options["role"],
            region_code=options["region_code"],
            by=None,
            now=now,
            until=options["until"],
        )
        return made, password

    def _user(self, username: str, *, create: bool, now: datetime) -> tuple[User, str]:
        user = User.objects.filter(username=username).first()
        if user is not None:
            return user, ""
        if not create:
            raise DomainError("unknown_user", username=username)
        # the operator also has access to the database: the password may be shown here
        return users.create(username=username, full_name="", by=None, now=now, is_temporary=False)

    def _report(self, made: Grant, password: str, *, is_new: bool, as_json: bool) -> None:
        until = date_format(timezone.localtime(made.active_until), "DATE_FORMAT")
        self.stdout.write(
            _("%(user)s is %(role)s for %(region)s until %(until)s.")
            % {
                "user": made.user,
                "role": made.get_role_display(),
                "region": made.region,
                "until": until,
            }
        )
        if not is_new:
            self.stdout.write(_("That is so already; nothing was changed."))
        if password:
            self.stdout.write(_("Password, shown this once: %(password)s") % {"password": password})
        if as_json:
            shown = {
                "user": made.user.username if made.user else "",
                "role": made.role,
                "region": made.region_id,
                "until": made.active_until.isoformat(),
                "is_new": is_new,
            }
            self.stdout.write(json.dumps(shown | ({"password": password} if password else {})))


def _so_already(options: dict[str, Any]) -> Grant | None:
    """The requested grant if it already holds, until the same day if one is given; else None."""
    now, until = timezone.now(), options["until"]
    held = Grant.objects.filter(
        user__username=options["username"],
        user__is_active=True,
        role=options["role"],
        region_id=options["region_code"],
        active_from__lte=now,
        active_until__gt=now,
    )
    return (held.filter(active_until=until) if until else held).first()


def _day(text: str) -> datetime:
    """The end of a day in the portal's time zone."""
    return timezone.make_aware(datetime.strptime(text, "%Y-%m-%d") + timedelta(days=1))
