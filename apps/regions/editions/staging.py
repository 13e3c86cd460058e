"""The tables of one import, in the schema `staging`; a killed import continues from them.

UNLOGGED: a crash of the database empties all of them, including the list of finished steps, and the
import starts again from the stored file.
"""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction

from apps.common.staging import Staging

TABLES = (
    *("done", "rows", "shapes", "mended", "villages"),
    *("overlaps", "unions", "gaps", "outsiders", "changes"),
)


class EditionStaging(Staging):
    """The staging tables of one edition, by name; each of its steps is done once."""

    def __init__(self, edition_id: int) -> None:
        label = f"edition_{edition_id}"
        # the name of an index
        others = {"villages_place": (f"{label}_place",)}
        super().__init__(label, TABLES, others=others, resumes=True)

    def start(self) -> int:
        """Create missing tables; returns the number of the last row that was read before."""
        self.run("regions/stage_edition")
        return int(self.scalar("regions/count_read"))

    def is_done(self, step: str) -> bool:
        return bool(self.run("regions/find_step", {"step": step}))

    def once(self, step: str, work: Callable[[], object]) -> None:
        """Do a step and record it in one transaction; a recorded step is not done again."""
        if self.is_done(step):
            return
        with transaction.atomic():
            work()
            self.run("regions/note_step", {"step": step})
