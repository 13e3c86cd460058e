"""Checking a batch: named statements over its staging table, then one transaction that stores.

Idempotent: the stored rows, the counts, the status and the end of the job are one transaction.
Rows that staging lost in a crash are read again, never left out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from threading import Event
from typing import Any, Final

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.audit import record
from apps.audit.models import Action
from apps.common import locks, sql
from apps.common.locks import Lock
from apps.common.parallel import Wait, nothing, run_concurrently
from apps.common.sql import Tables
from apps.common.staging import SCHEMA, Staging
from apps.jobs import kinds
from apps.jobs.models import Job
from apps.jobs.work import Lease, LeaseLost
from apps.proposals import news, removal_rules, rules
from apps.proposals.checks import identity, known_rows, location, photo_positions, reading
from apps.proposals.checks.check_tables import PARTS, batch_staging
from apps.proposals.models import Batch, Finding, HeldRow, Proposal, RegisteredMatch
from apps.proposals.states import BEING_CHECKED, OPEN, BatchStatus
from apps.proposals.submitting import when_checked
from apps.proposals.upload import intake
from apps.regions.models import BoundaryEdition, prefix_of

# A larger batch is loaded into its own table without indexes, which is attached at the end.
PARTITION_FROM_ROWS: Final = 100_000
# From this number of rows on, a second connection saves more time than it takes to open.
BESIDE_FROM_ROWS: Final = 50_000
# Settings of the job's connection during the check.
TUNING: Final = {
    **sql.TUNING,
    # the new tables have no statistics, so the planner would choose a merge join, which sorts all
    # their wide rows
    "enable_mergejoin": "off",
    # intermediate tables are made again after a crash; only the last transaction waits for the disk
    "synchronous_commit": "off",
}


class RowsLost(Exception):
    """Staging holds fewer rows than were read: the job must start again."""


class BoundariesMoved(Exception):
    """An edition came into force between placing the points and storing: place them again."""


def fail(job: Job) -> None:
    """After a failed or cancelled job: make the batch resumable and remove its staged rows."""
    batch = Batch.objects.get(pk=job.subject_pk)
    readable = Batch.objects.filter(pk=batch.pk, status__in=BEING_CHECKED)
    with transaction.atomic():
        if readable.update(status=BatchStatus.FAILED):
            news.batch_stopped(batch, timezone.now())
    batch_staging(batch).drop()


def _begin_again(*, job: Job, by: Any, now: datetime) -> Job:
    return intake.begin_again(batch=Batch.objects.get(pk=job.subject_pk), by=by)


@kinds.job(
    intake.CHECK_BATCH,
    label=_("Check of a batch"),
    resume=_begin_again,
    on_failed=fail,
    remedy=_(
        "Resume it on the page of the file, or send the file again once it is mended; an"
        " administrator can resume it on the page of jobs, too (job %(job)s)."
    ),
)
def check_batch(lease: Lease) -> None:
    """Read, check and store the batch of a job; if most rows are known, ask the sender instead.

    Cost: 10,000 rows in about a second, on two cores with a register of a million persons.
    """
    batch = Batch.objects.get(pk=lease.job.subject_pk)
    with batch_staging(batch) as tables, sql.tuned(TUNING):
        _work(lease, batch, tables)


def _work(lease: Lease, batch: Batch, tables: Staging) -> None:
    reading.read_batch(lease, batch)
    lease.timed("read")
    boundaries = boundaries_at()
    _check(lease, batch, tables)
    lease.timed("check")
    if known := known_rows.find_known_rows(batch, tables):
        known_rows.end_with_question(lease, batch, known, timezone.now())
        return
    _store(lease, batch, tables, boundaries)
    if batch.partition:
        # the counts are on the page already; until then a search by name reads the names themselves
        sql.call("proposals_index_names")


def _check(lease: Lease, batch: Batch, tables: Staging) -> None:
    if not reading.is_whole(batch):
        raise RowsLost(batch.pk)
    check_rows(batch, tables, show=lambda stage: lease.progress(batch.rows_read, stage=stage))


def check_rows(
    batch: Batch,
    tables: Staging,
    *,
    show: Callable[[str], object] | None = None,
    draft: int = 0,
) -> None:
    """Check the rows of `staging`. Stores nothing. `draft` is the key of the form they are from.

    Without `show`, the rows are part of a batch and were loaded in the open transaction. Other
    connections do not see them, so nothing runs in parallel.
    """
    tables.drop(*PARTS)
    told = show or no_progress
    told("fields")
    tidy_rows(batch, tables)
    with _concurrently(batch, lambda: location.place_rows(tables), is_alone=show is None):
        _find_faults(tables)
        told("duplicates")
        sql.run("proposals/checks/find_repeats", {}, tables=tables)
        open_ = [str(status) for status in OPEN]
        sql.run("proposals/checks/find_open", {"batch": batch.pk, "open": open_}, tables=tables)
        identity.compare(tables)
        sql.run("proposals/checks/find_registered", {}, tables=tables)
        sql.run("proposals/checks/stage_requests", {}, tables=tables)
        own = {"scope": _scope(batch)}
        sql.run("proposals/checks/find_request_faults", own, tables=tables)
        told("points")
    location.find_misplaced(tables, has_points=_has_points(batch))
    photo_positions.find_far_photos(tables, batch=batch.pk, draft=draft)
    sql.run("proposals/checks/drop_point_notes", {}, tables=tables)
    sql.run("proposals/checks/rank_severity", catalogue(), tables=tables)


def no_progress(_stage: str) -> None:
    """A `show` that reports no progress."""


@contextmanager
def _concurrently(
    batch: Batch, work: Callable[[], object], *, is_alone: bool = False
) -> Iterator[Wait]:
    """Run `work` parallel to the body if the batch is large enough, else before the body."""

    def work_tuned() -> None:
        with sql.tuned(TUNING):
            work()

    if is_alone or batch.rows_read < BESIDE_FROM_ROWS:
        work()
        yield nothing
        return
    with run_concurrently(work_tuned) as wait:
        yield wait


def _find_faults(tables: Tables) -> None:
    papers = removal_rules.bounds()
    bounds = (
        rules.bounds(timezone.localdate()) | papers | {"accepted": sql.json(papers["accepted"])}
    )
    sql.run("proposals/checks/find_faults", bounds, tables=tables)


def tidy_rows(batch: Batch, tables: Tables) -> None:
    """Read the cells of `staging`; makes `places`, `programmes` and `tidy`."""
    today = timezone.localdate()
    places = {"code_system": batch.code_system, "scope": _scope(batch), "today": today}
    sql.run("proposals/checks/resolve_places", places, tables=tables)
    sql.run("proposals/checks/spell_programmes", {}, tables=tables)
    words = removal_rules.reading()
    words |= {name: sql.json(words[name]) for name in ("reasons", "papers")}
    sql.run("proposals/checks/tidy_rows", words, tables=tables)
    sql.analyze(tables["tidy"], "nik")


def _store(lease: Lease, batch: Batch, tables: Tables, boundaries: datetime | None) -> None:
    """Store the whole result of a check in one transaction.

    Locks: no edition can come into force meanwhile, so that its re-check finds all these rows.
    """
    lease.progress(batch.rows_read, stage="storing")
    partition = _number_partition(batch) if batch.rows_read >= PARTITION_FROM_ROWS else 0
    full = Event()
    filling = (
        _concurrently(batch, lambda: _fill_partition(batch, tables, full))
        if partition
        else nullcontext()
    )
    with filling as wait, transaction.atomic():
        sql.set_local({"synchronous_commit": "on"})
        locks.hold_shared(Lock.BOUNDARIES)
        if boundaries_at() != boundaries:
            raise BoundariesMoved(batch.pk)
        _forget(batch)
        store_rows(batch, tables, with_proposals=not partition)
        counts = json.loads(sql.scalar("proposals/checks/count_rows", {}, tables=tables))
        if counts["rows"] != batch.rows_read:
            raise RowsLost(batch.pk)
        if wait is not None:
            wait(full)
            _index_partition(batch, "keys")
            wait()
        _finish(lease, batch, counts, partition)


def store_rows(
    batch: Batch, tables: Tables, *, partition: int = 0, with_proposals: bool = True
) -> None:
    """Store the checked rows as proposals, held rows and findings.

    Results of an earlier check must have been removed before.
    """
    if with_proposals:
        parent = {**tables, "target": ("public", Proposal._meta.db_table)}
        sql.run("proposals/store_proposals", _row_values(batch, partition), tables=parent)
    matched = {"batch": batch.pk, "partition": batch.partition, "now": timezone.now()}
    sql.run("proposals/checks/store_matches", matched, tables=tables)
    sql.run("proposals/checks/store_held", {"batch": batch.pk}, tables=tables)
    finding = {"batch": batch.pk, "value_chars": rules.VALUE_CHARS, **catalogue()}
    sql.run("proposals/store_findings", finding, tables=tables)


def _number_partition(batch: Batch) -> int:
    """The number of a large batch's own table. The batch keeps it, so a repeat gives equal ids."""
    if not batch.partition:
        batch.partition = sql.call("nextval", "proposals_partition_seq")
        Batch.objects.filter(pk=batch.pk).update(partition=batch.partition)
    return batch.partition


def _fill_partition(batch: Batch, tables: Tables, full: Event) -> None:
    """Fill the batch's table and make half of its indexes. It is invisible until it is attached."""
    target = (SCHEMA, sql.call("proposals_create_partition", batch.partition))
    values = _row_values(batch, batch.partition)
    sql.run("proposals/store_proposals", values, tables={**tables, "target": target})
    full.set()
    _index_partition(batch, "people")


def _index_partition(batch: Batch, half: str) -> None:
    sql.call("proposals_index_partition", batch.partition, half)


def _forget(batch: Batch) -> None:
    """Remove the results of an earlier check."""
    own = Proposal.objects.filter(batch=batch, status=Proposal.Status.DRAFT)
    matches = RegisteredMatch.objects.filter(proposal__in=own.values("pk"))
    matches._raw_delete(matches.db)
    own._raw_delete(own.db)  # no other row refers to a draft
    HeldRow.objects.filter(batch=batch).delete()
    Finding.objects.filter(batch=batch).delete()


def _finish(lease: Lease, batch: Batch, counts: dict[str, Any], partition: int) -> None:
    now = timezone.now()
    moved = Batch.objects.filter(pk=batch.pk, status=BatchStatus.CHECKING).update(
        status=BatchStatus.READY, counts=counts, ready_at=now
    )
    if not moved:
        raise LeaseLost(lease.job.pk)
    news.batch_ready(batch, counts, now)
    record.entry(
        Action.RUN,
        about=batch,
        by=lease.job,
        rows=counts["rows"],
        ready=counts["ready"],
        held=counts["held"],
    )
    if partition:
        sql.call("proposals_attach_partition", partition)
        sql.call("proposals_judge_partition", partition)  # it came without triggers
    when_checked.submit_requested(batch, now)
    lease.timed("store")
    stages = ("read", "check", "store")
    seconds = lease.job.seconds
    seconds["total"] = round(sum(seconds.get(stage, 0.0) for stage in stages), 3)
    lease.finish(batch=batch.pk, rows=counts["rows"], ready=counts["ready"], held=counts["held"])


def boundaries_at() -> datetime | None:
    """When the boundaries in force last changed; None if there are none."""
    latest = BoundaryEdition.objects.aggregate(at=Max("activated_at"))["at"]
    return latest if isinstance(latest, datetime) else None


def catalogue() -> dict[str, list[Any]]:
    """The catalogue of findings as parallel lists, for joins in SQL."""
    everything = rules.RULES.values()
    return {
        "codes": [rule.code for rule in everything],
        "severities": [rule.severity for rule in everything],
        "fields": [rule.field for rule in everything],
    }


def _row_values(batch: Batch, partition: int) -> dict[str, Any]:
    return {
        "batch": batch.pk,
        "partition": partition,
        "by": batch.user_id,
        "now": batch.received_at,
    }


def _scope(batch: Batch) -> str:
    return prefix_of(batch.region_id)


def _has_points(batch: Batch) -> bool:
    return bool(batch.row_values) or "latitude" in batch.mapping
