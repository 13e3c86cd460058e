"""The forms of services: a definition, the period alone, and what each field of a service is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.common.errors import DomainError
from apps.indicators.figures import vintages
from apps.indicators.models import Service
from apps.indicators.services import hosts
from apps.regions.models import CodeSystem
from apps.ui.forms import SentForm

INTERVALS: Final = (
    (3_600, gettext_lazy("every hour")),
    (86_400, gettext_lazy("every day")),
    (604_800, gettext_lazy("every week")),
    (2_592_000, gettext_lazy("every 30 days")),
)
# Words of addresses beside the names of services.
RESERVED: Final = frozenset(("new",))
# The choices for a field: `column:` with one of our columns, `value:` with an indicator.
COLUMN, VALUE, FIELD = "column:", "value:", "field_"


class ServiceForm(forms.Form):
    """Where a service is, and what is known of its figures."""

    name = forms.SlugField(
        label=gettext_lazy("Short name"),
        max_length=50,
        help_text=gettext_lazy("Small letters, digits, - and _, for example bps-p0."),
    )
    source = forms.CharField(
        label=gettext_lazy("Source"),
        max_length=200,
        help_text=gettext_lazy("Who publishes it: it stands under every map."),
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind of service"), choices=Service.Kind.choices)
    url = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=500,
        help_text=gettext_lazy(
            "Begins with https://. ArcGIS: up to FeatureServer or MapServer. OGC API: up to the"
            " part before /collections. WFS: up to the question mark. It is shown to everybody who"
            " sees the figures: no key or password belongs in it."
        ),
    )
    layer = forms.CharField(
        label=gettext_lazy("Layer"),
        max_length=120,
        required=False,
        help_text=gettext_lazy(
            "ArcGIS: the number of the layer. OGC API: the collection. WFS: the type name."
        ),
    )
    period = forms.CharField(
        label=gettext_lazy("Period"),
        max_length=10,
        help_text=gettext_lazy("2021, 2021-03, 2021-Q1 or 2021-S1."),
    )
    code_system = forms.ChoiceField(
        label=gettext_lazy("Codes of the service"), choices=CodeSystem.choices
    )
    vintage = forms.CharField(
        label=gettext_lazy("Date of the codes"),
        max_length=20,
        required=False,
        help_text=gettext_lazy("The year or day on which they were in force. Empty: not known."),
    )
    interval_s = forms.TypedChoiceField(
        label=gettext_lazy("It is asked"), choices=INTERVALS, coerce=int, initial=86_400
    )

    def __init__(self, *args: Any, service: Service | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if service is None:
            return
        del self.fields["name"]
        self.initial = {name: getattr(service, name) for name in self.fields}
        if service.interval_s not in dict(INTERVALS):
            own = (service.interval_s, _("every %(n)s seconds") % {"n": service.interval_s})
            self.fields["interval_s"].choices = [*INTERVALS, own]  # type: ignore[attr-defined]

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if name in RESERVED or name != name.lower():
            raise ValidationError(_("Choose another short name, in small letters."))
        return name

    def clean_url(self) -> str:
        url = str(self.cleaned_data["url"])
        try:
            hosts.host_of(url)
        except DomainError as refused:
            raise ValidationError(refused.text) from refused
        return url

    def clean_period(self) -> str:
        try:
            return vintages.start_of(self.cleaned_data["period"])[0]
        except DomainError as refused:
            raise ValidationError(refused.text) from refused


class PeriodForm(forms.Form):
    """Of which period the figures of a service are."""

    period = forms.CharField(max_length=10)


class FieldsForm(SentForm):
    """What each field of a service is (`field_3=value:poverty_rate`)."""

    def chosen(self, names: Sequence[str]) -> tuple[dict[str, str], dict[str, str]]:
        """(our column → field, code of an indicator → field) of the fields `names`.

        Raises: `service_field_twice`.
        """
        places = {f"{FIELD}{at}": name for at, name in enumerate(names)}
        found: dict[str, dict[str, str]] = {COLUMN: {}, VALUE: {}}
        for place, choice in self.among(places).items():
            for kind, chosen in found.items():
                if not choice.startswith(kind):
                    continue
                ours = choice.removeprefix(kind)
                if ours in chosen:
                    raise DomainError("service_field_twice", name=ours[:60])
                chosen[ours] = places[place]
        return found[COLUMN], found[VALUE]
