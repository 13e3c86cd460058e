"""Forms of the pages of facilities."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from apps.commandcentre.models import Facility, Good, StockItem
from apps.commandcentre.resources.stock_ledger import StockBatch
from apps.common.text.days import DayField

MOST_UNITS = 1_000_000_000


class FacilityFilterForm(forms.Form):
    """`store_lists.FacilityFilter` reads them; this form only shows what was chosen."""

    kind = forms.ChoiceField(
        label=_("Kind"), required=False, choices=[("", _("any kind")), *Facility.Kind.choices]
    )
    region = forms.CharField(label=_("Region code"), required=False, max_length=13)


class StockFilterForm(FacilityFilterForm):
    """The same for `store_lists.StockFilter`."""

    good = forms.ChoiceField(label=_("Good"), required=False)

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        field: Any = self.fields["good"]
        goods = Good.objects.order_by("name").values_list("pk", "name")
        field.choices = [("", _("any good")), *goods]


class ExpiringForm(StockFilterForm):
    """With the days within which a batch expires."""

    days = forms.CharField(label=_("Within days"), required=False, max_length=4)


class MinimumForm(forms.Form):
    """The minimum of one good in a facility; zero removes it."""

    good = forms.ModelChoiceField(label=_("Good"), queryset=Good.objects.order_by("name"))
    quantity = forms.IntegerField(label=_("At least"), min_value=0, max_value=MOST_UNITS)


class ReceiptForm(forms.Form):
    """Goods that came to a facility."""

    good = forms.ModelChoiceField(label=_("Good"), queryset=Good.objects.order_by("name"))
    quantity = forms.IntegerField(label=_("Quantity"), min_value=1, max_value=MOST_UNITS)
    batch_label = forms.CharField(label=_("Batch"), max_length=60, required=False)
    expiry_date = DayField(label=_("Last usable day"), required=False)
    source = forms.CharField(
        label=_("From whom"),
        max_length=200,
        help_text=_("An office, a firm or a donor; no name of a person: the ledger keeps it."),
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    @property
    def values(self) -> dict[str, Any]:
        """The arguments of `hand_entries.note_receipt`."""
        known = self.cleaned_data
        return {
            "batch": StockBatch(known["good"], known["batch_label"], known["expiry_date"]),
            "quantity": known["quantity"],
            "source": known["source"],
            "seen": known["seen"],
        }


class BatchField(forms.ModelChoiceField):
    """A batch, named by its good, label, last usable day and what may be taken off."""

    def label_from_instance(self, obj: Any) -> str:
        day = f"{obj.expiry_date:%d-%m-%Y}" if obj.expiry_date is not None else ""
        parts = [obj.good.name, obj.batch_label, day, f"{obj.on_hand - obj.reserved}"]
        return " · ".join(part for part in parts if part)


class LossForm(forms.Form):
    """Units of a batch that are lost or spoilt."""

    item = BatchField(
        label=_("Batch"),
        queryset=StockItem.objects.none(),
        help_text=_("The last number is what is not reserved."),
    )
    quantity = forms.IntegerField(label=_("Quantity"), min_value=1, max_value=MOST_UNITS)
    reason = forms.CharField(
        label=_("What became of it"), max_length=200, help_text=_("For example: wet, spoilt.")
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *given: Any, facility: Facility, **more: Any) -> None:
        super().__init__(*given, **more)
        field: Any = self.fields["item"]
        own = StockItem.objects.filter(facility=facility, on_hand__gt=F("reserved"))
        field.queryset = own.select_related("good").order_by("good__name", "expiry_date", "pk")
