"""The named statements of the project, as `apps.common.sql` finds them."""

from __future__ import annotations

from pathlib import Path

from apps.common import sql

APPS = Path(sql.__file__).resolve().parents[1]
ROOT = APPS.parent
# So many there are at least: a search that finds fewer looks in the wrong places.
LEAST = 260


def files() -> list[Path]:
    """Every statement's file, in the folders `sql` of apps, their packages and the project."""
    found = sorted([*APPS.rglob("sql/*.sql"), *(ROOT / "portal").rglob("sql/*.sql")])
    assert len(found) >= LEAST
    return found


def name_of(path: Path) -> str:
    """The name by which code runs a statement, e.g. `proposals/checks/store_held`."""
    root = APPS if path.is_relative_to(APPS) else ROOT
    return f"{path.parent.parent.relative_to(root).as_posix()}/{path.stem}"
