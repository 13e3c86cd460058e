"""Codes and texts: refused files of figures, why one waits, and findings in their rows."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.common.errors import register

MESSAGES: dict[str, Promise] = {
    "figures_period": _(
        "“%(period)s” is no period. Write a year (2021), a month (2021-03), a quarter (2021-Q1) or"
        " a half-year (2021-S1)."
    ),
    "figures_no_region": _(
        "No column of %(filename)s names the region. Its columns are: %(found)s. Choose the column"
        " of the code or of the name."
    ),
    "figures_no_values": _(
        "No column of %(filename)s is known to hold figures of an indicator. Its columns are:"
        " %(found)s. Say which column holds which indicator."
    ),
    "figures_column_unknown": _("%(filename)s has no column “%(column)s”. Nothing was imported."),
    "figures_indicator_unknown": _(
        "There is no published indicator “%(indicator)s”. Add it first, with its name and unit."
    ),
    "figures_indicator_exists": _("There is an indicator “%(indicator)s” already."),
    "figures_indicator_in_use": _(
        "%(indicator)s has releases, whose figures are in its kind and unit. Add another indicator"
        " for another unit."
    ),
    "figures_indicator_twice": _("%(indicator)s was chosen for several columns. Choose one."),
    "figures_empty": _(
        "%(filename)s holds no row with a figure. Nothing was stored; what was in force stays."
    ),
    "figures_mostly_refused": _(
        "%(refused)s of %(rows)s rows of %(filename)s cannot be taken: probably its columns were"
        " taken for others. Nothing was stored; what was in force stays. Choose the columns again."
    ),
    "figures_codes_other": _(
        "In %(refused)s of %(rows)s rows the code means another region than the name: the codes are"
        " probably not those of %(system)s, or of another date. Nothing was stored; what was in"
        " force stays. Choose the right codes, or import by names."
    ),
    "figures_not_open": _("This publication does not wait for a planner any more."),
    "figures_rows_open": _(
        "%(count)s rows still have no answer. Pick a region for each, or leave them out."
    ),
    "figures_not_accepted": _("Confirm first what is odd about the whole publication."),
    "figures_answer_region": _(
        "Line %(line)s (%(value)s): %(region)s is no region in force. This answer was not stored."
    ),
    "figures_answer_code": _(
        "Line %(line)s (%(value)s): another region was chosen without its code, such as 32.05. This"
        " answer was not stored."
    ),
    "figures_released_already": _("This release is in force already."),
    "figures_names_unlike": _(
        "%(count)s of %(rows)s rows have a name that their code's region does not have (findings"
        " below). Codes that were given to other regions look like this. Confirm that the codes are"
        " right."
    ),
    "figures_fewer": _(
        "%(indicator)s: figures of %(found)s regions only; the release in force before has"
        " %(known)s. Confirm that the others are really missing."
    ),
    "figures_other_level": _(
        "%(indicator)s: the figures are of the levels %(found)s; the release in force has %(known)s"
        " and would be replaced as a whole. Confirm that it is to be."
    ),
    "figures_overtaken": _(
        "%(indicator)s: figures that came later (%(file)s) are in force meanwhile. Confirm that"
        " these, which are older, are to replace them."
    ),
    "figures_other_unit": _(
        "%(indicator)s: the figures are about %(ratio)s times those in force before. Confirm that"
        " their unit is the same."
    ),
    "figures_decimals": _(
        "%(indicator)s counts whole things, and its figures have decimals: they may be thousands."
        " Confirm that they are not."
    ),
    "figures_mixed": _(
        "“%(column)s” writes decimals with a point in some cells and with a comma in others. Cells"
        " that may be read in two ways were not taken."
    ),
    "figure_total_row": _("Line %(line)s: “%(value)s” is a total or a heading. It was not taken."),
    "figure_note_row": _("Line %(line)s: “%(value)s” has no figure. It was not taken."),
    "figure_other_period": _(
        "Line %(line)s is about %(value)s, not about %(period)s. It was not taken."
    ),
    "figure_missing": _("Line %(line)s: %(region)s has no figure in %(column)s."),
    "figure_number": _(
        "Line %(line)s: “%(value)s” in %(column)s is no number. The figure was not taken."
    ),
    "figure_ambiguous": _(
        "Line %(line)s: “%(value)s” in %(column)s may be read in two ways, because the column"
        " writes decimals with points and with commas. The figure was not taken."
    ),
    "figure_out_of_range": _(
        "Line %(line)s: “%(value)s” in %(column)s is not between 0 and 100, as a share of a whole"
        " is. The figure was not taken. Where the indicator is no such share, a planner changes it."
    ),
    "figure_negative": _(
        "Line %(line)s: “%(value)s” in %(column)s is below zero. The figure was not taken."
    ),
    "figure_left_out": _("Line %(line)s: “%(value)s” was left out by %(by)s."),
    "figure_answered": _("Line %(line)s: “%(value)s” is %(region)s, as %(by)s said."),
    "figure_twice": _(
        "Line %(line)s: another line (%(other_line)s) has other figures of %(region)s. Pick the one"
        " that counts and leave the other out."
    ),
    "figure_twice_same": _(
        "Line %(line)s repeats the figures of line %(other_line)s (%(region)s). They were taken"
        " once."
    ),
    "figure_code_unknown": _("Line %(line)s: there is no region with the code “%(value)s”."),
    "figure_code_ended": _(
        "Line %(line)s: the code “%(value)s” has ended and became several regions, or none."
    ),
    "figure_code_several": _("Line %(line)s: the code “%(value)s” means several regions."),
    "figure_code_other_date": _(
        "Line %(line)s: the code “%(value)s” was not in force at the date of the codes."
    ),
    "figure_code_other_name": _(
        "Line %(line)s: the code “%(value)s” is %(region)s, the name “%(name)s” is another region."
        " Pick the right one."
    ),
    "figure_name_unlike": _(
        "Line %(line)s: the code is %(region)s, the name is written “%(value)s”. The code counts."
    ),
    "figure_name_unknown": _(
        "Line %(line)s: there is no region called “%(value)s” today. Pick the region that is meant."
    ),
    "figure_name_ambiguous": _(
        "Line %(line)s: several regions are called “%(value)s”. Pick the one that is meant."
    ),
    "figure_name_other_kind": _(
        "Line %(line)s: “%(value)s” is written without Kota, and only a city is called so."
        " Pick the region that is meant."
    ),
    "figure_parent_unknown": _(
        "Line %(line)s: the region above “%(value)s” is not certain. Pick the region that is meant."
    ),
    "figure_name_other_province": _(
        "Line %(line)s: “%(value)s” lies in another province today: %(region)s."
    ),
    "figure_name_confirmed": _(
        "Line %(line)s: “%(value)s” is %(region)s, as was confirmed for an earlier file."
    ),
}

register(
    "apps.indicators.figures",
    MESSAGES,
    defaults={"value": "", "column": "", "region": "–", "by": "–"},
    races=frozenset({"figures_not_open", "figures_released_already"}),
)
