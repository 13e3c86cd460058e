"""Request forms of the pages for one family."""

from __future__ import annotations

from typing import Any

from apps.common.http import MOST_INTEGER, integer
from apps.proposals.entry import form_fields
from apps.proposals.models import HousePhoto
from apps.ui.forms import Choice, Integer, Pressed, SentForm, Text


class SectionForm(SentForm):
    """One section as it was typed, the version that its tab was shown, and the button."""

    version = Integer(most=MOST_INTEGER, initial=0)
    mine = Text()  # the version that the sender chose to overwrite
    region_text = Text()
    remove = Text()
    next = Pressed()
    add = Pressed()

    def values(self, section: str) -> Any:
        """The answers, in the shape of `form_fields.typed`."""
        return form_fields.typed(section, self.data)

    def seen(self) -> int:
        """The version that the sender was shown, or chose to overwrite."""
        given = self.sent
        if not given["mine"]:
            return int(given["version"])
        return integer(given["mine"], most=MOST_INTEGER, default=0)

    def members(self) -> list[str]:
        """The cards in the order of the page."""
        sent: Any = self.data
        return list(dict.fromkeys(sent.getlist("member")))


class PointForm(SentForm):
    """A point while it is typed, and the accuracy that the telephone reports."""

    point = Text(most=600)
    accuracy_m = Text()
    village_code = Text()


class PhotoForm(SentForm):
    """What a photo shows; its name and size, if it was sent in parts."""

    kind = Choice(HousePhoto.Kind.values, initial=HousePhoto.Kind.FRONT.value)
    file_name = Text(most=200)
    size = Integer(most=MOST_INTEGER)
