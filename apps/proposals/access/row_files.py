"""The file of one row, for those who may see the row but not every file of its sender's region."""

from __future__ import annotations

import json
from typing import Final

from apps.common import sql
from apps.proposals.models import Batch, Proposal

_COLUMNS: Final = (
    *("id", "region_id", "status", "cycle_id", "agency_id", "file", "file_size", "file_kind"),
    *("header", "header_line", "mapping", "row_values"),
)
_JSON: Final = frozenset({"header", "mapping", "row_values"})


def file_of(proposal: Proposal) -> Batch | None:
    """Where the file of a row is, how it is read and its cycle: a batch with these fields alone,
    not to be saved. None where the row is outside the user's scope.

    Queries: one.
    """
    for row in sql.run("proposals/access/read_file_of_row", {"proposal": proposal.pk}):
        known = dict(zip(_COLUMNS, row, strict=True))
        return Batch(**{name: _read(name, value) for name, value in known.items()})
    return None


def _read(name: str, value: object) -> object:
    return json.loads(value) if name in _JSON and isinstance(value, str) else value
