"""The daily e-mail: counts by kind, and one link. Without names, numbers or file names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import ngettext

from apps.accounts.models import User
from apps.casework.models import Notice
from apps.common import sql

# Not before this hour in the portal's time zone, so that the e-mail arrives in the morning.
FROM_HOUR = 6
# Kinds for which the mail counts the rows, not the notices.
OF_ROWS = {"rows_returned", "questions", "answer_back"}
PLACE = "/proposals/notices/"


@dataclass(frozen=True)
class DigestLine:
    """One kind of notice in the mail."""

    label: str
    count: int


def send_digests(*, now: datetime) -> int:
    """Send today's e-mails. A repeat sends only the missing ones. Returns how many were sent.

    Cost: one transaction and one mail for each person with new notices.
    """
    if timezone.localtime(now).hour < FROM_HOUR:
        return 0
    return sum(_send_to(user, now) for user in _who(now))


def _who(now: datetime) -> list[User]:
    """Users with an address who want the e-mail, have new notices and got no e-mail today."""
    today = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    own = Notice.objects.filter(user=OuterRef("pk"))
    return list(
        User.objects.filter(
            Exists(own.filter(read_at__isnull=True, mailed_at__isnull=True)),
            ~Exists(own.filter(mailed_at__gte=today)),
            is_active=True,
        )
        .exclude(email="")
        .exclude(mail_preference__wants_digest=False)
        .select_related("mail_preference")
        .order_by("pk")
    )


def _send_to(user: User, now: datetime) -> int:
    """Mark and send in one transaction: an e-mail that was not sent is sent tomorrow."""
    preference = getattr(user, "mail_preference", None)
    language = preference.language if preference else settings.LANGUAGE_CODE
    with transaction.atomic(), translation.override(language):
        found = sql.run("casework/mark_mailed", {"user": user.pk, "now": now})
        if not found:
            return 0
        lines = [
            DigestLine(str(Notice.Kind(kind).label), rows if kind in OF_ROWS else notices)
            for kind, notices, rows in found
        ]
        total = sum(line.count for line in lines)
        subject = ngettext(
            "DTKS portal: {n} new notice", "DTKS portal: {n} new notices", total
        ).format(n=total)
        text = render_to_string(
            "casework/digest.txt",
            {"lines": lines, "address": f"{settings.SITE_ADDRESS}{PLACE}"},
        )
        send_mail(subject, text, None, [user.email])
    return 1
