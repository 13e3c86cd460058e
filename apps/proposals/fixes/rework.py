"""The worker's part of a fix: some rows of a checked batch are changed and checked again.

The current rows are staged again, with the rows whose findings depend on them; then the SQL of the
first check runs over them. One transaction: the whole fix or nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.audit import record
from apps.audit.models import Action
from apps.common import sql
from apps.common.errors import DomainError
from apps.common.sql import Tables
from apps.common.staging import Staging
from apps.jobs import kinds
from apps.jobs.models import Job
from apps.jobs.work import Lease
from apps.proposals import lines, news
from apps.proposals.checks import batch_check, stored_rows
from apps.proposals.fixes import from_file, row_fixes
from apps.proposals.maps import PROTECTED_PPKS
from apps.proposals.models import Batch, Fix
from apps.proposals.states import ProposalStatus
from apps.regions import placing

MOST_EXAMPLES: Final = 20
MOST_POINTS: Final = 2_000
# Parts of the result of a correction file that are kept after the job.
TOLD: Final = ("left", "absent")


def fail(job: Job) -> None:
    """Mark the fix as refused: nothing was changed. The job has the reason, or was cancelled."""
    Fix.objects.filter(
        pk=int(job.subject.rpartition(":")[2]), status__in=[Fix.Status.ASKED, Fix.Status.SHOWN]
    ).update(status=Fix.Status.REFUSED, done_at=timezone.now())


@kinds.job(
    row_fixes.FIX_ROWS,
    label=_("Change of rows"),
    is_resumable=False,
    on_failed=fail,
    remedy=_(
        "Nothing was changed. Ask for the change again on the findings page of the file: press the"
        " button, type the cells, or send the correction file again."
    ),
)
def run_fix(lease: Lease) -> None:
    """Preview or make the change of a job. A repeat of a change that was made does nothing."""
    fix = Fix.objects.get(pk=int(lease.job.subject.rpartition(":")[2]))
    is_preview = bool(lease.job.parameters.get("is_preview"))
    is_large = fix.rows > sql.FEW_ROWS
    # outside the transaction: the job's row must not be locked while somebody cancels it
    lease.progress(total=fix.rows, stage="fields")
    with (
        sql.tuned(batch_check.TUNING) if is_large else nullcontext(),
        transaction.atomic(),
        stored_rows.staging_of(f"fix_{fix.pk}") as tables,
    ):
        sql.set_local({"synchronous_commit": "on"})
        batch = stored_rows.locked(fix.batch_id)
        fix.refresh_from_db()
        if fix.status not in {Fix.Status.ASKED, Fix.Status.SHOWN}:
            lease.finish(fix=fix.pk)
            return
        _change(batch, fix, tables, lease.still_wanted)
        lease.still_wanted()
        foreseen = _preview(batch, tables) | {n: fix.result[n] for n in TOLD if n in fix.result}
        if is_preview:
            _store_preview(fix, foreseen)
        else:
            _apply(batch, fix, tables, foreseen)
        lease.finish(fix=fix.pk, rows=foreseen["rows"])


def _change(batch: Batch, fix: Fix, tables: Staging, need_wanted: Callable[[], None]) -> None:
    """Fill `staging` with the rows that change and those that depend on them, and check them.

    Raises: LeaseLost between two steps, if cancelling was asked for.
    """
    stored_rows.create(tables)
    CHOOSE[Fix.Kind(fix.kind)](batch, fix, tables)
    need_wanted()
    if unknown := sql.run("proposals/fixes/find_unknown_rows", {"batch": batch.pk}, tables=tables):
        raise DomainError("rows_unknown", **lines.unknown(batch, [number for (number,) in unknown]))
    stored_rows.load_rows(batch, tables, "chosen", "before")
    if fix.kind == Fix.Kind.FILE:
        strange = from_file.strangers(fix, tables)
        _leave(tables, strange)
        fix.result["left"] = {"strange": strange} if strange else {}
    if dropped := sql.scalar(
        "proposals/fixes/filter_moved", {"batch": batch.pk}, tables=tables, rows=fix.rows
    ):
        fix.result.setdefault("left", {})["dropped"] = dropped
    if fix.kind in TURN:
        TURN[Fix.Kind(fix.kind)](batch, fix, tables)
    sql.run("proposals/fixes/change_rows", {}, tables=tables, rows=fix.rows)
    sql.run("proposals/fixes/stage_moved", {}, tables=tables, rows=fix.rows)
    draft = {"batch": batch.pk, "draft": ProposalStatus.DRAFT}
    if left := sql.scalar("proposals/fixes/leave_submitted", draft, tables=tables, rows=fix.rows):
        fix.result.setdefault("left", {})["submitted"] = left
    sql.run("proposals/fixes/keep_submitted", {}, tables=tables, rows=fix.rows)
    stored_rows.copy_numbers(tables, "staging", "fresh")
    stored_rows.load_neighbours(batch, tables)
    sql.run("proposals/fixes/leave_moved", {}, tables=tables, rows=fix.rows)
    need_wanted()
    batch_check.check_rows(batch, tables)


def _leave(tables: Tables, numbers: list[int]) -> None:
    sql.run("proposals/fixes/leave_strangers", {"numbers": numbers}, tables=tables)


# --- what changes ---------------------------------------------------------------------------------


def _choose_group(batch: Batch, fix: Fix, tables: Tables) -> None:
    sql.run("proposals/fixes/choose_group", {"batch": batch.pk, "code": fix.code}, tables=tables)


def _choose_typed(batch: Batch, fix: Fix, tables: Tables) -> None:
    sql.run("proposals/fixes/choose_typed", {"typed": json.dumps(fix.values)}, tables=tables)
    if dropped := [int(number) for number, cells in fix.values.items() if cells is None]:
        _name(tables, "gone", dropped)


def _choose_undone(batch: Batch, fix: Fix, tables: Tables) -> None:
    sql.run("proposals/fixes/choose_undone", {"fix": fix.undoes_id}, tables=tables, rows=fix.rows)
    stored_rows.take_numbers(tables, "changes", "chosen")
    undone = {"batch": batch.pk, "fix": fix.undoes_id}
    sql.run("proposals/fixes/choose_dropped", undone, tables=tables)
    if fix.undoes is not None and fix.undoes.kind == Fix.Kind.RESTORE:
        sql.run("proposals/fixes/choose_restored", undone, tables=tables)


def _choose_dropped(batch: Batch, fix: Fix, tables: Tables) -> None:
    """Choose the rows of a group, or the named rows."""
    if fix.values:
        _choose_typed(batch, fix, tables)
    else:
        _choose_group(batch, fix, tables)
        stored_rows.take_numbers(tables, "chosen", "gone")


def _choose_restored(batch: Batch, fix: Fix, tables: Tables) -> None:
    numbers = [int(number) for number in fix.values]
    _name(tables, "chosen", numbers)
    _name(tables, "back", numbers)


def _name(tables: Tables, part: str, numbers: list[int]) -> None:
    sql.run("proposals/fixes/name_rows", {"numbers": numbers}, tables={"target": tables[part]})


def _choose_sent(batch: Batch, fix: Fix, tables: Tables) -> None:
    from_file.read_sent(fix, tables)
    mapped = {"batch": batch.pk, "mapped": list(fix.mapping)}
    sql.run("proposals/fixes/choose_sent", mapped, tables=tables, rows=fix.rows)
    stored_rows.take_numbers(tables, "changes", "chosen")
    absent = sql.run(
        "proposals/fixes/find_absent", {"batch": batch.pk}, tables=tables, rows=fix.rows
    )
    fix.result["absent"] = [number for (number,) in absent]


def _swap_axes(batch: Batch, fix: Fix, tables: Tables) -> None:
    sql.run("proposals/fixes/swap_axes", {}, tables=tables)


def _turn_signs(batch: Batch, fix: Fix, tables: Tables) -> None:
    batch_check.tidy_rows(batch, {**tables, "staging": tables["before"]})
    placing.locate_points(tables)  # the table `points` is `tidy`
    sql.run("proposals/fixes/correct_signs", {}, tables=tables, rows=fix.rows)


def _write_codes(batch: Batch, fix: Fix, tables: Tables) -> None:
    sql.run(
        "proposals/fixes/write_codes", {"today": timezone.localdate()}, tables=tables, rows=fix.rows
    )


def _write_as_read(batch: Batch, fix: Fix, tables: Tables) -> None:
    batch_check.tidy_rows(batch, {**tables, "staging": tables["before"]})
    sql.run("proposals/fixes/write_as_read", {"code": fix.code}, tables=tables)


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
    Fix.Kind.SWAP_AXES: _swap_axes,
    Fix.Kind.TURN_SIGN: _turn_signs,
    Fix.Kind.KEMENDAGRI_CODES: _write_codes,
    Fix.Kind.AS_READ: _write_as_read,
}


# --- what comes of it -----------------------------------------------------------------------------


def _preview(batch: Batch, tables: Tables) -> dict[str, Any]:
    asked = {
        "batch": batch.pk,
        "protected": PROTECTED_PPKS,
        "most_examples": MOST_EXAMPLES,
        "most_points": MOST_POINTS,
    }
    found: dict[str, Any] = json.loads(
        sql.scalar(
            "proposals/fixes/preview_rows",
            asked,
            tables=tables,
            rows=sql.count(tables["staging"]),
        )
    )
    moved = json.loads(
        sql.scalar("proposals/fixes/preview_moved", {"most_examples": MOST_EXAMPLES}, tables=tables)
    )
    for name in ("rows", "ready", "held"):
        found[name] += moved.pop(name)
    return found | moved


def _store_preview(fix: Fix, foreseen: dict[str, Any]) -> None:
    Fix.objects.filter(pk=fix.pk).update(
        status=Fix.Status.SHOWN, rows=foreseen["rows"], result=foreseen
    )


def _apply(batch: Batch, fix: Fix, tables: Staging, foreseen: dict[str, Any]) -> None:
    """Store the new results in place of the old ones, and the changes."""
    stored_rows.replace(batch, tables)
    of_fix = {"fix": fix.pk, "batch": batch.pk}
    sql.run(
        "proposals/fixes/store_moved",
        of_fix,
        tables=tables,
        rows=tables.count("touched"),
    )
    for part in ("moved", "back"):
        stored_rows.remove_rows(tables, part, "before")
    sql.run("proposals/fixes/store_fixed_rows", of_fix, tables=tables, rows=fix.rows)
    _finish(batch, fix, foreseen)


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
        about=batch,
        by=fix.user,
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
