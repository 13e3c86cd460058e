"""A run: requested, done by the worker, stored completely or not at all.

Everything before the pairs is computed in the run's own folder and computed again after a kill,
except the model, which is stored as soon as it is learnt. One transaction writes the results:
pairs, their status, counts, the end of the run.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import actor_of
from apps.accounts.models import User
from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import command
from apps.common.errors import DomainError
from apps.jobs import kinds, work
from apps.jobs.models import Job
from apps.jobs.work import Lease, LeaseLost
from apps.reconciliation.deliveries import snapshots
from apps.reconciliation.linkage import pair_store, pairs
from apps.reconciliation.linkage.safeguards import Tripped
from apps.reconciliation.models import REGISTER, Dataset, Pairing, Run
from apps.reconciliation.states import DatasetStatus, RunStatus

RECONCILE: Final = "reconciliation.reconcile"
SEED: Final = 20_261_125
# Weights (log2 of the odds) of a new pairing. On synthetic registers with known truth, at most
# three in ten thousand pairs above the upper one are wrong: docs/reconciliation.md.
LOWER: Final = 0.0
UPPER: Final = 10.0

# Called in the worker with the run, inside its last transaction, in the order of registration.
on_finished: list[Callable[[Run], object]] = []


class RunBusy(DomainError):
    """A run of the same two sources is not finished."""

    code = "run_busy"


def enqueue_run(
    *,
    left: Dataset,
    right: Dataset | None = None,
    by: User | None,
    by_name: str,
    now: datetime,
    retrain: bool = False,
    force: bool = False,
) -> tuple[Run, Job]:
    """Ask for a run of a delivery against another, or against the register when the run begins.

    The register against itself (its own snapshot on the left) finds duplicates.
    Raises: `dataset_not_loaded`, RunBusy.
    """
    other = right.source if right else snapshots.register()
    try:
        with transaction.atomic():
            _lock_datasets(left, right)
            pairing, _made = Pairing.objects.get_or_create(
                left=left.source, right=other, defaults={"lower": LOWER, "upper": UPPER}
            )
            run = Run.objects.create(
                pairing=pairing,
                left=left,
                right=left if right is None and left.source_id == REGISTER else right,
                previous=_last(pairing),
                is_retrained=retrain,
                is_forced=force,
                user=by,
                by_name=by_name[:200],
                asked_at=now,
            )
            job = _enqueue(run, by, by_name)
            record.entry(
                Action.CREATE, about=run, by=by or command(by_name), retrain=retrain, force=force
            )
    except IntegrityError:
        raise RunBusy(pairing=f"{left.source_id} – {other.pk}") from None
    return run, job


def resume(run: Run, by: User | None, *, by_name: str = "", force: bool = False) -> Job:
    """Continue a run that failed, was cancelled or was stopped by a safeguard (force: without
    safeguards).

    Raises: `dataset_not_loaded`, `run_not_stopped`, RunBusy.
    """
    try:
        with transaction.atomic():
            _lock_datasets(run.left, run.right)
            moved = Run.objects.filter(
                pk=run.pk, status__in=[RunStatus.FAILED, RunStatus.STOPPED, RunStatus.CANCELLED]
            ).update(
                status=RunStatus.ASKED,
                is_forced=run.is_forced or force,
                breaker={},
                finished_at=None,
                previous=_last(run.pairing),
            )
            if not moved:
                raise DomainError("run_not_stopped", run=str(run))
            record.entry(
                Action.CHANGE, about=run, by=by or command(by_name), step="resume", force=force
            )
            return _enqueue(run, by, by_name)
    except IntegrityError:
        raise RunBusy(pairing=str(run.pairing)) from None


def cancel(run: Run, by: User | None, *, by_name: str = "") -> bool:
    """Ask a run to stop; it stops between two stages, and none of its results are stored."""
    with transaction.atomic():
        asked = work.cancel(job_of(run))
        Run.objects.filter(pk=run.pk, status=RunStatus.ASKED).update(
            status=RunStatus.CANCELLED, finished_at=timezone.now()
        )
        record.entry(Action.CHANGE, about=run, by=by or command(by_name), step="cancel")
    return asked


def job_of(run: Run) -> Job:
    """The latest job of a run."""
    return Job.objects.filter(subject=run.subject, kind=RECONCILE).latest("pk")


def fail(job: Job) -> None:
    """Mark the run of a failed job, so that it can be resumed."""
    Run.objects.filter(
        pk=int(job.subject.rpartition(":")[2]), status__in=[RunStatus.ASKED, RunStatus.RUNNING]
    ).update(status=RunStatus.FAILED, finished_at=timezone.now())


def _begin_again(*, job: Job, by: Any, now: datetime) -> Job:
    return resume(Run.objects.get(pk=job.subject_pk), by, by_name=str(by))


@kinds.job(
    RECONCILE,
    label=_("Run of a reconciliation"),
    resume=_begin_again,
    on_failed=fail,
    remedy=_(
        "A steward resumes it on the page of the run, an administrator on the page of jobs"
        " (job %(job)s)."
    ),
)
def reconcile(lease: Lease) -> None:
    """Do a run, from the snapshot of the register to the stored pairs.

    Cost: bench/linkage.py.
    """
    run = Run.objects.select_related("pairing", "left", "right").get(
        pk=int(lease.job.subject.rpartition(":")[2])
    )
    Run.objects.filter(pk=run.pk, status__in=[RunStatus.ASKED, RunStatus.RUNNING]).update(
        status=RunStatus.RUNNING
    )
    try:
        with pairs.folder_of(run) as folder:
            _picture(run, lease)
            found = pairs.find(run, folder, lease)
            pair_store.store(run, found, lease, on_finished=on_finished)
    except Tripped as tripped:
        _stop(run, tripped, lease)
    except LeaseLost:
        Run.objects.filter(pk=run.pk, status=RunStatus.RUNNING).filter(
            pk__in=_cancelled(lease, run)
        ).update(status=RunStatus.CANCELLED, finished_at=timezone.now())
        raise


def _lock_datasets(*datasets: Dataset | None) -> None:
    """Prevent these deliveries from being taken back until the run is stored.

    Raises: `dataset_not_loaded`.
    """
    ids = [one.pk for one in datasets if one is not None]
    for one in Dataset.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk"):
        if one.status != DatasetStatus.LOADED:
            raise DomainError("dataset_not_loaded", dataset=str(one))


def _picture(run: Run, lease: Lease) -> None:
    """Take a snapshot of the register, where it is the other side."""
    lease.progress(0, 5, stage="picture")
    if run.right is None:
        run.right = snapshots.snapshot_register(now=timezone.now(), by_name=run.by_name)
        Run.objects.filter(pk=run.pk).update(right=run.right)
    lease.timed("picture")


def _stop(run: Run, tripped: Tripped, lease: Lease) -> None:
    with transaction.atomic():
        Run.objects.filter(pk=run.pk, status=RunStatus.RUNNING).update(
            status=RunStatus.STOPPED,
            breaker=tripped.as_json(),
            seconds=lease.job.seconds,
            finished_at=timezone.now(),
        )
        lease.finish(stopped=tripped.code)


def _cancelled(lease: Lease, run: Run) -> list[int]:
    asked = Job.objects.filter(pk=lease.job.pk, cancel_asked=True).exists()
    return [run.pk] if asked else []


def _last(pairing: Pairing) -> Run | None:
    return pairing.runs.filter(status=RunStatus.DONE).order_by("-pk").first()


def _enqueue(run: Run, by: User | None, by_name: str) -> Job:
    return work.enqueue(
        RECONCILE,
        run.subject,
        subject_name=str(run.pairing)[:200],
        by=actor_of(by) if by else f"command:{by_name}",
        by_name=by_name or str(by or ""),
    )
