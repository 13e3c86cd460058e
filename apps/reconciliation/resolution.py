"""An answer about a conflict becomes a correction of the register, through its one door."""

from apps.registry import changes  # noqa: F401 (the door that this module alone may use here)
