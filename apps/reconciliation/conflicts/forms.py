"""What the pages of conflicts send. Reasons and values are judged by the domain, in its words."""

from __future__ import annotations

from apps.common.http import MOST_INTEGER, integer
from apps.ui.forms import SentForm, Text


class AnswerForm(SentForm):
    """The officer's answer; the evidence comes as a file beside it."""

    choice = Text()
    value = Text()
    reason = Text()


class DecideForm(SentForm):
    """`take` the answer over, or hand it back with a note."""

    step = Text()
    note = Text()


class TakeOverForm(SentForm):
    """How many answers were counted, as people write it: with or without points."""

    expected = Text()

    def counted(self) -> int:
        bare = self.sent["expected"].replace(".", "").replace(",", "")
        return integer(bare, most=MOST_INTEGER, default=0)
