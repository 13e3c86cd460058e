"""Forms of uploads: the file, and what it does not say itself."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any, ClassVar, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.commandcentre.hazards.severity import Meaning
from apps.commandcentre.models import Facility, Responder, UploadKind
from apps.commandcentre.states import HazardKind, HazardStatus
from apps.commandcentre.uploads import upload_kinds
from apps.common.errors import DomainError
from apps.common.text.days import DayField
from apps.regions.models import CodeSystem

MEGABYTE: Final = 1_000_000


class UploadForm(forms.Form):
    """A file. Subclasses add what their kind needs; `options` are stored with the upload."""

    file = forms.FileField(label=gettext_lazy("File"))

    def __init__(self, *args: Any, upload_kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = upload_kinds.ROWS.get(upload_kind)
        self.most_bytes = upload_kinds.limits_of(upload_kind).file_bytes
        accepts = rows.accepts if rows is not None else upload_kinds.AREAS
        self.fields["file"].widget.attrs["accept"] = accepts
        self.fields["file"].help_text = _("%(endings)s, up to %(limit)s MB.") % {
            "endings": accepts.replace(",", ", "),
            "limit": self.most_bytes // MEGABYTE,
        }

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > self.most_bytes:
            raise ValidationError(
                _("The file has %(size)s MB; this page takes up to %(limit)s MB.")
                % {"size": file.size // MEGABYTE, "limit": self.most_bytes // MEGABYTE}
            )
        return file

    @property
    def options(self) -> dict[str, str]:
        """What is stored with the upload: JSON texts."""
        given = {name: value for name, value in self.cleaned_data.items() if name != "file"}
        return {name: str(value) for name, value in given.items() if value not in (None, "")}


def _hour(help_text: Any) -> forms.TimeField:
    return forms.TimeField(
        label=gettext_lazy("Time (WIB)"),
        required=False,
        input_formats=["%H:%M", "%H.%M"],
        help_text=help_text,
    )


class MomentForm(UploadForm):
    """A file about one moment: fields `day` and `hour`, stored as the option `moment`."""

    moment: ClassVar[str]

    def given_moment(self) -> datetime | None:
        """The given day and hour, its beginning without an hour; None without a day."""
        day, hour = self.cleaned_data.get("day"), self.cleaned_data.get("hour")
        if day is None:
            return None
        return timezone.make_aware(datetime.combine(day, hour or time()))

    @property
    def options(self) -> dict[str, str]:
        found = super().options
        for name in ("day", "hour"):
            found.pop(name, None)
        return found | {self.moment: getattr(self, self.moment).isoformat()}


class CodedForm(UploadForm):
    """A file whose rows name villages."""

    code_system = forms.ChoiceField(
        label=gettext_lazy("Village codes in the file"), choices=CodeSystem
    )


class StockForm(CodedForm, MomentForm):
    """Counted stock; without an hour the count is that of the morning."""

    moment = "counted_at"
    day = DayField(label=gettext_lazy("Counted on"))
    hour = _hour(
        gettext_lazy(
            "hours and minutes: 14.05. Empty: before anything moved on that day. What moved after"
            " the count is not taken from the file."
        )
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("day") is not None and self.counted_at > timezone.now():
            self.add_error("day", DomainError("stock_counted_ahead").text)
        return given

    @property
    def counted_at(self) -> datetime:
        return self.given_moment() or timezone.now()


class FacilitiesForm(CodedForm):
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind of facilities that name none"),
        required=False,
        choices=[("", gettext_lazy("each row names its kind")), *Facility.Kind.choices],
    )


class RespondersForm(CodedForm):
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind of responders that name none"),
        required=False,
        choices=[("", gettext_lazy("each row names its kind")), *Responder.Kind.choices],
    )


MEANINGS: Final = {
    Meaning.MMI: gettext_lazy("intensity (MMI)"),
    Meaning.DEPTH_M: gettext_lazy("metres of water"),
    Meaning.INDEX: gettext_lazy("index from 0 to 1"),
    Meaning.CLASS: gettext_lazy("class: 1 low, 2 medium, 3 high"),
    Meaning.STATE: gettext_lazy("state of PetaBencana, 1 to 4"),
    Meaning.PRONE: gettext_lazy("yes or no"),
}


def _kind() -> forms.ChoiceField:
    return forms.ChoiceField(label=gettext_lazy("Kind of hazard"), choices=HazardKind.choices)


def _column(label: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=60,
        help_text=gettext_lazy("Of a layer with polygons. Empty: found by its name."),
    )


def _meaning(unstated: Any, *meanings: Meaning) -> forms.ChoiceField:
    """What the values of a column mean; `unstated`: what holds if none is chosen."""
    return forms.ChoiceField(
        label=gettext_lazy("What its values mean"),
        required=False,
        choices=[("", unstated), *((one.value, MEANINGS[one]) for one in meanings)],
    )


class HazardForm(MomentForm):
    moment = "occurred_at"
    kind = _kind()
    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    event = forms.CharField(
        label=gettext_lazy("Name of the event"),
        required=False,
        max_length=100,
        help_text=gettext_lazy(
            "The next file under the same name is its next version. Empty: an event of its own."
        ),
    )
    day = DayField(label=gettext_lazy("Day"), required=False, help_text=gettext_lazy("Empty: now."))
    hour = _hour(gettext_lazy("hours and minutes: 14.05"))
    status = forms.ChoiceField(
        label=gettext_lazy("What it is"),
        choices=[
            (one, one.label)
            for one in (HazardStatus.ACTUAL, HazardStatus.EXERCISE, HazardStatus.SCENARIO)
        ],
    )
    layer = forms.CharField(
        label=gettext_lazy("Layer"),
        required=False,
        max_length=120,
        help_text=gettext_lazy("Of a file with several layers of polygons. Empty: the only one."),
    )
    field = _column(gettext_lazy("Column of the severity"))
    meaning = _meaning(
        gettext_lazy(
            "by the column's name; of a grid MMI (earthquake), metres (flood), else an index"
        ),
        *MEANINGS,
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("hour") is not None and given.get("day") is None and "day" not in self.errors:
            self.add_error("hour", DomainError("hazard_hour_without_day").text)
        if given.get("status") == HazardStatus.ACTUAL and self.occurred_at > timezone.now():
            ahead = DomainError("hazard_in_future", moment=self.occurred_at)
            self.add_error("day", ahead.text)
        return given

    @property
    def occurred_at(self) -> datetime:
        """The given day and hour; now without a day."""
        return self.given_moment() or timezone.now()


class ZonesForm(UploadForm):
    kind = _kind()
    name = forms.CharField(
        label=gettext_lazy("Name of the zones"),
        max_length=120,
        help_text=gettext_lazy("For example: InaRISK banjir DKI Jakarta."),
    )
    field = _column(gettext_lazy("Column of the class"))
    meaning = _meaning(
        gettext_lazy("as the column's name says; of a grid an index"),
        Meaning.INDEX, Meaning.CLASS, Meaning.DEPTH_M, Meaning.PRONE,
    )  # fmt: skip


FORMS: Final[dict[str, type[UploadForm]]] = {
    UploadKind.FACILITIES: FacilitiesForm,
    UploadKind.STOCK: StockForm,
    UploadKind.MINIMUMS: CodedForm,
    UploadKind.RESPONDERS: RespondersForm,
    UploadKind.HAZARD: HazardForm,
    UploadKind.EVENTS: UploadForm,
    UploadKind.ZONES: ZonesForm,
}
