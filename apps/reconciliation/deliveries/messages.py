"""Codes and texts: why a dataset is not received or loaded, and the warnings of a profile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.common.errors import catalogue_of, register, text
from apps.jobs.messages import PUT_ASIDE, ending
from apps.jobs.models import Job

MESSAGES: dict[str, Promise] = {
    "dataset_type": _(
        "This is a file of type %(found)s. %(filename)s. A dataset is a table: CSV, XLSX or"
        " Parquet. Save it as one of them."
    ),
    "dataset_columns_missing": _(
        "Columns that were not found: %(columns)s. Row 1 of %(filename)s holds: %(found)s. Match"
        " the columns on the page of this dataset, or with --mapping, and load it again."
    ),
    "dataset_columns_doubtful": _(
        "Columns of %(filename)s look like columns that are needed, but have other headings:"
        " %(columns)s. Nothing was loaded. Say on the page of this dataset which is which, or give"
        " --mapping FILE, where FILE holds %(mapping)s, corrected where it is wrong (a column of"
        ' ours that is not in the file: ""), and bring it again.'
    ),
    "dataset_column_unknown": _(
        "There is no column %(column)s in %(filename)s, or none of ours of that name. Match the"
        " columns again."
    ),
    "dataset_wrong_column": _(
        "Column %(heading)s was taken for %(column)s, but %(odd)s of %(rows)s rows hold something"
        " else there. Nothing was loaded. Match the columns and load it again."
    ),
    "dataset_one_nik": _(
        "All %(rows)s rows hold the same NIK. Nothing was loaded. Look at the column that was taken"
        " for the NIK, or ask the source for a new file."
    ),
    "dataset_no_names": _(
        "Not one of %(rows)s rows holds a name. Nothing was loaded. Look at the column that was"
        " taken for the name, or ask the source for a new file."
    ),
    "dataset_repeats": _(
        "%(percent)s %% of the rows (%(rows)s) tell a person who is in the file once more, by"
        " %(by)s. Nothing was loaded. Ask the source for a file that holds each person once."
    ),
    "dataset_empty": _(
        "The file holds no row that could be read. Nothing was loaded. Ask the source for a new"
        " file."
    ),
    "dataset_earlier_open": _(
        "Delivery %(number)s of this source is still being loaded, and this one would be compared"
        " with it. Load it again when that one is done."
    ),
    "dataset_not_first": _(
        "Another delivery of this source was loaded while this one was being read, and this one has"
        " to be compared with it. Nothing of it was kept. Load it again."
    ),
    "dataset_no_room": _(
        "The disk of the database is full. Nothing of this dataset was kept. Tell the"
        " administrator; load it again when there is room."
    ),
    "dataset_being_read": _(
        "This dataset is being read just now. Wait until that has ended, or cancel it."
    ),
    "dataset_not_failed": _("Only a dataset whose loading has ended can be loaded again."),
    "dataset_not_loaded_yet": _("Only a delivery that is loaded can be taken back."),
    "dataset_not_newest": _(
        "Delivery %(number)s of this source came later and was compared with this one. Take that"
        " one back first, then this one."
    ),
    "dataset_in_run": _(
        "Run %(run)s is comparing this delivery. Cancel the run on its page, then take the delivery"
        " back."
    ),
    "dataset_used": _(
        "Run %(run)s has compared this delivery, and its pairs and questions depend on it. It"
        " cannot be taken back. Save the file again (for example as XLSX) and upload it as the"
        " next delivery with the right columns: the next run then corrects what this one found."
    ),
    "dataset_taken_back": _(
        "This delivery was taken back. Match its columns on its page, or with --mapping, and load"
        " it again."
    ),
    "source_exists": _("There is a source with the code %(source)s already. Choose another code."),
    "source_code": _(
        "%(source)s cannot be the code of a source. Use letters, digits, dots and dashes, at most"
        " 40."
    ),
    "source_incomplete": _(
        "A source is activated when its ministry, purpose and legal basis are written down."
        " Missing: %(missing)s."
    ),
}

# Faults of the columns: loading again without other columns would end in the same way.
OF_COLUMNS: Final = {
    "dataset_columns_doubtful",
    "dataset_columns_missing",
    "dataset_column_unknown",
    "dataset_wrong_column",
}

WARNINGS: dict[str, Promise] = {
    "mixed_column": _(
        "%(odd)s of %(rows)s cells in %(heading)s could not be read as %(column)s; their original"
        " text is kept with the record."
    ),
    "nik_repeats": _("%(rows)s rows share their NIK with another row (%(values)s NIKs)."),
    "birth_repeats": _(
        "%(rows)s rows share name and date of birth with another row (%(values)s of them twice or"
        " more)."
    ),
    "ref_repeats": _(
        "%(rows)s rows repeat the number of an earlier row at the source; the first of each was"
        " kept."
    ),
    "nik_date": _("In %(rows)s rows the NIK tells another date of birth than its column."),
    "nik_missing": _("%(percent)s %% of the rows have no usable NIK."),
    "villages_unknown": _(
        "%(percent)s %% of the village codes are unknown. Are they BPS codes? Then bring the next"
        " file with that choice."
    ),
    "village_names_unknown": _(
        "%(percent)s %% of the names of villages fit no village, or several. Ask the source for the"
        " codes of its villages, or for the names of their district and regency."
    ),
    "cells_beyond": _("%(rows)s rows hold more cells than the first row has columns."),
}

# Our columns, as pages and messages name them.
LABELS: dict[str, Promise] = {
    "source_ref": _("Number at the source"),
    "nik": pgettext_lazy("column", "NIK"),
    "kk": pgettext_lazy("column", "No. KK"),
    "name": _("Name"),
    "birth_place": _("Place of birth"),
    "birth_date": _("Date of birth"),
    "sex": _("Sex"),
    "mother_name": _("Mother's name"),
    "village_code": _("Village code"),
    "province_name": _("Province (name)"),
    "regency_name": _("Regency (name)"),
    "district_name": _("District (name)"),
    "village_name": _("Village (name)"),
    "address": _("Address"),
    "rt": pgettext_lazy("column", "RT"),
    "rw": pgettext_lazy("column", "RW"),
    "relation": _("Relation"),
    "occupation": _("Occupation"),
    "deceased": _("Deceased"),
    "death_date": _("Date of death"),
    "desil": _("Desil"),
    "programme": _("Programmes"),
    "is_pkh": _("Receives PKH (yes or no)"),
    "is_sembako": _("Receives Sembako (yes or no)"),
    "is_pbi": _("Receives PBI-JK (yes or no)"),
}

# Fields of a person for which a source counts.
FIELD_LABELS: dict[str, Any] = {
    "nik": pgettext_lazy("column", "NIK"),
    "kk": pgettext_lazy("column", "No. KK"),
    "name": _("Name"),
    "birth_place": _("Place of birth"),
    "birth_date": _("Date of birth"),
    "sex": _("Sex"),
    "mother_name": _("Mother's name"),
    "village": _("Village"),
    "address": _("Address"),
    "relation": _("Relation"),
    "occupation": _("Occupation"),
    "deceased": _("Deceased"),
    "desil": _("Desil"),
    "programmes": _("Programmes"),
}

# By which property a person is found twice in a file.
BY: dict[str, Promise] = {
    "nik": pgettext_lazy("column", "NIK"),
    "birth": _("name and date of birth"),
    "source_ref": _("number at the source"),
}

# Faults of a cell, by the reason that the parser returned.
ODD: dict[str, Promise] = {
    "letters": _("letters or signs"),
    "scientific": _("rounded by a spreadsheet"),
    "short": _("too few digits"),
    "long": _("too many digits"),
    "same_digit": _("one digit repeated"),
    "date": _("no date"),
    "sex": _("neither male nor female"),
    "yes_no": _("neither yes nor no"),
    "desil": _("not 1 to 10"),
    "unknown": _("unknown"),
    "ambiguous": _("several fit"),
    "too_long": _("cut, too long"),
}


register("apps.reconciliation.deliveries", MESSAGES, labels={"column": LABELS, "by": BY})


def why(job: Job) -> str:
    """A text: why a delivery was not loaded, or not taken back."""
    if job.message_code in PUT_ASIDE:
        return ending(job)
    if catalogue_of(job.message_code) is None:
        return str(_("The work stopped and nothing was kept. Load the dataset again in a moment."))
    return text(job.message_code, job.message_params)


def warning(code: str, params: Mapping[str, Any]) -> str:
    """A warning of a profile in words."""
    known = dict(params)
    if "column" in known:
        known["column"] = str(LABELS.get(known["column"], known["column"]))
    return str(WARNINGS[code]) % known
