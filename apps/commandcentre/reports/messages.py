"""Codes and texts: situation reports."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.common.errors import register

MESSAGES: dict[str, Promise] = {
    "report_reason": _("Write what was wrong in the corrected report. Nothing was issued."),
    "report_meanwhile": _(
        "%(name)s issued report number %(number)s after you loaded the page. No further report was"
        " issued: read that one first."
    ),
    "report_cap_unassessed": _(
        "The last version of this hazard is not assessed yet, so that its severity is not known."
        " Load the CAP message again in a moment."
    ),
    "report_cap_nothing": _(
        "The source cancelled this hazard before any message about it could go out: there is"
        " nothing to cancel."
    ),
    "report_other_hazard": _(
        "The report to correct belongs to another hazard. Load the list again; nothing was issued."
    ),
}

register("apps.commandcentre.reports", MESSAGES, races=frozenset({"report_meanwhile"}))
