"""Notifies the owner of an account by e-mail, from the worker, of what was done to it.

The job is written in the transaction of the act and sent after it, so an unreachable mail server
delays neither. A failed letter is tried again; if it cannot be sent, the page of jobs lists it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.audit import record
from apps.audit.subjects import subject_of
from apps.jobs import kinds, work

SEND_LETTER: Final = "accounts.send_letter"
# What a letter is about, and its name there.
SUBJECTS: Final[dict[str, Promise]] = {
    "password_reset": _("Your password was reset by an administrator"),
    "factor_reset": _("Your second factor was reset by an administrator"),
    "disabled": _("Your account was disabled"),
    "enabled": _("Your account was enabled again"),
    "password_changed": _("Your password was changed"),
    "factor_added": _("A second factor was added to your account"),
    "factor_removed": _("A second factor was removed from your account"),
}


def notify_owner(*, user: User, what: str, now: datetime) -> None:
    """Enqueue a letter to the owner. None is sent without an address or for an act without a
    letter.
    """
    if not user.email or what not in SUBJECTS:
        return
    origin = record.origin()
    work.enqueue(
        SEND_LETTER,
        subject_of(user),
        subject_name=user.username,
        by=origin.actor,
        by_name=origin.actor_name,
        queue="interactive",
        parameters={"user": user.pk, "what": what, "at": now.isoformat()},
    )


@kinds.job(SEND_LETTER, label=_("Letter about an account"), queue="interactive")
def send(lease: work.Lease) -> None:
    """Send one letter in each language of the portal: the reader's language is not known."""
    asked = lease.job.parameters
    user = User.objects.get(pk=asked["user"])
    at = timezone.localtime(datetime.fromisoformat(asked["at"]))
    parts, title = [], ""
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            subject = str(SUBJECTS[asked["what"]])
            title = title or f"DTKS: {subject}"
            context = {
                "subject": subject,
                "at": f"{date_format(at, 'DATETIME_FORMAT')} {at:%Z}",
                "username": user.username,
                "address": settings.SITE_ADDRESS,
                "is_own": asked["what"] in OWN,
            }
            parts.append(render_to_string("accounts/people/letter.txt", context).strip())
    if user.email:
        send_mail(title, "\n\n-- \n\n".join(parts) + "\n", None, [user.email])
    lease.finish(sent=bool(user.email))


OWN: Final = frozenset({"password_changed", "factor_added", "factor_removed"})
