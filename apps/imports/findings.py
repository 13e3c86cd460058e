"""What was found in the rows of an office's file: said for each row, counted, listed in a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext as _

from apps.common.commands import for_others
from apps.common.errors import DomainError, text
from apps.imports.blocks import FEW, REFUSED_ABOVE
from apps.imports.layouts import OfficeFile
from apps.imports.refused_rows import write_refused

SHOWN: Final = 10


@dataclass(frozen=True)
class Finding:
    """One remark on a row. Its code has a text in a catalogue (`common.errors`), which names the
    line. A row with a finding that refuses is not taken. `value` is the cell as it was written.
    """

    row: int
    code: str
    column: str = ""
    value: str = ""
    is_refusal: bool = True
    params: dict[str, Any] = field(default_factory=dict)


class Findings:
    """The findings of one file, in any order."""

    def __init__(self, file: OfficeFile) -> None:
        self._file = file
        self._found: list[Finding] = []
        self.refused_rows: set[int] = set()

    def __iter__(self) -> Iterator[Finding]:
        """By row, refusals first."""
        return iter(sorted(self._found, key=lambda one: (one.row, not one.is_refusal, one.code)))

    def __len__(self) -> int:
        return len(self._found)

    def refuse(self, row: int, code: str, column: str = "", value: str = "", **params: Any) -> None:
        """The row cannot be taken."""
        self.refused_rows.add(row)
        self._found.append(Finding(row, code, column, value, True, params))

    def warn(self, row: int, code: str, column: str = "", value: str = "", **params: Any) -> None:
        """The row is taken; somebody should look at it."""
        self._found.append(Finding(row, code, column, value, False, params))

    def counts(self) -> dict[str, int]:
        """Findings by code."""
        return dict(Counter(one.code for one in self._found))

    def line_of(self, row: int) -> int:
        return self._file.line_of(row)

    def sentence(self, finding: Finding) -> str:
        """What was found, where, and how to mend it, in the active language."""
        known = {
            "line": self._file.line_of(finding.row),
            "column": self.label(finding.column),
            "value": finding.value[:60],
        }
        return text(finding.code, known | finding.params)

    def label(self, column: str) -> str:
        """The heading of a column of ours in the file, or our own where the file has none."""
        if not column:
            return ""
        at = self._file.mapping.get(column)
        return self._file.header[at] if at is not None else self._file.layout.label(column)

    def refuse_implausible(self, rows: int) -> None:
        """Raises: `import_empty`, `import_mostly_refused` where more than half of so many rows
        cannot be taken; the list is written all the same.
        """
        if not rows:
            raise DomainError("import_empty", filename=self._file.name)
        refused = len(self.refused_rows)
        if rows >= FEW and refused > rows * REFUSED_ABOVE:
            raise DomainError(
                "import_mostly_refused",
                filename=self._file.name,
                rows=rows,
                refused=refused,
                listed=str(self.write()),
            )

    def write(self) -> Path | None:
        """List all findings in a file beside the imported one, in the portal's language; None where
        there are none.
        """
        if not self._found:
            return None
        with for_others():
            rows = [
                (
                    self._file.line_of(one.row),
                    self.label(one.column),
                    one.value,
                    _("not taken") if one.is_refusal else _("taken"),
                    self.sentence(one),
                )
                for one in self
            ]
            header = (_("line"), _("column"), _("cell"), _("status"), _("finding"))
            return write_refused(self._file.path, rows, header)
