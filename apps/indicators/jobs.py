"""The modules that declare this app's job kinds; loaded by every process (`apps.jobs.kinds`)."""

from apps.indicators.figures import reading
from apps.indicators.measures import counting
from apps.indicators.pockets import computation, edition_files
from apps.indicators.services import previews, syncing

__all__ = ["computation", "counting", "edition_files", "previews", "reading", "syncing"]
