"""Receives deliveries: stores a file, matches its columns and asks for its loading.

The same file of one source is one dataset, however often it is sent. Wrong or missing columns do
not lose the file: the loading is refused with a message, the columns are matched again, and the
file is loaded again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from apps.accounts.access import actor_of
from apps.accounts.models import User
from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import command
from apps.common import tabular
from apps.common.errors import DomainError
from apps.common.files import stored_files
from apps.common.files.stored_files import Stored
from apps.common.tabular import InspectedFile
from apps.jobs import work
from apps.jobs.models import Job
from apps.reconciliation.deliveries import columns
from apps.reconciliation.models import Dataset, Source
from apps.reconciliation.states import DatasetStatus
from apps.regions.models import COUNTRY

LOAD_DATASET: Final = "reconciliation.load_dataset"
FOLDER: Final = "datasets"
# Statuses from which a dataset can be loaded again.
AGAIN: Final = (DatasetStatus.FAILED, DatasetStatus.TAKEN_BACK)

Mapped = Mapping[str, str | int]


@dataclass(frozen=True)
class Received:
    """The result of receiving: the dataset, the job that loads it, and whether it is new."""

    dataset: Dataset
    job: Job
    is_new: bool


def keep(file: Any, file_name: str, limits: tabular.Limits = tabular.DATASET_FILE) -> InspectedFile:
    """Store a delivery and inspect it. `file` is opened for reading bytes.

    Makes no database query, so it can run outside of transactions. In a request, pass the limits
    `DATASET_FILE.look()`.
    Raises: NoRoom, FileRefused, DomainError.
    """
    stored = stored_files.keep(file, file_name, under=FOLDER, limits=limits)
    with stored_files.deleted_if_refused(stored):
        return InspectedFile(stored, file_name, *_inspect(stored.path, file_name, limits))


def receive_dataset(*, file: Any, file_name: str, **known: Any) -> Received:
    """Store a delivery and ask for its loading; `known` goes to `enqueue_loading`.

    Raises: NoRoom, FileRefused, DomainError.
    """
    return enqueue_loading(kept=keep(file, file_name), **known)


def enqueue_loading(
    *,
    kept: InspectedFile,
    source: Source,
    by: User | None,
    now: datetime,
    by_name: str = "",
    period: str = "",
    as_of: date | None = None,
    mapping: Mapped | None = None,
    code_system: str | None = None,
) -> Received:
    """Ask for the loading of a stored file; the file is deleted when it is refused or known.

    Without a mapping, that of the source's last file is used, as far as this file has its headings.
    Where a missing column has a similar one in the file, the loading is refused until a user
    matches them.
    Raises: DomainError.
    """
    stored = kept.stored
    with stored_files.deleted_if_refused(stored):
        received = _known(stored, source, by, by_name, now, mapping, code_system) or _taken(
            kept, source, by, by_name, now, mapping, code_system,
            {"period": period[:40], "as_of": as_of or timezone.localdate(now)},
        )  # fmt: skip
    if not received.is_new:
        stored.path.unlink(missing_ok=True)
    return received


@transaction.atomic
def resume(
    *,
    dataset: Dataset,
    by: User | None,
    now: datetime,
    by_name: str = "",
    mapping: Mapped | None = None,
    code_system: str | None = None,
) -> Job:
    """Load a dataset again that failed, was cancelled or taken back; with other columns if given.

    Raises: DomainError.
    """
    dataset = Dataset.objects.select_for_update().get(pk=dataset.pk)
    job = job_of(dataset)
    is_waiting = dataset.status == DatasetStatus.RECEIVED and job.status == Job.Status.WAITING
    is_cancelled = (
        dataset.status in (DatasetStatus.RECEIVED, DatasetStatus.LOADING)
        and job.status == Job.Status.CANCELLED
    )
    if not (dataset.status in AGAIN or is_cancelled or (is_waiting and mapping)):
        is_read = dataset.status == DatasetStatus.LOADING
        raise DomainError("dataset_being_read" if is_read else "dataset_not_failed")
    _again(dataset, mapping, code_system)
    record.entry(
        Action.CHANGE,
        about=dataset,
        by=by or command(by_name),
        step="load_again",
        columns=dict(dataset.mapping),
    )
    if is_waiting:
        return job
    if not work.resume(job):
        job = _enqueue(dataset, by, by_name, job.total)
    job.refresh_from_db()
    return job


def _again(dataset: Dataset, mapping: Mapped | None, code_system: str | None) -> None:
    """Reset the dataset; its number comes after every delivery loaded or being loaded meanwhile."""
    later = Dataset.objects.filter(source=dataset.source_id, number__gt=dataset.number)
    if later.filter(status__in=[DatasetStatus.LOADING, DatasetStatus.LOADED]).exists():
        dataset.number = _next_number(dataset.source_id)
    if mapping is not None:
        dataset.mapping = _chosen(mapping, dataset.header, dataset.file_name)
        dataset.must_match = False  # a user has matched the columns
    dataset.code_system = code_system or dataset.code_system
    # a cancelled load that no worker has tidied up starts from the beginning: its rows_read is 0
    if dataset.status in AGAIN:
        dataset.status = DatasetStatus.RECEIVED
    dataset.rows_read, dataset.profile = 0, {}
    dataset.save()


def job_of(dataset: Dataset) -> Job:
    """The latest job that loads a dataset."""
    return Job.objects.filter(subject=dataset.subject, kind=LOAD_DATASET).latest("pk")


def _known(
    stored: Stored, source: Source, by: User | None, by_name: str, now: datetime,
    mapping: Mapped | None, code_system: str | None,
) -> Received | None:  # fmt: skip
    """The existing dataset of the same file, or None.

    One that failed is loaded again; one that was taken back only with other columns.
    """
    known = Dataset.objects.filter(source=source, sha256=stored.sha256).first()
    if known is None:
        return None
    is_mended = known.status == DatasetStatus.TAKEN_BACK and mapping is not None
    if known.status != DatasetStatus.FAILED and not is_mended:
        return Received(known, job_of(known), False)
    job = resume(
        dataset=known, by=by, by_name=by_name, now=now, mapping=mapping, code_system=code_system
    )
    known.refresh_from_db()
    return Received(known, job, False)


def _taken(
    kept: InspectedFile, source: Source, by: User | None, by_name: str, now: datetime,
    mapping: Mapped | None, code_system: str | None, said: dict[str, Any],
) -> Received:  # fmt: skip
    stored, file_name, kind, first = kept.stored, kept.file_name, kept.kind, kept.first
    header = first.header
    must_match = mapping is None and _is_doubtful(source, first)
    chosen = (
        columns.carried(source.mapping, header)
        if mapping is None
        else _chosen(mapping, header, file_name)
    )
    try:
        with transaction.atomic():
            Source.objects.select_for_update(no_key=True).get(pk=source.pk)
            dataset = Dataset.objects.create(
                source=source,
                number=_next_number(source.pk),
                file=stored.name,
                file_name=Path(file_name).name[:200],
                file_size=stored.size,
                file_kind=kind.format.value,
                sha256=stored.sha256,
                header=header,
                mapping=chosen,
                must_match=must_match,
                code_system=code_system or source.code_system,
                user=by,
                by_name=str(by) if by else by_name,
                received_at=now,
                **said,
            )
            job = _enqueue(dataset, by, by_name, first.row_count)
            record.entry(
                Action.CREATE,
                about=dataset,
                by=by or command(by_name),
                sha256=stored.sha256,
                size=stored.size,
            )
    except IntegrityError:  # the same file came a moment ago
        known = Dataset.objects.filter(source=source, sha256=stored.sha256).first()
        if known is None:
            raise
        return Received(known, job_of(known), False)
    return Received(dataset, job, True)


def _is_doubtful(source: Source, first: tabular.Peek) -> bool:
    """Whether a column looks like a needed one that no user has matched yet."""
    settled = Dataset.objects.filter(
        source=source, header=first.header, status=DatasetStatus.LOADED
    )
    if settled.exists():  # the same headings were loaded before, as they were matched then
        return False
    known = columns.carried(source.mapping, first.header)
    return bool(columns.uncertain_columns(first.header, first.samples, known))


def _inspect(
    path: Path, file_name: str, limits: tabular.Limits
) -> tuple[tabular.FileKind, tabular.Peek]:
    try:
        return tabular.inspect_file(
            path,
            file_name,
            formats=tabular.TABLE_FORMATS,
            limits=limits,
            scratch=stored_files.folder("scratch"),
        )
    except tabular.FileRefused as refused:
        if refused.code == "wrong_type":
            raise DomainError("dataset_type", **refused.params) from None
        raise


def _chosen(mapping: Mapped, header: list[str], file_name: str) -> dict[str, str]:
    """The columns that a user gave; columns not mentioned are matched by name.

    A column given as "" is not read.
    """
    given = {column: where for column, where in mapping.items() if where != ""}
    try:
        chosen = columns.chosen(given, header)
    except KeyError as unknown:
        raise DomainError(
            "dataset_column_unknown", column=str(unknown.args[0]), filename=file_name
        ) from None
    taken = set(chosen.values())
    found = {
        column: heading
        for column, heading in columns.match(header).items()
        if heading not in taken and column not in mapping
    }
    return found | chosen


def _next_number(source_id: str) -> int:
    greatest = Dataset.objects.filter(source=source_id).aggregate(Max("number"))["number__max"]
    return (greatest or 0) + 1


def _enqueue(dataset: Dataset, by: User | None, by_name: str, row_count: int | None) -> Job:
    return work.enqueue(
        LOAD_DATASET,
        dataset.subject,
        subject_name=(dataset.file_name or str(dataset))[:200],
        region_code=COUNTRY,
        by=actor_of(by) if by else f"command:{by_name}",
        by_name=str(by) if by else by_name,
        total=row_count,
    )
