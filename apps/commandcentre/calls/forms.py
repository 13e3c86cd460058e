"""The form of a call."""

from __future__ import annotations

from apps.commandcentre.models.call import CallOutcome
from apps.ui.forms import Choice, Integer, SentForm, Text


class CallForm(SentForm):
    """Whom, and what came of it."""

    responder = Integer()
    outcome = Choice(CallOutcome.values)
    note = Text(most=300)
