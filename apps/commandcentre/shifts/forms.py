"""Forms of the shift log."""

from __future__ import annotations

from apps.ui.forms import Integer, SentForm, Text


class WordsForm(SentForm):
    """Words for the log, and the hazard that they are about."""

    text = Text(most=1000)
    hazard = Integer()


class AssignForm(SentForm):
    """Who is to answer for a hazard."""

    person = Integer()
