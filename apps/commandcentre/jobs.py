"""The long work of the command centre."""

from apps.commandcentre.planning import plans

__all__ = ["plans"]
