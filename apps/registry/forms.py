"""Searching the register: one person at a time, never a list without criteria."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.common.text.days import DayField
from apps.common.text.identity import digits, is_number
from apps.registry.reading import RevealReason


class SearchForm(forms.Form):
    """NIK, or KK number, or name with date of birth. Sent by POST: numbers are in no address."""

    nik = forms.CharField(
        label="NIK",
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    kk = forms.CharField(
        label="No. KK",
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    name = forms.CharField(
        label=_("Name"),
        required=False,
        min_length=3,
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    birth_date = DayField(label=_("Date of birth"), required=False)

    def clean_nik(self) -> str:
        return self._number("nik")

    def clean_kk(self) -> str:
        return self._number("kk")

    def _number(self, field: str) -> str:
        number = digits(self.cleaned_data[field])
        if number and not is_number(number):
            raise forms.ValidationError(
                _("%(count)d characters, 16 digits are needed. Compare with the card."),
                params={"count": len(number)},
            )
        return number

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.errors or data.get("nik") or data.get("kk"):
            return data
        if bool(data.get("name")) != bool(data.get("birth_date")):
            raise forms.ValidationError(
                _("A name alone finds too many people: fill in name and date of birth together.")
            )
        if not data.get("name"):
            raise forms.ValidationError(
                _("Nothing to search for: fill in a NIK, a KK number, or name and date of birth.")
            )
        return data


class RevealForm(forms.Form):
    """The reason to show the full number."""

    reason = forms.ChoiceField(
        label=_("Reason"), choices=[("", _("Choose a reason")), *RevealReason.choices]
    )
