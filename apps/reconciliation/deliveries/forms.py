"""Which column of a delivery is which of ours, and which codes it uses."""

from __future__ import annotations

from typing import Any

from apps.common.http import integer
from apps.reconciliation.deliveries import columns
from apps.reconciliation.deliveries.source_forms import CODE_SYSTEMS
from apps.ui.forms import Choice, SentForm


class ColumnsForm(SentForm):
    """The position of each of our columns in the file (`column_nik=3`)."""

    code_system = Choice(dict(CODE_SYSTEMS), initial=None)

    def chosen(self, width: int) -> dict[str, Any]:
        """Our column → position in the file, "" for what is not in it."""
        given = {name: self.data.get(f"column_{name}") for name in columns.COLUMNS}
        found = {name: integer(text, most=width - 1) for name, text in given.items()}
        return {name: "" if at is None else at for name, at in found.items()}
