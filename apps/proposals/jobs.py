"""Imports the modules that declare kinds of jobs; every process loads it (`apps.jobs.kinds`)."""

from apps.proposals.checks import batch_check, recheck
from apps.proposals.civil import asking
from apps.proposals.decree import annulment, determination
from apps.proposals.entry import remarks
from apps.proposals.fixes import rework
from apps.proposals.photos import photo_findings, photo_zip
from apps.proposals.returned import amendment
from apps.proposals.review import bulk_undo, decisions

__all__ = [
    "amendment",
    "annulment",
    "asking",
    "batch_check",
    "bulk_undo",
    "decisions",
    "determination",
    "photo_findings",
    "photo_zip",
    "recheck",
    "remarks",
    "rework",
]
