"""The tables of one import, in the schema `staging`: what a killed import goes on from.

UNLOGGED: a crash of the database empties all of them at once, the list of finished steps, too, and
the import begins anew from the stored file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db import connection, transaction
from psycopg import sql as identifiers

from apps.common import sql

SCHEMA = "staging"
TABLES = (
    *("done", "rows", "shapes", "mended", "villages"),
    *("overlaps", "unions", "gaps", "outsiders", "changes"),
)


class Staging:
    """The staging tables of one edition, by name."""

    def __init__(self, edition_id: int) -> None:
        self.tables: dict[str, tuple[str, ...]] = {
            name: (SCHEMA, f"edition_{edition_id}_{name}") for name in TABLES
        }
        self.tables["villages_place"] = (f"edition_{edition_id}_place",)

    def start(self) -> int:
        """Make what is missing; returns the number of the last row that was read before."""
        self.run("regions/stage_edition")
        return int(self.run("regions/count_read")[0][0])

    def run(self, name: str, params: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        return sql.run(name, params, tables=self.tables)

    def is_done(self, step: str) -> bool:
        return bool(self.run("regions/find_step", {"step": step}))

    def once(self, step: str, work: Callable[[], object]) -> None:
        """Do a step and note it in one transaction; a step that is noted is not done again."""
        if self.is_done(step):
            return
        with transaction.atomic():
            work()
            self.run("regions/note_step", {"step": step})

    def drop(self) -> None:
        """Remove every table of the import."""
        names = [identifiers.Identifier(*self.tables[name]) for name in TABLES]
        with connection.cursor() as cursor:
            cursor.execute(
                identifiers.SQL("DROP TABLE IF EXISTS {}").format(identifiers.SQL(", ").join(names))
            )
