"""Stewards' forms: the deliveries of a run, thresholds, an answer about a pair."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.reconciliation.linkage import messages as linkage_messages
from apps.reconciliation.models import REGISTER, Dataset
from apps.reconciliation.states import DatasetStatus, JudgementOutcome
from apps.ui.forms import SentForm, Text


class DeliveryField(forms.ModelChoiceField):
    """A choice of loaded deliveries, each shown with its source and day."""

    def label_from_instance(self, obj: Any) -> str:
        period = f" {obj.period}" if obj.period else ""
        return f"{obj.source.name}{period} ({obj.as_of:%d-%m-%Y}, {obj.number})"


def deliveries() -> Any:
    """Loaded deliveries of other sources, newest first."""
    loaded = Dataset.objects.filter(status=DatasetStatus.LOADED).exclude(source=REGISTER)
    return loaded.select_related("source").order_by("source__name", "-number")


ITSELF = "register"  # the choice of the register itself, to be compared with itself
NOTHING_CHOSEN: Any = linkage_messages.MESSAGES["nothing_to_run"]


class RunForm(forms.Form):
    """`left` is a delivery, or `ITSELF`; `right` is empty for the current register."""

    left = forms.ChoiceField(
        label=_("What is to be matched"),
        error_messages=dict.fromkeys(("required", "invalid_choice"), NOTHING_CHOSEN),
    )
    right = DeliveryField(
        queryset=Dataset.objects.none(),
        required=False,
        empty_label=_("the register, as it is now"),
        label=_("With"),
    )
    retrain = forms.BooleanField(
        required=False,
        label=_("Train the model again"),
        help_text=_("Everything is compared again, and thresholds may have to be set again."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        right: Any = self.fields["right"]
        right.queryset = deliveries()
        left: Any = self.fields["left"]
        left.choices = [
            ("", "---------"),
            (ITSELF, _("the register, with itself (duplicates)")),
            *((one.pk, right.label_from_instance(one)) for one in right.queryset),
        ]

    @property
    def is_itself(self) -> bool:
        """Whether the register is to be compared with itself."""
        return bool(self.cleaned_data["left"] == ITSELF)

    def clean_left(self) -> Dataset | str:
        given: str = self.cleaned_data["left"]
        return given if given == ITSELF else deliveries().get(pk=given)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("left") == ITSELF and given.get("right"):
            self.add_error("right", str(linkage_messages.MESSAGES["itself_alone"]))
        return given


class JudgeForm(forms.Form):
    """One answer; `seen` is the status that the page showed."""

    outcome = forms.ChoiceField(choices=JudgementOutcome.choices)
    seen = forms.CharField(required=False, max_length=9)
    note = forms.CharField(required=False, max_length=500)


class ResumeForm(SentForm):
    """Whether a run continues in spite of its safeguard (`on`)."""

    force = Text()


class ThresholdsForm(SentForm):
    """Two weights, typed with a decimal point or comma."""

    lower = Text()
    upper = Text()
