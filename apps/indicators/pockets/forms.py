"""The forms of pockets: they validate the shape of the fields only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.common.text.days import DayField
from apps.indicators.models import PocketDifference
from apps.indicators.pockets.reception import LEAST_SHARE, LIMITS, Method
from apps.regions.models import CodeSystem

MEGABYTE = 10**6
_DEFAULT = Method()


class EditionForm(forms.Form):
    """A file of BIG's pockets, with the name and the day of its edition."""

    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "Polygons (GeoPackage, GeoJSON, zipped shapefile) or a list of villages (CSV, XLSX), up"
            " to 200 MB."
        ),
        widget=forms.ClearableFileInput(
            attrs={"accept": ".gpkg,.geojson,.json,.zip,.csv,.txt,.xlsx"}
        ),
    )
    name = forms.CharField(
        label=_("Name of the edition"),
        max_length=80,
        help_text=_("As it should appear below every map, for example “BIG 2026-07”."),
    )
    published_date = DayField(label=_("Published on"))
    code_system = forms.ChoiceField(
        label=_("Village codes in the file"),
        choices=CodeSystem,
    )
    least_share = forms.FloatField(
        label=_("A village belongs to a pocket from (% of its area)"),
        min_value=0.1,
        max_value=100,
        initial=100 * LEAST_SHARE,
        help_text=_("Only for polygons. Lines of two sources differ by some per cent."),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LIMITS.file_bytes:
            raise forms.ValidationError(
                _("The file has %(size)s MB, the limit is %(limit)s MB. Split it by province.")
                % {"size": file.size // MEGABYTE, "limit": LIMITS.file_bytes // MEGABYTE}
            )
        return file


class PublishedForm(forms.Form):
    """The day on which an edition of BIG's was published."""

    published_date = DayField(label=_("Published on"))


class MethodForm(forms.Form):
    """The method by which an edition of ours is computed."""

    name = forms.CharField(
        label=_("Name of the edition"),
        max_length=80,
        help_text=_("As it should appear below every map, for example Register 2026-11."),
    )
    programmes = forms.CharField(
        label=_("Families with one of these programmes"),
        required=False,
        initial=", ".join(_DEFAULT.programmes),
        max_length=200,
        help_text=_(
            "Codes with commas between them. The register holds no rank (desil); these programmes"
            " are given to the lowest ranks. Empty: all registered families."
        ),
    )
    per_km2 = forms.FloatField(
        label=_("At least so many families per km²"),
        min_value=0,
        max_value=100_000,
        initial=_DEFAULT.per_km2,
        help_text=_("0: not asked for."),
    )
    percent = forms.FloatField(
        label=_("At least so many per cent of the registered families"),
        min_value=0,
        max_value=100,
        initial=_DEFAULT.percent,
        help_text=_("0: not asked for. Both have to be reached."),
    )
    side_m = forms.FloatField(
        label=_("Side of a hexagon (m)"),
        min_value=200,
        max_value=50_000,
        initial=_DEFAULT.side_m,
        help_text=_("1,000 m make cells of 2.6 km²."),
    )

    @staticmethod
    def initial_of(parameters: Mapping[str, Any]) -> dict[str, Any]:
        """The fields that describe the method of an edition."""
        names = ("per_km2", "percent", "side_m")
        return {name: parameters[name] for name in names} | {
            "programmes": ", ".join(parameters["programmes"])
        }

    @property
    def method(self) -> Method:
        """The method, once the form is valid."""
        given = dict(self.cleaned_data)
        codes = given["programmes"].replace(";", ",").upper().split(",")
        return Method(
            programmes=tuple(code.strip() for code in codes if code.strip()),
            per_km2=given["per_km2"],
            percent=given["percent"],
            side_m=given["side_m"],
        )


class DueForm(forms.Form):
    """Until when the regencies answer."""

    due_date = DayField(label=_("To be answered until"))


class AnswerForm(forms.Form):
    """What a regency says of one village."""

    row = forms.IntegerField(widget=forms.HiddenInput)
    answer = forms.ChoiceField(label=_("Answer"), choices=PocketDifference.Answer.choices)
    remark = forms.CharField(label=_("Remark"), max_length=300, required=False)
