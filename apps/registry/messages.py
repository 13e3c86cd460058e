"""Texts of the register's refusals."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.common.errors import register

MESSAGES: dict[str, Promise] = {
    "too_many_hits": _(
        "More than %(most)s persons fit. Nothing is shown; add the NIK, the KK number or the date"
        " of birth."
    ),
    "search_empty": _(
        "Nothing to search for: fill in a NIK, a KK number, or name and date of birth."
    ),
    "canaries_refused": _(
        "Nothing was loaded. The file must be new, each row a new person without a programme, one"
        " in a district, and no other canary there. Districts that have one: %(taken)s."
    ),
    "no_reason": _("The number stays masked: choose the reason for which you need it."),
    "register_columns_missing": _("The file lacks columns: %(names)s. Add them to its first row."),
    "not_allowed": _("Your role does not show whole numbers in this region."),
}

register("apps.registry", MESSAGES)
