"""What a steward types: which deliveries a run brings together, thresholds, an answer on a pair."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.reconciliation import messages
from apps.reconciliation.models import REGISTER, Dataset
from apps.reconciliation.states import DatasetStatus, Verdict


class DeliveryField(forms.ModelChoiceField):
    """A loaded delivery, by its source and day."""

    def label_from_instance(self, obj: Any) -> str:
        period = f" {obj.period}" if obj.period else ""
        return f"{obj.source.name}{period} ({obj.as_of:%d-%m-%Y}, {obj.number})"


def deliveries() -> Any:
    """Loaded deliveries of other sources, the newest first."""
    loaded = Dataset.objects.filter(status=DatasetStatus.LOADED).exclude(source=REGISTER)
    return loaded.select_related("source").order_by("source__name", "-number")


class RunForm(forms.Form):
    """`right` is empty for the register as it is now."""

    left = DeliveryField(
        queryset=Dataset.objects.none(),
        label=_("Delivery that is to be matched"),
        error_messages={"required": messages.REFUSALS["nothing_to_run"]},
    )
    right = DeliveryField(
        queryset=Dataset.objects.none(),
        required=False,
        empty_label=_("the register, as it is now"),
        label=_("With"),
    )
    retrain = forms.BooleanField(
        required=False,
        label=_("Train the model anew"),
        help_text=_("Everything is compared anew, and thresholds may have to be set again."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("left", "right"):
            self.fields[name].queryset = deliveries()  # type: ignore[attr-defined]


class JudgeForm(forms.Form):
    """One answer; `seen` is how the pair stood on the page."""

    verdict = forms.ChoiceField(choices=Verdict.choices)
    seen = forms.CharField(required=False, max_length=9)
    note = forms.CharField(required=False, max_length=500)
