"""Forms of the pages of facilities."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.commandcentre.models import Facility, Good

MOST_UNITS = 1_000_000_000


class FacilityFilterForm(forms.Form):
    """`store_lists.FacilityFilter` reads them; this form only shows what was chosen."""

    kind = forms.ChoiceField(
        label=_("Kind"), required=False, choices=[("", _("any kind")), *Facility.Kind.choices]
    )
    region = forms.CharField(label=_("Region code"), required=False, max_length=13)


class MinimumForm(forms.Form):
    """The minimum of one good in a facility; zero removes it."""

    good = forms.ModelChoiceField(label=_("Good"), queryset=Good.objects.order_by("name"))
    quantity = forms.IntegerField(label=_("At least"), min_value=0, max_value=MOST_UNITS)
