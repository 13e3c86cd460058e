"""What the page of a returned proposal sends."""

from __future__ import annotations

from apps.proposals.columns import COLUMNS
from apps.ui.forms import SentForm, Text


class AmendForm(SentForm):
    """The cells that were typed, and a note; a cell that is absent stays."""

    note = Text()

    def cells(self) -> dict[str, str]:
        return self.among(COLUMNS)

    def point(self) -> str | None:
        """The point as it was typed; None where the page had no field for it."""
        return self.among(["point"]).get("point")
