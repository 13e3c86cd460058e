"""Forms of wall screens."""

from __future__ import annotations

from apps.ui.forms import SentForm, Text


class NameForm(SentForm):
    """The name of a screen."""

    name = Text(most=60)


class CodeForm(SentForm):
    """The code that lets a screen in."""

    code = Text(most=40)
