"""The tables of one import, in the schema `staging`: what a killed import goes on from.

UNLOGGED: a crash of the database empties all of them at once, the list of finished steps, too, and
the import begins again from the stored file.
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
    """The staging tables of one edition, by name; its steps are each done once."""

    def __init__(self, edition_id: int) -> None:
        label = f"edition_{edition_id}"
        # the name of an index
        others = {"villages_place": (f"{label}_place",)}
        super().__init__(label, TABLES, others=others, resumes=True)

    def start(self) -> int:
        """Make what is missing; returns the number of the last row that was read before."""
        self.run("regions/stage_edition")
        return int(self.scalar("regions/count_read"))

    def is_done(self, step: str) -> bool:
        return bool(self.run("regions/find_step", {"step": step}))

    def once(self, step: str, work: Callable[[], object]) -> None:
        """Do a step and note it in one transaction; a step that is noted is not done again."""
        if self.is_done(step):
            return
        with transaction.atomic():
            work()
            self.run("regions/note_step", {"step": step})
