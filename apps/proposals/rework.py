"""The worker's side of a fix: some rows of a checked batch are changed and judged again.

The rows as they stand come back into staging, with those whose findings depend on them; then the
very statements of the first check judge them. One transaction: all of a fix, or nothing.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any, Final, NamedTuple

from django.db import connection, transaction
from django.db.models.functions import Coalesce
from django.utils import timezone
from psycopg import sql as psql

from apps.audit import record
from apps.audit.models import Action
from apps.common import sql
from apps.jobs.models import Job
from apps.jobs.work import Lease
from apps.proposals import columns, corrections, lines, news, reading, rules, validation
from apps.proposals.maps import PROTECTED_PPKS
from apps.proposals.models import Batch, Fix, Proposal
from apps.proposals.refusals import BatchNotReady, RowsGone, RowsUnknown
from apps.proposals.states import OPEN, BatchStatus, ProposalStatus
from apps.regions import activation

# First key of the two-key advisory locks on batches; the second is the batch's id.
LOCK_CLASS: Final = 0x626174
OWN: Final = (
    *("rows", "before", "changes", "chosen", "near", "fresh", "context", "ids", "sent"),
    *("gone", "back", "moved", "touched"),
)
# So often the neighbours of neighbours are fetched; a chain of families is longer than that never.
ROUNDS: Final = 4
MOST_EXAMPLES: Final = 20
MOST_POINTS: Final = 2_000
READY: Final = (BatchStatus.READY, BatchStatus.SUBMITTED, BatchStatus.CLOSED)
# What of a file's answer outlives the work.
TOLD: Final = ("left", "absent")

Tables = dict[str, tuple[str, str]]


class Judged(NamedTuple):
    """What came of held rows that were judged again."""

    rows: int
    became_ready: int
    verdicts_changed: int


def work(lease: Lease) -> None:
    """Foresee or make the change of a job. A repeat finds it made and changes nothing."""
    fix = Fix.objects.get(pk=int(lease.job.subject.rpartition(":")[2]))
    is_preview = bool(lease.job.parameters.get("is_preview"))
    tables = _tables(fix)
    is_large = fix.rows > sql.FEW_ROWS
    # outside the transaction: a job's row must not stay locked while somebody wants to cancel it
    lease.progress(total=fix.rows, stage="fields")
    with validation.tuned() if is_large else nullcontext(), transaction.atomic():
        sql.execute(psql.SQL("SET LOCAL synchronous_commit = on"))
        batch = _locked(fix.batch_id)
        fix.refresh_from_db()
        if fix.status not in {Fix.Status.ASKED, Fix.Status.SHOWN}:
            lease.finish(fix=fix.pk)
            return
        _change(batch, fix, tables, lease.still_wanted)
        lease.still_wanted()
        foreseen = _foresee(batch, tables) | {n: fix.result[n] for n in TOLD if n in fix.result}
        if is_preview:
            _show(fix, foreseen)
        else:
            _make(batch, fix, tables, foreseen)
        _discard(tables)
        lease.finish(fix=fix.pk, rows=foreseen["rows"])


def judge_again(batch_id: int, numbers: Sequence[int], label: str) -> Judged:
    """Held rows, as they stand, through all checks once more; one transaction.

    Those in which nothing must be mended any more become drafts. A repeat ends in the same rows.
    `label` names the tables of this work. Raises: BatchNotReady, RowsGone.
    """
    names = {part: (reading.SCHEMA, f"{label}_{part}") for part in (*OWN, *validation.PARTS)}
    tables = names | {"staging": names["rows"], "points": names["tidy"]}
    with transaction.atomic():
        batch = _locked(batch_id)
        _create(tables)
        sql.execute(
            psql.SQL(
                "INSERT INTO {} (row_number) SELECT row_number FROM proposals_heldrow"
                " WHERE batch_id = %s AND row_number = ANY(%s)"
            ).format(psql.Identifier(*tables["chosen"])),
            [batch.pk, list(numbers)],
        )
        rows = _count(tables, "chosen")
        _bring(batch, tables, "chosen", "staging")
        _bring_neighbours(batch, tables)
        validation.check_rows(batch, tables)
        before, after = _replace(batch, tables)
        _discard(tables)
    return Judged(rows, after["ready"] - before["ready"], _differ(before, after))


def _differ(before: dict[str, Any], after: dict[str, Any]) -> int:
    """How many rows lie otherwise now, by the counts of the verdicts."""
    lost = Counter(before["verdicts"])
    lost.subtract(after["verdicts"])
    return sum(count for count in lost.values() if count > 0)


def fail(job: Job) -> None:
    """Nothing was changed; the job says why, or that it was cancelled."""
    Fix.objects.filter(
        pk=int(job.subject.rpartition(":")[2]), status__in=[Fix.Status.ASKED, Fix.Status.SHOWN]
    ).update(status=Fix.Status.REFUSED, done_at=timezone.now())


def _tables(fix: Fix) -> Tables:
    names = {part: (reading.SCHEMA, f"fix_{fix.pk}_{part}") for part in (*OWN, *validation.PARTS)}
    return names | {"staging": names["rows"], "points": names["tidy"]}


def _locked(batch_id: int) -> Batch:
    """The batch, for this transaction alone; no edition comes into force meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [activation.LOCK])
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK_CLASS, batch_id])
    batch = Batch.objects.get(pk=batch_id)
    if batch.status not in READY:
        raise BatchNotReady(batch=str(batch), status=str(BatchStatus(batch.status).label))
    return batch


def _change(batch: Batch, fix: Fix, tables: Tables, need_wanted: Callable[[], None]) -> None:
    """Fill `staging` with the rows that change and those that depend on them, and judge them.

    Raises: LeaseLost between two steps, where its cancelling was asked.
    """
    _create(tables)
    CHOOSE[Fix.Kind(fix.kind)](batch, fix, tables)
    need_wanted()
    if unknown := sql.run("proposals/sift_chosen", {"batch": batch.pk}, tables=tables):
        raise RowsUnknown(**lines.unknown(batch, [number for (number,) in unknown]))
    _bring(batch, tables, "chosen", "before")
    if fix.kind == Fix.Kind.FILE:
        strange = corrections.strangers(fix, tables)
        _leave(tables, strange)
        fix.result["left"] = {"strange": strange} if strange else {}
    if dropped := sql.scalar(
        "proposals/sift_moved", {"batch": batch.pk}, tables=tables, rows=fix.rows
    ):
        fix.result.setdefault("left", {})["dropped"] = dropped
    if fix.kind in TURN:
        TURN[Fix.Kind(fix.kind)](batch, fix, tables)
    sql.run("proposals/change_rows", {}, tables=tables, rows=fix.rows)
    sql.run("proposals/stage_moved", {}, tables=tables, rows=fix.rows)
    draft = {"batch": batch.pk, "draft": ProposalStatus.DRAFT}
    if left := sql.scalar("proposals/leave_submitted", draft, tables=tables, rows=fix.rows):
        fix.result.setdefault("left", {})["submitted"] = left
    sql.run("proposals/keep_submitted", {}, tables=tables, rows=fix.rows)
    _copy(tables, "staging", "fresh")
    _bring_neighbours(batch, tables)
    sql.run("proposals/leave_moved", {}, tables=tables, rows=fix.rows)
    need_wanted()
    validation.check_rows(batch, tables)


def _create(tables: Tables) -> None:
    _discard(tables)
    cells = psql.SQL(", ").join(
        psql.SQL("{} text").format(psql.Identifier(name)) for name in columns.COLUMNS
    )
    whole = psql.SQL("(row_number bigint PRIMARY KEY, {}, extra_cells integer)").format(cells)
    one = psql.SQL("(row_number bigint PRIMARY KEY)")
    pair = psql.SQL("(row_number bigint PRIMARY KEY, changes jsonb)")
    kept = psql.SQL("(row_number bigint PRIMARY KEY, proposal_key bigint, extra_cells integer)")
    for part, shape in (
        *(("staging", whole), ("before", whole), ("changes", pair)),
        *(("chosen", one), ("near", one), ("context", one)),
        *(("gone", one), ("back", one), ("moved", kept), ("touched", one)),
    ):
        sql.execute(
            psql.SQL("CREATE UNLOGGED TABLE {} {}").format(psql.Identifier(*tables[part]), shape)
        )


def _discard(tables: Tables) -> None:
    for table in tables.values():
        sql.execute(psql.SQL("DROP TABLE IF EXISTS {} CASCADE").format(psql.Identifier(*table)))


def _copy(tables: Tables, source: str, target: str) -> None:
    sql.execute(
        psql.SQL("CREATE UNLOGGED TABLE {} AS SELECT row_number FROM {}").format(
            psql.Identifier(*tables[target]), psql.Identifier(*tables[source])
        )
    )


def _take(tables: Tables, source: str, target: str) -> None:
    """Row numbers of one table into another that may have some of them."""
    sql.execute(
        psql.SQL(
            "INSERT INTO {} (row_number) SELECT row_number FROM {} ON CONFLICT DO NOTHING"
        ).format(psql.Identifier(*tables[target]), psql.Identifier(*tables[source]))
    )


def _empty(tables: Tables, part: str) -> None:
    sql.execute(psql.SQL("DELETE FROM {}").format(psql.Identifier(*tables[part])))


def _leave(tables: Tables, numbers: list[int]) -> None:
    sql.execute(
        psql.SQL("DELETE FROM {} WHERE row_number = ANY(%s)").format(
            psql.Identifier(*tables["changes"])
        ),
        [numbers],
    )


def _bring(batch: Batch, tables: Tables, wanted: str, target: str) -> None:
    """The wanted rows as they stand now: from the database, else from the stored file."""
    names = tables | {"wanted": tables[wanted], "staging": tables[target]}
    found = sql.run(
        "proposals/bring_rows", {"batch": batch.pk}, tables=names, rows=_count(tables, wanted)
    )
    missing = {number for (number,) in found}
    if missing:
        header = ["row_number", *columns.COLUMNS, reading.EXTRA]
        copied = sql.copy_in(tables[target], header, reading.chosen_rows(batch, missing))
        if copied != len(missing):
            raise RowsGone(batch=str(batch), rows=len(missing) - copied)


# --- what changes ---------------------------------------------------------------------------------


def _choose_group(batch: Batch, fix: Fix, tables: Tables) -> None:
    sql.run("proposals/choose_group", {"batch": batch.pk, "code": fix.code}, tables=tables)


def _choose_typed(batch: Batch, fix: Fix, tables: Tables) -> None:
    sql.run("proposals/choose_typed", {"typed": json.dumps(fix.values)}, tables=tables)
    if dropped := [int(number) for number, cells in fix.values.items() if cells is None]:
        _name(tables, "gone", dropped)


def _choose_undone(batch: Batch, fix: Fix, tables: Tables) -> None:
    sql.run("proposals/choose_undone", {"fix": fix.undoes_id}, tables=tables, rows=fix.rows)
    _take(tables, "changes", "chosen")
    undone = {"batch": batch.pk, "fix": fix.undoes_id}
    sql.run("proposals/choose_dropped", undone, tables=tables)
    if fix.undoes is not None and fix.undoes.kind == Fix.Kind.RESTORE:
        sql.run("proposals/choose_restored", undone, tables=tables)


def _choose_dropped(batch: Batch, fix: Fix, tables: Tables) -> None:
    """The rows of a group, or those that were named."""
    if fix.values:
        _choose_typed(batch, fix, tables)
    else:
        _choose_group(batch, fix, tables)
        _take(tables, "chosen", "gone")


def _choose_restored(batch: Batch, fix: Fix, tables: Tables) -> None:
    numbers = [int(number) for number in fix.values]
    _name(tables, "chosen", numbers)
    _name(tables, "back", numbers)


def _name(tables: Tables, part: str, numbers: list[int]) -> None:
    sql.execute(
        psql.SQL("INSERT INTO {} (row_number) SELECT unnest(%s::bigint[])").format(
            psql.Identifier(*tables[part])
        ),
        [numbers],
    )


def _choose_sent(batch: Batch, fix: Fix, tables: Tables) -> None:
    corrections.read_sent(fix, tables)
    mapped = {"batch": batch.pk, "mapped": list(fix.mapping)}
    sql.run("proposals/choose_sent", mapped, tables=tables, rows=fix.rows)
    _take(tables, "changes", "chosen")
    absent = sql.run("proposals/find_absent", {"batch": batch.pk}, tables=tables, rows=fix.rows)
    fix.result["absent"] = [number for (number,) in absent]


def _swap(batch: Batch, fix: Fix, tables: Tables) -> None:
    sql.run("proposals/swap_axes", {}, tables=tables)


def _turn(batch: Batch, fix: Fix, tables: Tables) -> None:
    validation.tidy_rows(batch, tables | {"staging": tables["before"]})
    sql.run("proposals/turn_signs", {}, tables=tables, rows=fix.rows)


def _write_codes(batch: Batch, fix: Fix, tables: Tables) -> None:
    sql.run("proposals/write_codes", {"today": timezone.localdate()}, tables=tables, rows=fix.rows)


def _write_as_read(batch: Batch, fix: Fix, tables: Tables) -> None:
    validation.tidy_rows(batch, tables | {"staging": tables["before"]})
    sql.run("proposals/write_as_read", {"code": fix.code}, tables=tables)


Step = Callable[[Batch, Fix, Tables], None]
CHOOSE: Final[dict[Fix.Kind, Step]] = {
    Fix.Kind.SWAP_AXES: _choose_group,
    Fix.Kind.TURN_SIGN: _choose_group,
    Fix.Kind.KEMENDAGRI_CODES: _choose_group,
    Fix.Kind.AS_READ: _choose_group,
    Fix.Kind.EDIT: _choose_typed,
    Fix.Kind.UNDO: _choose_undone,
    Fix.Kind.FILE: _choose_sent,
    Fix.Kind.DROP: _choose_dropped,
    Fix.Kind.RESTORE: _choose_restored,
}
TURN: Final[dict[Fix.Kind, Step]] = {
    Fix.Kind.SWAP_AXES: _swap,
    Fix.Kind.TURN_SIGN: _turn,
    Fix.Kind.KEMENDAGRI_CODES: _write_codes,
    Fix.Kind.AS_READ: _write_as_read,
}


# --- what depends on it ---------------------------------------------------------------------------


def _bring_neighbours(batch: Batch, tables: Tables) -> None:
    """Rows whose findings hang on the changed ones; those under review only as context."""
    known = {"batch": batch.pk, "shared_by": rules.SHARED_BY_FAMILIES}
    for _round in range(ROUNDS):
        validation.drop_parts(tables)
        validation.tidy_rows(batch, tables)
        _empty(tables, "near")
        sql.run("proposals/find_neighbours", known, tables=tables, rows=batch.rows_read)
        if not _count(tables, "near"):
            return
        _bring(batch, tables, "near", "staging")
        sql.execute(
            psql.SQL(
                "INSERT INTO {} SELECT p.row_number FROM proposals_proposal AS p JOIN {} AS n"
                " USING (row_number) WHERE p.batch_id = %s AND p.status <> %s"
            ).format(psql.Identifier(*tables["context"]), psql.Identifier(*tables["near"])),
            [batch.pk, ProposalStatus.DRAFT],
        )


def _count(tables: Tables, part: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(psql.SQL("SELECT count(*) FROM {}").format(psql.Identifier(*tables[part])))
        return int(cursor.fetchone()[0])


# --- what comes of it -----------------------------------------------------------------------------


def _foresee(batch: Batch, tables: Tables) -> dict[str, Any]:
    asked = {
        "batch": batch.pk,
        "protected": PROTECTED_PPKS,
        "most_examples": MOST_EXAMPLES,
        "most_points": MOST_POINTS,
    }
    found: dict[str, Any] = json.loads(
        sql.scalar("proposals/foresee_rows", asked, tables=tables, rows=_count(tables, "staging"))
    )
    moved = json.loads(
        sql.scalar("proposals/foresee_moved", {"most_examples": MOST_EXAMPLES}, tables=tables)
    )
    for name in ("rows", "ready", "held"):
        found[name] += moved.pop(name)
    return found | moved


def _show(fix: Fix, foreseen: dict[str, Any]) -> None:
    Fix.objects.filter(pk=fix.pk).update(
        status=Fix.Status.SHOWN, rows=foreseen["rows"], result=foreseen
    )


def _make(batch: Batch, fix: Fix, tables: Tables, foreseen: dict[str, Any]) -> None:
    """Store the new judgement in place of the old one, and what was changed."""
    _replace(batch, tables)
    of_fix = {"fix": fix.pk, "batch": batch.pk}
    sql.run("proposals/store_moved", of_fix, tables=tables, rows=_count(tables, "touched"))
    for part in ("moved", "back"):
        sql.execute(
            psql.SQL("DELETE FROM {} WHERE row_number IN (SELECT row_number FROM {})").format(
                psql.Identifier(*tables["before"]), psql.Identifier(*tables[part])
            )
        )
    sql.run("proposals/store_fixed_rows", of_fix, tables=tables, rows=fix.rows)
    _finish(batch, fix, foreseen)


def _replace(batch: Batch, tables: Tables) -> tuple[dict[str, Any], dict[str, Any]]:
    """Store the new judgement in place of the old one; how the rows stood, and stand now.

    Rows that are dropped (`gone`) lose their judgement, those that are restored (`back`) get one.
    """
    for part in ("staging", "tidy", "placed", "weighed", "matched", "findings"):
        sql.execute(
            psql.SQL("DELETE FROM {} WHERE row_number IN (SELECT row_number FROM {})").format(
                psql.Identifier(*tables[part]), psql.Identifier(*tables["context"])
            )
        )
    _take(tables, "staging", "touched")
    _take(tables, "gone", "touched")
    touched = tables | {"staging": tables["touched"]}
    rows = _count(tables, "touched")
    of_batch = {"batch": batch.pk}
    sql.run("proposals/keep_ids", of_batch, tables=touched, rows=rows)
    before = _tally(batch, touched)
    sql.run("proposals/keep_moved", of_batch, tables=tables, rows=rows)
    draft = {"batch": batch.pk, "draft": ProposalStatus.DRAFT}
    sql.run("proposals/forget_rows", draft, tables=touched, rows=rows)
    validation.store_rows(batch, tables, shelf=batch.shelf)
    sql.run("proposals/restore_ids", of_batch, tables=tables, rows=rows)
    after = _tally(batch, touched)
    recount(batch, before, after, dropped=_count(tables, "moved") - _count(tables, "back"))
    return before, after


def _tally(batch: Batch, tables: Tables) -> dict[str, Any]:
    counted = sql.scalar(
        "proposals/tally_rows", {"batch": batch.pk}, tables=tables, rows=_count(tables, "staging")
    )
    tally: dict[str, Any] = json.loads(counted)
    return tally


def recount(
    batch: Batch, before: dict[str, Any], after: dict[str, Any], *, dropped: int = 0
) -> None:
    """Change the counts of a batch by what became of some of its rows."""
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
    """The batch is ready again where a row is; once the last such row is dropped it is no more."""
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


def _finish(batch: Batch, fix: Fix, foreseen: dict[str, Any]) -> None:
    now = timezone.now()
    kept = {name: value for name, value in foreseen.items() if name not in {"points", "examples"}}
    Fix.objects.filter(pk=fix.pk).update(
        status=Fix.Status.DONE, rows=foreseen["rows"], result=kept, values={}, done_at=now
    )
    if fix.undoes_id:
        Fix.objects.filter(pk=fix.undoes_id, status=Fix.Status.DONE).update(
            status=Fix.Status.UNDONE, undone_at=now
        )
    record.entry(
        Action.CHANGE,
        subject=batch.subject,
        subject_name=str(batch),
        region_code=batch.region_id,
        by=f"user:{fix.user_id}",
        by_name=str(fix.user),
        fix=fix.pk,
        kind=fix.kind,
        finding=fix.code,
        rows=foreseen["rows"],
        ready=foreseen["ready"],
        held=foreseen["held"],
        dropped=foreseen["dropped"],
        restored=foreseen["restored"],
    )
    if fix.kind == Fix.Kind.FILE:
        news.corrections_done(batch, batch.counts, now)
