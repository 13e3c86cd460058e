"""Request forms of the page of a returned proposal."""

from __future__ import annotations

from apps.proposals.columns import COLUMNS
from apps.ui.forms import SentForm, Text


class AmendForm(SentForm):
    """The typed cells and a note; an absent cell keeps its value."""

    note = Text()

    def cells(self) -> dict[str, str]:
        return self.among(COLUMNS)

    def point(self) -> str | None:
        """The typed point; None if the page had no field for it."""
        return self.among(["point"]).get("point")
