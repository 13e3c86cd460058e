"""Forms of the survivorship pages."""

from __future__ import annotations

from apps.common.http import MOST_INTEGER
from apps.ui.forms import Integer, SentForm, Text


class ChoiceForm(SentForm):
    """A switch (`on`, `off`) of an authority, or `take` for a source's proposed values."""

    step = Text()
    authority = Integer(initial=0)
    source = Text(most=40)
    expected = Integer(most=MOST_INTEGER, initial=0)


class LockForm(SentForm):
    """The field and the reason."""

    field = Text()
    reason = Text()
