"""Codes and texts: wall screens."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.common.errors import register

MESSAGES: dict[str, Promise] = {
    "wall_name": _("Give the screen a name, so that others know which one it is."),
    "wall_code": _(
        "This code is not valid: it counts once, for ten minutes. Ask the duty head for a new one."
    ),
}

register("apps.commandcentre.walls", MESSAGES)
