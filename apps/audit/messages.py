"""The texts of what a verification of the trail found: what, where, what to do."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.common.errors import register

MESSAGES: dict[str, Promise] = {
    "anchor_false": _("%(what)s: this anchor was not written by the portal, or one was removed."),
    "anchors_missing": _("%(what)s is missing, though the chain is older than the first anchor."),
    "chain_rewritten": _(
        "Position %(position)s, entry %(entry)s: the chain differs from its anchor. It was"
        " recomputed, or an older copy was put back."
    ),
    "entry_backdated": _(
        "Position %(position)s, entry %(entry)s: its time lies more than an hour before that of"
        " entries sealed earlier. It was added later under a false time, or a clock was wrong."
    ),
    "entry_changed": _(
        "Position %(position)s, entry %(entry)s: this entry, or the seal before it, was changed"
        " after sealing."
    ),
    "entry_from_the_future": _(
        "Position %(position)s, entry %(entry)s: its time lies after its sealing. The time was"
        " changed, or a clock was wrong."
    ),
    "entry_missing": _("Position %(position)s: entry %(entry)s was removed after sealing."),
    "entry_unsealed": _(
        "Entry %(entry)s has waited more than 10 minutes for its seal. See that the worker runs; if"
        " it does, the entry was added under a false time or its seal was removed."
    ),
    "function_added": _("The function %(what)s does not belong to the portal."),
    "function_changed": _("The function %(what)s is not the portal's own."),
    "function_missing": _("The function %(what)s is missing."),
    "right_too_many": _("A database role may do too much: %(what)s. Run: manage.py privileges."),
    "seal_missing": _("Position %(position)s: the seal is missing."),
    "table_changed": _("%(what)s is not the portal's own table."),
    "table_replaced": _(
        "The table %(what)s was replaced by something else, perhaps a view. What it shows is not"
        " the audit trail; nothing more was verified."
    ),
    "tail_cut": _("From position %(position)s on, %(what)s seals that were anchored are missing."),
    "trigger_added": _("The trigger %(what)s does not belong to the portal."),
    "trigger_changed": _("The trigger %(what)s was changed."),
    "trigger_missing": _("The trigger %(what)s is missing."),
    "trigger_off": _("The trigger %(what)s is switched off."),
    "unreadable": _(
        "The audit trail could not be read to its end (%(what)s): a right, a column or a table is"
        " missing. Look at the database's log."
    ),
}

register("apps.audit", MESSAGES)
