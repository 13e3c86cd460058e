"""Forms of the upload pages: the region, the system of village codes, the column mapping."""

from __future__ import annotations

from typing import Any

from apps.common.http import integer
from apps.proposals import columns
from apps.proposals.models import Batch
from apps.proposals.region_choice import RegionForm
from apps.ui.forms import Choice, Integer, SentForm, Text

CODE_SYSTEMS = Batch.CodeSystem.values


class CodesForm(SentForm):
    """The system of village codes; Kemendagri if the form names no known system."""

    code_system = Choice(CODE_SYSTEMS, initial=Batch.CodeSystem.KEMENDAGRI.value)


class UploadForm(CodesForm, RegionForm):
    """The form of a whole file."""


class BeginForm(UploadForm):
    """The form with which the uploading script announces a file that comes in parts."""

    file_name = Text()
    size = Integer(initial=0)
    modified_ms = Integer(initial=0)
    sha256 = Text()


class ColumnsForm(CodesForm):
    """The position of each of our columns in the file (`column_nik=3`)."""

    def chosen(self, width: int) -> dict[str, int]:
        """Column → position. Positions that the file does not have are left out."""
        given: dict[str, Any] = {name: self.data.get(f"column_{name}") for name in columns.COLUMNS}
        found = {name: integer(text, most=width - 1) for name, text in given.items()}
        return {name: position for name, position in found.items() if position is not None}
