"""The modules that declare this app's job kinds; loaded by every process (`apps.jobs.kinds`)."""

from apps.reconciliation.conflicts import detection, resolution
from apps.reconciliation.deliveries import loading, reverting
from apps.reconciliation.duplicates import deduplication
from apps.reconciliation.linkage import register_runs, runs, thresholds

__all__ = [
    "deduplication",
    "detection",
    "loading",
    "register_runs",
    "resolution",
    "reverting",
    "runs",
    "thresholds",
]
