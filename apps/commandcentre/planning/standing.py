"""Whether a plan answers for its hazard as it is now: the one rule of plan, desk, wall and report.

"Nothing is missing" is said only of a plan that was computed, for the numbers of the last
assessment, with what other plans still give, and sends all of what was needed.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from apps.commandcentre.exposure.needs import Per
from apps.commandcentre.models import Assessment, Plan
from apps.commandcentre.models.plan import PlanStatus
from apps.commandcentre.planning import given_goods


@dataclass(frozen=True)
class Standing:
    """`is_outdated`: the hazard, whom it affects, or what other plans give to them, is another than
    the plan was computed for. `is_short`:
    it does not send all it was made for. `warning` says why it is not the whole answer, "" if it
    was computed for the hazard of now.
    """

    is_computed: bool
    is_outdated: bool
    is_short: bool
    warning: str

    @property
    def sends_all(self) -> bool:
        return self.is_computed and not self.is_outdated and not self.is_short


def standing_of(plan: Plan, last: Assessment | None) -> Standing:
    """How a plan stands; `last` is the last assessment of its hazard. Queries: one for a plan of
    `plans.last_plan`; else also those for its needs, its assessment and hazard.
    """
    outdated = _why_outdated(plan, last) or _why_other_goods(plan)
    is_computed = plan.solved_at is not None
    is_short = is_computed and plan.is_short
    return Standing(is_computed, bool(outdated), is_short, _why_uncomputed(plan) or outdated)


def _why_uncomputed(plan: Plan) -> str:
    if plan.solved_at is not None:
        return ""
    if plan.status == PlanStatus.SOLVING:
        return _("The plan is being computed; what it sends is not known yet.")
    return _("The plan was not computed; what it sends is not known. Compute it again.")


def _why_outdated(plan: Plan, last: Assessment | None) -> str:
    made_for = plan.assessment
    if last is None or plan.status == PlanStatus.CANCELLED:
        return ""
    now = max(last.revision, plan.hazard.revision)
    if made_for.revision < now:
        words = _(
            "The plan is for version %(then)s of the hazard, which now has version %(now)s. Make a"
            " new plan; what this one has reserved, sent or delivered counts in it."
        )
        return words % {"then": made_for.revision, "now": now}
    if _numbers(made_for) != _numbers(last):
        words = _(
            "The plan is for the numbers of %(then)s; the assessment of %(now)s found others. Make"
            " a new plan; what this one has reserved, sent or delivered counts in it."
        )
        return words % {"then": _moment(made_for), "now": _moment(last)}
    return ""


def _why_other_goods(plan: Plan) -> str:
    """Whether other plans give something else than this one rests on. More than that is no fault of
    a plan that is reserved: what gives more was computed after it.
    """
    if plan.solved_at is None or plan.status == PlanStatus.CANCELLED:
        return ""
    changed = given_goods.changes(plan)
    if plan.status == PlanStatus.PROPOSED and changed:
        return _(
            "Since the plan was computed, what other plans give has changed. Compute"
            " it again before it is reserved."
        )
    if plan.status == PlanStatus.RESERVED and any(one.is_less for one in changed):
        return _(
            "Other plans give less than when this one was computed: one was"
            " cancelled, or goods expired or were lost. Make a new plan; what this one has"
            " reserved, sent or delivered counts in it."
        )
    return ""


def _numbers(assessment: Assessment) -> tuple[int, ...]:
    """All counts that needs are made of."""
    known = {
        Per.FAMILY: assessment.families,
        Per.PERSON: assessment.persons,
        **assessment.totals,
    }
    return assessment.villages, *(int(known.get(per, 0)) for per in Per)


def _moment(assessment: Assessment) -> str:
    return date_format(localtime(assessment.assessed_at), "j M Y, H.i")
