"""Stored rows of a checked batch are loaded into staging and checked again.

Rows whose findings depend on them are checked, too. The statements are those of the first check.
Used by fixes (`proposals.fixes`), and for held rows when boundaries change (`checks.recheck`).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from django.db import transaction
from django.db.models.functions import Coalesce
from django.utils import timezone

from apps.common import locks, sql
from apps.common.errors import DomainError
from apps.common.locks import Lock
from apps.common.sql import Tables
from apps.common.staging import Staging
from apps.proposals import rules
from apps.proposals.checks import batch_check, reading
from apps.proposals.checks.check_tables import EXTRA, PARTS, ROW_COLUMNS, check_staging
from apps.proposals.models import Batch, Proposal
from apps.proposals.states import CHECKED, OPEN, BatchStatus, ProposalStatus

OWN: Final = (
    *("before", "changes", "chosen", "near", "fresh", "context", "ids", "sent"),
    *("gone", "back", "moved", "touched"),
)
# How often neighbours of neighbours are fetched. No chain of families is longer than that.
ROUNDS: Final = 4


class Judged(NamedTuple):
    """The result of a re-check of held rows."""

    rows: int
    became_ready: int
    verdicts_changed: int


def staging_of(label: str) -> Staging:
    """The staging tables of one piece of work."""
    return check_staging(label, *OWN)


def judge_again(batch_id: int, numbers: Sequence[int], label: str) -> Judged:
    """Check held rows again, with their present values, in one transaction.

    Rows in which nothing must be corrected become drafts. A repeat gives the same rows.
    `label` is part of the names of the staging tables. Raises: `batch_not_ready`, `rows_gone`.
    """
    with transaction.atomic(), staging_of(label) as tables:
        batch = locked(batch_id)
        create(tables)
        held = {"batch": batch.pk, "numbers": list(numbers)}
        tables.run("proposals/checks/choose_held", held)
        rows = tables.count("chosen")
        load_rows(batch, tables, "chosen", "staging")
        load_neighbours(batch, tables)
        batch_check.check_rows(batch, tables)
        before, after = replace(batch, tables)
    return Judged(rows, after["ready"] - before["ready"], _differ(before, after))


def _differ(before: dict[str, Any], after: dict[str, Any]) -> int:
    """The number of rows with another verdict now, from the counts of the verdicts."""
    lost = Counter(before["verdicts"])
    lost.subtract(after["verdicts"])
    return sum(count for count in lost.values() if count > 0)


def locked(batch_id: int) -> Batch:
    """The batch, locked by this transaction; no edition can come into force meanwhile."""
    locks.hold_shared(Lock.BOUNDARIES)
    locks.hold(Lock.BATCH, batch_id)
    batch = Batch.objects.get(pk=batch_id)
    if batch.status not in CHECKED:
        raise DomainError(
            "batch_not_ready", batch=str(batch), status=str(BatchStatus(batch.status).label)
        )
    return batch


def create(tables: Staging) -> None:
    """Make the empty tables that the caller fills."""
    key = {"row_number": "bigint PRIMARY KEY"}
    for part, shape in (
        *(("staging", ROW_COLUMNS | key), ("before", ROW_COLUMNS | key)),
        ("changes", key | {"changes": "jsonb"}),
        *((part, key) for part in ("chosen", "near", "context", "gone", "back", "touched")),
        ("moved", key | {"proposal_key": "bigint", EXTRA: "integer"}),
    ):
        tables.create(part, shape)


def copy_numbers(tables: Tables, source: str, target: str) -> None:
    """Copy the row numbers of one table into a new one."""
    pair = {"source": tables[source], "target": tables[target]}
    sql.run("proposals/checks/copy_numbers", {}, tables=pair)


def take_numbers(tables: Tables, source: str, target: str) -> None:
    """Add the row numbers of one table to another, which may have some of them already."""
    pair = {"source": tables[source], "target": tables[target]}
    sql.run("proposals/checks/add_numbers", {}, tables=pair)


def remove_rows(tables: Tables, source: str, target: str) -> None:
    """Remove the rows of one table from another."""
    pair = {"source": tables[source], "target": tables[target]}
    sql.run("proposals/checks/remove_rows", {}, tables=pair)


def load_rows(batch: Batch, tables: Tables, wanted: str, target: str) -> None:
    """Load the wanted rows with their present values: from the database, else the stored file."""
    names = {**tables, "wanted": tables[wanted], "staging": tables[target]}
    found = sql.run(
        "proposals/checks/load_stored_rows",
        {"batch": batch.pk},
        tables=names,
        rows=sql.count(tables[wanted]),
    )
    missing = {number for (number,) in found}
    if missing:
        copied = sql.copy_in(tables[target], ROW_COLUMNS, reading.chosen_rows(batch, missing))
        if copied != len(missing):
            raise DomainError("rows_gone", batch=str(batch), rows=len(missing) - copied)


# --- what depends on it ---------------------------------------------------------------------------


def load_neighbours(batch: Batch, tables: Staging) -> None:
    """Load rows whose findings depend on the changed ones; those under review only as context."""
    known = {"batch": batch.pk, "shared_by": rules.SHARED_BY_FAMILIES}
    for _round in range(ROUNDS):
        tables.drop(*PARTS)
        batch_check.tidy_rows(batch, tables)
        sql.empty(tables["near"])
        tables.run("proposals/checks/find_neighbours", known, rows=batch.rows_read)
        if not tables.count("near"):
            return
        load_rows(batch, tables, "near", "staging")
        draft = {"batch": batch.pk, "draft": ProposalStatus.DRAFT}
        tables.run("proposals/checks/add_context", draft)


def replace(batch: Batch, tables: Staging) -> tuple[dict[str, Any], dict[str, Any]]:
    """Replace the stored results of the rows; returns their counts before and after.

    The results of dropped rows (`gone`) are removed; restored rows (`back`) get new ones.
    """
    for part in ("staging", "tidy", "placed", "weighed", "matched", "findings"):
        remove_rows(tables, "context", part)
    take_numbers(tables, "staging", "touched")
    take_numbers(tables, "gone", "touched")
    touched = {**tables, "staging": tables["touched"]}
    rows = tables.count("touched")
    of_batch = {"batch": batch.pk}
    sql.run("proposals/checks/keep_ids", of_batch, tables=touched, rows=rows)
    before = tally(batch, touched)
    sql.run("proposals/checks/keep_moved", of_batch, tables=tables, rows=rows)
    draft = {"batch": batch.pk, "draft": ProposalStatus.DRAFT}
    sql.run("proposals/checks/forget_rows", draft, tables=touched, rows=rows)
    batch_check.store_rows(batch, tables, partition=batch.partition)
    sql.run("proposals/checks/restore_ids", of_batch, tables=tables, rows=rows)
    after = tally(batch, touched)
    recount(batch, before, after, dropped=tables.count("moved") - tables.count("back"))
    return before, after


def tally(batch: Batch, tables: Tables) -> dict[str, Any]:
    counted = sql.scalar(
        "proposals/checks/tally_rows",
        {"batch": batch.pk},
        tables=tables,
        rows=sql.count(tables["staging"]),
    )
    tally: dict[str, Any] = json.loads(counted)
    return tally


def recount(
    batch: Batch, before: dict[str, Any], after: dict[str, Any], *, dropped: int = 0
) -> None:
    """Update the counts of a batch after a change of some of its rows."""
    counts: dict[str, Any] = dict(batch.counts)
    if dropped:
        counts["dropped"] = counts.get("dropped", 0) + dropped
    for name in ("ready", "held"):
        counts[name] = counts.get(name, 0) + after.get(name, 0) - before.get(name, 0)
    for name in ("verdicts", "findings", "flags"):
        turned = Counter(counts.get(name, {}))
        turned.update(after[name])
        turned.subtract(before[name])
        counts[name] = {code: count for code, count in turned.items() if count > 0}
    batch.counts = counts
    Batch.objects.filter(pk=batch.pk).update(counts=counts)
    _move(batch)


def _move(batch: Batch) -> None:
    """Mark the batch as ready if it has a draft, else as submitted, or closed if none is open."""
    own = Batch.objects.filter(pk=batch.pk)
    rows = Proposal.objects.filter(batch=batch)
    if rows.filter(status=ProposalStatus.DRAFT).exists():
        own.filter(status__in=[BatchStatus.SUBMITTED, BatchStatus.CLOSED]).update(
            status=BatchStatus.READY
        )
    elif rows.exists():
        is_over = not rows.filter(status__in=OPEN).exists()
        own.filter(status=BatchStatus.READY).update(
            status=BatchStatus.CLOSED if is_over else BatchStatus.SUBMITTED,
            submitted_at=Coalesce("submitted_at", timezone.now()),
        )
