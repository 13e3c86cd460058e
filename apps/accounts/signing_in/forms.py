"""What the buttons of one's own account send."""

from __future__ import annotations

from apps.ui.forms import Integer, SentForm, Text


class NextForm(SentForm):
    """Where to go afterwards."""

    next = Text()


class RemoveForm(SentForm):
    """The second factor that is to go."""

    remove = Integer(initial=0)


class CodesForm(SentForm):
    """`renew`, or that the codes are on paper."""

    act = Text()


class SessionsForm(SentForm):
    """The session that is to end, or `others`."""

    act = Text()
    session = Text()
