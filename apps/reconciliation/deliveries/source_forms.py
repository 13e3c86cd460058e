"""The forms of sources and deliveries: they validate the shape of the fields only."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.common.text.days import DayField
from apps.reconciliation.deliveries import sources
from apps.reconciliation.deliveries.messages import FIELD_LABELS
from apps.reconciliation.models import OWN_SOURCES, Source
from apps.regions.models import CodeSystem

UPLOAD_BYTES: Final = 200_000_000
MEGABYTE: Final = 10**6
RANK: Final = "rank_"
# The kinds of sources that are delivered as files.
DELIVERED: Final = [
    choice
    for choice in Source.Kind.choices
    if choice[0] not in (Source.Kind.REGISTER, Source.Kind.PROPOSALS)
]


class SourceForm(forms.ModelForm):
    """The editable fields of a source, and its priority for each field of a person."""

    class Meta:
        model = Source
        fields = list(sources.EDITABLE)
        widgets = {
            "purpose": forms.Textarea(attrs={"rows": 2}),
            "legal_basis": forms.Textarea(attrs={"rows": 2}),
            "code_system": forms.Select(choices=CodeSystem.choices),
        }
        help_texts = {
            "refresh_days": gettext_lazy("Later than that the next delivery counts as late."),
            "programme": gettext_lazy(
                "The code of the programme that all its people receive, for example SEMBAKO."
            ),
            "limit_desil": gettext_lazy(
                "Recipients of a higher desil become a question. Empty: none does."
            ),
            "is_one_to_one": gettext_lazy(
                "Each person is in it at most once: of several pairs the best one counts."
            ),
            "needs_two": gettext_lazy("A pair counts once two people have answered it."),
            "sample_percent": gettext_lazy(
                "The share of pairs that two people answer without seeing weights; precision and"
                " recall are told by them."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = DELIVERED
        if self.instance.pk not in OWN_SOURCES:
            self.fields["kind"] = forms.ChoiceField(label=self.fields["kind"].label, choices=kinds)
        self.fields["sample_percent"].validators.append(MaxValueValidator(100))
        self.fields["refresh_days"].validators.append(MinValueValidator(1))
        for name in ("limit_desil",):
            self.fields[name].validators += [MinValueValidator(1), MaxValueValidator(10)]
        known = (
            sources.ranks(self.instance)
            if self.instance.pk and not self.instance._state.adding
            else {}
        )
        if known or not self.instance._state.adding:
            for field in sources.FIELDS:
                self.fields[RANK + field] = forms.IntegerField(
                    label=FIELD_LABELS[field],
                    required=False,
                    min_value=1,
                    max_value=99,
                    initial=known.get(field),
                )

    def written(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if not name.startswith(RANK)]

    def ranks(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith(RANK)]

    @property
    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in sources.EDITABLE}

    @property
    def authorities(self) -> dict[str, int]:
        return {
            name.removeprefix(RANK): rank
            for name, rank in self.cleaned_data.items()
            if name.startswith(RANK) and rank
        }


class NewSourceForm(forms.Form):
    """The fields of a draft: code, name and kind."""

    code = forms.RegexField(
        sources.CODE,
        label=gettext_lazy("Code"),
        max_length=40,
        help_text=gettext_lazy("Letters, digits, dots and dashes, for example DTSEN or BKN-ASN."),
    )
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        choices=DELIVERED,
    )
    ministry = forms.CharField(label=gettext_lazy("Ministry"), max_length=120, required=False)


class DatasetForm(forms.Form):
    """A delivery: its file, and the name that its source uses."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy(
            "CSV, XLSX or Parquet, up to 200 MB. A larger file is loaded on the server by"
            " Pusdatin's administrator."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.xlsx,.parquet"}),
    )
    period = forms.CharField(
        label=gettext_lazy("Period"),
        required=False,
        max_length=40,
        help_text=gettext_lazy("As the source calls it, for example 2026-T3."),
    )
    as_of = DayField(
        label=gettext_lazy("As of"),
        required=False,
        help_text=gettext_lazy("The day for which it holds. Empty: today."),
    )
    code_system = forms.ChoiceField(
        label=gettext_lazy("Village codes in the file"), choices=CodeSystem
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > UPLOAD_BYTES:
            raise ValidationError(
                _(
                    "File of %(size)s MB, this page takes up to %(limit)s MB."
                    " Pusdatin's administrator loads it on the server."
                )
                % {"size": file.size // MEGABYTE, "limit": UPLOAD_BYTES // MEGABYTE}
            )
        return file
