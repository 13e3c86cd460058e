"""Refusals of a cycle or a document: what, where, how to fix it."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.common.errors import register

MESSAGES: dict[str, Promise] = {
    "cycle_order": _(
        "The dates of %(name)s are not in order: it opens, closes on that day or later, and data"
        " are drawn after it has closed. Correct the dates."
    ),
    "cycle_name_taken": _("There is already a cycle %(name)s. Choose another name."),
    "document_unknown": _(
        "%(filename)s is neither a PDF nor a picture (JPEG, PNG). Scan or photograph the document"
        " and choose that file."
    ),
    "document_too_large": _(
        "File of %(size_mb)s MB, the limit is %(limit_mb)s MB. %(filename)s. Photograph it with"
        " fewer megapixels, or scan it at 200 dpi."
    ),
    "document_empty": _("%(filename)s is empty (0 bytes). Save it again and choose that file."),
    "document_picture": _(
        "The picture %(filename)s cannot be opened, or is larger than 50 megapixels. Photograph"
        " the document again."
    ),
    "document_date": _(
        "The date %(date)s is in the future or more than a year ago. Write the date on the"
        " document."
    ),
    "document_number": _("The number is missing. Write the number on the document."),
    "document_village": _(
        "Village %(region)s is not among those for which you send proposals. Nothing was stored."
        " Choose a village of the list."
    ),
    "photo_unknown": _(
        "%(filename)s is no photo (%(found)s). Nothing of it was kept. Choose a picture: JPEG, PNG,"
        " WebP or HEIC."
    ),
    "photo_two_formats": _(
        "%(filename)s is a picture and something else at once (%(found)s). Nothing of it was kept."
        " Take the photo again, or save it as a picture alone."
    ),
    "photo_too_large": _(
        "Photo of %(size_mb)s MB, the limit is %(limit_mb)s MB. %(filename)s. Choose a smaller size"
        " in the camera, or send another photo."
    ),
    "photo_too_many_pixels": _(
        "%(filename)s has %(megapixels)s megapixels, the limit is %(limit)s. Nothing of it was"
        " kept. Choose fewer megapixels in the camera and take the photo again."
    ),
    "photo_broken": _(
        "%(filename)s cannot be opened as a photo: it is cut off or damaged. Nothing of it was"
        " kept. Take the photo again, or send the original."
    ),
    "photo_empty": _("%(filename)s is empty (0 bytes). Choose that photo again."),
}

register("apps.casework", MESSAGES)
