"""Forms of the pages of duplicates."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.reconciliation.duplicates.person_groups import Chosen
from apps.reconciliation.states import PairStatus
from apps.ui.forms import Integer, Integers, SentForm

MOST_WORDS = 500


class FilterForm(forms.Form):
    """Filter of groups; a value that cannot be read selects nothing."""

    status = forms.ChoiceField(
        label=_("Certainty"),
        required=False,
        choices=[
            ("", _("All")),
            (PairStatus.LINKED, _("Linked by the run")),
            (PairStatus.SAME, _("The same person, by people")),
        ],
    )
    region = forms.RegexField(
        r"^[0-9]{2}(\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?)?$",
        label=_("Region code"),
        required=False,
        max_length=13,
    )

    def chosen(self) -> Chosen:
        if not self.is_valid():
            return Chosen(region="-")
        return Chosen(**self.cleaned_data)


class AskForm(forms.Form):
    """The state that was shown, and the reason to merge in spite of a warning."""

    seen = forms.CharField(max_length=64, widget=forms.HiddenInput)
    expected = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    reason = forms.CharField(label=_("Reason"), required=False, max_length=MOST_WORDS)


class KeepForm(SentForm):
    """The person to be kept, where it is not the one that the rule chooses."""

    keep = Integer()


class UndoForm(forms.Form):
    """The kept persons whose merge was wrong, and the reason."""

    keep = Integers()
    reason = forms.CharField(
        label=_("Reason"),
        max_length=MOST_WORDS,
        error_messages={
            "required": _(
                "The reason is missing. Write in a few words why; it stays with both persons'"
                " histories."
            )
        },
    )
