"""Forms of a plan."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.commandcentre.models import Facility, Good, Plan
from apps.commandcentre.models.plan import ShipmentStatus
from apps.commandcentre.planning.plans import MOST_DAYS
from apps.commandcentre.planning.shipment_lists import STATUSES
from apps.common.text.days import DayField
from apps.regions.models import Level, Region
from apps.ui.forms import Choice, Integer, Integers, SentForm, Text

MOST_UNITS = 10_000_000


class MakeForm(forms.Form):
    """For how many days a plan sends goods."""

    days = forms.IntegerField(label=_("Days to cover"), min_value=1, max_value=MOST_DAYS, initial=3)
    # the last plan of the hazard that the page showed
    seen = Integer()


class LockForm(forms.Form):
    """What one facility sends to one village, fixed; zero gives it back to the computation."""

    facility = forms.IntegerField(widget=forms.HiddenInput)
    good = forms.IntegerField(widget=forms.HiddenInput)
    village = forms.CharField(max_length=13, widget=forms.HiddenInput)
    quantity = forms.IntegerField(label=_("Locked quantity"), min_value=0, max_value=MOST_UNITS)


class LineForm(forms.Form):
    """What a source that the computation did not choose sends to a village."""

    source = forms.CharField(
        label=_("Source"),
        max_length=200,
        help_text=_("Name as in the list of facilities, or reference."),
    )
    to = forms.CharField(label=_("Village"), max_length=120, help_text=_("Code, or name."))
    good = forms.ModelChoiceField(label=_("Good"), queryset=Good.objects.none())
    quantity = forms.IntegerField(label=_("Locked quantity"), min_value=1, max_value=MOST_UNITS)

    def __init__(self, *given: Any, plan: Plan, **more: Any) -> None:
        super().__init__(*given, **more)
        self.auto_id = "line_%s"
        field: Any = self.fields["good"]
        field.queryset = Good.objects.filter(pk__in=plan.needs.values("good")).order_by("name")


class ExcludeForm(forms.Form):
    """A facility, and whether it is left out of the plan."""

    facility = forms.ModelChoiceField(Facility.objects.all(), widget=forms.HiddenInput)
    excluded = Integer(most=1, initial=0)


class OtherEventsForm(SentForm):
    """Whether plans of other events count."""

    counts = Integer(most=1, initial=0)


class CapacityForm(forms.Form):
    """What the vehicles of one facility carry; empty is not known."""

    facility = forms.IntegerField(widget=forms.HiddenInput)
    capacity_kg = forms.FloatField(
        label=_("Vehicles carry (kg)"), required=False, min_value=0, max_value=10_000_000
    )


class StatementForm(forms.Form):
    """The regent's statement of emergency."""

    number = forms.CharField(label=_("Number of the statement"), max_length=120)
    day = DayField(label=_("Date of the statement"))
    region = forms.ModelChoiceField(
        label=_("Regency that made the statement"), queryset=Region.objects.none()
    )
    file = forms.FileField(label=_("File of the statement (PDF or photo)"))

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        field: Any = self.fields["region"]
        field.queryset = Region.objects.filter(level=Level.REGENCY).order_by("pk")

    def offer(self, missing: Iterable[Region], stated: Iterable[Region]) -> None:
        """Show only these regencies: those whose statement is missing, then those that may prolong
        theirs. Which of them is allowed is decided where it is added.
        """
        field: Any = self.fields["region"]
        longer = _("%(name)s (%(code)s): prolongation")
        field.choices = [
            ("", "–"),
            *((one.pk, f"{one.name} ({one.pk})") for one in missing),
            *((one.pk, longer % {"name": one.name, "code": one.pk}) for one in stated),
        ]


class WithdrawForm(SentForm):
    """Why a statement counts no more."""

    reason = Text(most=300)


class ReceiveForm(forms.Form):
    """How much arrived."""

    quantity = forms.IntegerField(label=_("Received"), min_value=0, max_value=MOST_UNITS)
    remark = forms.CharField(label=_("Remark"), max_length=300, required=False)


class CorrectForm(SentForm):
    """What is true of a shipment, why it is corrected, and what the operator saw of it."""

    status = Choice((ShipmentStatus.RECEIVED, ShipmentStatus.DISPATCHED, ShipmentStatus.RESERVED))
    quantity = Integer(most=MOST_UNITS)
    reason = Text(most=300)
    seen = Text(most=40)


class StepBackForm(SentForm):
    """Of which source the shipments in a status are taken one step back, and how many it shows."""

    facility = Integer()
    status = Choice((ShipmentStatus.RECEIVED, ShipmentStatus.DISPATCHED))
    count = Integer(initial=0)
    reason = Text(most=300)


class FacilityForm(SentForm):
    """The facility whose shipments leave."""

    facility = Integer()


class ReserveForm(SentForm):
    """When the plan was computed that the operator saw."""

    solved_at = Text(most=40)


class CancelForm(SentForm):
    """The status of the plan that the operator saw."""

    status = Text(most=10)


class SolveForm(SentForm):
    """Whether the vehicles' limits count."""

    vehicles = Text()


class ShipmentFilterForm(forms.Form):
    """`shipment_lists.ShipmentFilter` reads them; this form only shows what was chosen."""

    facility = forms.ChoiceField(label=_("Source"), required=False)
    region = forms.CharField(label=_("Region code"), required=False, max_length=13)
    good = forms.ChoiceField(label=_("Good"), required=False)
    status = forms.ChoiceField(
        label=_("Status"), required=False, choices=[("", _("any status")), *STATUSES.items()]
    )

    def __init__(self, plan: Plan, **more: Any) -> None:
        super().__init__(**more)
        sources = Facility.objects.filter(pk__in=plan.sources.values("facility"))
        goods = Good.objects.filter(pk__in=plan.needs.values("good"))
        for name, rows, word in (
            ("facility", sources, _("any source")),
            ("good", goods, _("any good")),
        ):
            field: Any = self.fields[name]
            field.choices = [("", word), *rows.order_by("name", "pk").values_list("pk", "name")]


class ManyForm(SentForm):
    """What was shown of the list: how many shipments, or the numbers of those of its page."""

    count = Integer(initial=0)
    shipment = Integers()
    remark = Text(most=300)
