"""The catalogue of findings: code, severity, column, source. No I/O; the checks are SQL.

The conditions are only in `checks/sql`; the texts are in `checks.finding_texts`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

NOTE, WARNING, ERROR = 1, 2, 3

# --- bounds -------------------------------------------------------------------------------------
OLDEST_YEARS: Final = 120  # a greater age is a typing error
LONGEST_PREGNANCY: Final = timedelta(days=300)  # 42 weeks and some days of delay
PREGNANT_FROM_YEARS: Final = 10
PREGNANT_TO_YEARS: Final = 55
# A value with a year outside this range is not treated as a mistyped date.
FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2049
# Placeholders for an unknown number.
FILLERS: Final = ("1234567890123456", "0123456789012345")
PPKS_KINDS: Final = 26  # Source: Permensos 8/2012, the same in 5/2019
SHARED_BY_FAMILIES: Final = 5
# From the position that a camera wrote to the point of the family, in metres. Up to the first one
# the receivers' errors explain the distance; above the second one it is a finding.
NEAR_PHOTO_M: Final = 50.0
FAR_PHOTO_M: Final = 250.0
EXPLAINED_CHARS: Final = 10  # least length of an explanation of identity
VALUE_CHARS: Final = 120  # of a cell that a finding quotes

# Longest text in a proposal, by column, in characters.
LONGEST: Final[dict[str, int]] = {
    "name": 200,
    "birth_place": 120,
    "mother_name": 200,
    "occupation": 120,
    "marital_status": 40,
    "address": 300,
    "relation": 40,
    "disability_kind": 40,
    "identity_note": 500,
    "evidence_number": 120,
}


def bounds(today: date) -> dict[str, Any]:
    """The parameters of `checks/find_faults` on a day: the bounds of the rules by their names."""
    return {
        "today": today,
        "oldest": date(today.year - OLDEST_YEARS, 1, 1),
        "pregnant_since": today - LONGEST_PREGNANCY,
        "pregnant_from": PREGNANT_FROM_YEARS,
        "pregnant_to": PREGNANT_TO_YEARS + 1,
        "first_year": FIRST_YEAR,
        "last_year": LAST_YEAR,
        "fillers": list(FILLERS),
        "ppks": list(range(1, PPKS_KINDS + 1)),
        **{f"longest_{column}": most for column, most in LONGEST.items()},
    }


@dataclass(frozen=True)
class Rule:
    """One kind of finding. `field` is its column; empty if the check names the column."""

    code: str
    severity: int
    field: str = ""
    source: str = ""


_NIK = "UU 23/2006 and Perpres 62/2019: NIK is PPKKCC DDMMYY SSSS, day + 40 for women"
_IDENTITY = "one person per NIK: identity changes by a correction only (docs/adr/0009)"
_TEMPLATE = "SIKS-NG proposal template"
_REMOVAL = "SIKS-NG usul hapus: each removal has a reason and a paper"
_BIG = "BIG's boundaries in force; tolerance by the legal status of the line"

_ALL = [
    # any column
    Rule("missing", ERROR, source=_TEMPLATE),
    Rule("too_long", ERROR),
    Rule("extra_cells", WARNING),
    Rule("formula_text", NOTE),
    Rule("number_tidied", NOTE),
    # NIK
    Rule("nik_length", ERROR, "nik", _NIK),
    Rule("nik_letters", ERROR, "nik", _NIK),
    Rule("nik_float", ERROR, "nik", "Excel keeps 15 digits of a number"),
    Rule("nik_filler", ERROR, "nik", _NIK),
    Rule("nik_serial_zero", ERROR, "nik", _NIK),
    Rule("nik_date_impossible", ERROR, "nik", _NIK),
    Rule("nik_birth_date", ERROR, "birth_date", _NIK),
    Rule("nik_sex", ERROR, "sex", _NIK),
    Rule("nik_prefix_unknown", WARNING, "nik", "Kemendagri codes of all vintages"),
    # KK
    Rule("kk_length", ERROR, "kk"),
    Rule("kk_letters", ERROR, "kk"),
    Rule("kk_float", ERROR, "kk", "Excel keeps 15 digits of a number"),
    Rule("kk_filler", ERROR, "kk"),
    Rule("kk_prefix_unknown", WARNING, "kk", "Kemendagri codes of all vintages"),
    Rule("nik_is_kk", ERROR, "kk"),
    Rule("kk_two_villages", WARNING, "kk", "Kepmensos 150/HUK/2022: families do not overlap"),
    # name
    Rule("name_digits", ERROR, "name"),
    Rule("name_symbols", ERROR, "name"),
    Rule("name_short", ERROR, "name"),
    Rule("name_titled", NOTE, "name"),
    Rule("name_deceased", WARNING, "name"),
    # dates
    Rule("date_unreadable", ERROR),
    Rule("date_short_year", ERROR),
    Rule("date_impossible", ERROR),
    Rule("date_future", ERROR),
    Rule("date_too_old", ERROR),
    Rule("date_serial", NOTE, source="Excel's day number, 1 January 1900 is 1"),
    # village
    Rule("village_unknown", ERROR, "village_code", "Kepmendagri 300.2.2-2430/2025"),
    Rule("village_bps", ERROR, "village_code", "BPS and Kemendagri codes both have ten digits"),
    Rule("village_level", ERROR, "village_code"),
    Rule("village_ended", WARNING, "village_code", "Kepmendagri 300.2.2-2430/2025"),
    Rule("village_ended_without_successor", ERROR, "village_code"),
    Rule("village_repaired", NOTE, "village_code"),
    Rule("village_ambiguous", ERROR, "village_name"),
    Rule("village_name_unknown", ERROR, "village_name"),
    Rule("village_name_differs", WARNING, "village_name"),
    Rule("village_outside_scope", ERROR, "village_code"),
    # other columns
    Rule("programme_unknown", ERROR, "programme"),
    Rule("sex_unknown", ERROR, "sex"),
    Rule("rt_not_number", ERROR, "rt"),
    Rule("rw_not_number", ERROR, "rw"),
    Rule("ppks_unreadable", ERROR, "ppks"),
    Rule("ppks_unknown", ERROR, "ppks", "Permensos 8/2012"),
    Rule("disability_unknown", ERROR, "disability", _TEMPLATE),
    Rule("disability_without_kind", ERROR, "disability_kind", _TEMPLATE),
    Rule("disability_kind_unneeded", WARNING, "disability_kind"),
    Rule("pregnant_unknown", ERROR, "pregnant", _TEMPLATE),
    Rule("pregnant_man", ERROR, "pregnant"),
    Rule("pregnant_age", WARNING, "pregnant"),
    Rule("pregnancy_date_missing", WARNING, "pregnancy_date", _TEMPLATE),
    Rule("pregnancy_date_unneeded", WARNING, "pregnancy_date"),
    Rule("pregnancy_date_old", WARNING, "pregnancy_date"),
    Rule("kind_unknown", ERROR, "kind"),
    Rule("accuracy_unreadable", WARNING, "accuracy_m"),
    # duplicates
    Rule("duplicate_in_file", ERROR, "nik"),
    Rule("already_proposed", WARNING, "nik"),
    Rule("already_registered", ERROR, "programme"),
    Rule("registered_without_programme", NOTE, "nik"),
    Rule("register_birth_date_differs", WARNING, "birth_date"),
    # who is registered under the NIK, or lives under the family card (apps.registry.likeness)
    Rule("registered_other", ERROR, "nik", _IDENTITY),
    Rule("registered_other_explained", WARNING, "nik", _IDENTITY),
    Rule("registered_other_corrected", WARNING, "nik", _IDENTITY),
    Rule("registered_differs", WARNING, source=_IDENTITY),
    Rule("registered_spelling", NOTE, source=_IDENTITY),
    Rule("registered_moved", WARNING, source=_IDENTITY),
    Rule("family_moved", WARNING, source=_IDENTITY),
    Rule("not_registered", ERROR, "nik"),
    Rule("not_enrolled", ERROR, "programme"),
    # removals and corrections: why, with which paper, and what they change (removal_rules)
    Rule("reason_missing", ERROR, "reason", _REMOVAL),
    Rule("reason_unknown", ERROR, "reason", _REMOVAL),
    Rule("reason_unneeded", WARNING, "reason"),
    Rule("reason_date_missing", ERROR, "reason_date", _REMOVAL),
    Rule("evidence_missing", ERROR, "evidence_kind", _REMOVAL),
    Rule("evidence_unknown", ERROR, "evidence_kind", _REMOVAL),
    Rule("evidence_unfit", ERROR, "evidence_kind", _REMOVAL),
    Rule("evidence_number_missing", ERROR, "evidence_number", _REMOVAL),
    Rule("nothing_changes", ERROR, "kind"),
    Rule("card_needed", ERROR, "kk"),
    Rule("registered_outside_scope", ERROR, "nik"),
    Rule("removed_already", ERROR, "nik"),
    Rule("died_before", WARNING, "nik"),
    Rule("person_in_review", WARNING, "nik"),
    # the point: a verdict never holds a row, because the boundary itself may be disputed
    Rule("coordinate_unreadable", ERROR),
    Rule("coordinate_half", ERROR),
    Rule("coordinate_range", ERROR, "latitude"),
    Rule("near_border", NOTE, "latitude", _BIG),
    Rule("neighbour", WARNING, "latitude", _BIG),
    Rule("elsewhere", WARNING, "latitude", _BIG),
    Rule("unmapped", WARNING, "latitude", _BIG),
    Rule("no_polygon", NOTE, "latitude", _BIG),
    Rule("no_point", NOTE, "latitude"),
    Rule("axes_swapped", WARNING, "latitude"),
    Rule("sign_flipped", WARNING, "latitude"),
    Rule("shared_point", WARNING, "latitude"),
    Rule("office_point", WARNING, "latitude"),
    Rule("coarse", WARNING, "latitude"),
    # photos of the house; a photo without a position says nothing
    Rule("photo_far", WARNING, "latitude"),
    Rule("photo_abroad", WARNING, "latitude"),
]
RULES: Final[dict[str, Rule]] = {rule.code: rule for rule in _ALL}
