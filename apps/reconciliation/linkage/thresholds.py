"""The thresholds of linking and review: the effect is shown before they are moved.

Pairs with an equal NIK do not depend on the weights, and people's judgements are not changed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import actor_of
from apps.accounts.models import User
from apps.audit import record
from apps.audit.models import Action
from apps.common import sql
from apps.common.errors import DomainError
from apps.jobs import kinds, work
from apps.jobs.models import Job
from apps.jobs.work import Lease
from apps.reconciliation.linkage import counting, pair_store
from apps.reconciliation.linkage.pairs import floor_of
from apps.reconciliation.models import Pairing, Run
from apps.reconciliation.states import RunStatus

MOVE_THRESHOLDS: Final = "reconciliation.move_thresholds"


def preview(run: Run, lower: float, upper: float) -> dict[str, int]:
    """How many pairs would be linked, reviewed and below, including those decided by NIK or people.

    Queries: one, over the pairs of the pairing.
    """
    params = {"pairing": run.pairing_id, "lower": lower, "upper": upper}
    linked, review, below = sql.run("reconciliation/linkage/count_by_thresholds", params)[0]
    return {"linked": linked, "review": review, "below": below}


@transaction.atomic
def enqueue_thresholds(run: Run, lower: float, upper: float, *, by: User, now: datetime) -> Job:
    """Ask for other thresholds of the run's pairing; the worker applies them to every pair.

    Raises: `thresholds_floor`, `thresholds_old_run`.
    """
    if lower < (floor := float(run.settings.get("floor", floor_of(run.pairing)))):
        raise DomainError("thresholds_floor", lower=lower, floor=floor)
    last = run.pairing.runs.filter(status=RunStatus.DONE).order_by("-pk").first()
    if last is None or last.pk != run.pk:
        raise DomainError("thresholds_old_run", run=run.pk, last=last.pk if last else 0)
    record.entry(Action.CHANGE, about=run, by=by, lower=lower, upper=upper)
    return work.enqueue(
        MOVE_THRESHOLDS,
        run.subject,
        subject_name=str(run.pairing)[:200],
        by=actor_of(by),
        by_name=str(by),
        parameters={"lower": lower, "upper": upper},
    )


@kinds.job(
    MOVE_THRESHOLDS,
    label=_("Thresholds moved"),
    remedy=_(
        "Nothing was changed. A steward saves the thresholds again on the page of the run; an"
        " administrator can resume it on the page of jobs, too (job %(job)s)."
    ),
)
def apply(lease: Lease) -> None:
    """Write thresholds, statuses, one-to-one and the counts of the run, in one transaction."""
    run = Run.objects.select_related("pairing", "left", "right").get(
        pk=int(lease.job.subject.rpartition(":")[2])
    )
    asked: dict[str, Any] = lease.job.parameters
    with transaction.atomic():
        pairing = Pairing.objects.select_for_update().get(pk=run.pairing_id)
        pairing.lower, pairing.upper = asked["lower"], asked["upper"]
        pairing.save(update_fields=["lower", "upper"])
        params = {"pairing": pairing.pk, "lower": pairing.lower, "upper": pairing.upper}
        moved = int(sql.scalar("reconciliation/linkage/move_thresholds", params))
        moved += pair_store.assign_statuses(pairing)
        Run.objects.filter(pk=run.pk).update(counts=counting.count(run))
        lease.finish(moved=moved)
