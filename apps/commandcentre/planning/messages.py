"""Codes and texts: what a plan refuses, and why."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.common.errors import register

MESSAGES: dict[str, Promise] = {
    "plan_no_needs": _(
        "No village of this assessment has registered people, so that there is nothing to send."
        " Look at the villages and their numbers, and plan by hand where people are not registered."
    ),
    "plan_needs_given": _(
        "All that is needed is reserved, under way or delivered already by other plans of this"
        " hazard. No plan was made: look at those plans, or plan for more days."
    ),
    "plan_changed": _(
        "This plan was changed meanwhile: it is now “%(status)s”. Nothing was done. Load the page"
        " again and decide on what it shows."
    ),
    "plan_made_meanwhile": _(
        "%(name)s made plan %(number)s for this hazard after you loaded the page. No further plan"
        " was made: look at that one first."
    ),
    "plan_solved_again": _(
        "This plan was computed again after you loaded the page. Nothing was reserved. Look at what"
        " it sends now, then reserve."
    ),
    "plan_given_changed": _(
        "Since this plan was computed, what other plans give has changed: it would"
        " send something twice, or too little. Nothing was reserved. Compute it again, look at what"
        " it sends then, and reserve."
    ),
    "plan_hazard_over": _(
        "“%(hazard)s” is closed, or its source cancelled it: nothing more is promised for it."
        " Nothing was done. Where goods are needed, open it again first, or plan for another event."
    ),
    "plan_nothing_needed": _(
        "There is nothing to reserve: other plans give all that this one was made"
        " for. Cancel it, or look at those plans."
    ),
    "plan_days": _("A plan covers 1 to %(most)s days. Nothing was changed."),
    "plan_nothing_to_send": _(
        "There is nothing to reserve: no facility has usable stock of what is needed. Look at the"
        " stock, or ask another facility to report its own."
    ),
    "plan_stock_gone": _(
        "Nothing of this plan can be reserved any more: its stock was promised to others, left or"
        " expired since it was computed. Nothing was changed: compute it again, with the stock of"
        " now."
    ),
    "plan_nothing_to_dispatch": _(
        "Nothing of this facility waits to be dispatched: it left already, or was cancelled. Load"
        " the page again."
    ),
    "plan_nothing_to_receive": _(
        "Nothing of this is under way: it was received already, or has not left. Load the page"
        " again."
    ),
    "plan_list_changed": _(
        "The list has changed: it was %(expected)s shipments, now it is %(found)s. Nothing was"
        " done. Look at the list and decide again."
    ),
    "plan_statement_missing": _(
        "%(facility)s is a lumbung sosial of %(regency)s: its stock leaves only after the statement"
        " of emergency of this regency for this hazard. Add its number, date and file to the plan,"
        " then dispatch. The stock stays reserved."
    ),
    "plan_regency_unknown": _(
        "%(facility)s is a lumbung sosial whose village is not known, so that it is not known which"
        " regent has to state the emergency. Its stock stays reserved: mend its village or point in"
        " the file of facilities, and upload it again."
    ),
    "plan_statement_not_needed": _(
        "No lumbung sosial of %(regency)s sends anything in this plan. Nothing was added: choose"
        " the regency that made the statement."
    ),
    "plan_statement_known": _(
        "The statement %(number)s of %(regency)s is noted already for this hazard. Nothing was"
        " added: a prolongation has its own number."
    ),
    "plan_statement_reason": _("Write why the statement is withdrawn. Nothing was changed."),
    "plan_statement_withdrawn": _(
        "The statement %(number)s was withdrawn already. Load the page again."
    ),
    "plan_over_stock": _(
        "%(facility)s has %(usable)s of %(good)s, not %(asked)s. Nothing was changed. Lock less, or"
        " the rest from another place."
    ),
    "plan_over_need": _(
        "%(village)s needs %(needed)s of %(good)s, not %(asked)s. Nothing was changed."
    ),
    "plan_source_excluded": _(
        "%(facility)s is left out of this plan. Nothing was changed: take it in again first."
    ),
    "plan_source_unknown": _(
        "No facility in use is called “%(text)s”, and none has this reference. Nothing was changed:"
        " write its name as the list of facilities does."
    ),
    "plan_source_several": _(
        "Several facilities are called “%(text)s”. Nothing was changed: write the reference of the"
        " one that is meant."
    ),
    "plan_village_unknown": _(
        "No village of this plan is called “%(text)s” or has this code. Nothing was changed."
    ),
    "plan_village_several": _(
        "Several villages of this plan are called “%(text)s”. Nothing was changed: write the code"
        " of the one that is meant."
    ),
    "plan_lock_impossible": _(
        "The plan was not computed: of one good %(locked)s units are locked, and the stock of their"
        " facility has become less, perhaps for another plan. Nothing was changed: lock less (zero"
        " removes a lock), then it is computed again."
    ),
    "plan_lock_over_need": _(
        "The plan was not computed: of one good %(locked)s units are locked, and their village"
        " needs less of it now, because another plan gives to it. Nothing was"
        " changed: lock less (zero removes a lock), then it is computed again."
    ),
    "plan_not_needed": _("%(village)s needs no %(good)s in this plan. Nothing was changed."),
    "plan_received_more": _(
        "%(sent)s were sent; %(received)s cannot have arrived. Count again; what came from"
        " elsewhere belongs to its own shipment."
    ),
    "plan_correction_reason": _("Write why it is corrected. Nothing was changed."),
    "plan_correction_none": _(
        "This shipment is %(status)s: there is nothing to correct like this. Nothing was changed."
        " What is under way can be noted as not left; what was received with another quantity, or"
        " as not arrived yet."
    ),
    "plan_corrected_meanwhile": _(
        "What is noted of this shipment has changed since you loaded the page: it is %(status)s."
        " Nothing was changed. Look at it and decide again."
    ),
    "plan_not_under_way": _(
        "This shipment is %(status)s; only one that is under way can be received."
    ),
}

register(
    "apps.commandcentre.planning",
    MESSAGES,
    races=frozenset(
        {
            "plan_changed",
            "plan_made_meanwhile",
            "plan_solved_again",
            "plan_given_changed",
            "plan_hazard_over",
            "plan_list_changed",
            "plan_statement_known",
            "plan_statement_withdrawn",
            "plan_stock_gone",
            "plan_nothing_to_dispatch",
            "plan_nothing_to_receive",
            "plan_not_under_way",
            "plan_corrected_meanwhile",
        }
    ),
)
