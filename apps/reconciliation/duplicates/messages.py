"""Codes and texts: why a merge is refused, and why a group is left out."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.common.errors import register

MESSAGES: dict[str, Promise] = {
    "merge_not_yours": _(
        "Merging persons is not part of your work. Nothing was changed. A data steward does it."
    ),
    "shown_changed": _(
        "%(expected)s pairs were shown; they are no longer the same: another run, a decision of a"
        " colleague or a decree came in between. Nothing was merged. Look at them as they are now."
    ),
    "nothing_to_merge": _(
        "Nothing under this filter can be merged. Nothing was changed. Each group says why."
    ),
    "two_niks": _(
        "The civil register confirms both NIKs: these are two living persons. Nothing was merged,"
        " and no reason changes that. Where one of them is registered wrongly, correct that person"
        " instead; where the two are not the same, answer their pair so."
    ),
    "breaker_share": _(
        "%(pairs)s pairs are %(percent)s %% of the %(persons)s persons of the register, more than"
        " the %(most)s %% that are merged without a word. Look at some of them first; then go on"
        " with a reason."
    ),
    "breaker_group": _(
        "One group has %(size)s persons, more than the %(most)s that are merged without a word."
        " Look at it first; then go on with a reason."
    ),
    "not_mergeable": _(
        "%(count)s pairs can no longer be merged, because somebody changed the register meanwhile."
        " Nothing was merged. Look at them as they are now."
    ),
    "merge_reason_missing": _(
        "The reason is missing. Write in a few words why; it stays with both persons' histories."
    ),
    "nothing_to_undo": _(
        "Nothing of this merge was undone: it is undone already, or later changes prevent it. Its"
        " page says which."
    ),
}

register(
    "apps.reconciliation.duplicates",
    MESSAGES,
    races=frozenset({"shown_changed", "nothing_to_merge", "nothing_to_undo"}),
)

# Why a group is not merged.
LEFT_OUT: dict[str, Promise] = {
    "not_same": pgettext_lazy("left out", "People decided that two of them are not the same."),
    "two_niks": pgettext_lazy(
        "left out",
        "The civil register confirms different NIKs of two of them: two living persons. They"
        " cannot be merged.",
    ),
    "own_judgement": pgettext_lazy(
        "left out", "Only you called them the same person; a colleague has to merge them."
    ),
    "undone": pgettext_lazy("left out", "They were merged before, and that was undone."),
}
# What prevents undoing, or is kept when a merge is undone.
OBSTACLES: dict[str, Promise] = {
    "merged_on": _("The kept person was merged into another one since. Undo that merge first."),
    "nik_taken": _("Another active person carries this NIK since. Settle that one first."),
    "kk_taken": _("Another active family carries this KK number since. Settle that one first."),
    "field_changed": _("Changed since, and stays with the kept person as it is now: %(detail)s"),
    "enrolment_changed": _(
        "This enrolment was changed since, and stays with the kept person: %(detail)s"
    ),
}
