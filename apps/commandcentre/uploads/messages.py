"""Texts: why an uploaded file is not imported, and how to mend it."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.common.errors import register

MESSAGES: dict[str, Promise] = {
    "upload_mostly_refused": _(
        "%(refused)s of %(rows)s rows cannot be taken: probably it is another file, or its columns"
        " were taken for others. Nothing was imported. The reason for each row is in the list"
        " below. Match the columns again, or upload a corrected file."
    ),
    "upload_imported": _("This file is imported already. For a later state upload another file."),
    "upload_under_way": _("This file is being imported already. Wait for its end."),
    "upload_gone": _("The file itself is no longer kept. Upload it again."),
}

register(
    "apps.commandcentre.uploads",
    MESSAGES,
    races=frozenset({"upload_imported", "upload_under_way"}),
)
