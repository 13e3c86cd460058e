"""BPS codes of regions, from a table that maps them to Kemendagri codes.

Ten digits of the two systems look alike but mean different places, so a BPS code is only ever
interpreted through this table.
"""

from __future__ import annotations

import re
from pathlib import Path

from django.db import transaction

from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import Actor, Subject
from apps.common import sql, tabular
from apps.common.errors import DomainError
from apps.regions.columns import recognise_crosswalk
from apps.regions.models import CodeSystem


@transaction.atomic
def import_crosswalk(
    *, path: Path, by: str, by_name: str = "", vintage: str | None = None
) -> dict[str, int | str]:
    """Replace the BPS codes of one vintage by those of the table; a repeat changes nothing.

    The vintage is the year in the file's name unless it is given. Returns counts: rows, joined,
    added, removed, unknown (rows whose region is not in the tree).
    Raises: DomainError, FileRefused.
    """
    vintage = _year_of(path.name) if vintage is None else vintage
    _stage(path)
    params = {"system": CodeSystem.BPS, "vintage": vintage}
    sql.run("regions/match_crosswalk")
    keys = ("rows", "joined", "added", "removed")
    counts = dict(zip(keys, sql.run("regions/merge_crosswalk", params)[0], strict=True))
    counts["unknown"] = counts["rows"] - counts["joined"]
    if not counts["joined"]:
        raise DomainError("crosswalk_empty", filename=path.name, count=counts["rows"])
    if counts["added"] or counts["removed"]:
        record.entry(
            Action.CHANGE,
            about=Subject("regions.ForeignCode", name=f"BPS {vintage}".strip()),
            by=Actor(by, by_name),
            **counts,
        )
    return {"vintage": vintage, **counts}


def _year_of(file_name: str) -> str:
    found = re.search(r"(?:19|20)\d\d", file_name)
    return found[0] if found else ""


def _stage(path: Path) -> None:
    kind = tabular.sniff(path, path.name, limits=tabular.REGISTER_FILE)
    header = tabular.peek(path, kind, limits=tabular.REGISTER_FILE).header
    columns = recognise_crosswalk(header)
    if columns is None:
        found = ", ".join(header)[:200]
        raise DomainError("crosswalk_columns", filename=path.name, found=found)
    blocks = tabular.stream(path, kind, columns, limits=tabular.REGISTER_FILE)
    sql.run("regions/stage_crosswalk")
    sql.copy_in(("crosswalk_rows",), ("row_number", "bps_code", "code", "rest"), blocks)
