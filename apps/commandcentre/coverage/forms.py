"""The fields of the coverage's filter, as its page shows them."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.commandcentre.coverage.coverage_list import POCKETS
from apps.commandcentre.models import ZoneClass
from apps.commandcentre.states import HazardKind


class CoverageForm(forms.Form):
    """`coverage_list.CoverageFilter` reads them; this form only shows what was chosen."""

    kind = forms.ChoiceField(
        label=_("Hazard"), required=False, choices=[("", _("any hazard")), *HazardKind.choices]
    )
    level = forms.ChoiceField(
        label=_("Class"), required=False, choices=[("", _("any class")), *ZoneClass.choices]
    )
    region = forms.CharField(label=_("Region code"), required=False, max_length=13)
    farther_km = forms.CharField(label=_("Farther than (km)"), required=False, max_length=8)
    families = forms.CharField(label=_("Families, at least"), required=False, max_length=8)
    pocket = forms.ChoiceField(
        label=_("Pocket of poverty"),
        required=False,
        choices=[("", _("any village")), *POCKETS.items()],
    )
