"""The form of an earthquake that has not happened."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.commandcentre.states import HazardStatus
from apps.common.geo import COUNTRY_BOX

WEST, SOUTH, EAST, NORTH = COUNTRY_BOX


class ScenarioForm(forms.Form):
    """Epicentre (degrees), magnitude and depth, in the words of a seismologist's table."""

    title = forms.CharField(
        label=_("Title"), max_length=200, help_text=_("For example: Mentawai megathrust M8.9.")
    )
    latitude = forms.FloatField(
        label=_("Latitude"),
        min_value=SOUTH,
        max_value=NORTH,
        help_text=_("Degrees, negative south of the equator: -7.25042"),
    )
    longitude = forms.FloatField(
        label=_("Longitude"), min_value=WEST, max_value=EAST, help_text=_("Degrees: 112.76881")
    )
    magnitude = forms.FloatField(label=_("Magnitude"), min_value=3, max_value=9.5)
    depth_km = forms.FloatField(label=_("Depth (km)"), min_value=0, max_value=700)
    status = forms.ChoiceField(
        label=_("What it is"),
        choices=[
            (HazardStatus.SCENARIO, HazardStatus.SCENARIO.label),
            (HazardStatus.EXERCISE, HazardStatus.EXERCISE.label),
        ],
    )

    @property
    def values(self) -> dict[str, Any]:
        """The arguments of `scenarios.create_scenario`."""
        return {**self.cleaned_data, "status": HazardStatus(self.cleaned_data["status"])}
