"""The forms: finding a person, a removal, a correction. The checks judge what is typed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.common.text.days import HINT
from apps.common.text.identity import masked
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
PAPER: Final = ("evidence_kind", "evidence_number", "file")


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


def paper_field(*, is_needed: bool) -> forms.FileField:
    """The paper itself; not needed again where the batch has it."""
    help_text = _("A photo, a scan or a PDF of it") if is_needed else _(
        "The paper that was sent stays; choose a file only to add another one."
    )  # fmt: skip
    return forms.FileField(
        label=_("The paper itself"),
        help_text=help_text,
        required=is_needed,
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,application/pdf"}),
        error_messages={
            "required": _("No file was chosen. Choose a PDF or a picture."),
            "empty": _("The file is empty (0 bytes). Save it again and choose it."),
        },
    )


class PaperForm(forms.Form):
    """The paper of a row, sent beside it."""

    file = paper_field(is_needed=True)


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
        self,
        *args: Any,
        programmes: Sequence[str],
        members: Sequence[Person],
        has_paper: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"] = paper_field(is_needed=not has_paper)
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

    def __init__(self, *args: Any, has_paper: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in FIELDS:
            self.fields[name] = _field(name)
        self.fields["evidence_kind"] = forms.ChoiceField(
            label=_("Evidence"), choices=_document_choices(removal_rules.OF_CORRECTIONS)
        )
        self.fields["evidence_number"] = _text(
            _("Number of the evidence"), _("Not needed for an identity card or a family card")
        )
        self.fields["file"] = paper_field(is_needed=not has_paper)

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
