"""The region tree from a list of codes: added, renamed, ended, with successors; never deleted.

A list is complete for the provinces and levels that it contains: codes that it lacks are ended.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DataError, transaction

from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import Actor, Subject
from apps.common import locks, sql, tabular
from apps.common.errors import DomainError
from apps.common.locks import Lock
from apps.regions.columns import Columns, recognise
from apps.regions.models import TreeVersion

PACKAGE = Path("node_modules") / "idn-area-data" / "data"
PACKAGE_FILES = ("provinces.csv", "regencies.csv", "districts.csv", "villages.csv")
PACKAGE_DECREE = "Kepmendagri 300.2.2-2430/2025"
# Maximum number of decree columns in one list; the staging table has as many.
DECREES = 12
STAGED = ("code", "name", "decree", "valid_from", "valid_until")
STAGED_DECREES = tuple(f"name_{number}" for number in range(1, DECREES + 1))


@dataclass(frozen=True)
class Source:
    """Lists that are read as one, and their decree."""

    files: Sequence[Path]
    decree: str = ""

    @classmethod
    def package(cls) -> Source:
        """The npm package that `make setup` installs. Raises: DomainError when it is missing."""
        folder = Path(settings.BASE_DIR) / PACKAGE
        files = [folder / name for name in PACKAGE_FILES]
        if not all(file.is_file() for file in files):
            raise DomainError("package_missing", folder=str(PACKAGE))
        return cls(files, PACKAGE_DECREE)

    @property
    def name(self) -> str:
        return self.files[0].name if len(self.files) == 1 else "idn-area-data"


@transaction.atomic
def import_tree(*, source: Source, day: date, by: str, by_name: str = "") -> dict[str, int]:
    """Make the tree equal to the lists; a second run changes nothing.

    `day` is when a code that is new to a known province begins and when a missing one ends; in a
    list with a column for each decree the years of the decrees are used. Returns counts.
    Raises: DomainError, FileRefused. Locks: one import at a time.
    Cost: 91,599 regions into an empty tree in 8 s, 98,608 codes of five decrees onto it in 7 s.
    """
    locks.hold(Lock.REGION_TREE)
    sql.run("regions/stage_tree")
    for file in source.files:
        _stage(file, source)
    _refuse_nonsense(source)
    counts = _merge(day)
    if any(counts[key] for key in ("added", "renamed", "ended", "revived", "successors")):
        record.entry(
            Action.CHANGE,
            about=Subject("regions.Region", name=source.name),
            by=Actor(by, by_name),
            **counts,
        )
        known, _is_new = TreeVersion.objects.get_or_create(number=1)
        TreeVersion.objects.update(version=known.version + 1)
    return counts


def _stage(file: Path, source: Source) -> None:
    kind = tabular.sniff(file, file.name, limits=tabular.REGISTER_FILE)
    header = tabular.peek(file, kind, limits=tabular.REGISTER_FILE).header
    columns = recognise(header)
    if columns is None or len(columns.decrees) > DECREES:
        raise DomainError("tree_columns", filename=file.name, found=", ".join(header)[:200])
    wanted = [*(columns.by_name.get(name) for name in STAGED), *_decree_columns(columns)]
    blocks = tabular.stream(file, kind, wanted, limits=tabular.REGISTER_FILE)
    fields = ("row_number", *STAGED, *STAGED_DECREES, "rest")
    sql.run("regions/empty_rows")
    sql.copy_in(("region_rows",), fields, blocks)
    _unfold(file, columns, source)


def _decree_columns(columns: Columns) -> list[int | None]:
    found: list[int | None] = [decree.index for decree in columns.decrees]
    return found + [None] * (DECREES - len(found))


def _unfold(file: Path, columns: Columns, source: Source) -> None:
    """Turn the rows of one file into regions with their periods."""
    name = "regions/unfold_decrees" if columns.decrees else "regions/unfold_list"
    params = {
        "years": [decree.year for decree in columns.decrees],
        "decrees": [decree.name for decree in columns.decrees],
        "decree": source.decree,
    }
    try:
        with transaction.atomic():
            sql.run(name, params)
    except DataError as error:
        found = str(error).split("\n")[0][:120]
        raise DomainError("tree_dates", filename=file.name, found=found) from error


def _refuse_nonsense(source: Source) -> None:
    """Raises: DomainError for the first kind of fault in the lists, with an example."""
    for code, statement, keys in (
        ("tree_codes", "regions/find_odd_codes", ("count", "row", "region")),
        ("tree_names", "regions/find_odd_names", ("count", "region", "names")),
        ("tree_orphans", "regions/find_orphans", ("count", "region", "name")),
    ):
        for row in sql.run(statement):
            raise DomainError(code, filename=source.name, **dict(zip(keys, row, strict=True)))


def _merge(day: date) -> dict[str, Any]:
    ended = sql.scalar("regions/end_regions", {"day": day})
    keys = ("added", "renamed", "revived", "ended")
    params: dict[str, Any] = {"day": day}
    counts = dict(zip(keys, sql.run("regions/merge_regions", params)[0], strict=True))
    counts["ended"] += ended
    counts["successors"] = _find_successors()
    counts["regions"] = sql.scalar("regions/count_staged")
    return counts


def _find_successors() -> int:
    """Look in the district of the same name, then in the regency; returns how many were found."""
    found = 0
    for is_exact in (True, False):
        sql.run("regions/stage_names")
        found += sql.scalar("regions/find_successors", {"is_exact": is_exact})
    return found
