"""The fields of the form by section, and how the answers become rows. No database access.

A field is asked once: village, card, address and programmes for the family, the rest for each
person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.common.http import integer
from apps.common.text.days import HINT, is_day, written
from apps.common.text.identity import digits, is_number

FAMILY, MEMBERS, HOUSE, REVIEW = "family", "members", "house", "review"
SECTIONS: Final = (FAMILY, MEMBERS, HOUSE)
PAGES: Final = (*SECTIONS, REVIEW)
TITLES: Final[dict[str, Promise]] = {
    FAMILY: _("Family"),
    MEMBERS: _("Members"),
    HOUSE: _("House and point"),
    REVIEW: _("Check your answers"),
}
# Fields that are shown only if a remark asks for them.
IDENTITY: Final = "identity"
MOST_MEMBERS: Final = 30
LONGEST: Final = 300

type_choices = Sequence[tuple[str, Any]]


@dataclass(frozen=True)
class Field:
    """One field. `name` is a column of a proposal row, so that findings can be shown beside it."""

    name: str
    label: Any
    help: Any = ""
    # text, digits (keys with numbers only), number (NIK, KK), day, choice, choices
    kind: str = "text"
    choices: type_choices = ()
    is_required: bool = False
    longest: int = LONGEST
    autocomplete: str = "off"
    width: str = ""  # narrow fields are drawn narrow
    group: str = ""  # fields with the same value fold together


YES_NO: Final = (("TIDAK", _("No")), ("YA", _("Yes")))
PROGRAMMES: Final = (
    ("PKH", _("PKH – Family Hope Programme")),
    ("SEMBAKO", _("Sembako – food assistance (BPNT)")),
    ("PBI-JK", _("PBI-JK – health insurance contributions")),
    ("BST", _("BST – cash assistance")),
    ("NON-BANSOS", _("No programme yet: register only")),
)
RELATIONS: Final = (
    ("KEPALA KELUARGA", _("Head of the family")),
    ("SUAMI", _("Husband")),
    ("ISTRI", _("Wife")),
    ("ANAK", _("Child")),
    ("MENANTU", _("Son- or daughter-in-law")),
    ("CUCU", _("Grandchild")),
    ("ORANG TUA", _("Parent")),
    ("MERTUA", _("Parent-in-law")),
    ("FAMILI LAIN", _("Other relative")),
    ("LAINNYA", pgettext_lazy("relation", "Other")),
)
MARRIED: Final = (
    ("BELUM KAWIN", _("Not married")),
    ("KAWIN", _("Married")),
    ("CERAI HIDUP", _("Divorced")),
    ("CERAI MATI", _("Widowed")),
)
DISABILITIES: Final = (
    ("FISIK", _("Physical")),
    ("INTELEKTUAL", _("Intellectual")),
    ("MENTAL", _("Mental")),
    ("SENSORIK", _("Sensory (sight, hearing, speech)")),
    ("GANDA", _("Several")),
)

FIELDS: Final[dict[str, tuple[Field, ...]]] = {
    FAMILY: (
        Field(
            "kk",
            _("Number of the family card (No. KK)"),
            _("16 digits, at the top of the card"),
            "number",
            is_required=True,
            longest=40,
        ),
        Field(
            "programme",
            _("Proposed for"),
            _("Choose one or more"),
            "choices",
            PROGRAMMES,
            is_required=True,
        ),
        Field("address", _("Address"), _("Street, number, hamlet"), autocomplete="off"),
        Field("rt", "RT", kind="digits", longest=10, width="short"),
        Field("rw", "RW", kind="digits", longest=10, width="short"),
    ),
    MEMBERS: (
        Field("name", _("Name"), _("As on the identity card"), is_required=True, longest=200),
        Field("nik", "NIK", _("16 digits"), "number", is_required=True, longest=40),
        Field(
            "identity_note",
            _("Explanation of identity"),
            _("Why it is this person all the same, in ten characters or more"),
            "text",
            longest=500,
            group=IDENTITY,
        ),
        Field("relation", _("Relation to the head of the family"), "", "choice", RELATIONS),
        Field(
            "sex",
            _("Sex"),
            "",
            "radio",
            (("L", _("Male")), ("P", _("Female"))),
            is_required=True,
        ),
        Field("birth_place", _("Place of birth"), longest=120),
        Field(
            "birth_date",
            _("Date of birth"),
            HINT,
            "day",
            is_required=True,
            longest=40,
            width="date",
        ),
        Field("mother_name", _("Mother's name"), longest=200),
        Field("marital_status", _("Marital status"), "", "choice", MARRIED),
        Field("occupation", _("Occupation"), longest=120),
        Field("disability", _("Disability"), "", "radio", YES_NO, group="more"),
        Field(
            *("disability_kind", _("Kind of disability"), _("Only where disability is yes")),
            *("choice", DISABILITIES),
            group="more",
        ),
        Field("pregnant", _("Pregnant"), "", "radio", YES_NO, group="more"),
        Field(
            "pregnancy_date",
            _("Pregnant since"),
            _("dd-mm-yyyy; only where pregnant is yes"),
            "day",
            longest=40,
            width="date",
            group="more",
        ),
        Field(
            "ppks",
            _("Kind of social need (PPKS)"),
            _("Numbers 1–26, several with a semicolon: 8;24. Leave empty if none."),
            longest=60,
            width="date",
            group="more",
        ),
    ),
    HOUSE: (
        Field("point", _("Latitude, longitude"), "", "point", longest=600),
        Field("accuracy_m", _("Accuracy (m)"), "", "hidden", longest=20),
        Field("outside_reason", _("Reason"), "", "area", longest=500),
    ),
}
VILLAGE: Final = "village_code"
# Columns of the family as a whole; a finding in any row is shown at the family.
OF_FAMILY: Final = frozenset(
    {"kk", "programme", "address", "rt", "rw", VILLAGE, "village_name", "district_name"}
)
OF_HOUSE: Final = frozenset({"latitude", "longitude", "accuracy_m"})
# Findings about one person, shown at the NIK for any column.
OF_PERSON: Final = frozenset(
    {
        *("already_registered", "registered_without_programme", "already_proposed"),
        *("not_registered", "not_enrolled", "duplicate_in_file", "register_birth_date_differs"),
        *("registered_moved", "registered_other_corrected"),
    }
)
# These findings ask for an explanation: the person seems not to be the one registered under the
# NIK.
OTHERS: Final = frozenset({"registered_other", "registered_other_explained"})
REGISTERED: Final = OTHERS | {
    *("already_registered", "registered_without_programme", "register_birth_date_differs"),
    *("registered_differs", "registered_spelling", "registered_moved"),
}


def typed(section: str, form: Mapping[str, Any]) -> Any:
    """The values that a form sent for a section. Fields that are not part of it are left out.

    Shapes: family and house a mapping, members a list of mappings. `form` is a QueryDict.
    """
    if section == MEMBERS:
        return [_values(FIELDS[MEMBERS], form, f"{i}-") for i in _numbers(form)]
    values = _values(FIELDS[section], form, "")
    if section == FAMILY:
        values[VILLAGE] = str(form.get("region", ""))[:13]
    return values


def _numbers(form: Mapping[str, Any]) -> list[str]:
    """The numbers of the cards in the order of the page."""
    order = form.getlist("member") if hasattr(form, "getlist") else []
    kept = [number for number in order if integer(number, most=999) is not None]
    return list(dict.fromkeys(kept))[:MOST_MEMBERS]


def _values(fields: Sequence[Field], form: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    return {field.name: _value(field, form, prefix + field.name) for field in fields}


def _value(field: Field, form: Any, name: str) -> Any:
    known = {code for code, _label in field.choices}
    if field.kind == "choices":
        return [code for code in form.getlist(name) if code in known]
    text = str(form.get(name, "")).replace("\x00", "").strip()[: field.longest]
    if field.kind == "number":
        text = digits(text)
    if field.kind == "day":
        text = written(text)
    return text if not known or text in known else ""


def faults(section: str, values: Any) -> tuple[int, int]:
    """How many answers have an impossible form, and how many required ones are missing.

    The checks of the worker report more, a moment later.
    """
    if section == MEMBERS:
        cards = values or [empty_member()]
        counts = [_faults(FIELDS[MEMBERS], card) for card in cards]
        return sum(wrong for wrong, _missing in counts), sum(missing for _wrong, missing in counts)
    values = values or empty(section)
    wrong, missing = _faults(FIELDS[section], values)
    return wrong, missing + (section == FAMILY and not values.get(VILLAGE))


def _faults(asked: Sequence[Field], values: Mapping[str, Any]) -> tuple[int, int]:
    wrong = sum(_is_wrong(field, values.get(field.name) or "") for field in asked)
    return wrong, sum(field.is_required and not values.get(field.name) for field in asked)


def _is_wrong(field: Field, value: Any) -> bool:
    if field.kind == "number":
        return bool(value) and not is_number(value)
    return field.kind == "day" and bool(value) and not is_day(value)


def is_empty(section: str, values: Any) -> bool:
    """Whether the section has no answer. A village alone does not count: it may be filled in."""
    if section == MEMBERS:
        return all(is_blank(card) for card in values or [])
    return not any(value for name, value in (values or {}).items() if name != VILLAGE)


def empty(section: str) -> Any:
    """A section without answers."""
    if section == MEMBERS:
        return [empty_member()]
    return {f.name: [] if f.kind == "choices" else "" for f in FIELDS[section]}


def empty_member() -> dict[str, Any]:
    return {field.name: "" for field in FIELDS[MEMBERS]}


def is_blank(member: Mapping[str, Any]) -> bool:
    return not any(member.values())


def rows_of(sections: Mapping[str, Any]) -> list[dict[str, str]]:
    """One row for each member and programme, in the columns of the checks.

    Shapes: member m (from 0) and programme p of P give row number m × P + p + 1.
    """
    family, house = sections.get(FAMILY) or {}, sections.get(HOUSE) or {}
    shared = {name: str(family.get(name, "")) for name in ("kk", "address", "rt", "rw", VILLAGE)}
    shared |= {name: str(house.get(name, "")) for name in OF_HOUSE}
    programmes = family.get("programme") or [""]
    return [
        {**shared, **{name: str(value) for name, value in member.items()}, "programme": programme}
        for member in members_of(sections)
        for programme in programmes
    ]


def members_of(sections: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The members. Without any, one empty member, because the family is checked, too."""
    return list(sections.get(MEMBERS) or []) or [empty_member()]


def place_of(code: str, field: str, row_number: int, sections: Mapping[str, Any]) -> str:
    """The place of a finding on the form: `family.kk`, `members.1.nik`, `members.1`."""
    programmes = max(1, len((sections.get(FAMILY) or {}).get("programme") or []))
    member = f"{MEMBERS}.{(row_number - 1) // programmes}"
    if code in OTHERS:
        return f"{member}.identity_note"
    if code in OF_PERSON:
        return f"{member}.nik"
    if field in OF_FAMILY:
        return f"{FAMILY}.{VILLAGE if field.endswith('_name') else field}"
    if field in OF_HOUSE:
        return f"{HOUSE}.point"
    return f"{member}.{field}" if field else member
