"""Which column of a delivery is which of ours, and which codes it uses."""

from __future__ import annotations

from typing import Any

from apps.imports.column_choice import ChoiceForm
from apps.reconciliation.deliveries import columns
from apps.regions.models import CodeSystem
from apps.ui.forms import Choice


class ColumnsForm(ChoiceForm):
    """The choice of columns, and the system of village codes."""

    code_system = Choice(CodeSystem.values, initial=None)

    def chosen(self, width: int) -> dict[str, Any]:
        """Our column → position in the file, "" for what is not in it."""
        found = self.positions(columns.COLUMNS, width)
        return {name: "" if at is None else at for name, at in found.items()}
