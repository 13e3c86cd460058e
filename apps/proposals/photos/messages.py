"""Refusals about photos of houses: what, where, how to fix it."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.common.errors import register

MESSAGES: dict[str, Promise] = {
    "too_many_photos": _(
        "There are %(limit)s photos of this house already. Nothing was added. Remove one that shows"
        " less, then send this one again."
    ),
    "no_photos_in_zip": _(
        "There is no photo in %(filename)s. Nothing was added. Put the photos into the ZIP, named"
        " by the row (12.jpg) or the NIK."
    ),
    "photos_zip_expected": _(
        "%(filename)s is no ZIP. Nothing was added. Choose the ZIP with the photos."
    ),
    "photo_zip_too_large": _(
        "%(filename)s has %(size_mb)s MB, the limit is %(limit_mb)s MB. Nothing was added. Send the"
        " photos in several ZIPs; what is here already is not added twice."
    ),
    "photo_row_sent": _(
        "The row of this photo has been submitted, so that its photos stay. Nothing was changed."
        " Send a better photo; the verifier sees both."
    ),
    "photo_row_decided": _("its row is decided already and takes no more photos"),
}

register("apps.proposals.photos", MESSAGES)
