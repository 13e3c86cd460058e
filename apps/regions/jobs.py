"""What declares kinds of long work in this app; every process loads it (`apps.jobs.kinds`)."""

from apps.regions import boundaries

__all__ = ["boundaries"]
