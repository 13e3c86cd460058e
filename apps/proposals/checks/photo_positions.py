"""The findings about where photos of houses were taken, compared with the family's point."""

from __future__ import annotations

from typing import Final

from apps.common import sql
from apps.common.sql import Tables
from apps.proposals import rules

FAR: Final = "proposals/checks/find_far_photos"
CODES: Final = ("photo_far", "photo_abroad")


def find_far_photos(tables: Tables, *, batch: int, draft: int = 0) -> None:
    """Add the findings about the photos of a batch or a draft to `findings`. Reads `points`."""
    values = {"batch": batch, "draft": draft, "far_m": rules.FAR_PHOTO_M}
    columns = ("row_number", "code", "field", "params")
    sql.insert_from(tables["findings"], columns, {"far": FAR}, values, tables=tables)
