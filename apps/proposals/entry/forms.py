"""What the pages of one family send."""

from __future__ import annotations

from typing import Any

from apps.common.http import MOST_INTEGER, integer
from apps.proposals.entry import form_fields
from apps.ui.forms import Integer, Pressed, SentForm, Text


class SectionForm(SentForm):
    """One section as it was typed, the version before its tab, and the button that was pressed."""

    version = Integer(most=MOST_INTEGER, initial=0)
    mine = Text()  # the version over which one's own text was chosen
    region_text = Text()
    remove = Text()
    next = Pressed()
    add = Pressed()

    def values(self, section: str) -> Any:
        """The answers, in the shape of `form_fields.typed`."""
        return form_fields.typed(section, self.data)

    def seen(self) -> int:
        """The version that its sender has seen, or over which they chose their own text."""
        given = self.sent
        if not given["mine"]:
            return int(given["version"])
        return integer(given["mine"], most=MOST_INTEGER, default=0)

    def members(self) -> list[str]:
        """The cards of the page, in their order."""
        sent: Any = self.data
        return list(dict.fromkeys(sent.getlist("member")))


class PointForm(SentForm):
    """A point while it is typed, and how exact the telephone says it is."""

    point = Text(most=600)
    accuracy_m = Text()
    village_code = Text()
