"""Codes and texts: editions of pockets that are refused, and findings in their files."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.common.errors import register

MESSAGES: dict[str, Promise] = {
    "pocket_name_taken": _(
        "There is an edition “%(name)s” with other content already. Give this one another name."
    ),
    "pocket_day_differs": _(
        "This file is the edition “%(name)s” already, published on %(day)s. If that day is wrong,"
        " correct it on the page of the edition."
    ),
    "pocket_day_to_come": _("%(day)s is a day to come. Give the day on which it was published."),
    "pocket_day_computed": _(
        "“%(name)s” was computed from the register; its day is that of its computation."
    ),
    "pocket_mostly_refused": _(
        "%(refused)s of %(rows)s rows of %(filename)s name no village: probably the file uses other"
        " codes, or it is another file. Nothing was stored; the edition in force stays. Compare the"
        " codes, or say that they are those of BPS."
    ),
    "pocket_no_villages": _(
        "%(filename)s names no village that is known. Nothing was stored; the edition in force"
        " stays. Compare its codes with the list of regions."
    ),
    "pocket_no_areas": _(
        "%(filename)s holds no polygon in Indonesia that could be read. Nothing was stored; the"
        " edition in force stays. Ask its sender for polygons with their reference system."
    ),
    "pocket_no_village_met": _(
        "The polygons of %(filename)s cover no village for %(percent)s per cent of its area."
        " Nothing was stored; the edition in force stays. Check their reference system, or ask for"
        " a smaller share."
    ),
    "pocket_no_threshold": _(
        "Neither a density nor a share is asked for. Give at least one of them, above zero."
    ),
    "pocket_programme_unknown": _("There is no programme %(names)s. Choose from: %(known)s."),
    "pocket_not_ready": _(
        "“%(name)s” cannot be put in force while it is “%(status)s”. Wait until it is ready."
    ),
    "pocket_pair_superseded": _(
        "The answer was not stored: other editions of pockets are in force now, and this list is"
        " closed. Answer on the list about those, if your regency was asked."
    ),
    "pocket_no_difference": _(
        "There is nothing to ask: put an edition of BIG and one of ours in force first."
    ),
    "pocket_due_past": _("The day is over already. Give a day to come."),
    "pocket_village_twice": _(
        "Line %(line)s repeats the village of line %(other_line)s. It is taken once."
    ),
    "pocket_no_village": _("Line %(line)s names no village. Give its code, or its names."),
    "pocket_area_missing": _("Feature %(row)s has no shape. It was left out."),
    "pocket_area_not_polygon": _("Feature %(row)s is no polygon. It was left out."),
    "pocket_area_unreadable": _("The shape of feature %(row)s cannot be read. It was left out."),
    "pocket_area_beyond_world": _(
        "Feature %(row)s lies beyond the world: its coordinates are no degrees. Give the file its"
        " reference system. It was left out."
    ),
    "pocket_area_outside": _(
        "Feature %(row)s lies outside Indonesia. Its axes may be swapped. It was left out."
    ),
    "pocket_area_nothing_left": _("Nothing is left of feature %(row)s after its repair."),
    "pocket_area_repaired": _("The lines of feature %(row)s crossed and were repaired."),
    "pocket_area_nowhere": _("Feature %(row)s meets no village with a boundary."),
}

register("apps.indicators.pockets", MESSAGES, days=frozenset({"day"}))
