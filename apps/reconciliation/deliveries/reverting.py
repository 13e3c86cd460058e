"""Takes a delivery back: its records are deleted and the records that it ended are current again.

For a delivery whose columns were matched wrongly, detected after loading. Only the newest delivery
of a source can be taken back, and only while no run uses it: a run's results do not change.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import actor_of
from apps.accounts.models import User
from apps.audit import record
from apps.audit.models import Action
from apps.common import sql
from apps.common.errors import DomainError
from apps.jobs import kinds, work
from apps.jobs.models import Job
from apps.proposals.civil import civil_check
from apps.reconciliation.deliveries import civil_answers
from apps.reconciliation.deliveries.loading import partition_of
from apps.reconciliation.models import REGISTER, ROWS_OF_DATASET, Dataset, Run, Source
from apps.reconciliation.partitions import EACH
from apps.reconciliation.states import DatasetStatus, RunStatus
from apps.regions.models import COUNTRY

TAKE_BACK_DATASET: Final = "reconciliation.take_back_dataset"
# Runs in these states have no results; resumed, they start from the beginning.
WITHOUT_EFFECT: Final = (RunStatus.STOPPED, RunStatus.FAILED, RunStatus.CANCELLED)


def hindrance(dataset: Dataset) -> DomainError | None:
    """Why a delivery cannot be taken back, and what to do instead. Queries: two."""
    if dataset.status != DatasetStatus.LOADED or dataset.source_id == REGISTER:
        return DomainError("dataset_not_loaded_yet")
    later = Dataset.objects.filter(
        source=dataset.source_id, number__gt=dataset.number, status=DatasetStatus.LOADED
    )
    if last := later.order_by("-number").first():
        return DomainError("dataset_not_newest", number=last.number)
    run = _runs(dataset).exclude(status__in=WITHOUT_EFFECT).order_by("-pk").first()
    if run is None:
        return None
    code = "dataset_used" if run.status == RunStatus.DONE else "dataset_in_run"
    return DomainError(code, run=run.pk)


@transaction.atomic
def enqueue_revert(*, dataset: Dataset, by: User, now: datetime) -> Job:
    """Ask for taking the delivery back; a second request returns the same job.

    Raises: DomainError.
    """
    dataset = _locked(dataset.pk)
    if known := job_of(dataset, unfinished=True):
        return known
    if refused := hindrance(dataset):
        raise refused
    record.entry(
        Action.CHANGE, about=dataset, by=by, step="take_back", columns=dict(dataset.mapping)
    )
    return work.enqueue(
        TAKE_BACK_DATASET,
        dataset.subject,
        subject_name=(dataset.file_name or str(dataset))[:200],
        region_code=COUNTRY,
        by=actor_of(by),
        by_name=str(by),
    )


def job_of(dataset: Dataset, *, unfinished: bool = False) -> Job | None:
    """The latest job that takes this delivery back."""
    jobs = Job.objects.unfinished() if unfinished else Job.objects.all()
    return jobs.filter(subject=dataset.subject, kind=TAKE_BACK_DATASET).order_by("-pk").first()


@kinds.job(TAKE_BACK_DATASET, label=_("Taking a delivery back"))
def take_back(lease: work.Lease) -> dict[str, Any]:
    """Do the work of a job in one transaction.

    Raises: DomainError where a run or a delivery was added meanwhile.
    Locks: the source, so that no other delivery is compared with this one meanwhile.
    """
    pk = int(lease.job.subject.rpartition(":")[2])
    with transaction.atomic():
        dataset = _locked(pk)
        if refused := hindrance(dataset):
            raise refused
        counts = _undo(dataset)
        record.entry(Action.RUN, about=dataset, by=lease.job, step="take_back", **counts)
        lease.finish(**counts)
    return counts


def _undo(dataset: Dataset) -> dict[str, Any]:
    """Restore the state before it: records, the source's columns, answers about proposals."""
    first, in_partition = dataset.pk * ROWS_OF_DATASET, partition_of(dataset).first_id
    gone, again = sql.run(
        "reconciliation/deliveries/take_back_records",
        {
            "source": dataset.source_id,
            "number": dataset.number,
            "first": first,
            "last": first + ROWS_OF_DATASET - 1,
            "partition_first": in_partition,
            "partition_last": in_partition + EACH - 1,
        },
        rows=dataset.counts.get("rows", 0),
    )[0]
    forgotten = civil_check.forget_source(civil_answers.name_of(dataset))
    # a model that was learnt from the wrong columns is not reused when the run is resumed
    _runs(dataset).update(settings={})
    before = (
        Dataset.objects.filter(source=dataset.source_id, status=DatasetStatus.LOADED)
        .exclude(pk=dataset.pk)
        .order_by("-number")
        .first()
    )
    Source.objects.filter(pk=dataset.source_id).update(
        mapping=before.mapping if before else {},
        code_system=before.code_system if before else dataset.source.code_system,
    )
    Dataset.objects.filter(pk=dataset.pk).update(
        status=DatasetStatus.TAKEN_BACK, rows_read=0, counts={}, profile={}, loaded_at=None
    )
    return {"records_gone": gone, "records_again": again, "answers_gone": forgotten}


def _runs(dataset: Dataset) -> QuerySet[Run]:
    """The runs that use the delivery, on either side."""
    return Run.objects.filter(Q(left=dataset) | Q(right=dataset))


def _locked(pk: int) -> Dataset:
    """Lock the source first, as a load does, then the delivery, which a new run would lock.

    The source's key stays unlocked. A new run has locked the delivery and refers to the source by
    its pairing: with the key locked, both would wait for each other.
    """
    known = Dataset.objects.only("source_id").get(pk=pk)
    Source.objects.select_for_update(no_key=True).get(pk=known.source_id)
    return Dataset.objects.select_related("source").select_for_update(of=("self",)).get(pk=pk)
