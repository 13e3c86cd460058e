"""The register compared with itself: on a steward's request, and after decrees.

The worker takes the snapshot that is used on both sides, since the web role may not write records,
and then asks for the run. Only one comparison at a time: a second request is refused.
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
AFTER_DECREES: Final = "after_decrees"  # the requester, when the schedule asks
ON_ITS_WAY: Final = (Job.Status.WAITING, Job.Status.RUNNING)
UNDER_WAY: Final = (RunStatus.ASKED, RunStatus.RUNNING)


@dataclass(frozen=True)
class State:
    """The unfinished job before a run, and the last run in any status."""

    job: Job | None
    run: Run | None

    @property
    def is_under_way(self) -> bool:
        return self.job is not None or (self.run is not None and self.run.status in UNDER_WAY)


def state() -> State:
    """The progress of the comparison of the register with itself. Queries: three."""
    job = Job.objects.filter(kind=COMPARE_REGISTER, status__in=ON_ITS_WAY).order_by("-pk").first()
    own = Pairing.objects.filter(left=REGISTER, right=REGISTER).first()
    run = own.runs.select_related("left", "right").order_by("-pk").first() if own else None
    return State(job, run)


def stopped() -> str:
    """Why the last requested comparison never began, as a text; otherwise "". Queries: one."""
    last = Job.objects.filter(kind=COMPARE_REGISTER).order_by("-pk").first()
    return ending(last) if last is not None and last.status == Job.Status.FAILED else ""


@transaction.atomic
def enqueue_register_run(*, by: User | None, by_name: str = "", retrain: bool = False) -> Job:
    """Ask for a snapshot of the register and a run of it with itself. Raises: RunBusy."""
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
    """A job where decrees came into force since the last one was requested; called by the schedule.

    Any number of decrees is one job. While another one is running, they wait for it to end.
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
    """Take the snapshot and ask for the run on it. Raises: RunBusy, LeaseLost."""
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
