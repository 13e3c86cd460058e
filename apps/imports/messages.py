"""Codes and texts: files of offices that cannot be read as what they should be."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.common.errors import register

MESSAGES: dict[str, Promise] = {
    "import_columns_missing": _(
        "Columns that were not found for certain: %(columns)s. Line %(line)s of %(filename)s holds:"
        " %(found)s. Nothing was imported. Give --mapping FILE, where FILE holds %(mapping)s,"
        " corrected where it is wrong, or rename the headings."
    ),
    "import_column_unknown": _(
        "There is no column %(column)s in %(filename)s, or none of ours of that name. Correct the"
        " file given with --mapping."
    ),
    "import_mostly_refused": _(
        "%(refused)s of %(rows)s rows of %(filename)s cannot be taken: probably it is another file,"
        " or its columns were taken for others. Nothing was imported. The reason for each row is in"
        " %(listed)s."
    ),
    "import_empty": _(
        "%(filename)s holds no row that could be read. Nothing was imported. Ask its sender for a"
        " new file."
    ),
    "cell_number": _("Line %(line)s: “%(value)s” in %(column)s is no number. Write digits only."),
    "cell_negative": _("Line %(line)s: “%(value)s” in %(column)s is below zero."),
    "cell_ambiguous": _(
        "Line %(line)s: “%(value)s” in %(column)s may be read in two ways. Write it without"
        " separators."
    ),
    "cell_missing": _("Line %(line)s: %(column)s is empty."),
    "cell_too_long": _(
        "Line %(line)s: %(column)s holds more than %(most)s characters and was cut: “%(value)s…”."
    ),
    "cell_date": _(
        "Line %(line)s: “%(value)s” in %(column)s is no date. Write day-month-year: 31-10-2026."
    ),
    "cell_phone": _("Line %(line)s: %(column)s holds no phone number. Write digits only."),
    "cell_yes_no": _("Line %(line)s: “%(value)s” in %(column)s is neither yes nor no."),
    "village_code_unknown": _(
        "Line %(line)s: there is no village with the code “%(value)s”. Compare it with the list of"
        " regions."
    ),
    "village_name_unknown_here": _(
        "Line %(line)s: there is no village “%(value)s” in the district and regency of the row."
        " Compare the names, or give the village's code."
    ),
    "village_name_ambiguous": _(
        "Line %(line)s: several villages are called “%(value)s”. Give the village's code, or"
        " district and regency."
    ),
}

register("apps.imports", MESSAGES, defaults={"value": "", "column": ""})
