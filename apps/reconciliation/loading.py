"""A dataset's file → records, in one streaming pass; then what changed since the last delivery.

The rows go through a staging table (COPY is not for tables with row-level security), and in the
last transaction from there into the records: all of a source's first delivery, of a later one what
is new or different. Until then nothing of them is to be seen; what is refused, fails or is
cancelled leaves nothing behind. Ids are made of the dataset and the row's number, so that a load
that a killed worker left half done goes on where it stopped and doubles nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any, Final

from django.db import OperationalError, connection, transaction
from django.utils import timezone
from psycopg import errors
from psycopg import sql as psql

from apps.audit import record
from apps.audit.models import Action
from apps.common import keeping, sql, tabular
from apps.jobs.models import Job
from apps.jobs.work import Lease, LeaseLost
from apps.reconciliation import codes, columns, profile
from apps.reconciliation.dataset_words import DatasetRefused
from apps.reconciliation.models import ROWS_OF_DATASET, Dataset, Source
from apps.reconciliation.records import COLUMNS, Delivery, Records, Tally
from apps.reconciliation.states import DatasetStatus

CHUNK_ROWS: Final = 100_000
UNFINISHED: Final = (DatasetStatus.RECEIVED, DatasetStatus.LOADING)
# For the statements that look at a whole delivery.
TUNING: Final = {
    "work_mem": "256MB",
    "max_parallel_workers_per_gather": "2",
    "parallel_setup_cost": "100",
    "parallel_tuple_cost": "0.001",
}


def load_dataset(lease: Lease) -> None:
    """Load the dataset of a job. Raises: DatasetRefused, FileRefused, LeaseLost.

    Cost: 1,000,000 rows of twelve columns see docs/reconciliation.md.
    """
    dataset = dataset_of(lease.job)
    try:
        _load(lease, dataset)
    except LeaseLost:
        if Job.objects.filter(pk=lease.job.pk, token=lease.job.token, cancel_asked=True).exists():
            fail(lease.job)
        raise
    except OperationalError as error:
        if isinstance(error.__cause__, errors.DiskFull):
            raise DatasetRefused("dataset_no_room") from error
        raise


def fail(job: Job) -> None:
    """The job failed or was cancelled: the dataset can be loaded again, its records go."""
    dataset = dataset_of(job)
    with transaction.atomic():
        unfinished = Dataset.objects.filter(pk=dataset.pk, status__in=UNFINISHED)
        if unfinished.update(status=DatasetStatus.FAILED, rows_read=0):
            discard(dataset)


def dataset_of(job: Job) -> Dataset:
    known = Dataset.objects.select_related("source")
    return known.get(pk=int(job.subject.rpartition(":")[2]))


def discard(dataset: Dataset) -> None:
    """Remove whatever an unfinished load has written."""
    sql.execute(psql.SQL("DROP TABLE IF EXISTS {}").format(psql.Identifier(*staging(dataset))))


def staging(dataset: Dataset) -> tuple[str, str]:
    return "staging", f"dataset_{dataset.pk}"


def is_first(dataset: Dataset) -> bool:
    """Whether nothing of its source was loaded before: then it is compared with nothing."""
    loaded = Dataset.objects.filter(source=dataset.source_id, status=DatasetStatus.LOADED)
    return not loaded.exists()


def _load(lease: Lease, dataset: Dataset) -> None:
    _check(dataset)
    table = staging(dataset)
    tally, last_row = _begin(dataset, table)
    _read(lease, dataset, table, tally, last_row)
    profile.refuse_wrong_columns(tally, dataset.mapping)
    lease.progress(tally.rows, stage="profiling")
    lease.timed("read")
    with transaction.atomic(), _tuned():
        _conclude(lease, dataset, table, tally)
    discard(dataset)


def _check(dataset: Dataset) -> None:
    if lacking := columns.missing(dataset.mapping):
        raise DatasetRefused(
            "dataset_columns_missing",
            columns=", ".join(columns.OWN[name] for name in lacking),
            found=", ".join(name for name in dataset.header if name)[:200],
            filename=dataset.file_name,
        )
    others = Dataset.objects.filter(source=dataset.source_id, number__lt=dataset.number)
    earlier = others.filter(status__in=UNFINISHED).first()
    if earlier is not None:
        raise DatasetRefused("dataset_earlier_open", number=earlier.number)


def _begin(dataset: Dataset, table: tuple[str, str]) -> tuple[Tally, int]:
    """What was read before and its last row; everything anew where that cannot be built on."""
    count, last_id = _count(table)
    if count and count == dataset.rows_read:
        return Tally.of(dataset.profile.get("tally", {})), last_id - dataset.pk * ROWS_OF_DATASET
    with transaction.atomic():
        discard(dataset)
        sql.execute(
            psql.SQL("CREATE UNLOGGED TABLE {} (LIKE reconciliation_record)").format(
                psql.Identifier(*table)
            )
        )
        _move(dataset, rows_read=0, profile={})
    return Tally(), 0


def _count(table: tuple[str, str]) -> tuple[int, int]:
    """How many rows of the dataset were staged, and the greatest of their ids."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [".".join(table)])
        if cursor.fetchone()[0] is None:
            return 0, 0
        cursor.execute(
            psql.SQL("SELECT count(*), coalesce(max(id), 0) FROM {}").format(
                psql.Identifier(*table)
            )
        )
        count, last_id = cursor.fetchone()
    return count, last_id


def _move(dataset: Dataset, **values: Any) -> None:
    """Note how far the reading is. Raises: RuntimeError where the dataset is not to be read."""
    moved = Dataset.objects.filter(pk=dataset.pk, status__in=UNFINISHED).update(
        status=DatasetStatus.LOADING, **values
    )
    if not moved:
        raise RuntimeError(f"dataset {dataset.pk} is not to be read")


def _read(
    lease: Lease, dataset: Dataset, table: tuple[str, str], tally: Tally, last_row: int
) -> None:
    """The rows of the file behind `last_row` into the table, chunk by chunk."""
    where = columns.positions(dataset.mapping, dataset.header)
    records = Records(_delivery(dataset), list(where), tally)
    stream = tabular.stream(
        Path(dataset.file.path),
        kind_of(dataset),
        list(where.values()),
        skip_rows=last_row,
        limits=tabular.DATASET_FILE,
        scratch=keeping.folder("scratch"),
    )
    for blocks in _chunks(stream):
        with transaction.atomic():
            sql.copy_in(table, COLUMNS, map(records.block, blocks), null=r"\N")
            _move(dataset, rows_read=tally.rows, profile={"tally": tally.state()})
        profile.refuse_wrong_columns(tally, dataset.mapping)
        lease.progress(tally.rows, stage="reading")


def _delivery(dataset: Dataset) -> Delivery:
    return Delivery(
        source=dataset.source_id,
        dataset=dataset.pk,
        number=dataset.number,
        first_id=dataset.pk * ROWS_OF_DATASET,
        programme=dataset.source.programme,
        villages=codes.villages(dataset.code_system),
        programmes=codes.programmes(),
    )


def _chunks(stream: tabular.Stream) -> Iterator[Iterable[bytes]]:
    """The blocks of at least CHUNK_ROWS rows at a time."""
    blocks = iter(stream)
    for first in blocks:
        until = stream.last_row + CHUNK_ROWS
        yield chain([first], _until(blocks, stream, until))


def _until(blocks: Iterator[bytes], stream: tabular.Stream, until: int) -> Iterator[bytes]:
    while stream.last_row < until:
        block = next(blocks, None)
        if block is None:
            return
        yield block


def kind_of(dataset: Dataset) -> tabular.Kind:
    """What the file was recognised as when it was received."""
    return tabular.Kind(tabular.Format(dataset.file_kind))


def _conclude(lease: Lease, dataset: Dataset, table: tuple[str, str], tally: Tally) -> None:
    """Profile, compare with the last delivery, and end the job: all of it or nothing."""
    Source.objects.select_for_update().get(pk=dataset.source_id)
    sql.execute(psql.SQL("ANALYZE {}").format(psql.Identifier(*table)))
    repeats = sql.scalar("reconciliation/drop_repeats", tables={"rows": table}, rows=tally.rows)
    found = profile.profile(table=table, mapping=dataset.mapping, tally=tally, repeats=repeats)
    lease.timed("profile")
    counts = compared(dataset, table, tally.rows - repeats) | {"repeats": repeats}
    Dataset.objects.filter(pk=dataset.pk, status=DatasetStatus.LOADING).update(
        status=DatasetStatus.LOADED, counts=counts, profile=found, loaded_at=timezone.now()
    )
    Source.objects.filter(pk=dataset.source_id).update(
        mapping=dataset.mapping, code_system=dataset.code_system
    )
    record.entry(
        Action.RUN,
        subject=dataset.subject,
        subject_name=str(dataset),
        by=lease.job.actor,
        by_name=lease.job.actor_name,
        **counts,
    )
    lease.timed("store")
    lease.finish(**counts)


def compared(dataset: Dataset, table: tuple[str, str], rows: int) -> dict[str, int]:
    """Bring the records of a source up to a delivery: `{rows, new, changed, gone, unchanged}`."""
    if is_first(dataset):
        sql.execute(
            psql.SQL("INSERT INTO reconciliation_record SELECT * FROM {}").format(
                psql.Identifier(*table)
            )
        )
        return {"rows": rows, "new": rows, "changed": 0, "gone": 0, "unchanged": 0}
    asked = {"source": dataset.source_id, "number": dataset.number}
    ended, changed = sql.run(
        "reconciliation/end_records", asked, tables={"rows": table}, rows=rows
    )[0]
    inserted = sql.scalar("reconciliation/insert_records", asked, tables={"rows": table}, rows=rows)
    return {
        "rows": rows,
        "new": inserted - changed,
        "changed": changed,
        "gone": ended - changed,
        "unchanged": rows - inserted,
    }


@contextmanager
def _tuned() -> Iterator[None]:
    """Inside a transaction, which ends it."""
    with connection.cursor() as cursor:
        for name, value in TUNING.items():
            cursor.execute("SELECT set_config(%s, %s, true)", [name, value])
    yield
