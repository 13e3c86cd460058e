"""Codes and texts: refused movements of stock, and findings in files of resources."""

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
    "stock_moved": _(
        "Stock of %(facility)s was moved after you loaded the page (%(count)s lines). Nothing was"
        " noted. Look at its ledger, then note what is still missing there."
    ),
    "stock_nothing_reserved": _(
        "Nothing is left of this reservation: it was dispatched or released already."
    ),
    "facility_kind": _(
        "Line %(line)s: “%(value)s” is no known kind of facility. Write lumbung, gudang, sentra,"
        " puskesmas, kantor or lainnya, or give --kind for all such rows."
    ),
    "facility_twice": _(
        "Line %(line)s repeats the facility of line %(other_line)s. Only the first was taken."
    ),
    "responder_kind": _(
        "Line %(line)s: “%(value)s” is no known kind of responder. Write Tagana, TKSK, Pendamping"
        " PKH or Pelopor Perdamaian, or give --kind for all such rows."
    ),
    "responder_twice": _(
        "Line %(line)s has the phone or the number of line %(other_line)s. Only the first was"
        " taken: give each person a phone of his or her own."
    ),
    "responder_no_village": _(
        "Line %(line)s names no known village. Give the village's code or its names, or a point"
        " that lies in it."
    ),
    "stock_facility": _(
        "Line %(line)s: there is no facility “%(value)s”. Import the facilities first, or compare"
        " the name."
    ),
    "stock_facility_several": _(
        "Line %(line)s: %(several)s facilities are called “%(value)s”. Give the facility's code."
    ),
    "stock_good": _(
        "Line %(line)s: “%(value)s” is no good of the catalogue. The nearest names are: %(near)s."
    ),
    "stock_unit": _(
        "Line %(line)s: %(good)s is counted in %(unit)s, not in “%(value)s”. Give the quantity in"
        " %(unit)s."
    ),
    "stock_fraction": _(
        "Line %(line)s: “%(value)s” is no whole number of %(unit)s. Give whole units."
    ),
    "stock_twice": _(
        "Line %(line)s repeats facility, good, batch and expiry of line %(other_line)s. Only the"
        " first was taken: put the quantities together."
    ),
    "stock_below_reserved": _(
        "Line %(line)s: %(quantity)s are fewer than the %(reserved)s that are reserved of this"
        " batch. Release the reservation first, or correct the count."
    ),
    "stock_counted_ahead": _("This time is ahead: give the day and hour of the count."),
    "stock_moved_since": _(
        "Line %(line)s: goods of this batch came or left after the count (%(count)s lines of the"
        " ledger, the last one %(at)s WIB). The count is too old: count again, or give the hour of"
        " the count if it was later."
    ),
    "stock_expired": _(
        "Line %(line)s expired on %(expiry)s. It is on hand and cannot be given out."
    ),
    "minimum_twice": _(
        "Line %(line)s repeats facility and good of line %(other_line)s. Only the first was taken."
    ),
    "stock_changed": _(
        "Stock was reserved while the file was being imported. Nothing was changed. Import it"
        " again."
    ),
    "point_unreadable": _(
        "Line %(line)s: “%(point)s” is no point. Write degrees, such as -6.2146 and 106.8451."
    ),
    "point_swapped": _(
        "Line %(line)s: latitude and longitude are swapped (%(point)s). Latitude is between -11 and"
        " 6 in Indonesia, longitude between 95 and 141."
    ),
    "point_sign": _(
        "Line %(line)s: the sign of the point %(point)s is wrong: with the other sign it would lie"
        " in the village of the row. South of the equator latitudes are negative."
    ),
    "point_abroad": _("Line %(line)s: the point %(point)s lies outside Indonesia."),
    "point_missing": _(
        "Line %(line)s names neither a point nor a village whose place is known. Give coordinates."
    ),
    "point_estimated": _(
        "Line %(line)s has no point: one inside its village is used, and marked as estimated."
    ),
    "point_elsewhere": _(
        "Line %(line)s: the point lies in %(actual_name)s (%(actual)s), not in %(claimed_name)s"
        " (%(claimed)s). The village of the point is used."
    ),
    "point_in_no_village": _(
        "Line %(line)s: the point %(point)s lies in no village: at sea, in a gap of the boundaries,"
        " or wrong."
    ),
    "point_shared": _(
        "Line %(line)s has the same point as line %(other_line)s (%(other)s). Check whether it is"
        " the same facility."
    ),
    "point_known": _(
        "Line %(line)s has the same point as %(other)s, which is known already. Check whether it is"
        " the same facility."
    ),
}

register(
    "apps.commandcentre.resources",
    MESSAGES,
    defaults={"point": "", "claimed_name": "–", "claimed": "–"},
    races=frozenset({"stock_not_enough", "stock_nothing_reserved", "stock_moved"}),
)
