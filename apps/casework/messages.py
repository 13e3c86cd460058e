"""Why a cycle was refused: what, where, how to fix it."""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

MESSAGES: dict[str, Promise] = {
    "cycle_order": _(
        "The dates of %(name)s are not in order: it opens, closes on that day or later, and data"
        " are drawn after it has closed. Correct the dates."
    ),
    "cycle_name_taken": _("There is already a cycle %(name)s. Choose another name."),
}


def text(code: str, params: dict[str, Any]) -> str:
    """The sentence for a refusal of this app."""
    return str(MESSAGES[code]) % params
