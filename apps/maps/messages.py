"""Codes and texts: base layers."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.common.errors import register

MESSAGES: dict[str, Promise] = {
    "no_lines": _(
        "None of the layers (%(names)s) has lines. Give an extract with roads and rivers as lines;"
        " the former base layer stays."
    ),
    "no_known_lines": _(
        "No line of this file says what it is. One of these columns is needed, or a layer whose"
        " name says it (jalan, sungai, roads, waterways): %(fields)s. The former base layer stays."
    ),
}

register("apps.maps", MESSAGES)
