"""The modules that declare this app's job kinds; loaded by every process (`apps.jobs.kinds`)."""

from apps.commandcentre.coverage import village_coverage
from apps.commandcentre.exposure import assessment
from apps.commandcentre.planning import plans
from apps.commandcentre.uploads import file_import

__all__ = ["assessment", "file_import", "plans", "village_coverage"]
