"""What every import of an office's file is asked with, and what it answers.

A command and a page ask the same: the page's job reports how far it is, and ends in the transaction
that applies the file (`finish`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from apps.audit.subjects import Actor, HasActor
from apps.imports import layouts
from apps.imports.findings import Findings
from apps.imports.layouts import Layout, Mapping_, OfficeFile
from apps.regions.models import CodeSystem

Row = tuple[int, dict[str, str]]
REPORTED_EACH: Final = 2_000  # rows


@dataclass(frozen=True)
class Imported:
    """The result of an import. `counts` are rows by what became of them."""

    file: OfficeFile
    rows: int
    counts: dict[str, int]
    findings: Findings
    listed: Path | None


def _ignore(_value: object) -> None:
    """For who watches no progress and adds nothing to the transaction."""


@dataclass(frozen=True)
class Import:
    """One file to import.

    `name` is the sender's name of a stored file. `is_matched`: the columns of `mapping` are all
    that is used. `kind` is taken where a row names none that is known. `counted_at` is when what
    the file tells was counted; None: now. `report(rows)` is called while rows are read, before the
    transaction; `finish(imported)` inside it, at its end.
    """

    path: Path
    by: HasActor | Actor
    now: datetime
    name: str = ""
    counted_at: datetime | None = None
    mapping: Mapping_ | None = None
    is_matched: bool = False
    kind: str = ""
    code_system: str = CodeSystem.KEMENDAGRI
    scratch: Path | None = None
    report: Callable[[int], object] = _ignore
    finish: Callable[[Imported], object] = _ignore

    def read(self, layout: Layout) -> tuple[OfficeFile, list[Row]]:
        """The file with its columns and all its rows.

        Raises: FileRefused, `import_columns_missing`, `import_column_unknown`.
        """
        file = layouts.open_file(
            self.path,
            layout,
            mapping=self.mapping,
            is_matched=self.is_matched,
            scratch=self.scratch,
            name=self.name,
        )
        return file, list(self._reported(layouts.rows(file, scratch=self.scratch)))

    def _reported(self, rows: Iterable[Row]) -> Iterator[Row]:
        for count, row in enumerate(rows, start=1):
            if count % REPORTED_EACH == 0:
                self.report(count)
            yield row

    def end(
        self, file: OfficeFile, rows: int, counts: dict[str, int], findings: Findings
    ) -> Imported:
        """The result, with the list of findings written; called inside the transaction."""
        imported = Imported(file, rows, counts, findings, findings.write())
        self.finish(imported)
        return imported
