"""The texts of every finding: what, where, how to fix it. One sentence each, in two languages.

The database holds codes and parameters; texts are formatted when they are shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from apps.common.text.identity import digits, is_number, masked
from apps.imports import typed_point
from apps.proposals import removal_rules
from apps.proposals.columns import TEMPLATE
from apps.proposals.maps import HIDDEN, PLACE
from apps.proposals.rules import EXPLAINED_CHARS
from apps.proposals.states import IdentityDifference
from apps.registry.models import EndReason

# code: (what it is, how to fix it)
MESSAGES: Final[dict[str, tuple[Promise, Promise]]] = {
    "missing": (
        _("Column %(column)s is empty."),
        _("Fill it in from the identity card or the family card."),
    ),
    "too_long": (
        _("The text is longer than %(limit)s characters."),
        _("Shorten it to what belongs in this column."),
    ),
    "extra_cells": (
        _("%(count)s cells are to the right of the last column."),
        _(
            "See whether a cell of this row was moved to the right; delete what does not"
            " belong to the table."
        ),
    ),
    "formula_text": (
        _("The text begins like a formula; it was kept as plain text."),
        _("Nothing to do, unless a formula was meant: then write its result."),
    ),
    "number_tidied": (
        _("Signs between the digits were left out: %(shown)s."),
        _("Nothing to do."),
    ),
    "nik_length": (
        _("NIK has %(length)s digits, it should have 16."),
        _("Look at the identity card and complete or correct the number."),
    ),
    "nik_letters": (
        _("There are signs in the NIK that are not digits: %(signs)s."),
        _("Write digits only; often O is written for 0 and l for 1."),
    ),
    "nik_float": (
        _("The NIK was changed by Excel: %(value)s."),
        _("Set the column to Text, fill it in again from the original source, and upload again."),
    ),
    "nik_filler": (
        _("The NIK is only a filler: %(value)s."),
        _("Write the person's own NIK from the identity card or the family card."),
    ),
    "nik_serial_zero": (
        _("The NIK ends with 0000; the last four digits begin with 0001."),
        _("Look at the identity card and write the last four digits."),
    ),
    "nik_date_impossible": (
        _("Digits 7 to 12 of the NIK are no date: %(digits)s."),
        _("Compare the NIK with the identity card, digit by digit."),
    ),
    "nik_birth_date": (
        _(
            "The date of birth in the NIK (%(nik_date)s) differs from column %(column)s"
            " (%(birth_date)s)."
        ),
        _("Compare both with the identity card and correct the one that is wrong."),
    ),
    "nik_sex": (
        _("By its NIK this person is %(nik_sex)s, column %(column)s says %(column_sex)s."),
        _("Compare both with the identity card: a woman's NIK has 40 added to the day of birth."),
    ),
    "nik_prefix_unknown": (
        _("The first six digits of the NIK (%(prefix)s) are no district of today or before."),
        _("Compare the NIK with the identity card; if it is right, leave it."),
    ),
    "kk_length": (
        _("The family card number has %(length)s digits, it should have 16."),
        _("Look at the family card and complete or correct the number."),
    ),
    "kk_letters": (
        _("There are signs in the family card number that are not digits: %(signs)s."),
        _("Write digits only; often O is written for 0 and l for 1."),
    ),
    "kk_float": (
        _("The family card number was changed by Excel: %(value)s."),
        _("Set the column to Text, fill it in again from the original source, and upload again."),
    ),
    "kk_filler": (
        _("The family card number is only a filler: %(value)s."),
        _("Write the number of the family card."),
    ),
    "kk_prefix_unknown": (
        _(
            "The first six digits of the family card number (%(prefix)s) are no district of"
            " today or before."
        ),
        _("Compare the number with the family card; if it is right, leave it."),
    ),
    "nik_is_kk": (
        _("The family card number is the same as the NIK."),
        _("Write the number at the top of the family card."),
    ),
    "kk_two_villages": (
        _("This family card is also in row %(other_row)s, there for %(other)s (%(other_code)s)."),
        _("A family lives in one village: correct the village, or the number of the family card."),
    ),
    "name_digits": (
        _("There is a digit in the name."),
        _("Write the name as on the identity card; often 0 is written for O and 1 for I."),
    ),
    "name_symbols": (
        _("There are signs in the name that no name has."),
        _("Write the name with letters, space, apostrophe, dot or hyphen only."),
    ),
    "name_short": (
        _("The name has fewer than 2 letters."),
        _("Write the whole name as on the identity card."),
    ),
    "name_titled": (
        _('The title "%(title)s" is kept apart from the name %(name)s.'),
        _("Nothing to do; write the title into the name only if the identity card has it so."),
    ),
    "name_deceased": (
        _('The name carries "%(title)s": has this person died?'),
        _("Leave the row out if so; propose a member of the family who lives."),
    ),
    "date_unreadable": (
        _('"%(value)s" cannot be read as a date.'),
        _("Write day-month-year, for example 31-01-2000."),
    ),
    "date_short_year": (
        _("The year has two digits only: %(value)s."),
        _("Write the year with four digits, for example 31-01-1988."),
    ),
    "date_impossible": (
        _("There is no such date: %(value)s."),
        _("Write day-month-year, for example 31-01-2000; the month is in the middle."),
    ),
    "date_future": (
        _("The date lies in the future: %(value)s."),
        _("Look at the document and correct the year."),
    ),
    "date_too_old": (
        _("By this date the person would be older than 120 years: %(value)s."),
        _("Look at the identity card and correct the year."),
    ),
    "date_serial": (
        _("The day number of Excel, %(value)s, was read as %(date)s."),
        _("Nothing to do if the date is right; else write day/month/year."),
    ),
    "village_unknown": (
        _("There is no village with the code %(value)s."),
        _("Look the code up in the list of the Ministry of Home Affairs, form 35.06.08.2006."),
    ),
    "village_bps": (
        _(
            "The code %(value)s is not in the list of the Ministry of Home Affairs, but in"
            " that of BPS: %(name)s."
        ),
        _('Choose "BPS" under "Village codes in the file", or write %(code)s.'),
    ),
    "village_level": (
        _("%(value)s is not the code of a village but of %(name)s."),
        _("Write the code of the village, form 35.06.08.2006."),
    ),
    "village_ended": (
        _("The code %(value)s has ended; its successor was taken: %(name)s (%(later)s)."),
        _("Nothing to do if that is the village; else write the code of today."),
    ),
    "village_ended_without_successor": (
        _("The code %(value)s has ended on %(ended)s and has no successor."),
        _("Write the code under which the village is known today."),
    ),
    "village_repaired": (
        _("The village code %(value)s was read as %(code)s."),
        _("Nothing to do if that is the village (%(name)s)."),
    ),
    "village_ambiguous": (
        _("Several villages fit: %(names)s."),
        _("Write the code of the village that is meant into the column KODE DESA."),
    ),
    "village_name_unknown": (
        _("No village of your area fits these names: %(place)s."),
        _(
            "Write the names as in the list of the Ministry of Home Affairs, or add the"
            " column KODE DESA."
        ),
    ),
    "village_name_differs": (
        _("The code is that of %(name)s, column %(column)s says %(value)s."),
        _("See which of the two is meant and correct the other."),
    ),
    "village_outside_scope": (
        _("This village is outside your area: %(name)s (%(code)s)."),
        _("Leave this row out; the village proposes it itself."),
    ),
    "programme_unknown": (
        _('"%(value)s" is no programme that is known here.'),
        _("Write PKH, SEMBAKO, PBI-JK, BST or NON-BANSOS."),
    ),
    "sex_unknown": (
        _('"%(value)s" says neither L nor P.'),
        _("Write L for a man, P for a woman."),
    ),
    "rt_not_number": (
        _('RT "%(value)s" is not a number of one to three digits.'),
        _("Write the number only, for example 003; leave it empty where there is none."),
    ),
    "rw_not_number": (
        _('RW "%(value)s" is not a number of one to three digits.'),
        _("Write the number only, for example 003; leave it empty where there is none."),
    ),
    "ppks_unreadable": (
        _('The PPKS codes "%(value)s" cannot be read.'),
        _("Write numbers from 1 to 26, several with a semicolon between them: 8;24."),
    ),
    "ppks_unknown": (
        _("There is no PPKS kind %(kinds)s; they run from 1 to 26."),
        _("Look the kind up in the list of the template."),
    ),
    "disability_unknown": (
        _('"%(value)s" says neither YA nor TIDAK.'),
        _("Write YA or TIDAK."),
    ),
    "disability_without_kind": (
        _("Disability is YA, but its kind is missing."),
        _("Write the kind into the column %(column)s."),
    ),
    "disability_kind_unneeded": (
        _("A kind of disability is given (%(value)s), but disability is TIDAK."),
        _("Write YA, or empty the kind; as it is now, the kind is left out."),
    ),
    "pregnant_unknown": (
        _('"%(value)s" says neither YA nor TIDAK.'),
        _("Write YA or TIDAK."),
    ),
    "pregnant_man": (
        _("A man (L) is marked as pregnant."),
        _("Correct the sex or the column %(column)s."),
    ),
    "pregnant_age": (
        _("A person of %(years)s years is marked as pregnant."),
        _("Compare the date of birth with the identity card; if all is right, leave it."),
    ),
    "pregnancy_date_missing": (
        _("Pregnant is YA, but the date is missing."),
        _("Write since when, day/month/year."),
    ),
    "pregnancy_date_unneeded": (
        _("A date of pregnancy is given (%(value)s), but pregnant is TIDAK."),
        _("Write YA, or empty the date; as it is now, the date is left out."),
    ),
    "pregnancy_date_old": (
        _("The pregnancy would have begun more than 10 months ago: %(value)s."),
        _("Correct the date, or write TIDAK if the child is born."),
    ),
    "kind_unknown": (
        _('"%(value)s" is no kind of proposal.'),
        _("Write BARU, PERBAIKAN or HAPUS; empty means BARU."),
    ),
    "accuracy_unreadable": (
        _('The accuracy "%(value)s" is no number of metres; it was left out.'),
        _("Write metres, for example 8, or leave it empty."),
    ),
    "duplicate_in_file": (
        _("This NIK is in row %(first_row)s of this file already, for the same programme."),
        _("Leave one of the two out, or correct the NIK if they are two persons."),
    ),
    "already_proposed": (
        _("This person was proposed for the same programme on %(date)s by %(village)s already."),
        _("Leave this row out, or open that proposal to change it."),
    ),
    "already_registered": (
        _("This person has had %(programme)s in the register since %(since)s."),
        _("Leave this row out, or write PERBAIKAN if something is to be corrected."),
    ),
    "registered_without_programme": (
        _("This person is in the register, not yet for %(programme)s."),
        _("Nothing to do."),
    ),
    "register_birth_date_differs": (
        _("The register has another date of birth for this NIK."),
        _("Compare NIK and date with the identity card; correct the one that is wrong."),
    ),
    "registered_other": (
        _(
            "In the register this NIK belongs to %(who)s in %(who_village)s (family card"
            " %(who_kk)s), who seems to be another person."
        ),
        _(
            "Compare each digit of the NIK with the identity card: one wrong digit is a stranger's"
            " number. If it is this person all the same, write why into the column"
            " %(note_column)s, at least %(note_chars)s characters."
        ),
    ),
    "registered_other_explained": (
        _(
            "In the register this NIK belongs to %(who)s in %(who_village)s (family card"
            " %(who_kk)s), who seems to be another person; the sender explains it."
        ),
        _("The reviewer compares both, side by side, and decides this row by itself."),
    ),
    "registered_other_corrected": (
        _(
            "This would make %(who)s in %(who_village)s (family card %(who_kk)s) into somebody"
            " with another name."
        ),
        _(
            "Compare each digit of the NIK with the identity card; if the name in the register is"
            " wrong, leave the row: the reviewer decides it by itself."
        ),
    ),
    "registered_differs": (
        _("The register has %(fields)s of this person otherwise."),
        _(
            "Compare with the identity card and correct what is wrong here. What still differs"
            " does not change the register: yours is kept beside it, with its source. To change"
            " the register, write PERBAIKAN."
        ),
    ),
    "registered_spelling": (
        _("The register spells %(fields)s of this person otherwise."),
        _("The register keeps its spelling; yours is kept beside it, with its source."),
    ),
    "registered_moved": (
        _(
            "In the register this person lives in %(who_village)s, family card %(who_kk)s;"
            " %(fields)s differs."
        ),
        _(
            "If the family has moved, leave it: the reviewer confirms the move. Otherwise correct"
            " the cell; without a confirmed move the register keeps its own."
        ),
    ),
    "family_moved": (
        _("In the register this family card is of %(who_village)s; %(fields)s differs."),
        _(
            "If the family has moved, leave it: the reviewer confirms the move. Otherwise correct"
            " the cell, or the number of the family card."
        ),
    ),
    "not_registered": (
        _("Nobody in the register has this NIK, so that there is nothing to correct or remove."),
        _("Compare the NIK with the identity card, or write BARU."),
    ),
    "not_enrolled": (
        _("This person has no %(programme)s in the register that could be removed."),
        _("See whether another programme is meant, or leave the row out."),
    ),
    "reason_missing": (
        _("A removal says why, but column %(column)s is empty."),
        _(
            "Write MENINGGAL, PINDAH, MAMPU, MENGUNDURKAN DIRI, ASN/TNI/POLRI, GANDA or TIDAK"
            " DITEMUKAN."
        ),
    ),
    "reason_unknown": (
        _('"%(value)s" is no reason of a removal.'),
        _(
            "Write MENINGGAL, PINDAH, MAMPU, MENGUNDURKAN DIRI, ASN/TNI/POLRI, GANDA or TIDAK"
            " DITEMUKAN."
        ),
    ),
    "reason_unneeded": (
        _('A reason is given ("%(value)s"), but this row is a new proposal.'),
        _("If the person is to be removed, write HAPUS as the kind; otherwise empty the reason."),
    ),
    "reason_date_missing": (
        _("The day of the death or of the move is missing."),
        _("Write it as day-month-year, as on the paper."),
    ),
    "evidence_missing": (
        _("A removal or a correction needs a paper, but column %(column)s is empty."),
        _("Write the paper that proves it: %(papers)s."),
    ),
    "evidence_unknown": (
        _('"%(value)s" is no paper that is known here.'),
        _("Choose one from the list of the template."),
    ),
    "evidence_unfit": (
        _('"%(value)s" does not prove this.'),
        _("Papers that do: %(papers)s."),
    ),
    "evidence_number_missing": (
        _("The number of the paper is missing."),
        _("Write the number on it."),
    ),
    "nothing_changes": (
        _("This correction changes nothing: the register has the same values."),
        _("Write the new value into the column that is wrong; leave the others empty."),
    ),
    "card_needed": (
        _("The register has no family card of this person, so that the address belongs to none."),
        _("Fill in the number of the family card, too."),
    ),
    "registered_outside_scope": (
        _("The register has this person in a village outside your area."),
        _(
            "The office of that village proposes it. If the person lives with you now, propose them"
            " as BARU: the reviewer confirms the move."
        ),
    ),
    "removed_already": (
        _("This person was removed from the register already%(ended)s."),
        _("Leave this row out."),
    ),
    "died_before": (
        _("A person with this NIK was removed from the register as deceased."),
        _("Compare each digit of the NIK with the card, and ask whether the person lives."),
    ),
    "person_in_review": (
        _(
            "Another proposal about this person (%(other_kind)s) was sent on %(date)s by"
            " %(village)s and is not decided yet."
        ),
        _("Wait for its decision, or withdraw it; only one of the two can be submitted."),
    ),
    "coordinate_unreadable": (
        _('"%(value)s" cannot be read as degrees.'),
        _("Write for example -7.25042, or 7°15'01\" LS."),
    ),
    "coordinate_half": (
        _("Only one of the two coordinates is there; %(column)s is empty."),
        _("Fill in both, or empty both."),
    ),
    "coordinate_range": (
        _("There is no place at latitude %(latitude)s, longitude %(longitude)s."),
        _(
            "Write degrees with a decimal point; latitude in Indonesia lies between -11 and"
            " 6, longitude between 95 and 141."
        ),
    ),
    "near_border": (
        _("The point lies %(distance)s outside %(village)s, within the tolerance of its border."),
        _("Nothing to do if the house stands there."),
    ),
    "neighbour": (
        _("The point lies in %(actual)s, %(distance)s from the border of %(village)s."),
        _(
            "If the point is wrong, take it again; if it is right, the family is proposed"
            " by %(actual)s, or write why."
        ),
    ),
    "elsewhere": (
        _(
            "The point lies in %(actual)s, in another %(level)s (%(area)s), %(distance)s"
            " from the border of %(village)s."
        ),
        _(
            "If the point is wrong, take it again; if it is right, the family is proposed"
            " by %(actual)s, or write why."
        ),
    ),
    "unmapped": (
        _("The point lies in no village, %(nearest_distance)s from the nearest (%(nearest)s)."),
        _("Take the point again at the family's house."),
    ),
    "no_polygon": (
        _("There is no boundary of %(village)s yet, so that the point cannot be compared."),
        _("Nothing to do; it is compared once the boundary is there."),
    ),
    "no_point": (
        _("The point is missing."),
        _("Take the point at the family's house, if you can."),
    ),
    "axes_swapped": (
        _("Latitude and longitude are swapped: %(latitude)s, %(longitude)s."),
        _(
            "Swap the two columns; the latitude is the small number, here south of the"
            " equator with a minus."
        ),
    ),
    "sign_flipped": (
        _("A sign of the coordinates is turned: %(latitude)s, %(longitude)s."),
        _("South of the equator the latitude has a minus; longitude in Indonesia has none."),
    ),
    "shared_point": (
        _("%(families)s families use the same point."),
        _("Take the point at each family's own house, or explain (a block of flats, for example)."),
    ),
    "office_point": (
        _("The point is the village office of %(village)s."),
        _("Take the point at the family's house."),
    ),
    "coarse": (
        _("The coordinates have three decimals or fewer, which is about 110 metres."),
        _("Take the point again with five decimals or more."),
    ),
    "photo_far": (
        _("A photo of the house was taken %(distance)s from the point, %(photo_place)s."),
        _(
            "See whether the photo shows another house, or the point lies wrong; take the one that"
            " is wrong again, at the house."
        ),
    ),
    "photo_abroad": (
        _("The position of a photo is outside Indonesia: %(position)s."),
        _("See whether the photo shows this house; take it again at the house if it does not."),
    ),
}
SEXES: Final[dict[str, Promise]] = {"L": _("a man"), "P": _("a woman")}
LEVELS: Final[dict[str, Promise]] = {
    "province": _("province"),
    "regency": _("regency"),
    "district": _("district"),
}
# Titles of groups, for findings whose own title contains values of the row.
KINDS: Final[dict[str, Promise]] = {
    "missing": _("A column that must be filled is empty."),
    "too_long": _("A text is too long for its column."),
    "extra_cells": _("Cells are to the right of the last column."),
    "number_tidied": _("Signs between the digits of a number were left out."),
    "nik_length": _("The NIK does not have 16 digits."),
    "nik_letters": _("There are signs in the NIK that are not digits."),
    "nik_float": _("The NIK was changed by Excel."),
    "nik_filler": _("The NIK is only a filler."),
    "nik_date_impossible": _("Digits 7 to 12 of the NIK are no date."),
    "nik_birth_date": _("The date of birth in the NIK differs from column %(column)s."),
    "nik_sex": _("The sex in the NIK differs from column %(column)s."),
    "nik_prefix_unknown": _("The first six digits of the NIK are no district of today or before."),
    "kk_length": _("The family card number does not have 16 digits."),
    "kk_letters": _("There are signs in the family card number that are not digits."),
    "kk_float": _("The family card number was changed by Excel."),
    "kk_filler": _("The family card number is only a filler."),
    "kk_prefix_unknown": _(
        "The first six digits of the family card number are no district of today or before."
    ),
    "kk_two_villages": _("One family card is in two villages."),
    "name_titled": _("A title in the name is kept apart from it."),
    "name_deceased": _("The name carries a sign that the person has died."),
    "date_unreadable": _("The date cannot be read."),
    "date_short_year": _("The year of the date has two digits only."),
    "date_impossible": _("There is no such date."),
    "date_future": _("The date lies in the future."),
    "date_too_old": _("By this date the person would be older than 120 years."),
    "date_serial": _("The day number of Excel was read as a date."),
    "village_unknown": _("There is no village with this code."),
    "village_bps": _(
        "The village code is not in the list of the Ministry of Home Affairs, but in that of BPS."
    ),
    "village_level": _("The code is not that of a village but of a wider region."),
    "village_ended": _("The village code has ended; its successor was taken."),
    "village_ended_without_successor": _("The village code has ended and has no successor."),
    "village_repaired": _("The village code was read in its usual form."),
    "village_ambiguous": _("Several villages fit the names."),
    "village_name_unknown": _("No village of your area fits the names."),
    "village_name_differs": _("The village code and column %(column)s name two villages."),
    "village_outside_scope": _("The village lies outside your area."),
    "programme_unknown": _("The programme is not known."),
    "sex_unknown": _("The sex cannot be read."),
    "rt_not_number": _("The RT is not a number of one to three digits."),
    "rw_not_number": _("The RW is not a number of one to three digits."),
    "ppks_unreadable": _("The PPKS codes cannot be read."),
    "ppks_unknown": _("There is no such kind of PPKS; they run from 1 to 26."),
    "disability_unknown": _("Column %(column)s says neither YA nor TIDAK."),
    "disability_kind_unneeded": _("A kind of disability is given, but disability is TIDAK."),
    "pregnant_unknown": _("Column %(column)s says neither YA nor TIDAK."),
    "pregnant_age": _("By the date of birth the pregnant person is very young or old."),
    "pregnancy_date_unneeded": _("A date of pregnancy is given, but pregnant is TIDAK."),
    "pregnancy_date_old": _("The pregnancy would have begun more than 10 months ago."),
    "kind_unknown": _("The kind of proposal is not known."),
    "accuracy_unreadable": _("The accuracy is no number of metres; it was left out."),
    "duplicate_in_file": _("The NIK is in the file once more, for the same programme."),
    "already_proposed": _("The person was proposed for the same programme already."),
    "already_registered": _("The person has the programme in the register already."),
    "registered_without_programme": _("The person is in the register, not yet for this programme."),
    "not_enrolled": _("The person does not have the programme that is to be removed."),
    "reason_missing": _("The reason of a removal is missing."),
    "reason_unknown": _("The reason of a removal is not known."),
    "reason_unneeded": _("A reason is given, but the row is a new proposal."),
    "evidence_missing": _("The paper that proves a removal or a correction is missing."),
    "evidence_unknown": _("The paper is not known."),
    "evidence_unfit": _("The paper does not prove this."),
    "removed_already": _("The person was removed from the register already."),
    "person_in_review": _("Another proposal about the person is not decided yet."),
    "registered_other": _("In the register the NIK belongs to somebody else, as it seems."),
    "registered_other_explained": _(
        "In the register the NIK belongs to somebody else, as it seems; the sender explains it."
    ),
    "registered_other_corrected": _(
        "The correction would make a registered person into somebody with another name."
    ),
    "registered_differs": _("The register has something of the person otherwise."),
    "registered_spelling": _("The register spells something of the person otherwise."),
    "registered_moved": _("In the register the person lives elsewhere."),
    "family_moved": _("In the register the family lives elsewhere."),
    "coordinate_unreadable": _("A coordinate cannot be read as degrees."),
    "coordinate_half": _("Only one of the two coordinates is there."),
    "coordinate_range": _("The coordinates are those of no place."),
    "near_border": _("The point lies outside its village, within the tolerance of the border."),
    "neighbour": _("The point lies in a neighbouring village."),
    "elsewhere": _("The point lies in another district, regency or province."),
    "unmapped": _("The point lies in no village."),
    "no_polygon": _(
        "There is no boundary of the village yet, so that the point cannot be compared."
    ),
    "axes_swapped": _("Latitude and longitude are swapped."),
    "sign_flipped": _("A sign of the coordinates is turned."),
    "shared_point": _("Several families use the same point."),
    "office_point": _("The point is a village office."),
    "photo_far": _("A photo of the house was taken far from the point."),
    "photo_abroad": _("The position of a photo is outside Indonesia."),
}
# Remedies of groups, for findings whose own remedy contains values of the row.
REMEDIES: Final[dict[str, Promise]] = {
    "village_bps": _(
        'Choose "BPS" under "Village codes in the file", or write the code of the ministry.'
    ),
    "village_repaired": _("Nothing to do if that is the village."),
    **dict.fromkeys(
        ("evidence_missing", "evidence_unfit"),
        _("Write a paper that proves it; the template lists them for each reason."),
    ),
    "registered_other": _(
        "Compare each digit of the NIK with the identity card; if it is this person all the same,"
        " write why into the column PENJELASAN IDENTITAS."
    ),
    **dict.fromkeys(
        ("neighbour", "elsewhere"),
        _(
            "If the point is wrong, take it again; if it is right, the family is proposed by the"
            " village in which it lies, or write why."
        ),
    ),
}
KIND_WORDS: Final[dict[str, Promise]] = {
    "new": pgettext_lazy("kind of proposal", "New"),
    "correction": pgettext_lazy("kind of proposal", "Correction"),
    "removal": pgettext_lazy("kind of proposal", "Removal"),
}
_NUMBERS: Final = {"nik", "kk"}
KILOMETRE: Final = 1000


@dataclass(frozen=True)
class Message:
    """What (`title`), where (`detail`) and how to fix it (`remedy`), in the language in use."""

    title: str
    detail: str
    remedy: str


LINK_REMEDY: Final = _(
    "This link holds no coordinates; short links hide them and are not followed here. Open it,"
    " press on the house, and write its two numbers, or the long link that is then shown above."
)


def text(
    code: str,
    *,
    params: Mapping[str, Any],
    row_number: int | None = None,
    field: str = "",
    above: int = 0,
) -> Message:
    """The text of a finding. `params` are those stored with it, `above` is `lines.above`.

    A complete NIK or KK is masked. A broken one is quoted, so that it can be found and corrected.
    Raises: KeyError if the code is not in the catalogue.
    """
    title, remedy = MESSAGES[code]
    if code == "coordinate_unreadable" and typed_point.is_link(str(params.get("value", ""))):
        remedy = LINK_REMEDY
    shown = _Shown(_values(params, field))
    for name in ("first_row", "other_row"):
        if isinstance(shown.get(name), int):
            shown[name] += above
    line = None if row_number is None else row_number + above
    return Message(
        title=str(title) % shown,
        detail=_where(line, shown, field, str(title)),
        remedy=str(remedy) % shown,
    )


def without_point(params: Mapping[str, Any], field: str) -> dict[str, Any]:
    """Stored parameters without the places that they name, for readers who may not learn them."""
    hidden = {name: HIDDEN for name in PLACE if name in params}
    if "photo_latitude" in params:
        hidden["position"] = HIDDEN
    if "value" in params and field in PLACE:
        hidden["value"] = HIDDEN
    return {**params, **hidden}


def kind(code: str, *, field: str = "") -> Message:
    """The text of a group of findings, without the values of single rows.

    `field` is the column of the catalogue, if it names one.
    """
    title, remedy = MESSAGES[code]
    shown = _Shown(_values({}, field))
    return Message(
        title=str(KINDS.get(code, title)) % shown,
        detail="",
        remedy=str(REMEDIES.get(code, remedy)) % shown,
    )


def line(number: int) -> str:
    """The text that names a row by its line."""
    return gettext("Row %(row)s.") % {"row": number}


class _Shown(dict[str, Any]):
    """Values for a text. A value that an old finding does not have becomes a dash, not an error."""

    def __missing__(self, key: str) -> str:
        return "–"


def _values(params: Mapping[str, Any], field: str) -> dict[str, Any]:
    shown = {name: value for name, value in params.items() if value is not None}
    shown["column"] = TEMPLATE.get(field, field)
    if "value" in shown:
        shown["value"] = _cell(str(shown["value"]), field)
        shown["shown"] = masked(digits(str(params["value"])))
    for name, metres in (("distance", "distance_m"), ("nearest_distance", "nearest_m")):
        if metres in shown:
            shown[name] = _distance(float(shown[metres]))
    if "fields" in shown:
        codes = str(shown["fields"]).split()
        named = [str(IdentityDifference(code).label) for code in codes]
        shown["fields"] = ", ".join(named)
    shown |= {"note_column": TEMPLATE["identity_note"], "note_chars": EXPLAINED_CHARS}
    for name in ("since", "date", "ended"):
        shown |= _day(name, shown.get(name))
    shown |= _of_request(params, shown)
    if "sex" in shown:
        other = "P" if shown["sex"] == "L" else "L"
        shown |= {"column_sex": shown["sex"], "nik_sex": SEXES[other]}
    if "photo_latitude" in shown:
        shown |= _photo_place(shown)
    if "level" in shown:
        shown["level"] = LEVELS.get(shown["level"], shown["level"])
    return shown


def _photo_place(shown: Mapping[str, Any]) -> dict[str, str]:
    """Where a camera stood: the village, or that there is none."""
    place = f"{shown['photo_latitude']:.5f}, {shown['photo_longitude']:.5f}"
    position = str(shown.get("position", place))
    if village := shown.get("photo_village"):
        return {
            "position": position,
            "photo_place": gettext("in %(village)s") % {"village": village},
        }
    nowhere = gettext("outside every village boundary (at sea or in another country)")
    return {"position": position, "photo_place": nowhere}


def _of_request(params: Mapping[str, Any], shown: Mapping[str, Any]) -> dict[str, str]:
    """Words about a removal or a correction: its proofs, how a person left, another kind."""
    words: dict[str, str] = {"ended": ""}
    if "kind" in params:
        papers = removal_rules.accepted(str(params["kind"]), str(params.get("reason") or ""))
        known = papers or tuple(removal_rules.PAPERS)
        words["papers"] = ", ".join(removal_rules.PAPERS[code].words[0] for code in known)
    if params.get("reason") in EndReason.values and "kind" not in params:
        label = str(EndReason(params["reason"]).label)
        words["ended"] = " ({})".format(", ".join(filter(None, (label, shown.get("date")))))
    if "other_kind" in params:
        words["other_kind"] = str(KIND_WORDS[params["other_kind"]])
    return words


def _cell(value: str, field: str) -> str:
    """A cell as it may be shown: a number that may be a person's NIK or KK is masked."""
    bare = digits(value)
    return masked(bare) if field in _NUMBERS and is_number(bare) else value


def _where(row_number: int | None, shown: _Shown, field: str, title: str) -> str:
    """`Row 47, column NIK: "35060812014501".`, without parts that are unknown or in the title."""
    values = {**shown, "row": row_number}
    is_quoted = bool(field) and "value" in shown and "%(value)s" not in title
    if row_number is None:
        if not field:
            return ""
        form = (
            gettext('Column %(column)s: "%(value)s".')
            if is_quoted
            else gettext("Column %(column)s.")
        )
    elif is_quoted:
        form = gettext('Row %(row)s, column %(column)s: "%(value)s".')
    else:
        form = gettext("Row %(row)s, column %(column)s.") if field else gettext("Row %(row)s.")
    return form % values


def _distance(metres: float) -> str:
    """A distance as text: metres up to a kilometre, then kilometres with one decimal."""
    if metres < KILOMETRE:
        return gettext("%(number)s m") % {"number": number_format(metres, 0)}
    return gettext("%(number)s km") % {"number": number_format(metres / KILOMETRE, 1)}


def _day(name: str, value: Any) -> dict[str, str]:
    """A date of the database as people write it; any other value is unchanged."""
    try:
        return {name: date_format(date.fromisoformat(str(value)), "DATE_FORMAT")}
    except ValueError:
        return {}
