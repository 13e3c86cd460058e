"""Texts: why regions or boundaries are refused, with the place and the remedy."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.common.errors import register

MESSAGES: dict[str, Promise] = {
    "package_missing": _(
        "The npm package idn-area-data is not installed (%(folder)s). Run: make setup, or name a"
        " CSV file with the columns code and name."
    ),
    "tree_columns": _(
        "%(filename)s has no columns of codes and names. Found: %(found)s. Name them code and name"
        " (or kode and nama)."
    ),
    "tree_codes": _(
        "%(count)s codes of %(filename)s have no known form, the first in row %(row)s:"
        " “%(region)s”. Expected: 34, 34.04, 34.04.01 or 34.04.01.2001, as text."
    ),
    "tree_names": _(
        "%(count)s codes of %(filename)s have two names or none, the first: %(region)s,"
        " “%(names)s”. Keep one row with one name for each code."
    ),
    "tree_orphans": _(
        "%(count)s regions of %(filename)s have no parent in the file or in the portal, the first:"
        " %(region)s %(name)s. Add the higher levels to the file."
    ),
    "tree_dates": _("%(filename)s has a date that is none: %(found)s. Write dates as 2025-07-31."),
    "crosswalk_columns": _(
        "%(filename)s has no two columns of codes. Found: %(found)s. Name them kode_bps and"
        " kode_kemendagri."
    ),
    "crosswalk_empty": _(
        "None of the %(count)s codes of %(filename)s is in the region tree. Import the regions"
        " first, or check which column holds the Kemendagri code."
    ),
    "shapes_failed": _(
        "The outlines for maps were not made: the simplification stopped (%(reason)s). Maps show"
        " the former boundaries. Resume the job; if it stops again, give the worker more memory."
    ),
    "no_areas": _(
        "The file holds no layer of polygons. Its layers: %(names)s. Export the layer of village"
        " areas, not of lines."
    ),
    "layer_ambiguous": _(
        "Several layers could be meant: %(names)s. Name the one with the villages (Layer, or"
        " --layer)."
    ),
    "code_field_unknown": _("There is no column %(name)s. Columns of the file: %(names)s."),
    "no_code_field": _(
        "No column of region codes was recognised in layer %(layer)s. Its columns: %(names)s. Name"
        " the one with the codes (Code column, or --code-field)."
    ),
    "only_bps_codes": _(
        "Layer %(layer)s has codes of BPS only. Choose the code system BPS (--code-system bps); the"
        " crosswalk must have been imported."
    ),
    "no_codes_read": _(
        "Column %(field)s of layer %(layer)s is empty in all %(count)s features. Name the column"
        " with the codes."
    ),
    "no_crosswalk": _(
        "The codes of column %(field)s are BPS codes, and no crosswalk has been imported. Run:"
        " manage.py import_regions --crosswalk FILE"
    ),
    "nothing_stored": _(
        "None of the %(count)s features could be stored: %(unknown)s with an unknown code (the"
        " first: “%(example)s”), %(refused)s without a usable polygon. Check the column of codes"
        " (%(field)s) and the code system."
    ),
    "covers_unknown": _("There is no region %(region)s that the edition could cover."),
    "name_taken": _(
        "There is an edition “%(name)s” already, from another file (%(filename)s) or read in"
        " another way. Give this one another name."
    ),
    "not_ready": _(
        "Edition “%(name)s” cannot be activated: it is %(status)s. Wait until it has been read."
    ),
    "import_not_failed": _("Only a failed import can be resumed; this one is: %(status)s."),
}

register("apps.regions", MESSAGES)

CANCELLED = _("The work was cancelled. Nothing was changed.")
