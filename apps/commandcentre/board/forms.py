"""Forms of hazards that an operator enters: an earthquake that has not happened, a drawn area."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any, Final

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.commandcentre.states import HazardKind, HazardStatus
from apps.common.geo import COUNTRY_BOX
from apps.common.text.days import DayField
from apps.ui.forms import Choice, FormToken, Integer, SentForm, Text

WEST, SOUTH, EAST, NORTH = COUNTRY_BOX


class SeenForm(SentForm):
    """The version of a hazard that the operator saw, and the page to go back to."""

    revision = Integer()
    back = Choice(("board",))


class CloseForm(SentForm):
    """The version of a hazard that the operator saw, and why it is closed."""

    revision = Integer()
    reason = Text(most=300)


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
    form = FormToken()

    @property
    def values(self) -> dict[str, Any]:
        """The arguments of `scenarios.create_scenario`."""
        return {**self.cleaned_data, "status": HazardStatus(self.cleaned_data["status"])}


# Source: the severities of CAP 1.2. From severe on it is an alarm (`exposure.alarm`).
SEVERITIES: Final = (
    (1, _("Minor")),
    (2, _("Moderate")),
    (3, _("Severe: raises an alarm")),
    (4, _("Extreme: raises an alarm")),
)


class DrawForm(forms.Form):
    """A hazard of any kind with an area that is drawn or typed; times are those of Jakarta."""

    title = forms.CharField(
        label=_("Title"), max_length=200, help_text=_("For example: Flood along the Ciliwung.")
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=HazardKind.choices)
    day = DayField(label=_("Day"))
    time = forms.RegexField(
        r"^([01]?[0-9]|2[0-3])[.:][0-5][0-9]$",
        label=_("Time (WIB)"),
        help_text=_("Hours and minutes: 14.05"),
        error_messages={"invalid": _("This is no time. Write hours and minutes: 14.05.")},
    )
    severity = forms.TypedChoiceField(label=_("Severity"), choices=SEVERITIES, coerce=int)
    status = forms.ChoiceField(
        label=_("What it is"),
        choices=[
            (HazardStatus.ACTUAL, HazardStatus.ACTUAL.label),
            (HazardStatus.EXERCISE, HazardStatus.EXERCISE.label),
            (HazardStatus.SCENARIO, HazardStatus.SCENARIO.label),
        ],
    )
    note = forms.CharField(
        label=_("Note"),
        max_length=300,
        required=False,
        help_text=_("Where the news is from. No names or numbers of persons helped."),
    )
    area = forms.CharField(
        label=_("Corners of the area"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 6, "class": "mono", "spellcheck": "false"}),
        help_text=_(
            "Click the corners on the map one after the other, or write one a line: longitude,"
            " latitude."
        ),
    )
    form = FormToken()
    # the hazard of which this is the next state
    hazard = forms.IntegerField(widget=forms.HiddenInput, required=False)
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    @property
    def values(self) -> dict[str, Any]:
        """The arguments of `drawing.draw_hazard`."""
        known = self.cleaned_data
        hours, minutes = known["time"].replace(".", ":").split(":")
        at = datetime.combine(known["day"], time(int(hours), int(minutes)))
        return {
            "kind": HazardKind(known["kind"]),
            "title": known["title"],
            "note": known["note"],
            "occurred_at": timezone.make_aware(at),
            "status": HazardStatus(known["status"]),
            "severity": known["severity"],
            "label": str(dict(SEVERITIES)[known["severity"]]).split(":")[0],
            "area": known["area"],
            "form": known["form"],
            "seen": known["revision"],
        }
