"""The modules that declare this app's job kinds; loaded by every process (`apps.jobs.kinds`)."""

from apps.commandcentre.exposure import assessment
from apps.commandcentre.planning import plans

__all__ = ["assessment", "plans"]
