"""What the pages of survivorship send."""

from __future__ import annotations

from apps.common.http import MOST_INTEGER
from apps.ui.forms import Integer, SentForm, Text


class ChoiceForm(SentForm):
    """A switch (`on`, `off`) of an authority, or to `take` what is proposed of a source."""

    step = Text()
    authority = Integer(initial=0)
    source = Text(most=40)
    expected = Integer(most=MOST_INTEGER, initial=0)


class LockForm(SentForm):
    """The field, and why."""

    field = Text()
    reason = Text()
