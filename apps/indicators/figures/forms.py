"""The forms of published figures: an upload, a new indicator, the columns, a planner's answers."""

from __future__ import annotations

import re
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.common.errors import DomainError
from apps.common.http import integer
from apps.common.text.days import DayField
from apps.imports.column_choice import ChoiceForm
from apps.indicators.figures import figure_columns, vintages
from apps.indicators.figures.indicators import LOCKED
from apps.indicators.figures.review import Answers
from apps.indicators.models import Indicator
from apps.indicators.models.figures import PERCENT
from apps.regions.models import CodeSystem
from apps.ui.forms import Choice, SentForm

UPLOAD_BYTES: Final = figure_columns.LIMITS.file_bytes
MEGABYTE: Final = 10**6
VALUE_COLUMN: Final = "indicator_"
OTHER, OUT, AGAIN = "other", "out", "again"
_CODE = re.compile(r"\d\d(?:\.\d\d(?:\.\d\d(?:\.\d{4})?)?)?")


class UploadForm(forms.Form):
    """A file of figures, and what is known about it."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy(
            "CSV, XLSX, GeoJSON or GeoPackage, up to 200 MB. One row per region; several columns of"
            " figures are several indicators."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.xlsx,.geojson,.json,.gpkg"}),
    )
    source = forms.CharField(
        label=gettext_lazy("Source"),
        max_length=200,
        help_text=gettext_lazy(
            "Who published it, and where: it stands under every map, for example: BPS, Data dan"
            " Informasi Kemiskinan 2021."
        ),
    )
    period = forms.CharField(
        label=gettext_lazy("Period"),
        max_length=10,
        help_text=gettext_lazy("2021, 2021-03, 2021-Q1 or 2021-S1."),
    )
    published_date = DayField(label=gettext_lazy("Published"), required=False)
    code_system = forms.ChoiceField(label=gettext_lazy("Codes in the file"), choices=CodeSystem)
    vintage = forms.CharField(
        label=gettext_lazy("Date of the codes"),
        max_length=20,
        required=False,
        help_text=gettext_lazy("The year or day on which they were in force. Empty: not known."),
    )

    is_anew = forms.BooleanField(
        label=gettext_lazy("Read it anew"),
        required=False,
        help_text=gettext_lazy(
            "Also where the same file is in force already, for example after a wrong name of a"
            " region was forgotten."
        ),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > UPLOAD_BYTES:
            raise ValidationError(
                _("File of %(size)s MB, this page takes up to %(limit)s MB.")
                % {"size": file.size // MEGABYTE, "limit": UPLOAD_BYTES // MEGABYTE}
            )
        return file

    def clean_period(self) -> str:
        try:
            return vintages.start_of(self.cleaned_data["period"])[0]
        except DomainError as refused:
            raise ValidationError(refused.text) from refused


class IndicatorForm(forms.ModelForm):
    """A published indicator that the catalogue does not have."""

    class Meta:
        model = Indicator
        fields = [
            *("code", "name", "name_en", "kind", "unit", "limits", "decimals", "denominator"),
            *("publisher", "method", "is_sensitive"),
        ]
        widgets = {"method": forms.Textarea(attrs={"rows": 2})}
        help_texts = {
            "code": gettext_lazy("Small letters, digits, - and _, for example stunting-rate."),
            "unit": gettext_lazy("For example %, people, Rp."),
            "limits": gettext_lazy("What a file has beyond them is not taken, cell by cell."),
            "denominator": gettext_lazy("Of what a rate is a share, for example households."),
            "is_sensitive": gettext_lazy("It is not drawn at villages."),
        }

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        unit = str(given.get("unit", "")).strip().lower()
        if given.get("limits") == Indicator.Limits.SHARE and unit not in PERCENT:
            self.add_error("limits", _("A share from 0 to 100 has the unit %."))
        return given


class IndicatorChangeForm(IndicatorForm):
    """A published indicator as it is, to be changed; what its releases are in is locked."""

    class Meta(IndicatorForm.Meta):
        fields = [name for name in IndicatorForm.Meta.fields if name != "code"]

    def __init__(self, *args: Any, is_locked: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in LOCKED if is_locked else ():
            self.fields[name].disabled = True
            self.fields[name].help_text = _("It has releases, whose figures are in it.")


class ColumnsForm(ChoiceForm):
    """The columns of the region, and the indicator of each column of figures."""

    code_system = Choice(CodeSystem.values, initial="")

    def places(self, width: int) -> dict[str, int]:
        """Our column → position in the file, of those that are there."""
        found = self.positions(figure_columns.PLACE_COLUMNS, width)
        return {name: at for name, at in found.items() if at is not None}

    def figures(self, width: int) -> list[tuple[str, int]]:
        """The code of an indicator and its position in the file, for each column of figures."""
        names = {f"{VALUE_COLUMN}{at}": at for at in range(width)}
        return [(code, names[name]) for name, code in self.among(names).items() if code]


class AnswersForm(SentForm):
    """For each open row the chosen region (`region_12=61.02`, or the text of `other_12`), that it
    is left out (`region_12=out`), or that its answer is taken back (`region_12=again`).
    """

    def answers(self) -> Answers:
        """What was answered, by the ids of the rows."""
        regions = dict[int, str]()
        lists: dict[str, list[int]] = {OUT: [], AGAIN: [], OTHER: []}
        for name, value in self.data.items():
            number = integer(name.removeprefix("region_")) if name.startswith("region_") else None
            if number is None or not value:
                continue
            other = str(self.data.get(f"other_{number}", "")).strip()
            if value == OTHER and other:
                regions[number] = other
            elif value in lists:
                lists[str(value)].append(number)
            elif _CODE.fullmatch(str(value)):
                regions[number] = str(value)
        return Answers(regions, lists[OUT], lists[AGAIN], lists[OTHER])
