"""The forms of village evidence. They check the form of the input; documents are judged apart."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy

from apps.casework.models import Document
from apps.common.errors import DomainError
from apps.common.text.days import DayField
from apps.ui.forms import Choice, Pressed, SentForm

KINDS = [(kind.value, kind.label) for kind in Document.VILLAGE_KINDS]


class DocumentForm(forms.Form):
    """The data printed on one document, and the document itself."""

    number = forms.CharField(
        max_length=80,
        error_messages={
            "required": gettext_lazy("The number is missing. Write the number on the document.")
        },
    )
    date = DayField(
        error_messages={
            "required": gettext_lazy("The date is missing. Write day-month-year: 31-10-2026.")
        },
    )
    file = forms.FileField(
        error_messages={
            "required": gettext_lazy("No file was chosen. Choose a PDF or a picture."),
            "empty": gettext_lazy("The file is empty (0 bytes). Save it again and choose it."),
        }
    )


class KindForm(DocumentForm):
    """One document of a village that is known."""

    kind = forms.ChoiceField(choices=KINDS)


class SeveralForm(SentForm):
    """Whether one document for each of several villages is sent, and of which kind they are."""

    several = Pressed()
    kind = Choice((value for value, _label in KINDS), initial=Document.Kind.MINUTES.value)


class VillagesField(forms.MultipleChoiceField):
    """Codes of villages; whether they are the sender's is decided where documents are received."""

    def valid_value(self, value: str) -> bool:
        return True


class EvidenceForm(KindForm):
    """One document, and the villages that it is about."""

    village = VillagesField(
        error_messages={"required": gettext_lazy("No village was chosen. Choose one or more.")}
    )


def field_of(refused: DomainError) -> str:
    """The field that a refusal of a document is about."""
    return {"document_date": "date", "document_number": "number"}.get(refused.code, "file")


def faults_of(form: forms.Form) -> dict[str, str]:
    """The first fault of each field."""
    return {name: str(errors[0]) for name, errors in form.errors.items()}
