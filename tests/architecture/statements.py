"""The named statements of the project, as `apps.common.sql` finds them."""

from __future__ import annotations

from pathlib import Path

from apps.common import sql

APPS = Path(sql.__file__).resolve().parents[1]
# So many there are at least: a search that finds fewer looks in the wrong places.
LEAST = 240


def files() -> list[Path]:
    """Every statement's file, in the folders `sql` of apps and their packages."""
    found = sorted(APPS.rglob("sql/*.sql"))
    assert len(found) >= LEAST
    return found


def name_of(path: Path) -> str:
    """The name by which code runs a statement, e.g. `proposals/checks/store_held`."""
    return f"{path.parent.parent.relative_to(APPS).as_posix()}/{path.stem}"
