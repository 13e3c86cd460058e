"""Where points lie: three statements over any table of (row_number, village_id, kk, lon, lat)."""

from __future__ import annotations

from apps.common import sql
from apps.common.sql import Tables
from apps.proposals import rules


def locate(tables: Tables) -> None:
    """Judge the rows of `points`; makes `located`, `strays` and, with the verdicts, `placed`."""
    sql.run("proposals/checks/locate_points", {"office_m": rules.OFFICE_M}, tables=tables)
    sql.run("proposals/checks/locate_strays", {}, tables=tables)
    sql.run("proposals/checks/place_points", {"shared_by": rules.SHARED_BY_FAMILIES}, tables=tables)
