"""The staging tables of the checks: rows as text, and the tables that the statements make."""

from __future__ import annotations

from typing import Final

from apps.common.staging import Staging
from apps.proposals import columns
from apps.proposals.models import Batch

# Tables that are made from `staging`, the rows as text.
PARTS: Final = (
    "places",
    "programmes",
    "tidy",
    "findings",
    "homes",
    "known",
    "looked",
    "matched",
    "requests",
    "located",
    "strays",
    "placed",
    "weighed",
)
EXTRA: Final = "extra_cells"
# Of a table of rows as text.
ROW_COLUMNS: Final = {
    "row_number": "bigint NOT NULL",
    **dict.fromkeys(columns.COLUMNS, "text"),
    EXTRA: "integer",
}


def check_staging(label: str, *more: str, bare: str = "", resumes: bool = False) -> Staging:
    """The tables of one check by the names that its statements use, and the caller's `more`."""
    parts = ("staging", *more, *PARTS)
    return Staging(label, parts, bare=bare, same={"points": "tidy"}, resumes=resumes)


def batch_staging(batch: Batch) -> Staging:
    """The tables of a batch's first check. Staged rows are kept after an interrupted attempt."""
    return check_staging(f"batch_{batch.pk}", bare="staging", resumes=True)
