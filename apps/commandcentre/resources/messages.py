"""Codes and texts: refused movements of stock."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.common.errors import register

MESSAGES: dict[str, Promise] = {
    "stock_quantity": _("A quantity is a whole number above zero. Nothing was changed."),
    "stock_not_enough": _(
        "%(facility)s can give %(usable)s of %(good)s, not %(asked)s: what is reserved or expired"
        " does not count. Nothing was changed. Take less, or the rest from another place."
    ),
    "stock_nothing_reserved": _(
        "Nothing is left of this reservation: it was dispatched or released already."
    ),
}

register(
    "apps.commandcentre.resources",
    MESSAGES,
    races=frozenset({"stock_not_enough", "stock_nothing_reserved"}),
)
