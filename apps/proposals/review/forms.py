"""The forms of the pages. They check the form of the input only; the domain functions decide."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.common.http import integer
from apps.common.text.days import DayField
from apps.proposals.review.decisions import RejectReason, ReturnReason, Step
from apps.proposals.selection import MOST_TICKED
from apps.proposals.states import Move
from apps.ui.forms import Choice, Pressed, SentForm, Text

# The formats of the file of a list.
EXPORT_ENDINGS = {"csv": "CSV", "xlsx": "XLSX", "geojson": "GeoJSON"}
# As the fields of the pages permit and a decision keeps.
MOST_NOTE_CHARS = 1000
REASONS: dict[Step, Any] = {
    Step.RETURN: ReturnReason.choices,
    Step.REJECT: RejectReason.choices,
}


def with_single_breaks(text: str) -> str:
    """A text as its writer counts it: a browser sends each line break as two characters."""
    return text.replace("\r\n", "\n")


class NoteField(forms.CharField):
    """A reason in words."""

    def __init__(self) -> None:
        super().__init__(max_length=MOST_NOTE_CHARS, required=False)

    def to_python(self, value: Any) -> str:
        return str(super().to_python(with_single_breaks(str(value or ""))))


class DecideForm(forms.Form):
    """One step on one proposal, with the status that the person was shown."""

    step = forms.ChoiceField(choices=[(step.value, step.value) for step in Step])
    seen = forms.CharField(max_length=10)
    reason = forms.CharField(max_length=40, required=False)
    note = NoteField()
    whole_family = forms.BooleanField(required=False)
    compared = forms.CharField(max_length=200, required=False)


class MoveForm(forms.Form):
    """A reviewer's answer about a move, with the comparison that was shown."""

    move = forms.ChoiceField(choices=Move.choices)
    compared = forms.CharField(max_length=200, required=False)
    whole_family = forms.BooleanField(required=False)


class SearchForm(SentForm):
    """The words of a search."""

    words = Text(most=200)


class ExportForm(SentForm):
    """The file that is asked for: all rows of the filter, or the ticked ones (keys with commas)."""

    which = Choice(("all", "ticked"), initial="all")
    rows = Text(most=20 * MOST_TICKED)
    ending = Choice(EXPORT_ENDINGS, initial="csv")
    columns = Choice(("every", "shown"), initial="every")
    numbers = Choice(("masked", "whole"), initial="masked")
    reason = Text(most=40)


class FindFileForm(SentForm):
    """A part of a file's name, or its number."""

    file_name = Text(most=200)


class FindOfficerForm(SentForm):
    """A part of the name of who sent files."""

    officer_name = Text(most=200)


class SaveForm(SentForm):
    """The name of a filter to save, and whether the office sees it."""

    name = Text(most=60)
    is_shared = Pressed()


class QuestionText(Text):
    """The whole text of a question or an answer: what is too long is refused, not cut."""

    def clean(self, value: Any) -> str:
        return with_single_breaks(super().clean(value))


class QuestionForm(SentForm):
    """A question, or the answer to one."""

    text = QuestionText()


class StepForm(SentForm):
    """The step of a bulk decision, from the address or from its form."""

    step = Text()


class BulkForm(forms.Form):
    """One step on all rows of a filter: number and digest as shown, and the number typed."""

    step = forms.ChoiceField(choices=[(step.value, step.value) for step in Step])
    expected = forms.IntegerField(min_value=0)
    seen = forms.CharField(max_length=32, required=False)
    reason = forms.CharField(max_length=40, required=False)
    note = NoteField()
    typed = forms.CharField(max_length=20, required=False)

    def typed_number(self) -> int | None:
        """The typed number, with or without separators between thousands."""
        digits = self.cleaned_data["typed"].replace(".", "").replace(",", "").replace(" ", "")
        return integer(digits)


class UndoForm(forms.Form):
    """The moment at which a bulk step was taken, as its page says it."""

    at = forms.CharField(max_length=40)

    def clean_at(self) -> datetime:
        """A moment with its time zone."""
        try:
            at = datetime.fromisoformat(self.cleaned_data["at"])
        except ValueError:
            raise forms.ValidationError("") from None
        if at.tzinfo is None:
            raise forms.ValidationError("")
        return at


class AnnulmentForm(forms.Form):
    """Number and date of the decree that annuls another one, and why."""

    number = forms.CharField(max_length=80)
    date = DayField()
    reason = forms.CharField(max_length=500)


STEP_WORDS: dict[Step, Any] = {
    Step.VERIFY: _("Verify"),
    Step.ENDORSE: _("Endorse"),
    Step.ACCEPT: _("Accept"),
    Step.RETURN: _("Return"),
    Step.REJECT: _("Reject"),
    Step.WITHDRAW: _("Withdraw"),
    Step.RESUBMIT: _("Submit again"),
}


class DecreeForm(forms.Form):
    """Number, date and region of a decree."""

    number = forms.CharField(max_length=80)
    date = DayField()
    civil_reason = forms.CharField(max_length=1000, required=False)
    # values of the check page; without them that page is shown
    expected = forms.IntegerField(min_value=0, required=False)
    seen = forms.CharField(max_length=32, required=False)
