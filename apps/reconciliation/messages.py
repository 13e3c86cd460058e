"""Texts: why an answer about a conflict, or taking it over, was refused, and how to continue."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.common.errors import register

MESSAGES: Final[dict[str, Promise]] = {
    "conflict_moved": _(
        "This question is “%(status)s” by now; somebody was faster. Nothing was stored. Look at it"
        " again."
    ),
    "conflict_not_yours": _("This question lies outside your work. Nothing was stored."),
    "conflict_choice": _("No answer was chosen. Choose one of those that are offered."),
    "conflict_reason": _(
        "The reason is missing. Write how you found out, for example whom you visited and when."
    ),
    "conflict_value": _("The value is missing or cannot be read: %(shown)s. %(hint)s"),
    "conflict_same": _(
        "This is what the register says already. Choose “What the register says is right”."
    ),
    "conflict_evidence": _(
        "This answer needs evidence: a photo or scan of the certificate, KTP or KK that you saw."
    ),
    "conflict_own": _("You gave this answer yourself: somebody else takes it over."),
    "conflict_changed_since": _(
        "There are %(found)s answers under this filter now, not %(expected)s. Nothing was taken"
        " over; look at them again."
    ),
    "conflict_merge": _(
        "Two persons of the register are one. They are merged where duplicates are reviewed; then"
        " this question goes by itself."
    ),
    "lock_field": _("This field cannot be locked."),
    "lock_reason": _("The reason is missing. Write why no source may change this field."),
    "lock_exists": _("This field is locked already."),
}

register(
    "apps.reconciliation",
    MESSAGES,
    races=frozenset({"conflict_moved", "conflict_changed_since", "lock_exists"}),
)

# Why the system sent an answer back, stored in the note of the answer.
SENT_BACK: Final[dict[str, Promise]] = {
    "changed": _("The register has changed since. Look at the question again."),
    "nik_taken": _("Another active person of the register holds this NIK. Find out whose it is."),
    "locked": _("This field is locked: no source changes it until the lock is lifted."),
    "merge": _("Two persons of the register are one: they have to be merged, not corrected."),
}

HINTS: Final[dict[str, Promise]] = {
    "name": _("Write the name as on the KTP, 2 to 200 letters."),
    "mother_name": _("Write the name as on the KK, 2 to 200 letters."),
    "birth_date": _("Write day-month-year, for example 21-01-1988."),
    "nik": _("A NIK has 16 digits. Compare with the card."),
    "village": _("Write the code of a village, for example 32.05.11.2003."),
}


def sent_back(note: str) -> str:
    """The note of a returned answer, in words."""
    return str(SENT_BACK[note]) if note in SENT_BACK else note
