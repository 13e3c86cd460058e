"""Texts: why a feed gave nothing, and why one of its entries cannot be used."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.common.errors import register

MESSAGES: dict[str, Promise] = {
    "feed_address": _(
        "The address of this feed is not allowed: it is no public address with TLS, or its name is"
        " unknown. An administrator mends the setting."
    ),
    "feed_connection": _("No connection to the source. The next request follows by itself."),
    "feed_timeout": _(
        "The source did not finish its answer within %(seconds)s seconds. The next request follows"
        " by itself."
    ),
    "feed_status": _("The source answered with status %(number)s instead of data."),
    "feed_too_large": _("The answer is larger than %(limit)s bytes and was not read."),
    "feed_encoding": _("The answer is packed as “%(found)s”, which was not asked for."),
    "feed_cut": _("The answer ends before its stated length; nothing of it was used."),
    "feed_nothing": _("The answer is empty. A healthy list has at least its brackets."),
    "feed_markup": _("The source answered with a web page (HTML or XML) instead of JSON."),
    "feed_not_json": _("The answer is no JSON; nothing of it was used."),
    "feed_other_shape": _("The answer has no list “Infogempa.gempa”; nothing of it was used."),
    "feed_no_entries": _("The list is readable and empty."),
    "feed_older": _(
        "The answer is older (%(found)s) than the one before (%(known)s), and was left aside."
    ),
    "feed_paused": _("The source failed several times in a row; it is asked again after a pause."),
    "feed_entries_refused": _(
        "%(refused)s of %(entries)s entries cannot be used; they are kept for inspection."
    ),
    "feed_entry_not_stored": _(
        "The entry cannot be stored as it is. It is kept for inspection; an administrator looks it"
        " up in the log."
    ),
    "quake_shape": _("The entry is no group of fields."),
    "quake_time": _("The time “%(found)s” cannot be read."),
    "quake_future": _("The time %(found)s lies in the future."),
    "quake_old": _("The time %(found)s is more than a year ago."),
    "quake_place": _("The place “%(found)s” cannot be read."),
    "quake_place_contradicts": _("The place “%(found)s” contradicts “%(worded)s”."),
    "quake_place_outside": _("The place %(found)s is outside BMKG's area, also with axes swapped."),
    "quake_magnitude": _("The magnitude “%(found)s” is no number from 0 to 10."),
    "quake_depth": _("The depth “%(found)s” is no number of kilometres from 0 to 800."),
    "cap_no_list": _("The answer is no RSS list of alerts."),
    "cap_no_alert": _("The document is no alert of CAP 1.2 but “%(found)s”."),
    "cap_not_xml": _("The document is no XML that can be read."),
    "cap_entities": _("The document declares entities or a DTD, which an alert never needs."),
    "cap_incomplete": _("Identifier, status or kind of message is missing: “%(found)s”."),
    "cap_time": _("The time “%(found)s” cannot be read."),
    "cap_future": _("The time %(found)s lies in the future."),
    "cap_test": _("The message is a test of its sender (%(found)s) and no warning."),
    "cap_no_warning": _("The message is an answer between systems (%(found)s) and no warning."),
    "cap_too_many": _("The alert has more than %(most)s points; nothing of it was used."),
    "cap_ring_unreadable": _("A polygon has a point that cannot be read: “%(found)s”."),
    "cap_area_unread": _(
        "The area “%(found)s” has no polygon and no circle; it was left out. Names and codes of"
        " other lists are not read."
    ),
    "cap_ring_open": _("A polygon of %(points)s points is not closed."),
    "cap_ring_too_wide": _("A polygon is %(degrees)s degrees wide; it was left out."),
    "cap_no_area": _("The alert has no polygon that can be used; it is kept without an area."),
    "cap_other_host": _("The list names a document of another host, which is not asked."),
}

register("apps.commandcentre.feeds", MESSAGES)
