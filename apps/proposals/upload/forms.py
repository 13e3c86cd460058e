"""Forms of the upload pages: the region, the system of village codes, the column mapping."""

from __future__ import annotations

from apps.imports.column_choice import ChoiceForm
from apps.proposals import columns
from apps.proposals.region_choice import RegionForm
from apps.regions.models import CodeSystem
from apps.ui.forms import Choice, Integer, SentForm, Text


class CodesForm(SentForm):
    """The system of village codes; Kemendagri if the form names no known system."""

    code_system = Choice(CodeSystem.values, initial=CodeSystem.KEMENDAGRI.value)


class UploadForm(CodesForm, RegionForm):
    """The form of a whole file."""


class BeginForm(UploadForm):
    """The form with which the uploading script announces a file that comes in parts."""

    file_name = Text()
    size = Integer(initial=0)
    modified_ms = Integer(initial=0)
    sha256 = Text()


class ColumnsForm(ChoiceForm, CodesForm):
    """The choice of columns, and the system of village codes."""

    def chosen(self, width: int) -> dict[str, int]:
        """Column → position. Positions that the file does not have are left out."""
        found = self.positions(columns.COLUMNS, width)
        return {name: position for name, position in found.items() if position is not None}
