"""What the uploading script says, in the page's language. {names} are filled in by the script."""

from __future__ import annotations

from django.utils.translation import gettext as _


def upload_words() -> dict[str, str]:
    return {
        "sent": _("{received} of {size} sent"),
        "reading": _("Reading the file on this device…"),
        "finishing": _("All of it has arrived; it is being looked at."),
        "offline": _("No connection – {received} of {size} have arrived. It goes on by itself."),
        "waiting": _(
            "The line was cut – {received} of {size} have arrived. Next try in {seconds} s."
        ),
        "other": _(
            "This file is being sent in another tab; it goes on there. {received} of {size}"
        ),
        "signed_out": _(
            "Your session has ended – {received} of {size} have arrived. Sign in again; then it"
            " goes on here by itself."
        ),
        "sign_in": _("Sign in in a new tab"),
        "gone": _(
            "This upload is not known to the account that is signed in now. Sign in as the one who"
            " began it, or choose the file again."
        ),
        "unreadable": _(
            "The file can no longer be read on this device: it was moved, changed or closed."
            " Choose it again; {received} of {size} have arrived."
        ),
        "again": _("Try now"),
        "photo": _(
            "This is a photo, not a file of proposals. {name}. Choose the table (XLSX or CSV);"
            " photos of houses are sent on the page of that file."
        ),
        "empty": _(
            "The file is empty (0 rows). {name}. Open it in the program that made it, save it again"
            " and upload it."
        ),
        "large": _(
            "File of {size}, the limit is {limit}. {name}. Split it by district, or save it as CSV."
        ),
        "none": _("No file was chosen. Choose one and upload it."),
        "broken": _("The portal did not understand the answer. Nothing that arrived is lost."),
        "problem": _("There is a problem"),
        "open": _("Open its page"),
        "leave": _("The upload is not finished."),
    }
