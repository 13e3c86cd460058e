"""Loads a dataset's file into records in one streaming pass, then compares with the last delivery.

The rows go through a staging table (COPY does not work on tables with row-level security). The last
transaction turns them into records: all rows of a source's first delivery (a large one as a
partition of its own), only new or different rows of a later one. Until then none of them is
visible; a load that is refused, fails or is cancelled leaves nothing behind. Ids are derived from
the dataset and the row's number, so that a load interrupted by a kill continues where it stopped
and creates no duplicates.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.audit import record
from apps.audit.models import Action
from apps.common import sql, tabular
from apps.common.errors import DomainError
from apps.common.files import stored_files
from apps.common.full_disk import is_full_disk
from apps.common.parallel import run_concurrently
from apps.common.sql import Table
from apps.common.staging import Staging
from apps.imports import staged_reading, villages
from apps.imports.blocks import Tally
from apps.imports.cells import NOTHING
from apps.jobs import kinds
from apps.jobs.models import Job
from apps.jobs.work import Lease, LeaseLost
from apps.reconciliation.deliveries import codes, columns, datasets, profile
from apps.reconciliation.deliveries.records import COLUMNS, Delivery, Records
from apps.reconciliation.models import ROWS_OF_DATASET, Dataset, Record, Source
from apps.reconciliation.partitions import Partition
from apps.reconciliation.states import DatasetStatus

CHUNK_ROWS: Final = 100_000
# A first delivery of a larger file (about 20,000 rows and more) gets a partition.
PARTITION_FROM_BYTES: Final = 2_000_000
UNFINISHED: Final = (DatasetStatus.RECEIVED, DatasetStatus.LOADING)


def fail(job: Job) -> None:
    """The job failed or was cancelled: delete its records; the dataset can be loaded again."""
    dataset = dataset_of(job)
    with transaction.atomic():
        unfinished = Dataset.objects.filter(pk=dataset.pk, status__in=UNFINISHED)
        if unfinished.update(status=DatasetStatus.FAILED, rows_read=0):
            discard(dataset)


def _begin_again(*, job: Job, by: Any, now: datetime) -> Job:
    return datasets.resume(dataset=Dataset.objects.get(pk=job.subject_pk), by=by, now=now)


@kinds.job(
    datasets.LOAD_DATASET,
    label=_("Loading of a delivery"),
    resume=_begin_again,
    on_failed=fail,
    remedy=_(
        "A steward resumes it on the page of the delivery, an administrator on the page of jobs"
        " (job %(job)s)."
    ),
)
def load_dataset(lease: Lease) -> None:
    """Load the dataset of a job. Raises: DomainError, FileRefused, LeaseLost.

    Cost: 1,000,000 rows of twelve columns take 6 s of this process and 3 s of the reader's, beside
    the database; memory use is independent of the file's size.
    """
    dataset = dataset_of(lease.job)
    try:
        _load(lease, dataset)
    except LeaseLost:
        if Job.objects.filter(pk=lease.job.pk, token=lease.job.token, cancel_asked=True).exists():
            fail(lease.job)
        raise
    except DatabaseError as error:
        if is_full_disk(error):
            raise DomainError("dataset_no_room") from error
        raise


def dataset_of(job: Job) -> Dataset:
    known = Dataset.objects.select_related("source")
    return known.get(pk=int(job.subject.rpartition(":")[2]))


def discard(dataset: Dataset) -> None:
    """Remove everything that an unfinished load has written."""
    staging_of(dataset).drop()
    partition_of(dataset).drop()


def staging_of(dataset: Dataset) -> Staging:
    """The staging tables of a delivery without a partition; an interrupted load continues there."""
    return Staging(f"dataset_{dataset.pk}", ["rows"], bare="rows", resumes=True)


def partition_of(dataset: Dataset) -> Partition:
    return Partition("record", dataset.pk, dataset.source_id)


@dataclass(frozen=True)
class RecordsTarget:
    """The table that holds the rows until they are records, and the id before their first."""

    table: Table
    first_id: int
    partition: Partition | None

    @classmethod
    def of(cls, dataset: Dataset) -> RecordsTarget:
        if dataset.file_size >= PARTITION_FROM_BYTES and is_first(dataset):
            partition = partition_of(dataset)
            return cls(partition.table, partition.first_id, partition)
        return cls(staging_of(dataset)["rows"], dataset.pk * ROWS_OF_DATASET, None)

    def open(self) -> None:
        if self.partition:
            self.partition.create()
            return
        sql.create_like(self.table, ("public", Record._meta.db_table))

    def analyze(self) -> None:
        if self.partition:
            self.partition.analyze()
        else:
            sql.analyze(self.table)


def is_first(dataset: Dataset) -> bool:
    """Whether it is the first loaded delivery of its source, with nothing to compare."""
    loaded = Dataset.objects.filter(source=dataset.source_id, status=DatasetStatus.LOADED)
    return not loaded.exists()


def _load(lease: Lease, dataset: Dataset) -> None:
    _check(dataset)
    place = RecordsTarget.of(dataset)
    tally, last_row = _begin(dataset, place)
    _read(lease, dataset, place, tally, last_row)
    profile.refuse_wrong_columns(tally, dataset.mapping)
    lease.progress(tally.rows, stage="profiling")
    lease.timed("read")
    repeats, found = _profile(dataset, place, tally)
    lease.timed("profile")
    with transaction.atomic():
        sql.tune()
        _conclude(lease, dataset, place, rows=tally.rows - repeats, repeats=repeats, found=found)
    discard(dataset)


def peek(dataset: Dataset, limits: tabular.Limits = tabular.DATASET_FILE) -> tabular.Peek:
    """Header and first rows of a dataset's file. Raises: FileRefused."""
    kind = tabular.FileKind(tabular.Format(dataset.file_kind))
    path = stored_files.kept(dataset.file, dataset.file_size)
    return tabular.peek(path, kind, limits=limits, scratch=stored_files.folder("scratch"))


def _check(dataset: Dataset) -> None:
    if dataset.must_match:
        first = peek(dataset)
        doubted = columns.uncertain_columns(first.header, first.samples, dataset.mapping)
        raise DomainError(
            "dataset_columns_doubtful",
            filename=dataset.file_name,
            columns="; ".join(
                f"{first.header[one.position]} → {columns.OWN[one.column]}" for one in doubted
            ),
            mapping=json.dumps(
                {one.column: first.header[one.position] for one in doubted}, ensure_ascii=False
            ),
        )
    if lacking := columns.missing(dataset.mapping):
        raise DomainError(
            "dataset_columns_missing",
            columns=", ".join(columns.OWN[name] for name in lacking),
            found=", ".join(name for name in dataset.header if name)[:200],
            filename=dataset.file_name,
        )
    others = Dataset.objects.filter(source=dataset.source_id, number__lt=dataset.number)
    earlier = others.filter(status__in=UNFINISHED).first()
    if earlier is not None:
        raise DomainError("dataset_earlier_open", number=earlier.number)


def _begin(dataset: Dataset, place: RecordsTarget) -> tuple[Tally, int]:
    """The tally so far and the last row read; starts over where the earlier rows cannot be used."""
    count, last_id = staged_reading.position(place.table, "id", dataset.rows_read)
    if count:
        return Tally.of(dataset.profile.get("tally", {})), last_id - place.first_id
    with transaction.atomic():
        discard(dataset)
        place.open()
        _move(dataset, rows_read=0, profile={})
    return Tally(), 0


def _move(dataset: Dataset, **values: Any) -> None:
    """Store how far the reading is. Raises: RuntimeError where the dataset is not to be read."""
    moved = Dataset.objects.filter(pk=dataset.pk, status__in=UNFINISHED).update(
        status=DatasetStatus.LOADING, **values
    )
    if not moved:
        raise RuntimeError(f"dataset {dataset.pk} is not to be read")


def _read(
    lease: Lease, dataset: Dataset, place: RecordsTarget, tally: Tally, last_row: int
) -> None:
    """Copy the file's rows after `last_row` into the table, chunk by chunk."""
    where = columns.positions(dataset.mapping, dataset.header)
    records = Records(_delivery(dataset, place), list(where), tally)
    stream = tabular.stream(
        stored_files.kept(dataset.file, dataset.file_size),
        kind_of(dataset),
        list(where.values()),
        skip_rows=last_row,
        limits=tabular.DATASET_FILE,
        scratch=stored_files.folder("scratch"),
    )

    def pieces(blocks: Iterable[bytes]) -> Iterator[Iterable[bytes]]:
        return _pieces(map(records.block, blocks), dataset)

    def note(_copied: int) -> None:
        _move(dataset, rows_read=tally.rows, profile={"tally": tally.state()})

    read = staged_reading.chunks(stream, CHUNK_ROWS)
    for _copied in staged_reading.copy_chunks(
        place.table, COLUMNS, read, note, pieces=pieces, null=NOTHING
    ):
        profile.refuse_wrong_columns(tally, dataset.mapping)
        lease.progress(tally.rows, stage="reading")


def _pieces(made: Iterator[bytes], dataset: Dataset) -> Iterator[Iterable[bytes]]:
    """The input of each COPY: everything at once, or block by block where village names are looked
    up.

    A connection that is copying cannot run a query, so that look-ups happen between two COPYs.
    """
    return ([block] for block in made) if _names_villages(dataset) else iter([made])


def _names_villages(dataset: Dataset) -> bool:
    return "village_name" in dataset.mapping


def _delivery(dataset: Dataset, place: RecordsTarget) -> Delivery:
    return Delivery(
        source=dataset.source_id,
        dataset=dataset.pk,
        number=dataset.number,
        first_id=place.first_id,
        programme=dataset.source.programme,
        villages=villages.codes_by_digits(dataset.code_system),
        programmes=codes.programmes(),
        places=villages.Places(timezone.localdate()) if _names_villages(dataset) else None,
    )


def kind_of(dataset: Dataset) -> tabular.FileKind:
    """The file's kind, as recognised when it was received."""
    return tabular.FileKind(tabular.Format(dataset.file_kind))


def _profile(dataset: Dataset, place: RecordsTarget, tally: Tally) -> tuple[int, dict[str, Any]]:
    """The number of repeated rows, which are deleted, and the profile of the rest.

    A partition is indexed over a separate connection meanwhile. A load killed after the deletion of
    repeated rows reads the file from the beginning, because the count no longer fits (`_begin`).
    Raises: DomainError.
    """
    tables = {"rows": place.table}
    repeats = int(
        sql.scalar("reconciliation/deliveries/drop_repeats", tables=tables, rows=tally.rows)
    )
    place.analyze()
    with (
        run_concurrently(place.partition.index) if place.partition else nullcontext(),
        transaction.atomic(),
    ):
        sql.tune()
        found = profile.profile(
            table=place.table, mapping=dataset.mapping, tally=tally, repeats=repeats
        )
    return repeats, found


def _conclude(
    lease: Lease,
    dataset: Dataset,
    place: RecordsTarget,
    *,
    rows: int,
    repeats: int,
    found: dict[str, Any],
) -> None:
    """Compare with the last delivery and end the job, in one transaction."""
    Source.objects.select_for_update().get(pk=dataset.source_id)
    counts: dict[str, Any] = compared(dataset, place, rows) | {"repeats": repeats}
    Dataset.objects.filter(pk=dataset.pk, status=DatasetStatus.LOADING).update(
        status=DatasetStatus.LOADED, counts=counts, profile=found, loaded_at=timezone.now()
    )
    Source.objects.filter(pk=dataset.source_id).update(
        mapping=dataset.mapping, code_system=dataset.code_system
    )
    record.entry(Action.RUN, about=dataset, by=lease.job, **counts)
    lease.timed("store")
    lease.finish(**counts)


def compared(dataset: Dataset, place: RecordsTarget, rows: int) -> dict[str, int]:
    """Bring the records of a source up to a delivery: `{rows, new, changed, gone, unchanged}`.

    Raises: DomainError where this load was begun as the first and another delivery was loaded
    since.
    """
    if is_first(dataset):
        if place.partition:
            place.partition.attach()
        else:
            sql.run("reconciliation/deliveries/insert_first", tables={"rows": place.table})
        return {"rows": rows, "new": rows, "changed": 0, "gone": 0, "unchanged": 0}
    if place.partition:
        raise DomainError("dataset_not_first")
    tables = {"rows": place.table}
    asked = {"source": dataset.source_id, "number": dataset.number}
    ended, changed = sql.run(
        "reconciliation/deliveries/end_records", asked, tables=tables, rows=rows
    )[0]
    inserted = sql.scalar(
        "reconciliation/deliveries/insert_records", asked, tables=tables, rows=rows
    )
    return {
        "rows": rows,
        "new": inserted - changed,
        "changed": changed,
        "gone": ended - changed,
        "unchanged": rows - inserted,
    }
