"""Forms of the pages of duplicates."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.reconciliation.duplicates.person_groups import ORIGINS
from apps.ui.filters import REGION_CODE
from apps.ui.forms import Integer, Integers, SentForm

MOST_WORDS = 500


class FilterForm(forms.Form):
    """The fields of the filter of groups; `GroupFilter` reads them."""

    status = forms.ChoiceField(
        label=_("Certainty"), required=False, choices=[("", _("All")), *ORIGINS.items()]
    )
    region = forms.RegexField(REGION_CODE, label=_("Region code"), required=False, max_length=13)


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
