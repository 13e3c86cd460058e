"""Request forms of the pages that change rows."""

from __future__ import annotations

from apps.common.http import MOST_INTEGER
from apps.ui.forms import Integer, Integers, Pressed, SentForm, Text


class GroupForm(SentForm):
    """A finding, and whether its rows are to be left out."""

    code = Text()
    drop = Pressed()


class RowForm(SentForm):
    """One row: its group, the change that the page waits for, and the button beside "save"."""

    code = Text()
    fix = Integer(initial=0)
    seen = Integer(most=MOST_INTEGER, initial=0)
    drop = Pressed()
    restore = Pressed()


class MendForm(SentForm):
    """The rows that the page showed; the names of their cells come from that page."""

    row = Integers(most=MOST_INTEGER)


class DroppedForm(SentForm):
    """The rows to restore."""

    row = Integers(most=MOST_INTEGER)
