"""The form that issues a situation report."""

from __future__ import annotations

from apps.ui.forms import Integer, SentForm, Text


class IssueForm(SentForm):
    """The report that is corrected (none: a further one), what was wrong in it, and the last number
    that the page showed.
    """

    corrects, seen = Integer(), Integer()
    reason = Text(most=300)
