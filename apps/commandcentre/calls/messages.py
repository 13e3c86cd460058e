"""Codes and texts: calls."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.common.errors import register

MESSAGES: dict[str, Promise] = {
    "call_responder": _(
        "This responder is not on the list any more. Load the list again; nothing was noted."
    ),
    "call_outcome": _("Choose what came of the call. Nothing was noted."),
}

register("apps.commandcentre.calls", MESSAGES)
