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
}

register("apps.proposals.photos", MESSAGES)
