"""The demo's country for a benchmark: put in force by the command, before any worker is started."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management import call_command

from apps.demo import editions, regency, stage


def prepare(persons: int) -> stage.Stage:
    """All villages mapped by one edition, and a register of so many persons."""
    return stage.prepare(
        layer=None, say=lambda text: print(f"- {text}"), persons=persons, settle=_by_command
    )


def _by_command(folder: Path, *, show: Any) -> None:
    path = folder / "boundaries.gpkg"
    if not path.exists():
        regency.write_boundaries(path)
    name, published = editions.SECOND
    call_command("import_boundaries", str(path), edition=name, published=published, activate=True)
