"""The modules that declare this app's job kinds; loaded by every process (`apps.jobs.kinds`)."""

from apps.regions import boundaries
from apps.regions.editions import shapes

__all__ = ["boundaries", "shapes"]
