"""Who acted, as a page says it: a person's name, or what stands for one."""

from __future__ import annotations

from django.utils.translation import gettext as _

COMMAND, SYSTEM = "command:", "system"


def spoken(name: str) -> str:
    """A stored name of who acted, in words: commands and the system have none of their own."""
    if name.startswith(COMMAND):
        return _("Pusdatin, by the command {name} on the server").format(
            name=name.removeprefix(COMMAND)
        )
    return _("The portal itself") if name == SYSTEM else name
