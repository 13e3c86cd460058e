"""Search for one family by its number."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.common.text.identity import digits, is_number


class FamilySearchForm(forms.Form):
    """A KK number or a member's NIK. Sent by POST: numbers are in no address."""

    number = forms.CharField(
        label=_("No. KK or NIK"),
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def clean_number(self) -> str:
        number = digits(self.cleaned_data["number"])
        if not is_number(number):
            raise forms.ValidationError(
                _("%(count)d characters, 16 digits are needed. Compare with the card."),
                params={"count": len(number)},
            )
        return number
