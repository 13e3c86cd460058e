"""The register compared with itself: when a steward asks, and after decrees.

The worker takes the picture that stands on both sides, since the web may not write records; the run
is asked for on it. One at a time: who asks again meanwhile is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import actor_of
from apps.accounts.models import User
from apps.common import locks
from apps.common.locks import Lock
from apps.jobs import kinds, work
from apps.jobs.messages import ending
from apps.jobs.models import Job
from apps.proposals.decree import determination
from apps.proposals.models import Decree
from apps.reconciliation.deliveries import snapshots
from apps.reconciliation.linkage import runs
from apps.reconciliation.models import REGISTER, Pairing, Run
from apps.reconciliation.states import RunStatus

COMPARE_REGISTER: Final = "reconciliation.compare_register"
SUBJECT: Final = "reconciliation.Register"
AFTER_DECREES: Final = "after_decrees"  # who asks, where it is the clock
ON_ITS_WAY: Final = (Job.Status.WAITING, Job.Status.RUNNING)
UNDER_WAY: Final = (RunStatus.ASKED, RunStatus.RUNNING)


@dataclass(frozen=True)
class State:
    """The job before a run that nobody has finished, and the last run, whatever became of it."""

    job: Job | None
    run: Run | None

    @property
    def is_under_way(self) -> bool:
        return self.job is not None or (self.run is not None and self.run.status in UNDER_WAY)


def state() -> State:
    """How far the comparison of the register with itself is. Queries: three."""
    job = Job.objects.filter(kind=COMPARE_REGISTER, status__in=ON_ITS_WAY).order_by("-pk").first()
    own = Pairing.objects.filter(left=REGISTER, right=REGISTER).first()
    run = own.runs.select_related("left", "right").order_by("-pk").first() if own else None
    return State(job, run)


def stopped() -> str:
    """Why the comparison that was asked for last never began, in words; mostly "". Queries: one."""
    last = Job.objects.filter(kind=COMPARE_REGISTER).order_by("-pk").first()
    return ending(last) if last is not None and last.status == Job.Status.FAILED else ""


@transaction.atomic
def enqueue_register_run(*, by: User | None, by_name: str = "", retrain: bool = False) -> Job:
    """Ask for a picture of the register and a run of it with itself. Raises: RunBusy."""
    locks.hold(Lock.REGISTER_RUN)
    if state().is_under_way:
        name = snapshots.register().name
        raise runs.RunBusy(pairing=f"{name} – {name}")
    return work.enqueue(
        COMPARE_REGISTER,
        SUBJECT,
        by=actor_of(by) if by else f"clock:{by_name}",
        by_name=by_name or str(by or ""),
        parameters={"user": by.pk if by else None, "retrain": retrain},
    )


def enqueue_after_decrees() -> Job | None:
    """A job where decrees came into force since the last one was asked for; for the clock.

    However many decrees those are, they are one job; while another one is being worked on, all of
    them wait for it.
    """
    if Job.objects.filter(kind=determination.DETERMINE, status__in=ON_ITS_WAY).exists():
        return None
    decreed = Decree.objects.aggregate(at=Max("in_force_at"))["at"]
    asked = _last_asked()
    if decreed is None or (asked is not None and asked >= decreed):
        return None
    try:
        return enqueue_register_run(by=None, by_name=AFTER_DECREES)
    except runs.RunBusy:
        return None  # the next turn asks again


@kinds.job(
    COMPARE_REGISTER,
    label=_("Picture of the register"),
    remedy=_(
        "Nothing was compared. A steward asks again on the page of duplicates; an administrator can"
        " resume it on the page of jobs, too (job %(job)s)."
    ),
)
def compare(lease: work.Lease) -> Job:
    """The picture, and the job of the run on it. Raises: RunBusy, LeaseLost."""
    job = lease.job
    by = User.objects.filter(pk=job.parameters.get("user")).first()
    now = timezone.now()
    lease.progress(0, 1, stage="picture")
    with transaction.atomic():
        picture = snapshots.snapshot_register(now=now, by_name=job.actor_name)
        run, asked = runs.enqueue_run(
            left=picture,
            by=by,
            by_name=job.actor_name,
            now=now,
            retrain=bool(job.parameters.get("retrain")),
        )
        lease.timed("picture")
        lease.finish(run=run.pk)
    return asked


def _last_asked() -> datetime | None:
    job = Job.objects.filter(kind=COMPARE_REGISTER).aggregate(at=Max("created_at"))["at"]
    run = Run.objects.filter(pairing__left=REGISTER, pairing__right=REGISTER)
    at = run.aggregate(at=Max("asked_at"))["at"]
    return max((one for one in (job, at) if one is not None), default=None)
