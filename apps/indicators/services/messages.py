"""Codes and texts: why a service gave nothing."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.common.errors import register

MESSAGES: dict[str, Promise] = {
    "service_unknown": _("There is no service “%(name)s”."),
    "service_address": _(
        "The address of the service is not allowed: it is no public address with TLS, or its name"
        " is unknown. Nothing was asked."
    ),
    "service_address_form": _(
        "This is no address of a service that may be asked: write https://, then the name of the"
        " host as the internet knows it (no number, no name of an inner network), without a user"
        " name and without #."
    ),
    "service_host_own": _(
        "You asked for %(name)s yourself. Another administrator decides whether it may be asked."
    ),
    "service_host_waits": _(
        "Nothing was asked: an administrator has not allowed the host %(host)s."
    ),
    "service_exists": _("There is a service “%(name)s” already. Choose another short name."),
    "service_changed": _(
        "The service was changed while it was read. What was read is dropped; it is read again."
    ),
    "service_not_seen": _("Look at the service first: what it gives has to be seen before."),
    "service_field_unknown": _(
        "The service showed no field “%(name)s”. Look at it again, or choose another field."
    ),
    "service_no_region_field": _("Say which field has the code or the name of the region."),
    "service_no_value_field": _("Say which field has the figures of which indicator."),
    "service_field_twice": _("“%(name)s” was chosen for several fields. Choose one of them."),
    "service_connection": _("No connection to the service. It is asked again by itself."),
    "service_timeout": _(
        "The service did not finish page %(page)s within %(seconds)s seconds. The pages before it"
        " are kept; the next attempt goes on there."
    ),
    "service_status": _("The service answered with status %(number)s instead of page %(page)s."),
    "service_too_large": _("Page %(page)s is larger than %(limit)s bytes and was not read."),
    "service_encoding": _("Page %(page)s is packed as “%(found)s”, which was not asked for."),
    "service_cut": _("Page %(page)s ends before its stated length; nothing of it was used."),
    "service_not_json": _(
        "The service answered page %(page)s with “%(found)s” instead of JSON. What was in force"
        " stays."
    ),
    "service_error": _(
        "The service reports an error on page %(page)s: “%(found)s”. What was in force stays."
    ),
    "service_shape": _("Page %(page)s has no list of features. What was in force stays."),
    "service_fields": _(
        "The service has no field %(names)s any more. Its fields are: %(found)s. What was in force"
        " stays; correct the fields of the service."
    ),
    "service_page_fields": _(
        "Features of page %(page)s have no field %(names)s, which others have. What was in force"
        " stays."
    ),
    "service_link": _(
        "Page %(page)s names a next page by an address that is too long to be asked."
    ),
    "service_earlier": _(
        "The service gives figures again that were replaced by those of a file. These stay; a"
        " planner may put the earlier release back on the page of the indicator."
    ),
    "service_repeats": _(
        "Page %(page)s repeats page %(before)s: the service does not page as asked. What was in"
        " force stays."
    ),
    "service_rows_differ": _(
        "The feature %(name)s came twice with different values: the service changed while it was"
        " read. It is read from the beginning next time; what was in force stays."
    ),
    "service_count": _(
        "The service says that it has %(known)s features and gave %(found)s. What was in force"
        " stays."
    ),
    "service_elsewhere": _("Page %(page)s names a next page on another host, which is not asked."),
    "service_endless": _("The service gave more than %(most)s pages or rows, and was left."),
    "service_empty": _("The service gave no feature. What was in force stays."),
    "service_paused": _("The service failed several times in a row; it is asked after a pause."),
    "service_not_read": _("The service was read, but its figures were not stored: %(why)s"),
    "service_review": _(
        "The service was read; some rows wait for a planner. What was in force stays."
    ),
    "service_other_crs": _(
        "The service answers in %(found)s. Its geometries are not used, only codes and names."
    ),
}

register("apps.indicators.services", MESSAGES, defaults={"page": "1"})
