"""Forms of the conflict pages. The domain validates reasons and values."""

from __future__ import annotations

from apps.common.http import MOST_INTEGER, integer
from apps.ui.forms import SentForm, Text


class AnswerForm(SentForm):
    """The officer's answer; the evidence is uploaded as a separate file."""

    choice = Text()
    value = Text()
    reason = Text()


class DecideForm(SentForm):
    """`take` the answer over, or hand it back with a note."""

    step = Text()
    note = Text()


class TakeOverForm(SentForm):
    """The number of answers that was shown, typed with or without thousands separators."""

    expected = Text()

    def counted(self) -> int:
        bare = self.sent["expected"].replace(".", "").replace(",", "")
        return integer(bare, most=MOST_INTEGER, default=0)
