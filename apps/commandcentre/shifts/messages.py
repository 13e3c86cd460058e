"""Codes and texts: the duty."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.common.errors import register

MESSAGES: dict[str, Promise] = {
    "duty_taken": _("You have the duty already. Nothing was changed."),
    "duty_not_yours": _(
        "You do not have the duty: somebody took it over meanwhile. Take it first, then hand it"
        " over."
    ),
    "duty_longest": _(
        "A shift lasts at most %(hours)s hours. Hand it over, so that somebody awake has it."
    ),
    "assign_operator": _("Choose an operator of the command centre. Nothing was changed."),
    "assign_same": _("%(name)s answers for this hazard already. Nothing was changed."),
    "duty_words": _("Write a few words for those who read the log. Nothing was noted."),
}

register(
    "apps.commandcentre.shifts",
    MESSAGES,
    races=frozenset({"duty_taken", "duty_not_yours", "assign_same"}),
)
