"""The forms of editions: they validate the shape of the fields only."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.common.tabular import BOUNDARY_FILE
from apps.common.text.days import DayField
from apps.regions.models import BoundaryEdition, CodeSystem
from apps.ui.forms import SentForm, Text

MEGABYTE = 10**6


class EditionForm(forms.Form):
    """Pusdatin's data about a boundary file. Empty fields are recognised from the file."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy(
            "GeoPackage, GeoJSON, zipped shapefile or zipped file geodatabase, up to 2 GB."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".gpkg,.geojson,.json,.zip"}),
    )
    name = forms.CharField(
        label=gettext_lazy("Name of the edition"),
        max_length=BoundaryEdition._meta.get_field("name").max_length,
        help_text=gettext_lazy("As it should appear below every map, for example “BIG 2026-07”."),
    )
    published_date = DayField(label=gettext_lazy("Published on"))
    covers = forms.CharField(
        label=gettext_lazy("Covers the whole of (region code)"),
        required=False,
        max_length=13,
        help_text=gettext_lazy(
            "ID for the country, 34 for a province. Villages that are missing in it then have no"
            " polygon. Empty: only the villages in the file are replaced."
        ),
    )
    code_system = forms.ChoiceField(
        label=gettext_lazy("Village codes in the file"),
        required=False,
        choices=[
            ("", gettext_lazy("recognise")),
            *CodeSystem.choices,
        ],
    )
    layer = forms.CharField(
        label=gettext_lazy("Layer"),
        required=False,
        max_length=120,
        help_text=gettext_lazy("Only where the file has several."),
    )
    code_field = forms.CharField(
        label=gettext_lazy("Code column"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("Only where it is not recognised (KDEPUM, kode …)."),
    )

    def clean_file(self) -> UploadedFile[Any]:
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > BOUNDARY_FILE.file_bytes:
            raise forms.ValidationError(
                _("The file has %(size)s MB, the limit is %(limit)s MB. Split it by province.")
                % {
                    "size": (file.size or 0) // MEGABYTE,
                    "limit": BOUNDARY_FILE.file_bytes // MEGABYTE,
                }
            )
        return file


class ActivateForm(SentForm):
    """The reason to activate an edition."""

    reason = Text(most=500)
