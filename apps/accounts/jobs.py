"""Imports what declares job kinds in this app; every process loads it (`apps.jobs.kinds`)."""

from apps.accounts.people import account_notices

__all__ = ["account_notices"]
