"""The form that issues a situation report."""

from __future__ import annotations

from apps.ui.forms import Integer, SentForm, Text


class IssueForm(SentForm):
    """The report that is corrected (none: a further one), and what was wrong in it."""

    corrects = Integer()
    reason = Text(most=300)
