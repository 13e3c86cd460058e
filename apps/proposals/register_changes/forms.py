"""The forms: finding a person, a removal, a correction. The checks judge what is typed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.common.days import HINT
from apps.common.identity import masked
from apps.proposals import removal_rules
from apps.proposals.entry import form_fields
from apps.proposals.now_and_proposed import LABELS
from apps.proposals.register_changes.answers import FIELDS
from apps.proposals.states import EvidenceKind
from apps.registry.forms import SearchForm
from apps.registry.models import EndReason, Person

CHOOSE: Final = ("", _("– choose –"))
UNCHANGED: Final = ("", _("– unchanged –"))
CHOICES: Final[dict[str, form_fields.type_choices]] = {
    "sex": Person.Sex.choices,
    "relation": form_fields.RELATIONS,
    "marital_status": form_fields.MARRIED,
    "disability_kind": form_fields.DISABILITIES,
}
LONGEST: Final = 300
PAPER: Final = ("evidence_kind", "evidence_number")


class FindForm(SearchForm):
    """NIK or KK number, by POST. A name alone finds nobody here: the officer has the card."""

    name = None  # type: ignore[assignment]  # documented: takes a field away
    birth_date = None  # type: ignore[assignment]

    def clean(self) -> dict[str, Any]:
        data = forms.Form.clean(self) or {}
        if not self.errors and not data.get("nik") and not data.get("kk"):
            raise forms.ValidationError(
                _("Fill in the NIK of the person, or the number of the family card.")
            )
        return data


def _text(label: Any, help_text: Any = "", **attrs: str) -> forms.CharField:
    known = {"autocomplete": "off", "spellcheck": "false"} | attrs
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=False,
        max_length=LONGEST,
        widget=forms.TextInput(attrs=known),
    )


def _document_choices(codes: Iterable[str]) -> list[tuple[Any, Any]]:
    """(word of a file, label) of some kinds of document."""
    return [
        CHOOSE,
        *((removal_rules.PAPERS[code].words[0], EvidenceKind(code).label) for code in codes),
    ]


class RemovalForm(forms.Form):
    """Why a person, or some of a family, leaves, and the paper that proves it."""

    reason = forms.ChoiceField(label=_("Reason"))
    reason_date = _text(_("Date of the event"), HINT, inputmode="numeric", **{"data-day": ""})
    programme = forms.ChoiceField(label=_("What ends"), required=False)
    evidence_kind = forms.ChoiceField(label=_("Evidence"))
    evidence_number = _text(_("Number of the evidence"), _("As on the document"))
    also = forms.MultipleChoiceField(
        label=_("Also for these members of the family"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(
        self, *args: Any, programmes: Sequence[str], members: Sequence[Person], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        choices: dict[str, Any] = {
            "reason": [
                CHOOSE,
                *(
                    (one.words[0], EndReason(code).label)
                    for code, one in removal_rules.REASONS.items()
                ),
            ],
            "programme": [
                ("", _("The person's registration, with all programmes")),
                *((code, _("Only %(code)s") % {"code": code}) for code in programmes),
            ],
            "evidence_kind": _document_choices(removal_rules.PAPERS),
            "also": [(str(one.pk), f"{one.name}, {masked(one.nik)}") for one in members],
        }
        for name, values in choices.items():
            self.fields[name].choices = values  # type: ignore[attr-defined]
        if not members:
            del self.fields["also"]


class CorrectionForm(forms.Form):
    """A field for each value of the register; an empty one changes nothing."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in FIELDS:
            self.fields[name] = _field(name)
        self.fields["evidence_kind"] = forms.ChoiceField(
            label=_("Evidence"), choices=_document_choices(removal_rules.OF_CORRECTIONS)
        )
        self.fields["evidence_number"] = _text(
            _("Number of the evidence"), _("Not needed for an identity card or a family card")
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not any(data.get(name, "").strip() for name in FIELDS):
            raise forms.ValidationError(
                _("Nothing would change: write the new value beside the one that is wrong.")
            )
        return data


def _field(name: str) -> forms.Field:
    if name in CHOICES:
        return forms.ChoiceField(
            label=LABELS[name], choices=[UNCHANGED, *CHOICES[name]], required=False
        )
    attrs: dict[str, str] = {}
    if name == "birth_date":
        attrs = {"inputmode": "numeric", "data-day": "", "placeholder": "dd-mm-yyyy"}
    elif name in ("kk", "rt", "rw"):
        attrs = {"inputmode": "numeric"}
    elif name in ("name", "mother_name"):
        attrs = {"autocapitalize": "characters"}
    return _text(LABELS[name], **attrs)
