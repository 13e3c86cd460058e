"""What the buttons on the user's own account page send."""

from __future__ import annotations

from apps.ui.forms import Choice, Integer, SentForm, Text


class NextForm(SentForm):
    """Where to go afterwards."""

    next = Text()


class ShortcutsForm(SentForm):
    """Whether single letters are keys in lists of work."""

    shortcuts = Choice(("on", "off"))


class RemoveForm(SentForm):
    """The second factor to remove."""

    remove = Integer(initial=0)


class CodesForm(SentForm):
    """`renew`, or the note that the codes are on paper."""

    act = Text()


class SessionsForm(SentForm):
    """The session to end, or `others`."""

    act = Text()
    session = Text()
